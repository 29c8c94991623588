"""An entry as QuickBooks Desktop's journal entry (qbXML 13.0, JournalEntryAdd): debits first, then credits.

A line on Accounts Receivable names its customer; QuickBooks takes one such line in an entry.
"""

from mappings.entry import Entry, EntryLine, posted
from mappings.qbxml_fit import MEMO, Fit
from mappings.qbxml_tree import Element, Request, amount, finished, leaf, node, rate, ref


def journal_add(entry: Entry) -> Request:
    """The request that makes the journal entry."""
    fit = Fit()
    lines = [_line(line, entry, fit) for line in posted(entry.lines)]
    made = node(
        "JournalEntryAdd",
        leaf("TxnDate", entry.txn_date.isoformat()),
        leaf("RefNumber", fit.text("RefNumber", entry.number, 11)),
        leaf("Memo", fit.memo(entry.memo)),
        ref("CurrencyRef", "currency", entry.currency if entry.exchange_rate is not None else ""),
        rate(entry.exchange_rate),
        *lines,
    )
    return finished(node("JournalEntryAddRq", made), fit)


def _line(line: EntryLine, entry: Entry, fit: Fit) -> Element:
    return node(
        "JournalDebitLine" if line.amount > 0 else "JournalCreditLine",
        ref("AccountRef", "account", line.account),
        leaf("Amount", amount(abs(line.amount))),
        leaf("Memo", fit.text("JournalLine/Memo", line.description, MEMO)),
        ref("EntityRef", "customer", entry.party.key if line.role == "receivable" else ""),
        ref("ClassRef", "class", entry.class_name),
    )
