"""The transaction that a document carries, so that a settlement finds it."""

import html
import json
import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PAGE = 500
_DESKTOP = {
    "sales_receipt": re.compile(r"<CheckNumber>([^<]*)</CheckNumber>"),
    "payment": re.compile(r"<RefNumber>([^<]*)</RefNumber>"),
}


def upgrade() -> None:
    op.add_column("outbox", sa.Column("reference", sa.Text(), nullable=False, server_default=""))
    op.create_index("outbox_reference", "outbox", ["reference"])
    _fill(op.get_bind())


def downgrade() -> None:
    op.drop_index("outbox_reference", "outbox")
    op.drop_column("outbox", "reference")


def _fill(conn: sa.Connection) -> None:
    """Documents that were queued before this revision carry their transaction in the payload alone."""
    box = sa.table("outbox", *(sa.column(name) for name in ("key", "kind", "payload", "reference")))
    last = ""
    while True:
        where = (box.c.kind.in_(tuple(_DESKTOP)), box.c.key > last)
        page = conn.execute(sa.select(box).where(*where).order_by(box.c.key).limit(PAGE)).mappings().all()
        if not page:
            return
        for row in page:
            if found := _reference(row):
                conn.execute(box.update().where(box.c.key == row["key"]).values(reference=found))
        last = page[-1]["key"]


def _reference(row: Any) -> str:
    if row["payload"].startswith("{"):
        return str(json.loads(row["payload"]).get("PaymentRefNum", ""))
    found = _DESKTOP[row["kind"]].search(row["payload"])
    return html.unescape(found[1]) if found else ""
