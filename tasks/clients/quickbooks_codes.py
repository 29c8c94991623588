"""What each QuickBooks Online fault code asks for: the table, as data.

Codes and meanings: Intuit, "Error codes" (developer.intuit.com, docs/develop/troubleshooting/error-codes).
What to do about each is ours; `tasks.clients.quickbooks_faults` reads the table and the words beside a code.
"""

from dataclasses import dataclass
from typing import Literal

Action = Literal["retry", "hold", "reconnect", "ours_already", "wait", "stop"]


@dataclass(frozen=True, slots=True)
class Advice:
    """What a fault asks for.

    `action`: retry (send again later), hold (this document needs a person), reconnect (access needs a person),
    ours_already (look for our own earlier object first; only then is it a clash), wait (throttled: the whole
    connection pauses), stop (nothing can be posted until a person has acted). `problem` is the code under which a
    held document is shown; `fix` a sentence for a bookkeeper. `not_done` says that nothing was written; without it
    the write may have been carried out, and it is looked up before it is sent again, whatever the action.
    """

    action: Action
    problem: str
    fix: str
    not_done: bool = True


_PLAIN = "quickbooks-refused"
_BY_ITSELF = "Nothing to do: sending is tried again by itself"

UNKNOWN_CODE = Advice(
    "hold", _PLAIN, "Read QuickBooks' words, correct the order or the rules, then retry the document.", not_done=False
)
THROTTLED = Advice("wait", _PLAIN, f"{_BY_ITSELF} after the pause that QuickBooks asked for.")
UNWELL = Advice("retry", _PLAIN, f"{_BY_ITSELF}; QuickBooks had an error of its own.", not_done=False)
RECONNECT = Advice("reconnect", _PLAIN, "Connect to QuickBooks again: magebooks connect quickbooks.")
CLOSED = Advice(
    "hold",
    "closed-period",
    "Open the period in QuickBooks, or let the rules date documents on the first open day; then retry.",
)
DUPLICATE_NUMBER = Advice(
    "ours_already",
    "duplicate-number",
    "Another document has this number: renumber it in QuickBooks or set a number prefix in the rules, then retry.",
)
EMPTY_REFERENCE = Advice(
    "hold",
    "unknown-reference",
    "A customer, item or account is missing on the document: check the names in the rules, then retry.",
)
NUMBER_TOO_LONG = Advice(
    "hold",
    "number-too-long",
    "QuickBooks takes 21 characters: shorten the number template in the rules, then retry.",
)

_ACCESS: tuple[tuple[str, Advice], ...] = (
    ("100 110 3100 3200", RECONNECT),
    (
        "120",
        Advice(
            "reconnect",
            _PLAIN,
            "Whoever connected has lost access to the company: one of its administrators has to connect again "
            "(magebooks connect quickbooks).",
        ),
    ),
    ("130", Advice("stop", _PLAIN, "The company is not at this address: check QUICKBOOKS_SANDBOX.")),
    ("140 150", Advice("retry", _PLAIN, f"{_BY_ITSELF}; the company is locked or under maintenance at Intuit.")),
    ("3001", THROTTLED),
    ("5020", Advice("stop", _PLAIN, "Whoever connected lacks a permission: an administrator has to connect.")),
    ("5030", Advice("hold", _PLAIN, "The company's plan lacks a feature that the rules use: change one of the two.")),
    ("6190", Advice("stop", _PLAIN, "The QuickBooks subscription or trial has ended: renew it, then run again.")),
    ("10200", Advice("stop", _PLAIN, "The company's data were reset: run magebooks doctor before posting goes on.")),
)

_OUR_REQUEST: tuple[tuple[str, Advice], ...] = (
    ("500", Advice("hold", _PLAIN, "QuickBooks does not support this operation here: report this to support.")),
    (
        "600",
        Advice(
            "ours_already", _PLAIN, "QuickBooks has seen this already: compare it there, then retry.", not_done=False
        ),
    ),
    ("630", Advice("ours_already", _PLAIN, "QuickBooks has seen this already: compare it there, then retry.")),
    ("1000 1010 1020 10000", UNWELL),
    ("1040", Advice("stop", _PLAIN, "Too many documents in one batch: set QUICKBOOKS_BATCH_SIZE to a smaller number.")),
    ("2130", Advice("stop", _PLAIN, "QuickBooks refuses the form of our request number: report this to support.")),
    ("2600", Advice("retry", _PLAIN, f"{_BY_ITSELF}; QuickBooks saw a conflict.", not_done=False)),
    ("4000 4001 4002 10100", Advice("hold", _PLAIN, "QuickBooks refuses a search: report this to support.")),
    ("5010", Advice("retry", _PLAIN, f"{_BY_ITSELF}; someone changed the document meanwhile.")),
)

_VALUES: tuple[tuple[str, Advice], ...] = (
    (
        "2000 2010 2020 2030 2120 2170 2230 2260 3202 5000 6090 6520",
        Advice("hold", _PLAIN, "QuickBooks does not take a field as it was sent: check the rules, then retry."),
    ),
    ("2040 2180", Advice("hold", _PLAIN, "A text holds characters that QuickBooks refuses: mend it, then retry.")),
    ("2050", Advice("hold", "text-too-long", "A text is too long for QuickBooks: shorten it, then retry.")),
    (
        "2060 2070 2080 2090 2100 2110 2140 2150 2160 2190 2240 2290",
        Advice("hold", _PLAIN, "QuickBooks refuses a date, an amount or a quantity: compare the order with its words."),
    ),
    ("2200 2210 6420", Advice("hold", _PLAIN, "QuickBooks refuses an e-mail or web address: mend it, then retry.")),
    ("2220", Advice("hold", "currency-differs", "Switch the currency on in QuickBooks, or skip the order by a rule.")),
    ("2250 2300", Advice("hold", "unbalanced", "The lines do not add up in QuickBooks: see them in explain.")),
    ("3000", Advice("hold", _PLAIN, "A custom field is not set up in QuickBooks: set it up, or drop its rule.")),
    ("6070", Advice("hold", "unbalanced", "A line's amount is not quantity times price: see the lines in explain.")),
    ("6080", Advice("hold", _PLAIN, "The customer has no name: add one in Magento, then retry.")),
)

_BOOKS: tuple[tuple[str, Advice], ...] = (
    (
        "610 2500 6250 6440",
        Advice(
            "hold",
            "unknown-reference",
            "The document names something that QuickBooks lacks or that was made inactive: make it active there, "
            "or name another one in the rules, then retry.",
        ),
    ),
    ("620", Advice("hold", _PLAIN, "The two cannot be linked: see in QuickBooks whether the invoice is paid or void.")),
    ("700 900 6150 6180", Advice("hold", "unknown-reference", "The parent of a name is not usable: check it.")),
    ("800 6220 6280", Advice("hold", _PLAIN, "Other documents depend on this one: undo those in QuickBooks first.")),
    ("6000", Advice("hold", _PLAIN, "QuickBooks refuses the document by a rule of its own: its words say which.")),
    ("6010 6430", Advice("hold", "unknown-account", "The account has the wrong type: name another one in the rules.")),
    (
        "6100 6160 6230 6470",
        Advice("hold", "unknown-tax-code", "The company does not take this tax code: check [[tax]] in the rules."),
    ),
    (
        "6170 2270 2280",
        Advice("hold", "unmapped-tax", "The company's sales tax settings do not fit the rules: run magebooks doctor."),
    ),
    ("6140", DUPLICATE_NUMBER),
    ("6200 6210", CLOSED),
    (
        "6240",
        Advice(
            "ours_already",
            "duplicate-name",
            "A customer, vendor or employee has this name: rename one of them in QuickBooks, then retry.",
        ),
    ),
    ("6270", Advice("hold", _PLAIN, "The order is older than the item's inventory start date: move that date.")),
    (
        "6450 6480 6540",
        Advice("hold", _PLAIN, "It is settled, matched with the bank or deposited: undo that in QuickBooks first."),
    ),
)

CODES: dict[str, Advice] = {
    code: advice for codes, advice in (*_ACCESS, *_OUR_REQUEST, *_VALUES, *_BOOKS) for code in codes.split()
}
