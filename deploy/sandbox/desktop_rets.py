"""The order of elements in QuickBooks Desktop's answers, from Intuit's qbXML 13.0 and 16.0."""

from collections.abc import Mapping

from deploy.sandbox.desktop_shapes import Object

_LIST = "ListID TimeCreated TimeModified EditSequence Name"
_TXN = "TxnID TimeCreated TimeModified EditSequence TxnNumber CustomerRef"
_ADDRESSES = "BillAddress ShipAddress"
_TAX = "Subtotal ItemSalesTaxRef SalesTaxPercentage SalesTaxTotal"
_TERMS = "PONumber TermsRef DueDate SalesRepRef FOB ShipDate ShipMethodRef"
_RATE = "CurrencyRef ExchangeRate"
_FLAGS = "CustomerMsgRef IsToBePrinted IsToBeEmailed CustomerSalesTaxCodeRef"
_ITEM = f"{_LIST} FullName BarCodeValue IsActive"
_SOLD = "SalesOrPurchase SalesAndPurchase"
_OWN = "ExternalGUID DataExtRet"
RETS: Mapping[str, str] = {
    "Customer": f"{_LIST} FullName IsActive ClassRef ParentRef Sublevel CompanyName Salutation FirstName MiddleName "
    f"LastName JobTitle {_ADDRESSES} Phone AltPhone Fax Email Cc Contact AltContact TermsRef Balance TotalBalance "
    "SalesTaxCodeRef ItemSalesTaxRef ResaleNumber AccountNumber CreditLimit PreferredPaymentMethodRef JobStatus "
    "JobStartDate JobProjectedEndDate JobEndDate JobDesc Notes PreferredDeliveryMethod ExternalGUID CurrencyRef "
    "DataExtRet",
    "Vendor": f"{_LIST} IsActive CompanyName",
    "Employee": f"{_LIST} IsActive FirstName LastName",
    "ItemService": f"{_ITEM} ClassRef ParentRef Sublevel SalesTaxCodeRef {_SOLD} {_OWN}",
    "ItemNonInventory": f"{_ITEM} ClassRef ParentRef Sublevel ManufacturerPartNumber SalesTaxCodeRef {_SOLD} {_OWN}",
    "ItemInventory": f"{_ITEM} ClassRef ParentRef Sublevel ManufacturerPartNumber SalesTaxCodeRef SalesDesc SalesPrice "
    "IncomeAccountRef PurchaseDesc PurchaseCost COGSAccountRef PrefVendorRef AssetAccountRef ReorderPoint Max "
    f"QuantityOnHand AverageCost QuantityOnOrder QuantityOnSalesOrder {_OWN}",
    "ItemOtherCharge": f"{_ITEM} ClassRef ParentRef Sublevel SalesTaxCodeRef {_SOLD} {_OWN}",
    "ItemDiscount": f"{_ITEM} ClassRef ParentRef Sublevel ItemDesc SalesTaxCodeRef DiscountRate DiscountRatePercent "
    f"AccountRef {_OWN}",
    "ItemSalesTax": f"{_LIST} IsActive ItemDesc TaxRate TaxVendorRef",
    "ItemSalesTaxGroup": f"{_LIST} IsActive ItemDesc ItemSalesTaxRef",
    "Account": f"{_LIST} FullName IsActive ParentRef Sublevel AccountType SpecialAccountType AccountNumber BankNumber "
    "Desc Balance TotalBalance CashFlowClassification CurrencyRef",
    "Currency": f"{_LIST} IsActive CurrencyCode",
    "PaymentMethod": f"{_LIST} IsActive PaymentMethodType",
    "StandardTerms": f"{_LIST} IsActive StdDueDays StdDiscountDays DiscountPct",
    "Class": f"{_LIST} FullName IsActive ParentRef Sublevel",
    "SalesTaxCode": f"{_LIST} IsActive IsTaxable Desc",
    "SalesReceipt": f"{_TXN} ClassRef TxnDate RefNumber {_ADDRESSES} IsPending CheckNumber PaymentMethodRef DueDate "
    f"ShipDate FOB {_TAX} TotalAmount {_RATE} Memo {_FLAGS} DepositToAccountRef Other ExternalGUID SalesReceiptLineRet",
    "Invoice": f"{_TXN} ClassRef ARAccountRef TxnDate RefNumber {_ADDRESSES} IsPending IsFinanceCharge {_TERMS} {_TAX} "
    f"AppliedAmount BalanceRemaining {_RATE} Memo IsPaid {_FLAGS} Other ExternalGUID LinkedTxn InvoiceLineRet",
    "CreditMemo": f"{_TXN} ClassRef ARAccountRef TxnDate RefNumber {_ADDRESSES} IsPending {_TERMS} {_TAX} TotalAmount "
    f"{_RATE} CreditRemaining Memo {_FLAGS} Other ExternalGUID LinkedTxn CreditMemoLineRet",
    "ReceivePayment": f"{_TXN} ARAccountRef TxnDate RefNumber TotalAmount PaymentMethodRef Memo DepositToAccountRef "
    "UnusedPayment UnusedCredits ExternalGUID AppliedToTxnRet",
    "ARRefundCreditCard": f"{_TXN} RefundFromAccountRef ARAccountRef TxnDate RefNumber TotalAmount Address "
    "PaymentMethodRef Memo ExternalGUID RefundAppliedToTxnRet",
    "Deposit": "TxnID TimeCreated TimeModified EditSequence TxnNumber TxnDate DepositToAccountRef Memo DepositTotal "
    f"{_RATE} ExternalGUID DepositLineRet",
    "JournalEntry": "TxnID TimeCreated TimeModified EditSequence TxnNumber TxnDate RefNumber Memo IsAdjustment "
    "ExternalGUID JournalDebitLine JournalCreditLine",
}
"""Names by entity, in order."""
_PLACES = {entity: {name: at for at, name in enumerate(names.split())} for entity, names in RETS.items()}


def arranged(entity: str, fields: Object) -> Object:
    """The fields in the answer's order; those that an answer never shows are left out."""
    places = _PLACES[entity]
    return {name: fields[name] for name in sorted(fields.keys() & places.keys(), key=places.__getitem__)}
