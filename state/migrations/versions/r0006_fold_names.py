"""Names and SKUs in QuickBooks are found without case, outer and double blanks: the keys of what is known follow."""

from unicodedata import category, normalize

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

REFERENCE = sa.table("reference", *map(sa.column, ("kind", "key", "active", "seen_at")))
NAMED = (
    *("account", "item", "tax_code", "tax_rate", "payment_method", "term"),
    *("class", "department", "custom_field", "currency", "sku", "name"),
)


def upgrade() -> None:
    """Where two things come to have one key, the active one has it, else the one seen last. The next mirror of the
    lists writes what is true in any case."""
    conn = op.get_bind()
    order = (REFERENCE.c.active.desc(), REFERENCE.c.seen_at.desc(), REFERENCE.c.key)
    query = sa.select(REFERENCE.c.kind, REFERENCE.c.key).where(REFERENCE.c.kind.in_(NAMED)).order_by(*order)
    taken: set[tuple[str, str]] = set()
    moved: list[dict[str, str]] = []
    gone: list[dict[str, str]] = []
    for kind, key in conn.execute(query).all():
        folded = _folded(key)
        if (kind, folded) in taken:
            gone.append({"of": kind, "old": key})
        elif folded != key:
            moved.append({"of": kind, "old": key, "new": folded})
        taken.add((kind, folded))
    where = (REFERENCE.c.kind == sa.bindparam("of"), REFERENCE.c.key == sa.bindparam("old"))
    if gone:
        conn.execute(sa.delete(REFERENCE).where(*where), gone)
    if moved:
        conn.execute(sa.update(REFERENCE).where(*where).values(key=sa.bindparam("new")), moved)


def downgrade() -> None:
    """The spelling of a SKU is lost; the lists are read again."""


# Spelled out here, because a revision must not change when the code does.
def _folded(name: str) -> str:
    return _clean(_clean(name).casefold())


def _clean(text: str) -> str:
    kept = (char for char in text if char.isspace() or category(char) not in ("Cc", "Cf", "Cs"))
    return " ".join(normalize("NFC", "".join(kept)).split())
