"""The amounts in the header of a Magento document, and the sum that every document must keep.

Magento keeps each amount twice: in the base currency (`base_...`), which is what is booked, and in the currency the
customer paid in. The parts must add up to the grand total in both, to the fourth decimal (seen on all documents of
Magento 2.4.7; Adobe Commerce adds gift cards, store credit and reward points as extension attributes).
"""

from decimal import Decimal
from typing import Final

from mappings.fees import CustomFee
from mappings.magento_fees import read_fees
from mappings.magento_fields import Document, Unreadable, amounts, section, within
from mappings.model import ZERO, Totals

TOLERANCE: Final = Decimal("0.0001")
_NONE: Final = (ZERO, ZERO, ZERO)
_BASE: Final = (
    "base_subtotal",
    "base_grand_total",
    "base_discount_amount",
    "base_shipping_amount",
    "base_tax_amount",
    "base_discount_tax_compensation_amount",
    "base_shipping_discount_tax_compensation_amnt",  # Magento's own spelling
    "base_shipping_discount_amount",
    "base_shipping_tax_amount",
)
_CHARGED: Final = (
    "subtotal",
    "grand_total",
    "discount_amount",
    "shipping_amount",
    "tax_amount",
    "discount_tax_compensation_amount",
    "shipping_discount_tax_compensation_amount",
)
_BASE_CREDITS: Final = ("base_gift_cards_amount", "base_customer_balance_amount", "base_reward_currency_amount")
_CHARGED_CREDITS: Final = ("gift_cards_amount", "customer_balance_amount", "reward_currency_amount")
_CREDITS: Final = (*_BASE_CREDITS, *_CHARGED_CREDITS)
_NULLS: Final = (None,) * len(_CREDITS)
_BASE_ADJUSTMENTS: Final = ("base_adjustment_positive", "base_adjustment_negative")
_CHARGED_ADJUSTMENTS: Final = ("adjustment_positive", "adjustment_negative")


def read_totals(document: Document, memo: bool = False, custom: tuple[CustomFee, ...] = ()) -> Totals:
    """The header of an order, invoice or credit memo in base currency.

    Raises `Unreadable` (`unbalanced`) when the parts differ from the grand total in either currency. A fixed product
    tax is told apart from the subtotal where the store counts it into that. On a credit
    `memo` the adjustments take part (a refunded order repeats them, but they are no part of its total); there Magento
    keeps the shipping compensation inside the discount's. `custom` fees are those that the document charges.
    """
    credits, charged_credits = _credits(section(document, "extension_attributes"))
    base = amounts(document, _BASE, 2)
    charged = amounts(document, _CHARGED, 2)
    parts = base[0] + base[2] + base[3] + base[4] + base[5] + base[6] - sum(credits)
    charged_parts = charged[0] + sum(charged[2:]) - sum(charged_credits)
    if memo:
        given, kept = adjustments(document)
        charged_given, charged_kept = amounts(document, _CHARGED_ADJUSTMENTS)
        parts += given - kept
        charged_parts += charged_given - charged_kept
    fees, subtotal = read_fees(document), base[0]
    parts += fees.wrap
    charged_parts += fees.charged_wrap
    parts += sum((fee.amount for fee in custom), ZERO)
    charged_parts += sum((fee.charged for fee in custom), ZERO)
    if fees.fixed and abs(base[1] - parts) <= TOLERANCE:
        subtotal -= fees.fixed
    else:
        parts += fees.fixed
        charged_parts += fees.charged_fixed
    must_equal("base_grand_total", "grand total", base[1], parts)
    must_equal("grand_total", "grand total", charged[1], charged_parts)
    gift_cards, store_credit, reward = credits
    return Totals(
        subtotal,
        base[2],
        base[3],
        base[7],
        base[8],
        base[4],
        base[5],
        base[6],
        gift_cards,
        store_credit,
        reward,
        base[1],
        fees.wrap,
        fees.wrap_tax,
        fees.fixed,
        custom,
    )


def _credits(extension: Document) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
    """Gift cards, store credit and reward points: in base currency and as charged."""
    if tuple(map(extension.get, _CREDITS)) == _NULLS:  # staging writes null for what the shop left out
        return _NONE, _NONE
    return (
        within("extension_attributes", amounts, extension, _BASE_CREDITS),
        within("extension_attributes", amounts, extension, _CHARGED_CREDITS),
    )


def adjustments(memo: Document) -> tuple[Decimal, Decimal]:
    """What a credit memo gives back beside its lines, and what it keeps of them, in base currency."""
    positive, negative = amounts(memo, _BASE_ADJUSTMENTS)
    return positive, negative


def must_equal(field: str, name: str, stated: Decimal, parts: Decimal, code: str = "unbalanced") -> None:
    """Raise `Unreadable` (`code`), naming both amounts and their difference, unless they agree to 0.0001."""
    difference = stated - parts
    if abs(difference) > TOLERANCE:
        reason = f"says the {name} is {stated:.4f}, but its parts add up to {parts:.4f} (difference {difference:.4f})"
        raise Unreadable(field, reason, code, difference)
