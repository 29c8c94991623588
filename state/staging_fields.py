"""Which fields of a Magento document are kept: an allow-list per kind, in the form of DuckDB's JSON structures.

What is not named here is never stored: card data (`cc_*`), `payment.additional_information`, gateway tokens, gift card
codes, IP addresses, `protect_code`, comments, and the copies Magento repeats (`shipping_assignments[].items`,
`parent_item`). Leaves are JSON, so a value of a wrong type survives as it came and its reader can name it.
"""

import json
from typing import Any, Literal, get_args

Kind = Literal["order", "invoice", "creditmemo", "shipment", "customer", "product", "store", "store_view", "group"]
Structure = dict[str, Any]

KINDS: tuple[Kind, ...] = get_args(Kind)
LEAF = "JSON"

_IDENTITY = "entity_id id increment_id sku code order_id updated_at created_at"
_AMOUNTS = """subtotal grand_total discount_amount shipping_amount tax_amount discount_tax_compensation_amount
    shipping_tax_amount"""
_ORDER_AMOUNTS = """shipping_discount_amount total_paid total_refunded total_canceled total_due
    tax_canceled shipping_canceled"""
_BASE_ONLY = "total_invoiced discount_canceled subtotal_canceled adjustment_positive adjustment_negative"
_COMPENSATION = "shipping_discount_tax_compensation_amount base_shipping_discount_tax_compensation_amnt"
_CURRENCY = "base_currency_code order_currency_code global_currency_code base_to_order_rate base_to_global_rate"
_ORDER = """state status store_id store_name is_virtual coupon_code applied_rule_ids discount_description
    customer_id customer_is_guest customer_group_id customer_email customer_firstname customer_middlename
    customer_lastname customer_taxvat
    shipping_description total_item_count total_qty_ordered ext_order_id ext_customer_id hold_before_state
    edit_increment original_increment_id relation_parent_id relation_parent_real_id relation_child_id
    relation_child_real_id"""
_ORDER_LINE = """item_id parent_item_id product_id product_type sku name tax_percent
    qty_ordered qty_invoiced qty_canceled qty_refunded qty_shipped
    base_amount_refunded weee_tax_applied"""
_ORDERED = "price_incl_tax row_invoiced tax_invoiced discount_invoiced discount_tax_compensation_invoiced"
_LINE = "price row_total row_total_incl_tax discount_amount tax_amount discount_tax_compensation_amount"
_WEEE = """base_weee_tax_applied_amount weee_tax_applied_amount
    base_weee_tax_applied_row_amnt weee_tax_applied_row_amount"""
_BILLED_LINE = "entity_id order_item_id product_id sku name qty"
_ADDRESS = """firstname middlename lastname company street city region region_code region_id postcode
    country_id telephone vat_id"""
_PAYMENT = "method po_number last_trans_id amount_ordered base_amount_ordered amount_paid base_amount_paid"
_CREDITS = """gift_cards_amount customer_balance_amount reward_currency_amount gift_cards_invoiced gift_cards_refunded
    customer_balance_invoiced customer_balance_refunded"""
_WRAPPING = """gw_price gw_base_price gw_items_price gw_items_base_price gw_card_price gw_card_base_price
    gw_tax_amount gw_base_tax_amount gw_items_tax_amount gw_items_base_tax_amount gw_card_tax_amount
    gw_card_base_tax_amount"""
_CUSTOM_FEE = """custom_fee_code custom_fee_label custom_fee_amount base_custom_fee_amount
    invoice_id creditmemo_id"""
_PRODUCT = "name type_id attribute_set_id price status visibility weight"
_CUSTOMER = "group_id website_id store_id email firstname middlename lastname prefix suffix taxvat created_in"
_CUSTOMER_ADDRESS = "id region_id default_billing default_shipping"
_STORE = "website_id locale base_currency_code default_display_currency_code timezone"


def structure(kind: Kind) -> str:
    """The structure of a search answer with documents of `kind`, as `from_json` takes it (JSON text)."""
    document = _leaves(_IDENTITY) | _DOCUMENTS[kind]
    extension = document.get("extension_attributes", {}) | {"payment_additional_info": [_leaves("key value")]}
    return json.dumps({"items": [document | {"extension_attributes": extension}], "total_count": LEAF})


def _leaves(names: str) -> Structure:
    return dict.fromkeys(names.split(), LEAF)


def _both(names: str) -> Structure:
    """Fields that Magento gives in order currency and, as `base_…`, in base currency."""
    return _leaves(names) | {f"base_{name}": LEAF for name in names.split()}


def _order() -> Structure:
    tax = _leaves("code title percent amount base_amount")
    itemized = _leaves("tax_code tax_percent amount base_amount taxable_item_type")
    line = (
        _leaves(f"{_ORDER_LINE} {_WEEE}")
        | _both(f"{_ORDERED} {_LINE}")
        | {"extension_attributes": {"itemized_taxes": [itemized]}}
    )
    shipping = {"address": _leaves(_ADDRESS), "method": LEAF}
    extension = _both(_CREDITS) | _leaves(_WRAPPING) | {
        "custom_fees": [_leaves(_CUSTOM_FEE)],
        "applied_taxes": [tax],
        "item_applied_taxes": [_leaves("type item_id associated_item_id") | {"applied_taxes": [tax]}],
        "additional_itemized_taxes": [itemized],
        "shipping_assignments": [{"shipping": shipping}],
    }  # fmt: skip
    return _leaves(f"{_ORDER} {_COMPENSATION} {_CURRENCY}") | _both(f"{_AMOUNTS} {_ORDER_AMOUNTS}") | {
        f"base_{name}": LEAF for name in _BASE_ONLY.split()
    } | {
        "items": [line],
        "billing_address": _leaves(f"{_ADDRESS} email"),
        "payment": _leaves(_PAYMENT),
        "extension_attributes": extension,
    }  # fmt: skip


def _billed(more: str) -> Structure:
    """An invoice or a credit memo."""
    own = (
        f"order_id store_id state transaction_id invoice_id total_qty discount_description {_COMPENSATION} {_CURRENCY}"
    )
    line = _leaves(f"{_BILLED_LINE} {_WEEE}") | _both(_LINE)
    extension = _both(_CREDITS) | _leaves(_WRAPPING)
    return _leaves(own) | _both(f"{_AMOUNTS} {more}") | {"items": [line], "extension_attributes": extension}


_DOCUMENTS: dict[Kind, Structure] = {
    "order": _order(),
    "invoice": _billed(""),
    "creditmemo": _billed("adjustment adjustment_positive adjustment_negative"),
    "shipment": _leaves("order_id store_id total_qty") | {"items": [_leaves(_BILLED_LINE)]},
    "customer": _leaves(_CUSTOMER) | {
        "addresses": [
            _leaves(f"{_ADDRESS} {_CUSTOMER_ADDRESS}") | {"region": _leaves("region region_code region_id")}
        ],
        "custom_attributes": [_leaves("attribute_code value")],
    },
    "product": _leaves(_PRODUCT) | {"custom_attributes": [_leaves("attribute_code value")]},
    "store": _leaves(_STORE),
    "store_view": _leaves("name website_id store_group_id is_active"),
    "group": _leaves("tax_class_id tax_class_name"),
}  # fmt: skip
