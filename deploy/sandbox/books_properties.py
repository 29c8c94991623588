"""Every property that QuickBooks Online knows, by type: an unknown one is refused (2010), as Intuit does.

Names as in Intuit's `Finance.xsd` and `IntuitNamesTypes.xsd` (V3 SDK, minor version 75).
"""

from collections.abc import Mapping

_OBJECT = """
Id SyncToken MetaData CustomField AttachableRef domain status sparse
"""
_ANY = """
DocNumber TxnDate TxnSubType DepartmentRef CurrencyRef ExchangeRate PrivateNote TxnStatus LinkedTxn Line
TxnTaxDetail TxnSource TaxFormType TaxFormNum TransactionLocationType Tag TxnApprovalInfo RecurDataRef
RecurringInfo ProjectRef TotalCostAmount HomeTotalCostAmount
"""
_TRANSACTION = f"""
{_ANY} CustomerRef RemitToRef ARAccountRef
DepositToAccountRef PaymentMethodRef PaymentRefNum PaymentType CheckPayment CreditCardPayment TotalAmt
"""
_SALES = """
AutoDocNumber CustomerMemo BillAddr ShipAddr FreeFormAddress ShipFromAddr ClassRef SalesTermRef DueDate
SalesRepRef PONumber FOB ShipMethodRef ShipDate TrackingNum GlobalTaxCalculation HomeTotalAmt
ApplyTaxAfterDiscount ShippingTaxIncludedInTotalTax TemplateRef PrintStatus EmailStatus BillEmail BillEmailCc
BillEmailBcc Balance HomeBalance FinanceCharge DeliveryInfo DiscountRate DiscountAmt GovtTxnRefIdentifier
TaxExemptionRef
"""
_PERSON = """
IntuitId Organization Title GivenName MiddleName FamilyName Suffix FullyQualifiedName CompanyName DisplayName
PrintOnCheckName UserId Active V4IDPseudonym PrimaryPhone AlternatePhone Mobile Fax PrimaryEmailAddr WebAddr
OtherContactInfo DefaultTaxCodeRef OtherAddr Notes
"""

_TYPES: Mapping[str, str] = {
    "SalesReceipt": _OBJECT
    + _TRANSACTION
    + _SALES
    + """
    SalesReceiptEx LessCIS
    """,
    "Invoice": _OBJECT
    + _TRANSACTION
    + _SALES
    + """
    Deposit AllowIPNPayment AllowOnlinePayment AllowOnlineCreditCardPayment AllowOnlineACHPayment
    AllowOnlinePayPalPayment AllowOnlineAffirmPayment EInvoiceStatus ECloudStatusTimeStamp CfdiUse Exportation
    GlobalInfo invoiceStatus callToAction invoiceStatusLog InvoiceEx LessCIS InvoiceLink PaymentDetailsMessage
    ConvenienceFeeDetail EnabledSurchargeInfo InvoiceLinkSecurityCode InvoiceLinkExpiryDate AutoPayEligible
    SchedulePayEligible ScheduledPaymentId GratuityEnabled FinancingProductType SubscriptionPaymentsSetting
    TxnRetainageDetail
    """,
    "CreditMemo": _OBJECT
    + _TRANSACTION
    + _SALES
    + """
    RemainingCredit InvoiceRef CreditMemoEx
    """,
    "RefundReceipt": _OBJECT
    + _TRANSACTION
    + _SALES
    + """
    RemainingCredit RefundReceiptEx
    """,
    "Payment": _OBJECT
    + _TRANSACTION
    + """
    UnappliedAmt ProcessPayment PaymentExtendedType PaymentEx
    """,
    "Customer": _OBJECT
    + _PERSON
    + """
    Taxable BillAddr ShipAddr ContactName AltContactName Job BillWithParent RootCustomerRef ParentRef Level
    CustomerTypeRef SalesTermRef SalesRepRef TaxGroupCodeRef TaxRateRef PaymentMethodRef CCDetail PriceLevelRef
    Balance OpenBalanceDate BalanceWithJobs CreditLimit AcctNum CurrencyRef OverDueBalance TotalRevenue
    TotalExpense PreferredDeliveryMethod ResaleNum JobInfo TDSEnabled CustomerEx SecondaryTaxIdentifier
    ARAccountRef PrimaryTaxIdentifier TaxExemptionReasonId IsProject BusinessNumber GSTIN GSTRegistrationType
    IsCISContractor ClientCompanyId ClientEntityId Source TaxRegime
    """,
    "Vendor": _OBJECT
    + _PERSON
    + """
    ContactName AltContactName BillAddr ShipAddr TaxCountry TaxIdentifier TaxIdEffectiveDate BusinessNumber
    ParentRef VendorTypeRef TermRef PrefillAccountRef Balance BillRate OpenBalanceDate CreditLimit AcctNum
    Vendor1099 T4AEligible T5018Eligible CurrencyRef TDSEnabled TDSEntityTypeId TDSSectionTypeId
    TDSOverrideThreshold TaxReportingBasis APAccountRef VendorEx GSTIN GSTRegistrationType IsSubContractor
    SubcontractorType CISRate HasTPAR VendorPaymentBankDetail Source CostRate AgencyVerificationStatus
    AgencyVerificationStatusMsg AgencyVerificationTSUTC CompanyRegistrationNumber
    """,
    "Employee": _OBJECT
    + _PERSON
    + """
    EmployeeType EmployeeNumber SSN PrimaryAddr BillableTime BillRate BirthDate Gender HiredDate ReleasedDate
    UseTimeEntry EmployeeEx CostRate
    """,
    "Item": _OBJECT
    + """
    Name Sku Description Active SubItem ParentRef Level FullyQualifiedName Taxable SalesTaxIncluded PercentBased
    UnitPrice RatePercent Type PaymentMethodRef UOMSetRef IncomeAccountRef PurchaseDesc PurchaseTaxIncluded
    PurchaseCost ExpenseAccountRef COGSAccountRef AssetAccountRef PrefVendorRef AvgCost TrackQtyOnHand QtyOnHand
    QtyOnPurchaseOrder QtyOnSalesOrder ReorderPoint ManPartNum DepositToAccountRef SalesTaxCodeRef
    PurchaseTaxCodeRef InvStartDate BuildPoint PrintGroupedItems SpecialItem SpecialItemType ItemGroupDetail
    ItemAssemblyDetail AbatementRate ReverseChargeRate ServiceType ItemCategoryType ItemEx TaxClassificationRef
    UQCDisplayText UQCId ClassRef Source DeferredRevenue CustomExtensions
    """,
    "Account": _OBJECT
    + """
    Name SubAccount ParentRef Description FullyQualifiedName AccountAlias TxnLocationType Active Classification
    AccountType AccountSubType AccountPurposes AcctNum AcctNumExtn BankNum OpeningBalance OpeningBalanceDate
    CurrentBalance CurrentBalanceWithSubAccounts CurrencyRef TaxAccount TaxCodeRef OnlineBankingEnabled FIName
    JournalCodeRef AccountEx
    """,
    "PaymentMethod": _OBJECT
    + """
    Name Active Type PaymentMethodEx
    """,
    "Class": _OBJECT
    + """
    Name SubClass ParentRef FullyQualifiedName Active ClassEx
    """,
    "Department": _OBJECT
    + """
    Name SubDepartment ParentRef FullyQualifiedName Active DepartmentEx Address
    """,
    "Term": _OBJECT
    + """
    Name Active Type DiscountPercent DueDays DiscountDays DayOfMonthDue DueNextMonthDays DiscountDayOfMonth
    SalesTermEx
    """,
    "TaxCode": _OBJECT
    + """
    Name Description Active Hidden Taxable TaxGroup SalesTaxRateList PurchaseTaxRateList AdjustmentTaxRateList
    TaxCodeEx TaxCodeConfigType
    """,
    "TaxRate": _OBJECT
    + """
    Name Description Active RateValue AgencyRef TaxReturnLineRef EffectiveTaxRate SpecialTaxType DisplayType
    TaxRateEx OriginalTaxRate
    """,
    "Line": """
    Id LineNum Description Amount Received LinkedTxn DetailType PaymentLineDetail DiscountLineDetail
    TaxLineDetail SalesItemLineDetail DescriptionLineDetail ItemBasedExpenseLineDetail
    AccountBasedExpenseLineDetail ReimburseLineDetail DepositLineDetail PurchaseOrderItemLineDetail
    SalesOrderItemLineDetail ItemReceiptLineDetail JournalEntryLineDetail GroupLineDetail SubTotalLineDetail
    TDSLineDetail ItemAdjustmentLineDetail CustomField LineEx ProjectRef CostAmount HomeCostAmount
    CustomExtensions
    """,
    "SalesItemLineDetail": """
    ItemRef ClassRef UnitPrice UnitCostPrice RatePercent PriceLevelRef MarkupInfo Qty UOMRef ItemAccountRef
    InventorySiteRef TaxCodeRef TaxClassificationRef ServiceDate TaxInclusiveAmt DiscountRate DiscountAmt
    DeferredRevenue RetainageAmount SalesItemLineDetailEx
    """,
    "DiscountLineDetail": """
    DiscountRef PercentBased DiscountPercent DiscountAccountRef ServiceDate ClassRef TaxCodeRef
    DiscountLineDetailEx
    """,
    "SubTotalLineDetail": """
    ItemRef ServiceDate
    """,
    "DescriptionLineDetail": """
    ServiceDate TaxCodeRef DescriptionLineDetailEx
    """,
    "PaymentLineDetail": """
    ItemRef ServiceDate ClassRef Balance HomeBalance Discount PaymentLineEx
    """,
    "GroupLineDetail": """
    GroupItemRef Quantity UOMRef ServiceDate Line GroupLineDetailEx
    """,
    "TaxLineDetail": """
    TaxRateRef PercentBased TaxPercent NetAmountTaxable TaxInclusiveAmount OverrideDeltaAmount ServiceDate
    TaxLineDetailEx
    """,
    "Deposit": _OBJECT
    + _ANY
    + """
    DepositToAccountRef TotalAmt CashBack GlobalTaxCalculation HomeTotalAmt DepositEx
    """,
    "DepositLineDetail": """
    Entity ClassRef AccountRef PaymentMethodRef CheckNum TxnType TaxCodeRef TaxApplicableOn DepositLineDetailEx
    """,
    "JournalEntry": _OBJECT
    + _ANY
    + """
    Adjustment HomeCurrencyAdjustment EnteredInHomeCurrency GlobalTaxCalculation TotalAmt HomeTotalAmt JournalEntryEx
    """,
    "JournalEntryLineDetail": """
    PostingType Entity AccountRef ClassRef DepartmentRef TaxCodeRef TaxRateRef TaxApplicableOn TaxAmount
    TaxInclusiveAmt BillableStatus JournalCodeRef JournalEntryLineDetailEx
    """,
    "TxnTaxDetail": """
    DefaultTaxCodeRef TxnTaxCodeRef TotalTax TaxReviewStatus TaxLine UseAutomatedSalesTax
    """,
    "PhysicalAddress": """
    Id Line1 Line2 Line3 Line4 Line5 City Country CountryCode County CountrySubDivisionCode PostalCode
    PostalCodeSuffix Lat Long Tag Note
    """,
    "EmailAddress": """
    Id Address Default Tag
    """,
    "TelephoneNumber": """
    Id DeviceType CountryCode AreaCode ExchangeCode Extension FreeFormNumber Default Tag
    """,
    "WebSiteAddress": """
    Id URI Default Tag
    """,
    "LinkedTxn": """
    TxnId TxnType TxnLineId
    """,
    "CustomField": """
    DefinitionId Name Type StringValue BooleanValue DateValue NumberValue
    """,
    "MetaData": """
    CreatedByRef CreateTime LastModifiedByRef LastUpdatedTime LastChangedInQB Synchronized
    """,
    "Reference": """
    value name type
    """,
    "Memo": """
    value id
    """,
}
_NESTED: Mapping[str, str] = {
    "BillAddr": "PhysicalAddress",
    "ShipAddr": "PhysicalAddress",
    "ShipFromAddr": "PhysicalAddress",
    "OtherAddr": "PhysicalAddress",
    "PrimaryAddr": "PhysicalAddress",
    "Address": "PhysicalAddress",
    "BillEmail": "EmailAddress",
    "BillEmailCc": "EmailAddress",
    "BillEmailBcc": "EmailAddress",
    "PrimaryEmailAddr": "EmailAddress",
    "PrimaryPhone": "TelephoneNumber",
    "AlternatePhone": "TelephoneNumber",
    "Mobile": "TelephoneNumber",
    "Fax": "TelephoneNumber",
    "WebAddr": "WebSiteAddress",
    "CustomerMemo": "Memo",
    "TaxLine": "Line",
}


PROPERTIES: Mapping[str, frozenset[str]] = {name: frozenset(words.split()) for name, words in _TYPES.items()}


def nested_type(name: str) -> str | None:
    """The type of a property's value, or None where it is a plain value or a type that is not checked."""
    if name in PROPERTIES:
        return name
    return "Reference" if name.endswith("Ref") else _NESTED.get(name)
