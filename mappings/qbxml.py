"""qbXML, the language of QuickBooks Desktop: written, put into messages, asked about, and read.

This is the one module that others import; what it offers stands in `qbxml_write` (documents), `qbxml_lists`,
`qbxml_tree` (symbols and messages), `qbxml_queries`, `qbxml_read` and `qbxml_fit` (what does not fit a field).
Everything that is written exists in qbXML 13.0 (QuickBooks 2014) and later.
"""

from mappings.item_names import sku_key
from mappings.qbxml_fit import Adjusted, Fit, latin, short_name
from mappings.qbxml_lists import (
    account_add,
    class_add,
    custom_field,
    customer_add,
    customer_mod,
    display_name,
    item_add,
    payment_method_add,
    terms_add,
)
from mappings.qbxml_queries import (
    balance_query,
    company_query,
    current,
    find_otherwise,
    find_request,
    host_query,
    list_query,
    made,
    made_before,
    made_by,
    made_otherwise,
    preferences_query,
)
from mappings.qbxml_read import Answer, Reply, Response, Ret, Unreadable, read, read_answer
from mappings.qbxml_sent import NAME, custom_field_of, customer_of, entity, name_of, requests_of
from mappings.qbxml_tree import Request, message, references, renamed, resolve
from mappings.qbxml_write import txn_del, write

__all__ = [
    "NAME",
    "Adjusted",
    "Answer",
    "Fit",
    "Reply",
    "Request",
    "Response",
    "Ret",
    "Unreadable",
    "account_add",
    "balance_query",
    "class_add",
    "company_query",
    "current",
    "custom_field",
    "custom_field_of",
    "customer_add",
    "customer_mod",
    "customer_of",
    "display_name",
    "entity",
    "find_otherwise",
    "find_request",
    "host_query",
    "item_add",
    "latin",
    "list_query",
    "made",
    "made_before",
    "made_by",
    "made_otherwise",
    "message",
    "name_of",
    "payment_method_add",
    "preferences_query",
    "read",
    "read_answer",
    "references",
    "renamed",
    "requests_of",
    "resolve",
    "short_name",
    "sku_key",
    "terms_add",
    "txn_del",
    "write",
]
