"""`/privacy`: what Trellis knows of a member, for that member to read, to take along, and to have forgotten."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, TypeAlias

from adapters.contract.adapter import Need
from adapters.contract.commands import Role
from adapters.contract.files import File
from adapters.contract.text import Text, Time, Translations, count, join, label, labelled, say
from adapters.contract.ui import Button, Card, Style, Tone
from storage.arrivals import hashed
from storage.audit import AuditStore
from storage.erasures import ErasureJournal
from storage.members import Member, MemberStore
from storage.uploads import UploadStore

from .cog import Cog, action, command, listener
from .context import Context
from .domain_events import MemberErased, MembersLinked
from .errors import FORGOTTEN
from .paused import Paused
from .registry import Registry
from .work import Work

log = logging.getLogger(__name__)

PICTURES_SIZE = 6 * 1024 * 1024
"""Bytes of pictures that are handed over at once: with the other files they have to fit into one message."""

Facts: TypeAlias = Mapping[str, Any]
"""What one cog knows of someone, by what it is called."""


class Privacy(Cog):
    """The kernel's own cog that asks all the others what they know of someone."""

    name = "privacy"
    room = "You"
    registry: Registry
    """All cogs, this one among them; set once they are all there."""

    def __init__(
        self, members: MemberStore, uploads: UploadStore, audit: AuditStore, journal: ErasureJournal, paused: Paused
    ) -> None:
        self._members = members
        self._uploads = uploads
        self._audit = audit
        self._journal = journal
        self._paused = paused
        self._unnoted: dict[str, datetime] = {}
        """Erasures that the journal could not take yet."""

    async def refresh(self, now: datetime) -> None:  # noqa: ARG002
        """Know whose words are not looked at, and try the journal again."""
        if self._unnoted:
            self.note({})
        self._paused.know(await self._members.paused_accounts())

    @listener(MembersLinked)
    async def linked(self, work: Work, _: MembersLinked) -> None:
        """Whoever has paused has with all accounts that are theirs now."""
        await self.refresh(work.now)

    def needs(self) -> Collection[Need]:
        return (Need.FILES,)

    @command("privacy show", "See what Trellis knows about you", role=Role.GUEST, personal=True)
    async def show(self, ctx: Context) -> None:
        await ctx.reply(known_card(self._by_room(await self._everything(ctx.member))))

    @command("privacy export", "Get a file with everything Trellis knows about you", role=Role.GUEST, personal=True)
    async def export_all(self, ctx: Context) -> None:
        await self._hand_over(ctx)

    @action(role=Role.GUEST)
    async def hand_over(self, ctx: Context) -> None:
        """The same by a button."""
        await self._hand_over(ctx)

    async def _hand_over(self, ctx: Context) -> None:
        known = await self._everything(ctx.member)
        card = export_card(known, self._by_room(known), ctx.member, ctx.now, ctx.translations)
        await ctx.reply(await self._with_pictures(card, ctx.member))

    async def _with_pictures(self, card: Card, member: Member) -> Card:
        """Add what the member handed over in forms, the newest first, as far as there is room."""
        uploads, packed = await self._uploads.of(member.id), io.BytesIO()
        room, left = PICTURES_SIZE, 0
        with zipfile.ZipFile(packed, "w") as pictures:  # pictures are compressed as they are
            for upload in reversed(uploads):
                room -= upload.size
                found = await self._uploads.content(upload.id) if room >= 0 else None
                if found:
                    pictures.writestr(*found)
                left += room < 0
        if not uploads:
            return card
        more = count(left, "One more picture didn't fit.", "{n} more pictures didn't fit.") if left else ""
        return card.with_(
            body=join([card.body, more]), files=(*card.files, File("your-pictures.zip", packed.getvalue()))
        )

    @command("privacy erase", "Have Trellis forget everything about you", role=Role.GUEST, personal=True)
    async def ask_erase(self, ctx: Context) -> None:
        await ctx.reply(sure_card())

    @action(role=Role.GUEST)
    async def erase_all(self, ctx: Context) -> None:
        """Forget whoever pressed the button, in every cog and with all their accounts, at once or not at all."""
        await self.forget(ctx, ctx.member)
        await ctx.update(erased_card())

    @command("privacy pause", "Have Trellis leave you alone until you go on", role=Role.GUEST, personal=True)
    async def pause(self, ctx: Context) -> None:
        if ctx.member.paused_at:
            await ctx.reply(paused_card(ctx.member.paused_at))
            return
        await self._members.set_preferences(ctx.member.id, paused_at=ctx.now)
        ctx.when_kept(lambda: self._paused.pause(ctx.member.accounts))
        await ctx.reply(paused_card(None))

    @action(role=Role.GUEST)
    async def resume(self, ctx: Context) -> None:
        """Go on as before."""
        await self._members.set_preferences(ctx.member.id, paused_at=None)
        ctx.when_kept(lambda: self._paused.resume(ctx.member.accounts))
        await ctx.update(resumed_card())

    async def forget(self, work: Work, member: Member, *, audited: bool = True) -> None:
        """Forget a member, and note outside the database that they are, for the day on which a backup is restored."""
        for cog in self.registry.cogs:
            await cog.erase(member)
        await self._members.erase(member.id, work.now)
        if audited:
            await self._audit.add(work.community.id, work.now, None, "member.erased")
        await work.publish(MemberErased(member.id))
        erased = {hashed(key): work.now for key in member.accounts}
        work.when_kept(lambda: self.note(erased))
        work.when_kept(lambda: self._paused.resume(member.accounts))

    def note(self, erased: Mapping[str, datetime]) -> None:
        """Note erasures that are kept in the journal, by the hashes of accounts.

        While it takes nothing they stand, and are noted later.
        """
        self._unnoted |= erased
        try:
            self._journal.note(self._unnoted)
        except OSError as failure:
            words = "%d erased accounts are not in %s, so a backup would bring them back. It is tried each minute: %s"
            log.error(words, len(self._unnoted), self._journal.path, failure)  # noqa: TRY400
        else:
            self._unnoted = {}

    async def _everything(self, member: Member) -> dict[str, dict[str, Any]]:
        known = {cog.name: await cog.export(member) for cog in self.registry.cogs}
        return {name: facts for name, facts in known.items() if any(map(_says_something, facts.values()))}

    def _by_room(self, known: Mapping[str, Facts]) -> dict[str, list[Facts]]:
        """Put together what several cogs of one room know: members do not know of cogs."""
        rooms: dict[str, list[Facts]] = {}
        for cog in self.registry.cogs:
            if cog.name in known:
                rooms.setdefault(cog.room, []).append(known[cog.name])
        return rooms

    async def export(self, member: Member) -> dict[str, Any]:
        return {"log_of_what_you_did": await self._audit.of(member.id)}

    async def erase(self, member: Member) -> None:
        await self._audit.forget(member.id)


def known_card(rooms: Mapping[str, Sequence[Facts]]) -> Card:
    """Show in short what is known, with what can be done about it."""
    lines = [_line(room, [*chain(*(facts.items() for facts in known))]) for room, known in rooms.items()]
    return Card(
        say("What I know about you"),
        join(lines),
        footer=say("Only you see this. “Forget me” asks once more before it does anything."),
        buttons=(
            Button("Get it as a file", Privacy.hand_over.call()),
            Button("Forget me", Privacy.ask_erase.call(), Style.DANGER),
        ),
    )


def _line(room: str, facts: Sequence[tuple[str, Any]]) -> Text:
    said = [(key, fact) for key, fact in facts if _says_something(fact)]
    entries = sum(len(fact) if isinstance(fact, list | dict) else 1 for _, fact in said)
    what = join((labelled(_written_out(key)) for key in dict(said)), ", ")
    amount = count(entries, "{n} entry", "{n} entries")
    return say("{room}: {amount} ({what})", room=labelled(room, loud=True), amount=amount, what=what)


def export_card(
    known: Mapping[str, Facts],
    rooms: Mapping[str, Sequence[Facts]],
    member: Member,
    now: datetime,
    translations: Translations,
) -> Card:
    """Hand over everything in two files: one for machines, by cog, and one to read, by room."""
    facts = {"member": member.name, "as_of": now, "known": known}
    readable = [
        f"{translations.gettext(label('member'))}: {member.name}",
        f"{translations.gettext(label('as of'))}: {now}",
        translations.gettext(label("known")),
    ]
    for room, all_of_it in rooms.items():
        readable.append(f"  {translations.gettext(room)}")
        for part in all_of_it:
            readable += _readable(part, translations, depth=2)
    return Card(
        say("Everything I know about you"),
        say("One file to read, and the same for a machine. Other people's words aren't in it, except to you."),
        files=(
            File("your-data.txt", "\n".join(readable).encode()),
            File("your-data.json", json.dumps(facts, default=_plain, ensure_ascii=False, indent=2).encode()),
        ),
    )


def paused_card(since: datetime | None) -> Card:
    """Say what a pause means, and how it ends; `since` when it has been, where it is not new."""
    return Card(
        say("You paused me {at}", at=Time(since)) if since else say("Paused"),
        join(
            [
                say("I don't look at what you write or react to, ask you nothing, and don't write to you by myself."),
                say("You're on no leaderboard. What I know about you stays, and nobody is told that you paused."),
                say("What you signed up for still comes, such as reminders. Others' thanks still name you."),
            ],
            "\n",
        ),
        tone=Tone.DONE,
        buttons=(Button("Go on", Privacy.resume.call()), Button("Forget me", Privacy.ask_erase.call(), Style.DANGER)),
    )


def resumed_card() -> Card:
    """Say that all is as before."""
    words = say("I hear you again, and you're asked and told things as before.")
    return Card(say("Welcome back"), words, tone=Tone.DONE)


def sure_card() -> Card:
    """Ask once more, saying what will be gone."""
    return Card(
        say("Forget you for good?"),
        say(
            "Your name, your accounts' ids, what you wrote to me and what you chose are deleted here, from every room. "
            "What others rely on stays, without your name: the words that solved somebody's question, a vote in a poll "
            "that's counted. Messages on the platform itself are yours to delete there. This can't be undone; if you "
            "use me again, we start from zero."
        ),
        tone=Tone.URGENT,
        buttons=(Button("Forget me for good", Privacy.erase_all.call(), Style.DANGER),),
    )


def erased_card() -> Card:
    """Say that it is done."""
    return Card(say("Forgotten"), FORGOTTEN)


def _written_out(key: str) -> str:
    """Return the name of a fact as members read it: a label of ours, as those of the cogs' exports are."""
    return key.replace("_", " ")


def _says_something(fact: Any) -> bool:
    return fact not in (None, "", [], {}, ())


def _plain(value: Any) -> Any:
    """Return what JSON has no form of its own for as text or a list."""
    return sorted(value) if isinstance(value, frozenset | set) else str(value)


def _readable(value: Any, translations: Translations, depth: int = 0) -> Iterator[str]:
    """Return nested facts as indented lines."""
    indent = "  " * depth
    items = value.items() if isinstance(value, Mapping) else ((f"{n}.", item) for n, item in enumerate(value, 1))
    for key, item in items:
        name = translations.gettext(_written_out(str(key)))
        if isinstance(item, Mapping | list | tuple | set | frozenset):
            if item:
                yield f"{indent}{name}"
                yield from _readable(item if isinstance(item, Mapping) else list(item), translations, depth + 1)
        elif _says_something(item):
            lines = str(item).split("\n")
            yield f"{indent}{name}: {lines[0]}"
            yield from (f"{indent}  {line}" for line in lines[1:])
