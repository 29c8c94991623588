"""A payout as QuickBooks Desktop's deposit (qbXML 13.0, DepositAdd): what came out of the clearing account, less what
the processor kept. A line below zero takes from the deposit; it has no number, so its memo names the payout."""

from mappings.entry import Entry, EntryLine
from mappings.qbxml_fit import MEMO, Fit
from mappings.qbxml_tree import Element, Request, amount, finished, leaf, node, rate, ref


def deposit_add(entry: Entry) -> Request:
    """The request that makes the deposit of a payout entry."""
    fit = Fit()
    made = node(
        "DepositAdd",
        leaf("TxnDate", entry.txn_date.isoformat()),
        ref("DepositToAccountRef", "account", entry.deposit_account),
        leaf("Memo", fit.memo(entry.memo)),
        ref("CurrencyRef", "currency", entry.currency if entry.exchange_rate is not None else ""),
        rate(entry.exchange_rate),
        *(_line(line, fit) for line in entry.lines if line.role != "money"),
    )
    return finished(node("DepositAddRq", made), fit)


def _line(line: EntryLine, fit: Fit) -> Element:
    return node(
        "DepositLineAdd",
        ref("AccountRef", "account", line.account),
        leaf("Memo", fit.text("DepositLineAdd/Memo", line.description, MEMO)),
        leaf("Amount", amount(-line.amount)),
    )
