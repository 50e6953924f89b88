"""The gate: who asked to be let in, and what was decided."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, delete, select, update

from .arrivals import hashed
from .columns import UtcDateTime, WrittenText, metadata, names_of
from .database import Database
from .people import tombstones


class Verdict(StrEnum):
    """How far someone is at the gate."""

    OUTSIDE = "outside"
    WAITING = "waiting"
    """A moderator has to decide."""
    ADMITTED = "admitted"
    REFUSED = "refused"


admissions = Table(
    "admissions",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("community_id", ForeignKey("communities.id"), nullable=False),
    Column("verdict", names_of(Verdict), nullable=False),
    Column("how", Text, nullable=False, server_default=""),
    Column("words", WrittenText, nullable=False, server_default=""),
    Column("wrong_codes", Integer, nullable=False, server_default="0"),
    Column("decided_by_id", ForeignKey("members.id", ondelete="SET NULL"), index=True),
    Column("decided_at", UtcDateTime),
    Column("opened_at", UtcDateTime),
    Column("reason", WrittenText, nullable=False, server_default=""),
    Index(None, "community_id", "verdict"),
)


@dataclass(frozen=True, slots=True)
class Admission:
    """Where someone stands. `how` is what opened the gate, `words` what they told the moderators.

    `reason` is why they were refused. `opened_at` is when what is behind the gate was last to be opened for them: when
    they were let in, or came back.
    """

    member_id: int
    community_id: int
    verdict: Verdict
    how: str = ""
    words: str = ""
    wrong_codes: int = 0
    decided_by_id: int | None = None
    decided_at: datetime | None = None
    opened_at: datetime | None = None
    reason: str = ""


class GateStore:
    """Who may come in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, member_id: int) -> Admission | None:
        """Return where someone stands, if they ever came to the gate."""
        query = select(admissions).where(admissions.c.member_id == member_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
            return Admission(**row._asdict()) if row else None

    async def was_forgotten(self, accounts: Collection[str]) -> bool:
        """Say whether any of these accounts was forgotten once, and with it where its member stood."""
        known = select(tombstones.c.account_hash).where(tombstones.c.account_hash.in_(map(hashed, accounts)))
        async with self._database.read() as connection:
            return await connection.scalar(known.limit(1)) is not None

    async def arrive(self, community_id: int, member_id: int) -> None:
        """Put someone who arrived before the gate; nothing if they were there before."""
        statement = self._database.insert(admissions).values(
            member_id=member_id, community_id=community_id, verdict=Verdict.OUTSIDE
        )
        async with self._database.write() as connection:
            await connection.execute(statement.on_conflict_do_nothing())

    async def admit(self, community_id: int, member_id: int, how: str, at: datetime, by_id: int | None = None) -> bool:
        """Let someone in; say whether they were not in before."""
        by = {"how": how, "decided_at": at, "decided_by_id": by_id, "reason": ""}
        decided = {"verdict": Verdict.ADMITTED, **by, "opened_at": at}
        statement = self._database.insert(admissions).values(member_id=member_id, community_id=community_id, **decided)
        changed = statement.on_conflict_do_update(
            index_elements=[admissions.c.member_id],
            set_=decided,
            where=admissions.c.verdict != Verdict.ADMITTED,
        ).returning(admissions.c.member_id)
        async with self._database.write() as connection:
            return await connection.scalar(changed) is not None

    async def open_again(self, member_id: int, at: datetime) -> bool:
        """Have what is behind the gate opened once more for someone; say whether they were let in."""
        inside = (admissions.c.member_id == member_id) & (admissions.c.verdict == Verdict.ADMITTED)
        async with self._database.write() as connection:
            return (await connection.execute(update(admissions).where(inside).values(opened_at=at))).rowcount > 0

    async def ask(self, community_id: int, member_id: int, words: str) -> Admission | None:
        """Put someone before the moderators, once; nothing if that was done before, or is not needed."""
        fresh = {"verdict": Verdict.WAITING, "words": words}
        statement = self._database.insert(admissions).values(member_id=member_id, community_id=community_id, **fresh)
        changed = statement.on_conflict_do_update(
            index_elements=[admissions.c.member_id],
            set_=fresh,
            where=admissions.c.verdict == Verdict.OUTSIDE,
        ).returning(*admissions.c)
        async with self._database.write() as connection:
            row = (await connection.execute(changed)).one_or_none()
            return Admission(**row._asdict()) if row else None

    async def refuse(self, member_id: int, at: datetime, by_id: int, reason: str) -> bool:
        """Say no to someone who waits, and why; say whether they did."""
        theirs = (admissions.c.member_id == member_id) & (admissions.c.verdict == Verdict.WAITING)
        by = {"how": "moderator", "decided_at": at, "decided_by_id": by_id}
        decided = {"verdict": Verdict.REFUSED, **by, "reason": reason}
        async with self._database.write() as connection:
            return (await connection.execute(update(admissions).where(theirs).values(decided))).rowcount > 0

    async def wrong_code(self, community_id: int, member_id: int) -> int:
        """Count a code that opens nothing; return how many there were."""
        statement = self._database.insert(admissions).values(
            member_id=member_id, community_id=community_id, verdict=Verdict.OUTSIDE, wrong_codes=1
        )
        counted = statement.on_conflict_do_update(
            index_elements=[admissions.c.member_id], set_={"wrong_codes": admissions.c.wrong_codes + 1}
        ).returning(admissions.c.wrong_codes)
        async with self._database.write() as connection:
            return int((await connection.execute(counted)).scalar_one())

    async def forget(self, member_id: int) -> None:
        """Remove where someone stands, and that they decided about others."""
        async with self._database.write() as connection:
            await connection.execute(delete(admissions).where(admissions.c.member_id == member_id))
            decided = admissions.c.decided_by_id == member_id
            await connection.execute(update(admissions).where(decided).values(decided_by_id=None))
