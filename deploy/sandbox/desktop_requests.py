"""The requests that the sandbox's company file understands: element names, order, types and lengths.

Facts of Intuit's qbXML 13.0 (and the same in 16.0), written down as words for `desktop_shapes`. Left out on purpose,
hence refused: what Intuit's reference marks as not for Desktop (IsTaxable, TaxAmount, DiscountLineAdd and so on),
card numbers, macros, opening balances, price levels, percentages, and what nobody here needs. A number as type is a
text's longest length.
"""

from collections.abc import Mapping

_ACCOUNTS = (
    "AccountsPayable AccountsReceivable Bank CostOfGoodsSold CreditCard Equity Expense FixedAsset Income "
    "LongTermLiability NonPosting OtherAsset OtherCurrentAsset OtherCurrentLiability OtherExpense OtherIncome"
)
_METHODS = "AmericanExpress Cash Check DebitCard Discover ECheck GiftCard MasterCard Other OtherCreditCard Visa"
_VOIDABLE = (
    "ARRefundCreditCard Bill BillPaymentCheck BillPaymentCreditCard Charge Check CreditCardCharge CreditCardCredit "
    "CreditMemo Deposit InventoryAdjustment Invoice ItemReceipt JournalEntry SalesReceipt VendorCredit"
)
_DELETABLE = f"{_VOIDABLE} BuildAssembly Estimate PurchaseOrder ReceivePayment SalesOrder TimeTracking VehicleMileage"
ENUMS: Mapping[str, frozenset[str]] = {
    name: frozenset(values.split())
    for name, values in {
        "accountType": _ACCOUNTS,
        "methodType": _METHODS,
        "active": "ActiveOnly InactiveOnly All",
        "match": "StartsWith Contains EndsWith",
        "paid": "All PaidOnly NotPaidOnly",
        "delivery": "None Email Fax",
        "jobStatus": "Awarded Closed InProgress None NotAwarded Pending",
        "ruleConflict": "Zero BasePrice",
        "extendedList": "Account Customer Employee Item OtherName Vendor",
        "voidType": _VOIDABLE,
        "delType": _DELETABLE,
    }.items()
}

_PERSON = (
    "Salutation:15? FirstName:25? MiddleName:5? LastName:25? JobTitle:41? BillAddress:address? ShipAddress:address?"
)
_CONTACT = "Phone:21? AltPhone:21? Fax:21? Email:1023? Cc:1023? Contact:41? AltContact:41?"
_CUSTOMER_TAX = (
    "SalesTaxCodeRef:ref3? ItemSalesTaxRef:ref31? ResaleNumber:15? AccountNumber:99? CreditLimit:amt? "
    "PreferredPaymentMethodRef:ref31? JobStatus:jobStatus? JobStartDate:date? JobProjectedEndDate:date? "
    "JobEndDate:date? JobDesc:99? JobTypeRef:ref159? Notes:4095?"
)
_LINE = "ItemRef:ref? Desc:4095? Quantity:price? UnitOfMeasure:31? Rate:price? ClassRef:ref159? Amount:amt?"
_LINE_PLACE = (
    "InventorySiteRef:ref31? InventorySiteLocationRef:ref31? ( SerialNumber:4095? | LotNumber:40? )? ServiceDate:date? "
    "SalesTaxCodeRef:ref3? OverrideItemAccountRef:ref159? Other1:29? Other2:29?"
)
_SALE_END = (
    "ItemSalesTaxRef:ref31? Memo:4095? CustomerMsgRef:ref101? IsToBePrinted:bool? IsToBeEmailed:bool? "
    "CustomerSalesTaxCodeRef:ref3?"
)
_RECEIVABLE_HEAD = (
    "CustomerRef:ref209 ClassRef:ref159? ARAccountRef:ref159? TemplateRef:ref31? TxnDate:date? RefNumber:11? "
    "BillAddress:address? ShipAddress:address? IsPending:bool?"
)
_RECEIVABLE_TERMS = (
    "PONumber:25? TermsRef:ref31? DueDate:date? SalesRepRef:ref5? FOB:13? ShipDate:date? ShipMethodRef:ref15?"
)
_LIST_FILTER = (
    "MaxReturned:int? ActiveStatus:active? FromModifiedDate:datetime? ToModifiedDate:datetime? "
    "( NameFilter:nameFilter | NameRangeFilter:nameRange )?"
)
_TXN_FILTER = (
    "MaxReturned:int? ( ModifiedDateRangeFilter:modifiedRange | TxnDateRangeFilter:dateRange )? "
    "EntityFilter:oneOf? ( RefNumberFilter:numberFilter | RefNumberRangeFilter:numberRange )?"
)
_KEYS = "ListID:id+ | FullName:str+"
_NUMBERS = "TxnID:id+ | RefNumber:str+ | RefNumberCaseSensitive:str+"
_RET = "IncludeRetElement:50*"
_ITEM_HEAD = "Name:31 BarCode:barCode? IsActive:bool? ClassRef:ref159? ParentRef:ref?"
_ITEM_MOD = "ListID:id EditSequence:16 Name:31? BarCode:barCode? IsActive:bool? ClassRef:ref159? ParentRef:ref?"
_SOLD = "( SalesOrPurchase:salesOrPurchase | SalesAndPurchase:salesAndPurchase ) ExternalGUID:guid?"

SHAPES: Mapping[str, str] = {
    **{f"ref{most}": f"ListID:id? FullName:{most}?" for most in (3, 5, 15, 31, 41, 64, 101, 159, 209)},
    "ref": "ListID:id? FullName:str?",
    "address": "Addr1:41? Addr2:41? Addr3:41? Addr4:41? Addr5:41? City:31? State:21? PostalCode:13? Country:31? "
    "Note:41?",
    "barCode": "BarCodeValue:50? AssignEvenIfUsed:bool? AllowOverride:bool?",
    "salesOrPurchase": "Desc:4095? ( Price:price | PricePercent:price )? AccountRef:ref159?",
    "salesAndPurchase": "SalesDesc:4095? SalesPrice:price? IncomeAccountRef:ref159? PurchaseDesc:4095? "
    "PurchaseCost:price? ExpenseAccountRef:ref159? PrefVendorRef:ref41?",
    "setCredit": "CreditTxnID:id AppliedAmount:amt Override:bool?",
    "appliedTo": "TxnID:id PaymentAmount:amt? SetCredit:setCredit* DiscountAmount:amt? DiscountAccountRef:ref159? "
    "DiscountClassRef:ref159?",
    "refundApplied": "TxnID:id RefundAmount:amt",
    "lineLink": "TxnID:id TxnLineID:id",
    "nameFilter": "MatchCriterion:match Name:str",
    "nameRange": "FromName:str? ToName:str?",
    "numberFilter": "MatchCriterion:match RefNumber:str",
    "numberRange": "FromRefNumber:str? ToRefNumber:str?",
    "modifiedRange": "FromModifiedDate:datetime? ToModifiedDate:datetime?",
    "dateRange": "FromTxnDate:date? ToTxnDate:date?",
    "oneOf": f"( {_KEYS} )",
    "CustomerAdd": "Name:41 IsActive:bool? ClassRef:ref159? ParentRef:ref? CompanyName:41? "
    f"{_PERSON} {_CONTACT} CustomerTypeRef:ref159? TermsRef:ref31? SalesRepRef:ref5? "
    f"{_CUSTOMER_TAX} PreferredDeliveryMethod:delivery? PriceLevelRef:ref31? ExternalGUID:guid? "
    "CurrencyRef:ref64?",
    "CustomerMod": "ListID:id EditSequence:16 Name:41? IsActive:bool? ClassRef:ref159? ParentRef:ref? CompanyName:41? "
    f"{_PERSON} {_CONTACT} CustomerTypeRef:ref159? TermsRef:ref31? SalesRepRef:ref5? {_CUSTOMER_TAX} "
    "PreferredDeliveryMethod:delivery? PriceLevelRef:ref31? CurrencyRef:ref64?",
    "ItemServiceAdd": f"{_ITEM_HEAD} UnitOfMeasureSetRef:ref31? SalesTaxCodeRef:ref3? {_SOLD}",
    "ItemNonInventoryAdd": "Name:31 BarCode:barCode? IsActive:bool? ParentRef:ref? ClassRef:ref159? "
    f"ManufacturerPartNumber:31? UnitOfMeasureSetRef:ref31? SalesTaxCodeRef:ref3? {_SOLD}",
    "ItemInventoryAdd": f"{_ITEM_HEAD} ManufacturerPartNumber:31? UnitOfMeasureSetRef:ref31? SalesTaxCodeRef:ref3? "
    "SalesDesc:4095? SalesPrice:price? IncomeAccountRef:ref159? PurchaseDesc:4095? PurchaseCost:price? "
    "COGSAccountRef:ref159? PrefVendorRef:ref41? AssetAccountRef:ref159? ReorderPoint:price? Max:price? "
    "QuantityOnHand:price? TotalValue:amt? InventoryDate:date? ExternalGUID:guid?",
    "salesOrPurchaseMod": "Desc:4095? ( Price:price | PricePercent:price )? AccountRef:ref159? "
    "ApplyAccountRefToExistingTxns:bool?",
    "ItemServiceMod": f"{_ITEM_MOD} UnitOfMeasureSetRef:ref31? ForceUOMChange:bool? SalesTaxCodeRef:ref3? "
    "SalesOrPurchaseMod:salesOrPurchaseMod?",
    "ItemNonInventoryMod": f"{_ITEM_MOD} ManufacturerPartNumber:31? UnitOfMeasureSetRef:ref31? ForceUOMChange:bool? "
    "SalesTaxCodeRef:ref3? SalesOrPurchaseMod:salesOrPurchaseMod?",
    "ItemInventoryMod": f"{_ITEM_MOD} ManufacturerPartNumber:31? UnitOfMeasureSetRef:ref31? ForceUOMChange:bool? "
    "SalesTaxCodeRef:ref3? SalesDesc:4095? SalesPrice:price? IncomeAccountRef:ref159? "
    "ApplyIncomeAccountRefToExistingTxns:bool? PurchaseDesc:4095? PurchaseCost:price? COGSAccountRef:ref159? "
    "ApplyCOGSAccountRefToExistingTxns:bool? PrefVendorRef:ref41? AssetAccountRef:ref159? ReorderPoint:price? "
    "Max:price?",
    "ItemOtherChargeAdd": f"{_ITEM_HEAD} SalesTaxCodeRef:ref3? {_SOLD}",
    "ItemDiscountAdd": f"{_ITEM_HEAD} ItemDesc:4095? SalesTaxCodeRef:ref3? ( DiscountRate:price | "
    "DiscountRatePercent:price )? AccountRef:ref159? ExternalGUID:guid?",
    "AccountAdd": "Name:31 IsActive:bool? ParentRef:ref? AccountType:accountType AccountNumber:7? BankNumber:25? "
    "Desc:200? CurrencyRef:ref64?",
    "PaymentMethodAdd": "Name:31 IsActive:bool? PaymentMethodType:methodType?",
    "StandardTermsAdd": "Name:31 IsActive:bool? StdDueDays:int? StdDiscountDays:int? DiscountPct:price?",
    "ClassAdd": "Name:31 IsActive:bool? ParentRef:ref?",
    "SalesReceiptLineAdd": f"{_LINE} OptionForPriceRuleConflict:ruleConflict? {_LINE_PLACE}",
    "InvoiceLineAdd": f"{_LINE} OptionForPriceRuleConflict:ruleConflict? {_LINE_PLACE} LinkToTxn:lineLink?",
    "CreditMemoLineAdd": f"{_LINE} {_LINE_PLACE}",
    "SalesReceiptAdd": "CustomerRef:ref209? ClassRef:ref159? TemplateRef:ref31? TxnDate:date? RefNumber:11? "
    "BillAddress:address? ShipAddress:address? IsPending:bool? CheckNumber:25? PaymentMethodRef:ref31? DueDate:date? "
    f"SalesRepRef:ref5? ShipDate:date? ShipMethodRef:ref15? FOB:13? {_SALE_END} DepositToAccountRef:ref159? Other:29? "
    "ExchangeRate:str? ExternalGUID:guid? SalesReceiptLineAdd:SalesReceiptLineAdd+",
    "InvoiceAdd": f"{_RECEIVABLE_HEAD} IsFinanceCharge:bool? {_RECEIVABLE_TERMS} {_SALE_END} Other:29? "
    "ExchangeRate:str? ExternalGUID:guid? LinkToTxnID:id* SetCredit:setCredit* InvoiceLineAdd:InvoiceLineAdd*",
    "CreditMemoAdd": f"{_RECEIVABLE_HEAD} {_RECEIVABLE_TERMS} {_SALE_END} Other:29? ExchangeRate:str? "
    "ExternalGUID:guid? CreditMemoLineAdd:CreditMemoLineAdd+",
    "ReceivePaymentAdd": "CustomerRef:ref209 ARAccountRef:ref159? TxnDate:date? RefNumber:20? TotalAmount:amt? "
    "ExchangeRate:str? PaymentMethodRef:ref31? Memo:4095? DepositToAccountRef:ref159? ExternalGUID:guid? "
    "( IsAutoApply:bool | AppliedToTxnAdd:appliedTo+ )",
    "ARRefundCreditCardAdd": "CustomerRef:ref209 RefundFromAccountRef:ref159? ARAccountRef:ref159? TxnDate:date? "
    "RefNumber:11? Address:address? PaymentMethodRef:ref31? Memo:4095? ExchangeRate:str? ExternalGUID:guid? "
    "RefundAppliedToTxnAdd:refundApplied+",
    "DepositAdd": "TxnDate:date? DepositToAccountRef:ref159 Memo:4095? CurrencyRef:ref64? ExchangeRate:str? "
    "ExternalGUID:guid? DepositLineAdd:depositLine*",
    "depositLine": "AccountRef:ref159 Memo:4095? CheckNumber:11? PaymentMethodRef:ref31? ClassRef:ref159? Amount:amt?",
    "JournalEntryAdd": "TxnDate:date? RefNumber:11? Memo:str? IsAdjustment:bool? CurrencyRef:ref64? "
    "ExchangeRate:str? ExternalGUID:guid? "
    "JournalDebitLine:journalLine+ JournalCreditLine:journalLine+",
    "journalLine": "AccountRef:ref159? Amount:amt? Memo:4095? EntityRef:ref209? ClassRef:ref159?",
    "DepositQuery": "( TxnID:id+ | MaxReturned:int? ( ModifiedDateRangeFilter:modifiedRange | "
    f"TxnDateRangeFilter:dateRange )? )? IncludeLineItems:bool? {_RET} OwnerID:guid*",
    "HostQuery": _RET,
    "CompanyQuery": f"{_RET} OwnerID:guid*",
    "PreferencesQuery": _RET,
    "ListQuery": f"( {_KEYS} | {_LIST_FILTER} )? {_RET}",
    "ExtendedListQuery": f"( {_KEYS} | {_LIST_FILTER} )? {_RET} OwnerID:guid*",
    "TxnQuery": f"( {_NUMBERS} | {_TXN_FILTER} )? IncludeLineItems:bool? {_RET} OwnerID:guid*",
    "LinkedTxnQuery": f"( {_NUMBERS} | {_TXN_FILTER} )? IncludeLineItems:bool? IncludeLinkedTxns:bool? {_RET} "
    "OwnerID:guid*",
    "InvoiceQuery": f"( {_NUMBERS} | {_TXN_FILTER} PaidStatus:paid? )? IncludeLineItems:bool? IncludeLinkedTxns:bool? "
    f"{_RET} OwnerID:guid*",
    **dict.fromkeys(
        ("DataExtAdd", "DataExtMod"),
        "OwnerID:guid DataExtName:31 ListDataExtType:extendedList ListObjRef:ref DataExtValue:str",
    ),
    "TxnVoid": "TxnVoidType:voidType TxnID:id",
    "TxnDel": "TxnDelType:delType TxnID:id",
}

_ITEMS = ("ItemService", "ItemNonInventory", "ItemInventory", "ItemOtherCharge", "ItemDiscount")
_SALES = ("SalesReceipt", "Invoice", "CreditMemo", "ReceivePayment", "ARRefundCreditCard")
ITERATED: Mapping[str, str] = {
    **dict.fromkeys(("Customer", "Vendor", "Item", *_ITEMS, "ItemSalesTax", "ItemSalesTaxGroup"), "ExtendedListQuery"),
    **dict.fromkeys(_SALES, "TxnQuery"),
    "Invoice": "InvoiceQuery",
    "CreditMemo": "LinkedTxnQuery",
    "Deposit": "DepositQuery",
    "JournalEntry": "TxnQuery",
}
"""Entities whose query takes an iterator, and the query's shape."""
LISTED: Mapping[str, str] = {
    "Account": "ExtendedListQuery",
    **dict.fromkeys(("PaymentMethod", "Terms", "StandardTerms", "Class", "SalesTaxCode", "Currency"), "ListQuery"),
}
"""Entities whose query answers everything at once."""
CHANGED = ("Customer", "ItemService", "ItemNonInventory", "ItemInventory", "DataExt")
ADDED = (
    *("Customer", *_ITEMS, "Account", "PaymentMethod", "StandardTerms", "Class", "DataExt"),
    *(*_SALES, "Deposit", "JournalEntry"),
)
