"""`trellis audit`: who did what, for whoever runs Trellis."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape

from bot.cogs.audit import IN_FILE, family, table_of
from bot.text.spreadsheet import as_csv
from storage.audit import AuditStore
from storage.members import MemberStore

from .console import Unready, chosen_community, guarded, opened_database, out, read_settings
from .logs import visible

SHOWN = 50


def audit(
    community: Annotated[str, typer.Option(help="Which community, by its name or its key.")] = "",
    who: Annotated[str, typer.Option(help="Only what this member did, by name or account key.")] = "",
    what: Annotated[str, typer.Option(help="Only what is of this kind, such as setting or poll.reworded.")] = "",
    days: Annotated[int, typer.Option(help="Only the last days.", min=0)] = 0,
    gone: Annotated[bool, typer.Option("--gone", help="What became of communities that are no more.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="All of it as a table, instead of the latest.")] = False,
) -> None:
    """Show who did what, the latest first."""

    async def work() -> None:
        async with opened_database(read_settings().database_url) as database:
            members = MemberStore(database)
            of, member_id = (None, None) if gone else await _chosen(members, community, who)
            since = datetime.now(UTC) - timedelta(days=days) if days else None
            limit = IN_FILE if csv else SHOWN
            entries = await AuditStore(database).recent(
                of, limit, member_id=member_id, action=family(what), since=since
            )
            rows = await table_of(entries, members)
        if csv:
            sys.stdout.buffer.write(as_csv(rows))
            return
        for row in rows[1:]:
            out.print(escape(visible("  ".join(filter(None, map(str, row))))), soft_wrap=True)
        if not rows[1:]:
            out.print("Nothing was noted.")

    guarded(work)


async def _chosen(members: MemberStore, community: str, who: str) -> tuple[int, int | None]:
    """Return which community is meant, and which member of it; without a name the only one there is, and everybody."""
    known = await members.communities()
    chosen = known[0] if len(known) == 1 and not community else await chosen_community(members, community)
    if not who:
        return chosen.id, None
    found = await members.by_account(who) if who.count("/") == 2 else None
    named = [found] if found else await members.by_name(chosen.id, who.lstrip("@"))
    if not named or named[0].community_id != chosen.id:
        raise Unready(f"Nobody in {chosen.name} is called {who!r}.")
    return chosen.id, named[0].id
