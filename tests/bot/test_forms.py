"""Forms with more fields than a dialog has room for."""

from __future__ import annotations

import pytest

from adapters.contract.forms import DIALOG_FIELDS, Field
from bot.kernel.cog import Cog, action, command
from bot.kernel.context import Submission
from bot.kernel.forms import Form, ask, most_needed
from bot.kernel.registry import Registry
from storage.members import Member

FIELDS = tuple(Field(name, name, required=name in "ah") for name in "abcdefgh")


def with_values(**values: str) -> list[Field]:
    return [
        Field(field.name, field.label, required=field.required, value=values.get(field.name, "")) for field in FIELDS
    ]


def named(fields: tuple[Field, ...]) -> str:
    return "".join(field.name for field in fields)


def test_a_dialog_asks_what_is_needed_most() -> None:
    assert named(most_needed(FIELDS[:5])) == "abcde"
    assert named(most_needed(FIELDS)) == "abcdh", "what is required, then the first, in their order"
    assert named(most_needed(with_values(a="x", h="y"))) == "abcde"
    wrong = [Field("g", "g", required=False, value="x", error="No.") if one.name == "g" else one for one in FIELDS]
    assert named(most_needed(wrong)) == "abcgh"
    assert named(most_needed(FIELDS, "defgh")) == "defgh"
    assert len(most_needed(FIELDS)) == DIALOG_FIELDS


class LongForm(Form, title="Long"):
    one: str = ask("1", required=False)
    two: str = ask("2", required=False)
    three: str = ask("3", required=False)
    four: str = ask("4", required=False)
    five: str = ask("5", required=False)
    six: str = ask("6", required=False)


class Quiet(Cog):
    name = "quiet"

    async def export(self, member: Member) -> dict[str, object]:
        return {}

    async def erase(self, member: Member) -> None: ...


def test_a_command_may_have_more_options_than_a_dialog_has_room_for() -> None:
    class Commands(Quiet):
        @command("long", "Takes much")
        async def long(self, ctx: Submission[LongForm]) -> None: ...

    class Actions(Quiet):
        @action
        async def long(self, ctx: Submission[LongForm]) -> None: ...

    assert Registry((Commands(),)).commands
    with pytest.raises(ValueError, match="more fields than there is room for"):
        Registry((Actions(),))
