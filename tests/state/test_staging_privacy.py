"""What must never reach the disk: card data, gateway secrets, addresses of visitors' machines, copies."""

import json
from pathlib import Path
from typing import Any

import pytest

from state import staging

CARD, CARD_END, IP, PROXY = "4111111111111111", "4711-last4", "203.0.113.77", "198.51.100.23"
SECRETS = {
    "protect_code": "protect-3f9d",
    "remote_ip": IP,
    "x_forwarded_for": PROXY,
    "customer_dob": "1980-02-29-born",
}
PAYMENT = {
    "cc_last4": CARD_END,
    "cc_number_enc": CARD,
    "cc_exp_year": "exp-2031",
    "cc_owner": "Holder of the card",
    "cc_type": "card-type-vi",
    "additional_information": ["Visa", f"token-{CARD}", None],
    "additional_data": "gateway-blob",
    "echeck_account_name": "echeck-name",
    "account_status": "status-of-account",
}
INFO = [
    {"key": "method_title", "value": "Card (Braintree)"},
    {"key": "transaction_id", "value": "txn-123"},
    {"key": "paymentMethodNonce", "value": "nonce-9c1"},
    {"key": "cc_number", "value": CARD},
    {"key": "public_hash", "value": "vault-77aa"},
]
FORBIDDEN = (
    *SECRETS.values(), CARD, CARD_END, "exp-2031", "Holder of the card", "card-type-vi", "gateway-blob", "echeck-name",
    "status-of-account", "nonce-9c1", "vault-77aa", "gift-code-1", "comment-1", "copied-line", "copied-parent",
    "history-1", "option-text", "fax-9",
)  # fmt: skip


def order() -> dict[str, Any]:
    line = {
        "item_id": 1,
        "sku": "MUG",
        "product_option": {"text": "option-text"},
        "parent_item": {"sku": "copied-parent"},
    }
    return {
        "entity_id": 1,
        "increment_id": "000000001",
        "updated_at": "2026-11-21 01:00:00",
        **SECRETS,
        "customer_email": "ada@lab.example",
        "customer_note": "comment-1",
        "items": [line],
        "payment": {"method": "braintree", "last_trans_id": "CAP-1", **PAYMENT},
        "billing_address": {"lastname": "Lovelace", "fax": "fax-9"},
        "status_histories": [{"comment": "history-1"}],
        "extension_attributes": {
            "payment_additional_info": INFO,
            "gift_cards": [{"code": "gift-code-1", "amount": 5}],
            "gift_cards_amount": 5,
            "shipping_assignments": [
                {"shipping": {"method": "flatrate", "address": {"city": "Austin"}}, "items": [{"sku": "copied-line"}]}
            ],
        },
    }


@pytest.fixture
def landed(tmp_path: Path) -> Path:
    """A staging file with the order above, changed once and landed with an invoice."""
    path = tmp_path / "staging.duckdb"
    with staging.open(path) as store:
        for status in ("pending", "processing"):
            answer = {"items": [order() | {"status": status}], "total_count": 1}
            staging.land(store, "order", json.dumps(answer), "run")
        invoice = {"entity_id": 1, "order_id": 1, "comments": [{"comment": "comment-1"}], **SECRETS, **PAYMENT}
        staging.land(store, "invoice", json.dumps({"items": [invoice], "total_count": 1}), "run")
        _no_secret_in(b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file()))
    return path


def _no_secret_in(content: bytes) -> None:
    for secret in FORBIDDEN:
        assert secret.encode() not in content, secret


def test_neither_file_nor_log_nor_documents_hold_anything_forbidden(landed: Path) -> None:
    _no_secret_in(b"".join(file.read_bytes() for file in landed.parent.iterdir()))
    with staging.open(landed) as store:
        rows = store.connection.execute("SELECT payload FROM document").fetchall()
        _no_secret_in("".join(payload for (payload,) in rows).encode())


def test_what_booking_needs_is_still_there(landed: Path) -> None:
    with staging.open(landed) as store:
        (raw,) = staging.by_ids(store, "order", [1])
    document = json.loads(raw.payload)
    extension = document["extension_attributes"]
    assert document["customer_email"] == "ada@lab.example"
    assert document["payment"]["method"] == "braintree"
    assert document["payment"]["last_trans_id"] == "CAP-1"
    assert extension["gift_cards_amount"] == 5
    assert extension["payment_additional_info"] == INFO[:2]
    assert extension["shipping_assignments"] == [
        {"shipping": {"address": document["billing_address"] | {"city": "Austin", "lastname": None, "email": None}}}
        | {"shipping": extension["shipping_assignments"][0]["shipping"]}
    ]


def test_the_canonical_tables_hold_no_personal_data(landed: Path) -> None:
    with staging.open(landed) as store:
        columns = store.connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE table_name IN "
            "('orders', 'order_lines', 'invoices', 'customers', 'products')"
        ).fetchall()
        text = str([store.connection.execute(f"SELECT * FROM {view}").fetchall() for view in ("orders", "order_lines")])
    names = {name for (name,) in columns}
    assert not {name for name in names if any(word in name for word in ("email", "street", "phone", "first", "last"))}
    assert "Lovelace" not in text
    assert "ada@" not in text
