"""The dictionary of facts: name, label, type, example, and the field of Magento's REST document it comes from."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from mappings.rules_findings import nearest
from mappings.settlement import PROCESSORS

FactType = Literal["text", "number", "yes/no", "date", "choice"]

PRODUCT: Final = "product."
ATTRIBUTE: Final = "customer.attribute."
STATES: Final = (
    "new",
    "pending_payment",
    "payment_review",
    "processing",
    "holded",
    "complete",
    "closed",
    "canceled",
)
CREDITS: Final = ("gift_card", "store_credit", "reward")
KITS: Final = ("fixed", "dynamic")
FEES: Final = ("gift_wrap", "fixed_tax", "custom_fee")
_GROUPS: Final = ("line", "product", "tax", "credit", "fee", "settlement", "summary")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `choices` are all values of a choice; `personal` facts are left out of traces."""

    name: str
    label: str
    type: FactType
    example: str
    source: str
    choices: tuple[str, ...] = ()
    personal: bool = False

    @property
    def group(self) -> str:
        """`line`, `product`, `tax`, `credit`, `fee`, `settlement` or `summary` for facts that only some places know;
        else `document`."""
        first = self.name.partition(".")[0]
        return first if first in _GROUPS else "document"


_ADDRESS = "extension_attributes.shipping_assignments[0].shipping.address"
_PAID = "base_total_paid, base_grand_total, payment.method; of an invoice: state"

FACTS: Final[tuple[Fact, ...]] = (
    Fact("order.number", "Order number", "text", "000000042", "increment_id"),
    Fact("order.state", "Order state", "choice", "processing", "state", STATES),
    Fact("order.status", "Order status", "text", "pending", "status"),
    Fact("order.date", "Order date, in the store's time zone", "date", "2026-11-21", "created_at"),
    Fact("order.total", "Order total", "number", "118.40", "base_grand_total"),
    Fact("order.subtotal", "Order subtotal before discount and tax", "number", "100", "base_subtotal"),
    Fact("order.tax", "Order tax", "number", "10", "base_tax_amount"),
    Fact("order.discount", "Order discount, as a positive amount", "number", "5", "base_discount_amount"),
    Fact("order.currency", "Base currency of the shop", "text", "USD", "base_currency_code"),
    Fact("order.shown_currency", "Currency that the customer saw", "text", "EUR", "order_currency_code"),
    Fact("order.paid", "Amount paid so far", "number", "118.40", "base_total_paid"),
    Fact("order.refunded", "Amount refunded so far", "number", "0", "base_total_refunded"),
    Fact("order.canceled", "Order, or a rest of it, is cancelled", "yes/no", "no", "state, base_total_canceled"),
    Fact("order.edited", "Order was edited in Magento", "yes/no", "no", "relation_parent_id, relation_child_id"),
    Fact(
        "order.replaces", "Number of the order that this one replaces", "text", "000000041", "relation_parent_real_id"
    ),
    Fact("order.po_number", "Customer's purchase order number", "text", "PO-7781", "payment.po_number"),
    Fact("order.lines", "Number of lines with a price", "number", "3", "items"),
    Fact("paid", "Nothing is owed any more", "yes/no", "yes", _PAID),
    Fact("captured", "Magento says all of it is paid", "yes/no", "yes", _PAID),
    Fact("on_account", "Payment method is paid later", "yes/no", "no", "payment.method, books.on_account in the rules"),
    Fact("payment.method", "Payment method", "text", "paypal_express", "payment.method"),
    Fact("payment.transaction", "Payment transaction", "text", "8WT84327", "payment.last_trans_id"),
    Fact("store", "Store view", "text", "default", "store_id, store/storeViews: code"),
    Fact("store.name", "Name of the store view", "text", "English", "store_id, store/storeViews: name"),
    Fact("website", "Website, by its number", "number", "1", "store_id, store/storeViews: website_id"),
    Fact("guest", "Bought as a guest", "yes/no", "yes", "customer_is_guest"),
    Fact("customer.group", "Customer group", "text", "Wholesale", "customer_group_id, customerGroups/search: code"),
    Fact("customer.id", "Customer number in Magento", "number", "17", "customer_id"),
    Fact("customer.email", "Customer's e-mail", "text", "jane@example.com", "customer_email", personal=True),
    Fact("customer.email_domain", "What follows the @ of the e-mail", "text", "example.com", "customer_email"),
    Fact("customer.name", "Customer's name", "text", "Jane Doe", "customer_firstname, _lastname", personal=True),
    Fact(
        "customer.company", "Company in the billing address", "text", "Acme", "billing_address.company", personal=True
    ),
    Fact("customer.tax_id", "VAT or tax number", "text", "DE123456789", "customer_taxvat", personal=True),
    Fact(
        f"{ATTRIBUTE}<attribute>",
        "Any custom attribute of a registered customer, by its code",
        "text",
        "customer.attribute.segment = A",
        "customers/search: custom_attributes[]",
        personal=True,
    ),
    Fact("bill.country", "Billing country", "text", "US", "billing_address.country_id"),
    Fact("bill.region", "Billing state or region", "text", "TX", "billing_address.region_code"),
    Fact("bill.postcode", "Billing post code", "text", "78701", "billing_address.postcode", personal=True),
    Fact("bill.city", "Billing city", "text", "Austin", "billing_address.city", personal=True),
    Fact("ship.country", "Shipping country (billing where nothing ships)", "text", "US", f"{_ADDRESS}.country_id"),
    Fact("ship.region", "Shipping state or region", "text", "TX", f"{_ADDRESS}.region_code"),
    Fact("ship.postcode", "Shipping post code", "text", "78701", f"{_ADDRESS}.postcode", personal=True),
    Fact("ship.city", "Shipping city", "text", "Austin", f"{_ADDRESS}.city", personal=True),
    Fact("shipping.amount", "Shipping charged, without tax", "number", "8.40", "base_shipping_amount"),
    Fact("shipping.tax", "Tax on shipping", "number", "0.69", "base_shipping_tax_amount"),
    Fact("shipping.description", "Shipping method in words", "text", "Flat Rate - Fixed", "shipping_description"),
    Fact("coupon", "Coupon code", "text", "WELCOME10", "coupon_code"),
    Fact("virtual", "Nothing is shipped", "yes/no", "no", "is_virtual"),
    Fact("invoice.number", "Invoice number", "text", "000000007", "invoice: increment_id"),
    Fact("invoice.date", "Invoice date, in the store's time zone", "date", "2026-11-22", "invoice: created_at"),
    Fact("invoice.total", "Invoice total", "number", "59.20", "invoice: base_grand_total"),
    Fact("refund.number", "Credit memo number", "text", "000000003", "creditmemo: increment_id"),
    Fact("refund.date", "Credit memo date, in the store's time zone", "date", "2026-11-25", "creditmemo: created_at"),
    Fact("refund.total", "Credit memo total", "number", "27.06", "creditmemo: base_grand_total"),
    Fact("refund.adjustment", "Refunded beside the lines", "number", "5", "creditmemo: base_adjustment_positive"),
    Fact("refund.fee", "Kept from the refund", "number", "1.10", "creditmemo: base_adjustment_negative"),
    Fact("refund.online", "Refunded by the payment gateway", "yes/no", "yes", "creditmemo: transaction_id"),
    Fact("shipment.number", "Shipment number", "text", "000000003", "shipment: increment_id"),
    Fact("line.sku", "SKU", "text", "MUG-BLUE", "items[].sku"),
    Fact("line.name", "Product name on the line", "text", "Blue mug", "items[].name"),
    Fact("line.type", "Product type", "text", "configurable", "items[].product_type"),
    Fact(
        "line.kit",
        "Kind of bundle that the line is, or is a part of",
        "choice",
        "dynamic",
        "items[]: product_type",
        KITS,
    ),
    Fact("line.kit_sku", "SKU of that bundle", "text", "BUNDLE-GIFT", "items[]: sku of the parent item"),
    Fact("line.price", "Unit price without tax", "number", "12.50", "items[].base_price"),
    Fact("line.quantity", "Quantity", "number", "2", "items[].qty_ordered; of an invoice: qty"),
    Fact(
        "line.amount",
        "Line amount before discount, without tax",
        "number",
        "25",
        "items[]: base_row_total_incl_tax and base_row_total, as they add up to base_subtotal",
    ),
    Fact("line.discount", "Discount on the line", "number", "2.50", "items[].base_discount_amount"),
    Fact("line.tax", "Tax on the line", "number", "1.86", "items[].base_tax_amount"),
    Fact("line.tax_rate", "Tax percent of the line", "number", "8.25", "items[].tax_percent"),
    Fact(
        "product.<attribute>",
        "Any attribute of the product, by its code",
        "text",
        "product.brand = Acme",
        "products: custom_attributes[]",
    ),
    Fact("tax.code", "Tax rate code", "text", "US-TX-*-Rate 1", "extension_attributes.applied_taxes[].code"),
    Fact("tax.title", "Tax title", "text", "Texas", "extension_attributes.applied_taxes[].title"),
    Fact("tax.rate", "Tax percent", "number", "8.25", "extension_attributes.applied_taxes[].percent"),
    Fact(
        "credit.kind",
        "Kind of credit used",
        "choice",
        "gift_card",
        "extension_attributes: gift_cards_amount, customer_balance_amount, reward_currency_amount",
        CREDITS,
    ),
    Fact("fee.kind", "Kind of fee charged", "choice", "gift_wrap", "extension_attributes: gw_..., items[]: weee", FEES),
    Fact("fee.label", "Name of a custom fee", "text", "Handling", "order: custom_fees[].custom_fee_label"),
    Fact(
        "fee.code",
        "Code of a custom fee",
        "text",
        "app::handling",
        "order: custom_fees[].custom_fee_code",
    ),
    Fact("fee.amount", "Amount of the fee, without tax", "number", "4.95", "the base_ amounts of the same fields"),
    Fact("credit.amount", "Amount of the credit used", "number", "20", "the base_ amount of the same field"),
    Fact(
        "settlement.processor",
        "Payment processor of a settlement file",
        "choice",
        "paypal",
        "the file's header",
        tuple(PROCESSORS),
    ),
    Fact("settlement.currency", "Currency of a payout", "text", "USD", "the currency column of a settlement file"),
    Fact("summary.date", "Day that a summary sums up, in the store's time zone", "date", "2026-11-21", "created_at"),
    Fact("summary.sequence", "Running number of a summary within its day", "number", "3", "counted by MageBooks"),
)

_BY_NAME: Final = MappingProxyType({fact.name: fact for fact in FACTS})


def known_fact(name: str) -> Fact | None:
    """The fact of that name, or None. Every `product.` and `customer.attribute.` name with an attribute code is a
    text fact; a customer's attributes may say anything about a person."""
    if name.startswith(PRODUCT) and name[len(PRODUCT) :].replace("_", "").isalnum():
        return Fact(name, f"Product attribute {name[len(PRODUCT) :]}", "text", "", "products: custom_attributes[]")
    if name.startswith(ATTRIBUTE) and (code := name[len(ATTRIBUTE) :]).replace("_", "").isalnum():
        source = "customers/search: custom_attributes[]"
        return Fact(name, f"Customer attribute {code}", "text", "", source, personal=True)
    return _BY_NAME.get(name)


def is_personal(name: str) -> bool:
    """Whether the fact says something about a person, so that no trace, log or ledger may hold it."""
    fact = known_fact(name)
    return fact is not None and fact.personal


def nearest_fact(name: str) -> str:
    """The fact that is spelled most like `name`, or an empty string."""
    last = [fact for fact in _BY_NAME if fact.rpartition(".")[2] == name.rpartition(".")[2]]
    return nearest(name, _BY_NAME) or (last[0] if len(last) == 1 else "")
