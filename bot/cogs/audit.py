"""`/audit`: who did what, for moderators to look up; the same as a page of the dashboard, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from adapters.contract.commands import Role
from adapters.contract.files import File
from adapters.contract.text import Text, Time, Words, clean, clip, count, join, label, labelled, say, text
from adapters.contract.ui import Button, Card
from bot.kernel.arguments import read_number
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Context, Submission
from bot.kernel.dashboard.contract import Choice, DashboardPage, Input, Row, Section, View, Visit
from bot.kernel.forms import Form, ask
from bot.kernel.work import Work
from bot.text.spreadsheet import as_csv
from storage.audit import AuditEntry, AuditStore
from storage.members import GONE, Member, MemberStore

SHOWN, ON_PAGE, IN_FILE = 10, 50, 5000
"""How many entries a message, a page of the dashboard and a file have at most."""
BRIEF = 120
"""How much of a detail a message shows, in characters."""
LONGEST = 3650
"""How many days back somebody can look."""
HEADINGS = ("when (UTC)", "who", "action", "about", "detail")
"""The first line of a file: it is for machines, and the same in every language."""

WHAT: Mapping[str, str] = {
    "article.saved": label("saved an answer to the knowledge base"),
    "community.forgotten": label("forgot a community that had removed me"),
    "dashboard.entered": label("signed in to the dashboard"),
    "dead.dropped": label("dropped something that had failed"),
    "dead.retried": label("had something tried again that had failed"),
    "gate.admitted": label("was let in"),
    "gate.refused": label("refused to let somebody in"),
    "idea.decided": label("decided on an idea"),
    "idea.merged": label("merged two ideas"),
    "idea.unmerged": label("took two ideas apart"),
    "member.erased": label("was forgotten"),
    "member.linked": label("linked accounts"),
    "member.unlinked": label("took accounts apart"),
    "poll.closed": label("closed a poll"),
    "poll.option_removed": label("removed an option of a poll"),
    "poll.reopened": label("opened a poll again"),
    "poll.reworded": label("reworded a poll"),
    "poll.stopped": label("ended a poll that repeats"),
    "question.revealed": label("looked up who asked anonymously"),
    "question.solved": label("marked a question as solved"),
    "roles.given_back": label("got roles back"),
    "setting.changed": label("changed a setting"),
    "space.forgotten": label("forgot a workspace or server that had removed me"),
    "space.left": label("was removed from a workspace or server"),
}
"""What actions are called; others are shown by their own name."""


class AuditForm(Form, title="Audit log", submit="Show"):
    """Of whom, of what, and how far back."""

    who: Member | None = ask("Of whom?", hint="Empty: of everyone.", required=False)
    what: str = ask("Of what?", hint="For example “setting” or “poll”. Empty: everything.", longest=40, required=False)
    days: int | None = ask("How many days back?", hint="Empty: all there is.", required=False)


class Audit(Cog):
    """Moderators look up who did what."""

    name = "audit"
    room = "Settings"

    def __init__(self, audit: AuditStore) -> None:
        self._audit = audit

    @command("audit", "See who did what here", role=Role.MODERATOR)
    async def audit(self, ctx: Submission[AuditForm]) -> None:
        member = ctx.form.who.id if ctx.form.who else 0
        await ctx.reply(await self._card(ctx, member, ctx.form.what.strip(), ctx.form.days or 0, 0))

    @action(role=Role.MODERATOR)
    async def older(self, ctx: Context, member_id: int, what: str, days: int, before: int) -> None:
        """Show what comes before."""
        await ctx.update(await self._card(ctx, member_id, what, days, before))

    @action(role=Role.MODERATOR)
    async def table(self, ctx: Context, member_id: int, what: str, days: int) -> None:
        """Hand over all of it in a file."""
        rows = await self.rows(ctx, member_id=member_id, what=what, days=days)
        file = File("audit.csv", as_csv(rows))
        await ctx.reply(Card(say("Audit log"), file_words(len(rows) - 1), files=(file,)))

    async def _card(self, work: Work, member_id: int, what: str, days: int, before: int) -> Card:
        found = await self._found(work, SHOWN + 1, member_id=member_id, what=what, days=days, before=before)
        shown = found[:SHOWN]
        buttons = []
        if len(found) > SHOWN:
            buttons.append(Button("Older", Audit.older.call(member_id, what, days, shown[-1].id)))
        if shown:
            buttons.append(Button("Get it as a file", Audit.table.call(member_id, what, days)))
        people = await work.members.get_many({*_people_in(shown)})
        return audit_card(shown, people, buttons)

    async def _found(
        self, work: Work, limit: int, *, member_id: int, what: str, days: int, before: int = 0
    ) -> list[AuditEntry]:
        """Return entries, the latest first. 0 and "" ask for all; who is of another community did nothing here."""
        since = work.now - timedelta(days=min(days, LONGEST)) if days > 0 else None
        return await self._audit.recent(
            work.community.id,
            limit,
            member_id=member_id or None,
            action=family(what),
            since=since,
            before=before or None,
        )

    async def rows(self, work: Work, *, member_id: int = 0, what: str = "", days: int = 0) -> list[Sequence[object]]:
        """Return entries as rows of a table, with their headings."""
        found = await self._found(work, IN_FILE, member_id=member_id, what=what, days=days)
        return await table_of(found, work.members)

    # On the dashboard

    def dashboard(self) -> Sequence[DashboardPage]:
        role = Audit.audit.role
        return (DashboardPage("audit", label("Audit log"), 70, role, self._view, file=self._file),)

    async def _view(self, visit: Visit) -> View:
        asked = await self._asked(visit)
        found = await self._found(visit, ON_PAGE + 1, **asked, before=_number(visit.query.get("before", "")))
        shown = found[:ON_PAGE]
        people = await visit.members.get_many({*_people_in(shown)})
        families = sorted({one.partition(".")[0] for one in WHAT})
        choices = (Choice(say("Everything"), ""), *(Choice(one, one) for one in families))
        return View(
            (Section(say("What was done"), [entry_row(one, people) for one in shown], say("Nothing was noted.")),),
            search=(
                Input("who", say("Of whom?"), visit.query.get("who", "")),
                Input("what", say("Of what?"), visit.query.get("what", ""), choices=choices),
                Input("days", say("How many days back?"), visit.query.get("days", "")),
            ),
            older={"before": str(shown[-1].id)} if len(found) > ON_PAGE else None,
        )

    async def _file(self, visit: Visit) -> list[Sequence[object]]:
        return await self.rows(visit, **await self._asked(visit))

    async def _asked(self, visit: Visit) -> dict[str, Any]:
        """Read what is searched for. A name that nobody has finds nothing."""
        who = visit.query.get("who", "").strip().lstrip("@")
        named = await visit.members.by_name(visit.community.id, who) if who else []
        member_id = named[0].id if named else -1 if who else 0
        return {
            "member_id": member_id,
            "what": visit.query.get("what", "").strip(),
            "days": _number(visit.query.get("days", "")),
        }

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def family(typed: str) -> str:
    """Return what somebody typed as actions are called: "/setting" or "Poll" name all of theirs."""
    return clean(typed).casefold().lstrip("/").replace(" ", "_")


async def table_of(entries: Sequence[AuditEntry], members: MemberStore) -> list[Sequence[object]]:
    """Return entries as rows of a table, with headings: what is done with it is for machines."""
    people = await members.get_many({*_people_in(entries)})
    rows: list[Sequence[object]] = [HEADINGS]
    for one in entries:
        who = people[one.member_id].name if one.member_id in people else ""
        rows.append((f"{one.at:%Y-%m-%d %H:%M:%S}", who, one.action, _about(one, people).plain(), one.detail))
    return rows


def audit_card(entries: Sequence[AuditEntry], people: Mapping[int, Member], buttons: Sequence[Button]) -> Card:
    """List entries, the latest first."""
    lines = [_line(one, people) for one in entries]
    return Card(say("Audit log"), join(lines) or say("Nothing was noted."), buttons=tuple(buttons))


def _line(entry: AuditEntry, people: Mapping[int, Member]) -> Text:
    about = join([_about(entry, people), clip(entry.detail, BRIEF)], ": ")
    parts = {"when": Time(entry.at), "who": _who(entry, people), "what": _what(entry)}
    if not about:
        return say("{when}: {who} {what}", **parts)
    return say("{when}: {who} {what} ({about})", **parts, about=about)


def entry_row(entry: AuditEntry, people: Mapping[int, Member]) -> Row:
    """Show one entry on the dashboard."""
    about = _about(entry, people)
    lines: tuple[Words, ...] = (Time(entry.at), about, entry.detail)
    return Row(say("{who} {what}", who=_who(entry, people), what=_what(entry)), tuple(filter(None, lines)))


def file_words(number: int) -> Text:
    return count(number, "{n} entry, the latest first.", "{n} entries, the latest first.")


def _who(entry: AuditEntry, people: Mapping[int, Member]) -> Words:
    by = people.get(entry.member_id or 0)
    return by.name if by else say("Somebody")


def _what(entry: AuditEntry) -> Text:
    return labelled(WHAT[entry.action]) if entry.action in WHAT else text(entry.action)


def _about(entry: AuditEntry, people: Mapping[int, Member]) -> Text:
    """Return what it was done to: a member by name, not by number."""
    member_id = _member_in(entry.subject)
    if member_id is None:
        return text(entry.subject)
    return text(people[member_id].name) if member_id in people else text(GONE)


def _people_in(entries: Sequence[AuditEntry]) -> Iterator[int]:
    """Return the members whom entries name."""
    for entry in entries:
        yield from (id_ for id_ in (entry.member_id, _member_in(entry.subject)) if id_)


def _member_in(subject: str) -> int | None:
    kind, _, number = subject.partition(" ")
    return _number(number) or None if kind == "member" else None


def _number(typed: str) -> int:
    """Return a whole number that was typed; 0 for anything else."""
    try:
        return max(0, read_number(typed.strip()))
    except ValueError:
        return 0
