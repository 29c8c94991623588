"""The ledger's tables: one schema for SQLite and PostgreSQL, written down once for all queries.

Amounts are exact (`Money`: TEXT in SQLite, NUMERIC in PostgreSQL), times are aware and in UTC (`Moment`),
JSON is text because payloads must come back byte for byte. No foreign keys: rows of different tables are
pruned at different times, and the outbox is written in bulk.
"""

import sqlalchemy as sa

from state.columns import Keys, Moment, Money

metadata = sa.MetaData()


def _text(name: str, *, primary_key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, primary_key=primary_key)


outbox = sa.Table(
    "outbox",
    metadata,
    _text("key", primary_key=True),
    _text("kind"),
    _text("entity"),
    _text("operation"),
    sa.Column("rank", sa.Integer, nullable=False),
    _text("payload"),
    _text("payload_hash"),
    _text("entry"),
    _text("rules_hash"),
    sa.Column("amount", Money, nullable=False),
    sa.Column("tax", Money, nullable=False),
    _text("currency"),
    sa.Column("txn_date", sa.Date),
    _text("number"),
    sa.Column("source_id", sa.BigInteger, nullable=False),
    _text("order_key"),
    sa.Column("depends", Keys, nullable=False),
    sa.Column("blockers", sa.Integer, nullable=False),
    _text("status"),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("not_before", Moment, nullable=False),
    sa.Column("batch_id", sa.Text),
    _text("run"),
    sa.Column("qb_id", sa.Text),
    sa.Column("sync_token", sa.Text),
    sa.Column("posted_number", sa.Text),
    sa.Column("posted_total", Money),
    sa.Column("posted_tax", Money),
    sa.Column("posted_at", Moment),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    _text("error_code"),
    _text("error_words"),
    sa.Column("reference", sa.Text, nullable=False, server_default=""),
    # QuickBooks may have this document already: look it up before it is sent.
    sa.Column("look_up_first", sa.Boolean, nullable=False, server_default=sa.false()),
    # The claim walks this index in order and stops after one batch, however many rows wait behind it.
    sa.Index("outbox_claim", "status", "blockers", "rank", "key"),
    sa.Index("outbox_order", "order_key"),
    sa.Index("outbox_run", "run"),
    sa.Index("outbox_batch", "batch_id"),
    sa.Index("outbox_reference", "reference"),
)

outbox_dependency = sa.Table(
    "outbox_dependency",
    metadata,
    _text("key", primary_key=True),
    _text("needs", primary_key=True),
    sa.Index("outbox_dependency_needs", "needs"),
)

# The last attempt of a key whose row was taken out: a later row of that key starts above it, because QuickBooks
# repeats its first answer to a request id it has seen.
outbox_attempt = sa.Table(
    "outbox_attempt",
    metadata,
    _text("key", primary_key=True),
    sa.Column("attempt", sa.Integer, nullable=False),
)

# What this ledger belongs to (shop, QuickBooks company, target), kept from first use, and the count that a witness
# outside the ledger repeats.
identity = sa.Table(
    "identity",
    metadata,
    _text("name", primary_key=True),
    _text("value"),
    sa.Column("since", Moment, nullable=False),
)

summary = sa.Table(
    "summary",
    metadata,
    _text("key", primary_key=True),
    _text("series"),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    _text("number"),
    _text("head"),
    _text("lines"),
    _text("list_hash"),
    # 0: taken apart again before it was sent. The row stays, so that its key is never used for another request.
    sa.Column("documents", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Index("summary_series", "series"),
    sa.Index("summary_day", "day"),
    sa.Index("summary_number", "number"),
)

summary_member = sa.Table(
    "summary_member",
    metadata,
    _text("document", primary_key=True),
    _text("summary"),  # empty while its day is not summed up
    _text("series"),
    _text("head"),
    sa.Column("begins", Moment, nullable=False),
    sa.Column("ends", Moment, nullable=False),
    _text("kind"),
    _text("order_key"),
    _text("number"),
    _text("reference"),
    sa.Column("source_id", sa.BigInteger, nullable=False),
    sa.Column("amount", Money, nullable=False),
    sa.Column("tax", Money, nullable=False),
    _text("currency"),
    _text("entry"),
    _text("digest"),
    _text("rules_hash"),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Index("summary_member_summary", "summary", "series", "document"),
    sa.Index("summary_member_order", "order_key"),
    sa.Index("summary_member_reference", "reference"),
)

batch = sa.Table(
    "batch",
    metadata,
    _text("id", primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    _text("owner"),
    sa.Column("lease_until", Moment, nullable=False),
    _text("state"),
    _text("items"),
    sa.Column("body", sa.LargeBinary),
    sa.Column("body_hash", sa.Text),
    sa.Column("sent_at", Moment),
    sa.Column("settled_at", Moment),
    sa.Index("batch_due", "state", "lease_until"),
)

reference = sa.Table(
    "reference",
    metadata,
    _text("kind", primary_key=True),
    _text("key", primary_key=True),
    _text("id"),
    _text("name"),
    _text("extra"),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("seen_at", Moment, nullable=False),
)

reserved_name = sa.Table(
    "reserved_name",
    metadata,
    _text("folded", primary_key=True),
    _text("name"),
    _text("holder"),
    sa.Index("reserved_name_holder", "holder", unique=True),
)

watermark = sa.Table(
    "watermark",
    metadata,
    _text("name", primary_key=True),
    sa.Column("at", Moment),
    sa.Column("seq", sa.BigInteger),
    sa.Column("changed_at", Moment, nullable=False),
)

problem = sa.Table(
    "problem",
    metadata,
    _text("document", primary_key=True),
    _text("code", primary_key=True),
    sa.Column("hold", sa.Boolean, nullable=False),
    _text("field"),
    _text("reason"),
    _text("fix"),
    sa.Column("amount", Money),
    _text("currency"),
    _text("number"),
    _text("run"),
    sa.Column("first_seen", Moment, nullable=False),
    sa.Column("last_seen", Moment, nullable=False),
    sa.Index("problem_number", "number"),
)

approval = sa.Table(
    "approval",
    metadata,
    _text("key", primary_key=True),
    _text("who"),
    sa.Column("at", Moment, nullable=False),
)

vault = sa.Table(
    "vault",
    metadata,
    _text("name", primary_key=True),
    _text("sealed"),
    sa.Column("changed_at", Moment, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False),
    _text("who"),
    _text("run"),
    _text("action"),
    _text("key"),
    _text("request_id"),
    _text("tid"),
    _text("outcome"),
    _text("code"),
    _text("changed"),
    sa.Index("audit_key", "key"),
    sa.Index("audit_run", "run"),
)

breaker = sa.Table(
    "breaker",
    metadata,
    _text("connection", primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("open_until", Moment),
    sa.Column("probe_until", Moment),
)

limit = sa.Table(
    "limit_state",
    metadata,
    _text("name", primary_key=True),
    sa.Column("granted", sa.BigInteger, nullable=False),
    sa.Column("last_at", Moment),
    sa.Column("paused_until", Moment),
)

grant = sa.Table(
    "limit_grant",
    metadata,
    _text("name", primary_key=True),
    sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
)

lease = sa.Table(
    "lease",
    metadata,
    _text("name", primary_key=True),
    _text("owner"),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("until", Moment, nullable=False),
)

run = sa.Table(
    "run",
    metadata,
    _text("id", primary_key=True),
    _text("flow"),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
    _text("window_from"),
    _text("window_to"),
    _text("counts"),
    _text("status"),
    sa.Index("run_started", "started_at"),
)

connector = sa.Table(
    "connector",
    metadata,
    _text("name", primary_key=True),
    _text("file_id"),
    _text("company"),
    _text("company_file"),
    _text("product"),
    sa.Column("visits", Keys, nullable=False),
    sa.Column("minutes", sa.Integer, nullable=False),
    sa.Column("alerted_at", Moment),
)

connector_session = sa.Table(
    "connector_session",
    metadata,
    _text("ticket", primary_key=True),
    _text("run"),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    _text("status"),
    _text("step"),
    _text("memory"),
    sa.Column("body", sa.LargeBinary),
    _text("said"),
    sa.Index("connector_session_status", "status", "last_at"),
)
