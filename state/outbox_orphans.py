"""Claims whose process is gone: a kill -9 leaves them behind, and nobody should wait for their lease."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from state import tables

BATCH = tables.batch


def release_orphans(conn: Connection, alive: Callable[[str], bool], now: datetime) -> int:
    """End the leases of open batches whose owner is not alive any more; returns how many there were.

    `alive` judges an owner string and must say True when it cannot know (a process on another machine).
    """
    open_batches = BATCH.c.state != "settled"
    held = (open_batches, BATCH.c.lease_until > now)
    gone = [owner for owner in conn.scalars(sa.select(BATCH.c.owner).where(*held).distinct()).all() if not alive(owner)]
    if not gone:
        return 0
    where = (*held, BATCH.c.owner.in_(gone))
    return conn.execute(BATCH.update().where(*where).values(lease_until=now)).rowcount
