"""A document in a daily summary, as it was booked: what a revision of it is compared with and takes back.

It belongs to whom its summary is for, and what takes it back goes into the summary of the contrary of its own series.
"""

from dataclasses import replace

from mappings.entry import Summary
from mappings.entry_booked import Posted, read_booked
from mappings.jsontext import parse
from mappings.parties import collective, in_currency
from mappings.summary import read_series


def read_member(key: str, head: str, entry: str) -> Posted | None:
    """The entry with this key from what the ledger keeps of a member: the text of its series and of its entry. None
    where an earlier version kept too little."""
    posted, series = read_booked(key, parse(entry)), read_series(head)
    if posted is None:
        return None
    into = Summary(series.day, series.begins, series.ends, series.store, series.method, series.form)
    party = collective(series.customer)
    made = replace(posted.entry, party=party, summary=into)
    if series.exchange_rate:
        made = replace(made, party=in_currency(party, series.currency), original=made)
    return replace(posted, entry=made)
