"""`/settings`: what admins change in daily life, without touching a file. Secrets are not among it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from adapters.contract.commands import Role
from adapters.contract.text import Code, Strong, Text, Verbatim, Words, join, label, labelled, say, text
from adapters.contract.ui import Card, Option, Tone
from bot.kernel.cog import Cog, command
from bot.kernel.context import Context, Submission
from bot.kernel.dashboard.contract import Act, ActButton, DashboardPage, Input, Row, Section, View, Visit
from bot.kernel.errors import FormError
from bot.kernel.forms import Form, ask
from bot.kernel.work import Work
from storage.audit import AuditStore
from storage.members import Member
from storage.settings import SettingStore

LONGEST = 300
"""How long a value may be, in characters."""
USUAL = "default"
"""What is written to let the environment's word count again."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, its value as one would write it, and what it means, if that is told."""

    name: str
    value: str
    meaning: str = ""
    more: str = ""


class SetForm(Form, title="Change a setting", submit="Change"):
    """Which setting, and what it shall be."""

    name: str = ask("Which setting?", longest=60, suggestions=lambda cog: cog.names)
    value: str = ask("Its new value", hint="“default” takes your change back.", longest=LONGEST)


class SettingsCog(Cog):
    """Admins tune how Trellis behaves. A change counts at once, on every replica."""

    name = "settings"
    room = "Settings"

    def __init__(
        self,
        store: SettingStore,
        audit: AuditStore,
        read: Callable[[Mapping[str, str]], Sequence[Setting]],
        people: Collection[str],
    ) -> None:
        """`read` returns all settings with these changes made. `people` are the settings that name members.

        It raises `ValueError` for a bad value: with a sentence, or from pydantic's `ValidationError`.
        """
        self._store = store
        self._people = people
        self._audit = audit
        self._read = read

    @cached_property
    def names(self) -> tuple[Option, ...]:
        """The names to choose from: as many as a form can suggest."""
        return tuple(Option(Verbatim(setting.name), setting.name) for setting in self._read({}))[:25]

    @command("settings show", "See how Trellis is set up here", role=Role.ADMIN)
    async def show(self, ctx: Context) -> None:
        changes = await self._store.of(ctx.community.id)
        await ctx.reply(settings_card(self._read(changes), changes))

    @command("settings set", "Change how Trellis behaves here", role=Role.ADMIN)
    async def set(self, ctx: Submission[SetForm]) -> None:
        name = ctx.form.name.lower()
        was, now = await self._change(ctx, ctx.member, name, ctx.form.value)
        await ctx.reply(changed_card(name, was, now))

    async def _change(self, work: Work, by: Member, name: str, value: str) -> tuple[str, str]:
        """Change a setting, or take its change back; return what it was and what it is. Raises `FormError`."""
        value, usual = value.strip(), {setting.name: setting for setting in self._read({})}
        if name not in usual:
            raise FormError(name=say("There's no such setting. “/settings show” lists them all."))
        changes = await self._store.of(work.community.id)
        was = {setting.name: setting.value for setting in self._read(changes)}[name]
        if value.lower() == USUAL:
            await self._store.drop(work.community.id, name)
            changes.pop(name, None)
        else:
            try:
                self._read({**changes, name: value})
            except ValueError as wrong:
                raise FormError(value=say("That doesn't work: {why}", why=_why(wrong))) from None
            if name in self._people:
                await self._require_people(work, value)
            await self._store.put(work.community.id, name, value, work.now)
            changes[name] = value
        now = {setting.name: setting.value for setting in self._read(changes)}[name]
        await self._audit.add(
            work.community.id, work.now, by.id, "setting.changed", subject=name, detail=f"{was} -> {now}"
        )
        return was, now

    async def _require_people(self, work: Work, value: str) -> None:
        """Raise `FormError` where somebody is named whom nobody here is called; accounts may be yet to be met."""
        for name in filter(None, map(str.strip, value.split(","))):
            named = name.count("/") == 2 or await work.members.by_name(work.community.id, name.lstrip("@"))
            if not named:
                raise FormError(value=say("I know nobody here who is called “{name}”.", name=name.lstrip("@")))

    def dashboard(self) -> Sequence[DashboardPage]:
        role = SettingsCog.set.role
        acts = {"set": Act(role, self._set_on_page), "reset": Act(role, self._reset_on_page)}
        return (DashboardPage("settings", label("Settings"), 50, SettingsCog.show.role, self._view, acts),)

    async def _view(self, visit: Visit) -> View:
        changes = await self._store.of(visit.community.id)
        usual = {setting.name: setting.value for setting in self._read({})}
        rows = [setting_row(one, usual[one.name], changed=one.name in changes) for one in self._read(changes)]
        note = say("A change counts at once, and is in the audit log. Tokens are only set by environment.")
        return View((Section(say("What can be changed"), rows, "", note=note),), findable=True)

    async def _set_on_page(self, visit: Visit, sent: Mapping[str, str]) -> Words:
        name = sent.get("name", "")
        if len(value := sent.get("value", "")) > LONGEST:
            raise FormError(value=say("At most {n} characters, please.", n=LONGEST))
        return changed_card(name, *await self._change(visit, visit.member, name, value)).body

    async def _reset_on_page(self, visit: Visit, sent: Mapping[str, str]) -> Words:
        name = sent.get("name", "")
        return changed_card(name, *await self._change(visit, visit.member, name, USUAL)).body

    async def export(self, _: Member) -> dict[str, Any]:
        return {}

    async def erase(self, _: Member) -> None: ...


def setting_row(setting: Setting, default: str, *, changed: bool) -> Row:
    """Show one setting with its meaning, and what it takes to change it."""
    named = {"name": setting.name}
    lines = tuple(labelled(words) for words in (setting.meaning, setting.more) if words)
    facts = ((say("Default"), Code(default or "–")),) if changed else ()
    buttons = [ActButton("set", say("Change"), named, (Input("value", say("Value"), setting.value),))]
    if changed:
        buttons.append(ActButton("reset", say("Back to the default"), named))
    title = say("{name} ✎", name=setting.name) if changed else text(setting.name)
    return Row(title, lines, facts, tuple(buttons))


def settings_card(settings: Sequence[Setting], changes: Mapping[str, str]) -> Card:
    """List what can be changed, and what was."""
    return Card(
        say("Settings"),
        join([_line(setting, setting.name in changes) for setting in settings]),
        footer=say("“/settings set” changes one. ✎ marks what was changed here. Tokens are only set by environment."),
    )


def _line(setting: Setting, changed: bool) -> Text:
    mark = "✎ " if changed else ""
    return say("{mark}{name} = {value}", mark=mark, name=Strong(setting.name), value=Code(setting.value or "–"))


def changed_card(name: str, was: str, now: str) -> Card:
    """Say what a setting was and is."""
    words = say("{name} is {now} now. It was {was}.", name=Strong(name), now=Code(now or "–"), was=Code(was or "–"))
    return Card(body=words, tone=Tone.DONE)


def _said(wrong: ValueError) -> Words:
    """Return the sentence with which a value was refused."""
    why = wrong.args[0] if wrong.args else ""
    return why if isinstance(why, Text) else str(why)


def _why(wrong: ValueError) -> Words:
    """Say in words of ours why a value does not work."""
    if not isinstance(wrong.__cause__, ValidationError):
        return _said(wrong)
    error = wrong.__cause__.errors()[0]
    facts = error.get("ctx", {})
    match error["type"].removesuffix("_type").removesuffix("_parsing"):
        case "value_error":
            why: Words = _said(facts["error"])
        case "bool":
            why = say("Yes or no, please.")
        case "int" | "int_from_float":
            why = say("A whole number, please.")
        case "float":
            why = say("A number, please.")
        case "greater_than_equal":
            why = say("At least {n}, please.", n=str(facts["ge"]))
        case "less_than_equal":
            why = say("At most {n}, please.", n=str(facts["le"]))
        case "literal_error":
            options = facts["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            why = say("One of these, please: {options}", options=join(options, ", "))
        case "string_too_long":
            why = say("At most {n} characters, please.", n=facts["max_length"])
        case _:
            why = say("I don't understand that. “/settings show” shows how each value is written.")
    return why
