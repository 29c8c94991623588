"""Every kind of problem MageBooks can show: its title, what to do about it, and the help page that explains it.

The sentences are for bookkeepers. Codes never change their meaning: they stand in the ledger, in reports and in
what people search for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from mappings.model import Problem


@dataclass(frozen=True, slots=True)
class Cause:
    """One kind of problem. `page` is the help page and its heading (`problems#unmapped-tax`)."""

    title: str
    fix: str
    page: str


_WORDS: Final[tuple[tuple[str, str, str], ...]] = (
    # --- the Magento document itself
    (
        "malformed-record",
        "Magento sent a document that cannot be read",
        "Open the document in Magento and save it again, or send its number to whoever looks after the store: "
        "the named field is missing or is not what Magento documents there.",
    ),
    (
        "unknown-state",
        "Magento names a state that MageBooks does not know",
        "Give the document one of Magento's own states (an extension that adds states may have a setting for that), or "
        "record it in QuickBooks by hand; and name the state to MageBooks' maintainers.",
    ),
    (
        "missing-items",
        "The document has no lines with a price",
        'Open the order in Magento. If it really sold nothing, leave it out with a document rule (make = "skip").',
    ),
    (
        "unbalanced",
        "The parts of the document do not add up to its total",
        "Look in Magento for a fee or surcharge that an extension adds to the total, and book this document by hand: "
        "MageBooks reads no fields of extensions.",
    ),
    (
        "lines-differ",
        "The lines of the document do not add up to its subtotal",
        "Compare the document's rows with its subtotal in Magento. Where a row is wrong, correct it there and sync "
        "again; where all are right, book this document by hand and send MageBooks' maintainers the amounts named "
        "here: they are what each way to read the rows comes to.",
    ),
    (
        "rounding-too-large",
        "The rounding difference is larger than rounding can explain",
        "Compare lines, tax and total in Magento: a fee, surcharge or weight tax is probably missing from the lines.",
    ),
    (
        "edited-order",
        "The order was edited in Magento and replaces another one",
        "Check that the order it replaces is cancelled in Magento and void in QuickBooks, then release this one.",
    ),
    (
        "store-unknown",
        "The order belongs to a store view that Magento no longer lists",
        "Check in Magento that the store view exists and that the integration may read Stores; then sync again.",
    ),
    (
        "waiting-for-order",
        "The order of this document has not been read yet",
        "Nothing to do: the next sync reads the order first. If it stays, check that the order still exists.",
    ),
    (
        "waiting-for-balance",
        "The refund waits until QuickBooks has said what is still owed on its invoice",
        "Nothing to do: the next session of the Web Connector asks, and the sync after it books the refund. "
        "If it still waits then, the invoice is no longer in QuickBooks: record the refund there by hand.",
    ),
    (
        "unmatched-rest",
        "The cancelled rest of the order cannot be told from its invoices",
        "Compare the order and its invoices in Magento and record the cancelled part in QuickBooks by hand.",
    ),
    (
        "refund-unclear",
        "A refund gives back a part of what is paid and of what is owed",
        "Compare the order's invoices and payments in QuickBooks with Magento, and record this refund there by hand.",
    ),
    (
        "deferral-unclear",
        "A shipment would earn other revenue than its sale deferred",
        "The sale was booked under other rules. Record in QuickBooks by hand what this shipment earns.",
    ),
    # --- the rules
    (
        "unknown-payment-method",
        "No rule for this payment method",
        "Add a [[payment]] rule to rules.toml that names the clearing account of this method, then sync again.",
    ),
    (
        "no-rule",
        "No rule says what to do here",
        "Add a row to the named list in rules.toml, or a last row without `when` for anything else.",
    ),
    (
        "unmapped-tax",
        "No rule for this tax rate",
        "Add a [[tax]] rule to rules.toml that names the QuickBooks tax code and rate, then sync again.",
    ),
    (
        "foreign-tax",
        "Tax of another country would land on a United States tax agency",
        "Add a [[tax]] rule with an item and a liability account for this country's VAT, then sync again.",
    ),
    (
        "unmapped-credit",
        "No rule for gift cards, store credit or reward points",
        "Add a [[credit]] rule to rules.toml that names an item and its liability account, then sync again.",
    ),
    (
        "unmapped-fee",
        "No rule for gift wrapping, a fixed product tax or a custom fee",
        "Add a [[fee]] rule to rules.toml that names an item and its account, then sync again.",
    ),
    (
        "review",
        "A rule asks a person to look at this document first",
        "Look at the document; if it is right, release it.",
    ),
    # --- the books
    (
        "currency-differs",
        "The document is in another currency than the books",
        "Add a [[currency]] row to rules.toml that says how such documents are booked (foreign or convert), then sync "
        "again; or record this document by hand in QuickBooks.",
    ),
    (
        "multicurrency-off",
        "A rule books in a foreign currency, and QuickBooks has multicurrency off",
        "Ask the accountant: multicurrency is turned on in QuickBooks' settings and can never be turned off again. Or "
        'say mode = "convert" in the [[currency]] row, then sync again.',
    ),
    (
        "exchange-rate-unknown",
        "No exchange rate between the document's currency and the books'",
        "Give the [[currency]] row a rate: units of the books' currency for one unit of the document's. Then sync "
        "again.",
    ),
    (
        "closed-period",
        "The document's date lies in a closed period",
        'Ask the accountant. Move the closing date in QuickBooks, or set closed_period to "first_open_day" or '
        '"adjusting_entry" in rules.toml.',
    ),
    (
        "number-clash",
        "Two documents would get the same number in QuickBooks",
        "Change `number`, `invoice_number` or `number_prefix` under [books] in rules.toml so that numbers differ.",
    ),
    (
        "number-too-long",
        "The document number is too long for QuickBooks",
        "Shorten `number`, `invoice_number` or `number_prefix` under [books] in rules.toml.",
    ),
    (
        "text-too-long",
        "A text is too long for its field in QuickBooks",
        "Shorten it in rules.toml, for example with {name|first:30}.",
    ),
    (
        "unknown-item",
        "QuickBooks has no product or service with this SKU",
        'Create it in QuickBooks with the same SKU, or set unknown_item to "create" or "fallback" in rules.toml.',
    ),
    (
        "unknown-account",
        "QuickBooks has no account with this name",
        "Correct the name in rules.toml, or run `magebooks setup` to create the account.",
    ),
    (
        "unknown-tax-code",
        "QuickBooks has no tax code or tax rate with this name",
        "Correct the name in rules.toml, or set the tax up in QuickBooks under Taxes.",
    ),
    (
        "tax-not-computable",
        "QuickBooks Desktop would arrive at another tax than Magento",
        "Check the rate of the named sales tax item or tax code in QuickBooks, or set tax_cap_cents or tax_method "
        "under [books] in rules.toml.",
    ),
    (
        "unknown-reference",
        "QuickBooks has nothing with this name",
        "Correct the name in rules.toml, or run `magebooks setup` to create what is missing.",
    ),
    (
        "inactive",
        "QuickBooks has it, but it is inactive",
        "Make it active again in QuickBooks, or name another one in rules.toml; then sync again.",
    ),
    (
        "customer-alike",
        "QuickBooks has a customer of this name at this address, without an e-mail",
        "If it is the same, enter the e-mail at that customer in QuickBooks and sync again. If not: magebooks release.",
    ),
    (
        "name-clash",
        "The name is taken by something of another kind in QuickBooks",
        "Rename one of the two: in QuickBooks, or in rules.toml.",
    ),
    (
        "wrong-type",
        "The account or item in QuickBooks is of a kind that does not fit",
        "Choose another account in rules.toml, or change its type in QuickBooks.",
    ),
    # --- payouts of payment processors
    (
        "settlement-differs",
        "The rows of a payout do not add up to what was paid out",
        "Download the file again for the whole period since the payout before, with all kinds of transactions, and "
        "settle that one.",
    ),
    (
        "settlement-unknown",
        "A payout holds transactions that the books do not know",
        "Sync the days of these sales or record them by hand; until then the clearing account keeps their amount.",
    ),
    (
        "settlement-amount-differs",
        "A payout holds a transaction with another amount than the books",
        "Compare the order in Magento with the processor's transaction; the clearing account keeps the difference.",
    ),
    # --- what QuickBooks answered
    (
        "duplicate-number",
        "QuickBooks already has another document with this number",
        "Compare both documents. If the one in QuickBooks is this sale, enter no second one; else change `number` "
        "or `number_prefix` in rules.toml.",
    ),
    (
        "duplicate-name",
        "QuickBooks already has somebody or something with this name",
        "Sync again: MageBooks chooses the next free name. If it stays, rename the older one in QuickBooks.",
    ),
    (
        "quickbooks-refused",
        "QuickBooks rejected the document",
        "Read QuickBooks' own words, correct what they name in QuickBooks or rules.toml, then retry.",
    ),
    (
        "unknown-outcome",
        "QuickBooks may have the document, and does not show it",
        "Search QuickBooks for the document's number and amount. Where it is as sent, the next sync finds it; else run "
        "`magebooks retry` with its key: it is looked up once more, and sent if it is not there.",
    ),
    (
        "custom-field",
        "QuickBooks refused the value of a custom field",
        "Make the field in QuickBooks under this name (edit a customer, Additional Info, or an item, Custom Fields: "
        "Define Fields), or correct the [[field]] row; then run `magebooks retry`.",
    ),
    # --- documents in the books that a person should look at
    (
        "changed-after-posting",
        "The document changed in Magento after it went into the books",
        "Compare both and correct the one in QuickBooks by hand if the change matters.",
    ),
    (
        "total-differs",
        "QuickBooks shows another total than Magento",
        "Open the document in QuickBooks: a tax or discount setting of the company changed it. Correct it there.",
    ),
    (
        "tax-differs",
        "QuickBooks shows another tax than Magento",
        "Check under Taxes in QuickBooks whether the company lets apps set the tax; correct the document there.",
    ),
    (
        "tax-own-line",
        "The tax stands as a line of its own, because QuickBooks Desktop would compute another",
        "The amounts are right, but QuickBooks' sales tax report leaves this document out. Name the right sales tax "
        'item in a [[tax]] row of rules.toml; tax_method = "computed" holds such documents instead.',
    ),
    (
        "changed-in-quickbooks",
        "Somebody changed a customer or item in QuickBooks, and the shop says otherwise",
        "Nothing has to be done: QuickBooks' value stays. Make both sides say the same if that is not meant.",
    ),
    (
        "customer-differs",
        "QuickBooks put the document under another customer",
        "Open the document in QuickBooks and choose the right customer.",
    ),
    (
        "day-differs",
        "QuickBooks shows another day than the entry",
        "The document was posted before the ledger was restored or moved. Open it in QuickBooks and change its date if "
        "the other day is right.",
    ),
)

CATALOGUE: Final[Mapping[str, Cause]] = MappingProxyType(
    {code: Cause(title, fix, f"problems#{code}") for code, title, fix in _WORDS}
)


def problem(
    code: str,
    document: str,
    field: str,
    reason: str,
    *,
    fix: str | None = None,
    amount: Decimal | None = None,
    currency: str = "",
    hold: bool = True,
) -> Problem:
    """A `Problem` with the catalogue's fix unless a better one is known.

    `document` is the document's key (`order/000000042`), `field` the Magento field or the place in the rules,
    `amount` what is at stake in `currency`. Raises KeyError for a code the catalogue does not have.
    """
    cause = CATALOGUE[code]
    return Problem(code, document, field, reason, cause.fix if fix is None else fix, amount, currency, hold)
