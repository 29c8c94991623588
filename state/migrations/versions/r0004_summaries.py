"""Daily summaries: which documents are in which, with the amount and the entry of each."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Spelled out here, because a revision must not change when the tables in the code do.
MOMENT = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
MONEY = sa.Text().with_variant(sa.Numeric(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "summary",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("list_hash", sa.Text(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    for name in ("series", "day", "number"):
        op.create_index(f"summary_{name}", "summary", [name])
    op.create_table(
        "summary_member",
        sa.Column("document", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("summary", "series", "head")),
        sa.Column("begins", MOMENT, nullable=False),
        sa.Column("ends", MOMENT, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "order_key", "number", "reference")),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("tax", MONEY, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("currency", "entry", "digest", "rules_hash")),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_index("summary_member_summary", "summary_member", ["summary", "series", "document"])
    op.create_index("summary_member_order", "summary_member", ["order_key"])
    op.create_index("summary_member_reference", "summary_member", ["reference"])


def downgrade() -> None:
    op.drop_table("summary_member")
    op.drop_table("summary")
