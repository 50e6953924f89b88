"""Takes back what is not to be said any more, while it still waits to be said."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, or_, select

from .database import Database
from .outbox import BEHIND, outbox
from .postings import postings

_REFUSED = ("NoAccess(", "Unusable(")
"""How the error of a last try begins with which a platform said no: nothing of it stands there."""


async def withdraw(database: Database, posting_ids: Collection[int], now: datetime) -> None:
    """Forget these postings, and with them what was to be posted.

    What somebody may be carrying out just now, or may have without our knowing, is left: it is drawn anew once it
    stands. So is what is for others too.
    """
    refused = (outbox.c.last_error.startswith(begins, autoescape=True) for begins in _REFUSED)
    untouched = or_(outbox.c.last_error.is_(None), outbox.c.last_error == BEHIND, *refused)
    waits = outbox.c.posting_id.in_(posting_ids) & (outbox.c.due_at > now) & outbox.c.failed_at.is_(None)
    async with database.write() as connection:
        found = await connection.execute(select(outbox.c.posting_id, outbox.c.payload).where(waits, untouched))
        told = [{row.posting_id, *json.loads(row.payload).get("also", ())} for row in found]
        gone = {id_ for ids in told if ids <= {*posting_ids} for id_ in ids}
        await connection.execute(delete(postings).where(postings.c.id.in_(gone)))
