"""What has to outlive a row or a restored ledger: look-ups before sending, attempts, and whose ledger this is."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Spelled out here, because a revision must not change when the tables in the code do.
MOMENT = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("look_up_first", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "outbox_attempt",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
    )
    op.create_table(
        "identity",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("identity")
    op.drop_table("outbox_attempt")
    op.drop_column("outbox", "look_up_first")
