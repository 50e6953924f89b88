"""What members see of linking their accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.contract.call import Call
from adapters.contract.models import Account, Space
from adapters.contract.text import Code, Strong, Text, Time, join, listing, say
from adapters.contract.ui import Button, Card, Style, Tone
from storage.members import Member

BAD_FORM = say("A code has eight letters and digits, like K7RM-2XQD. Use “/link” on your other account to get one.")
UNKNOWN = say("I don't know that code. Codes are easily mistyped: look once more, or get a new one there with “/link”.")
OWN_CODE = say("This is where you got that code. Enter it with your other account, and I'll know that both are you.")
ALREADY = say("These accounts are one person already. There's nothing left to do!")
USED = say("That code has been used, and each works only once. “/link” on your other account gives you a new one.")
EXPIRED = say("That code is too old: each works for ten minutes. “/link” on your other account gives you a new one.")
OTHER_COMMUNITY = say(
    "That code is from another community, and I keep communities apart. You can only link accounts of one."
)
CHANGED = say("Something has changed at this very moment. Please try again with a new code from “/link”.")
UNDONE = say("There's nothing to undo any more: these accounts aren't linked.")


def too_many_tries(until: datetime) -> Text:
    """Say when codes are looked at again."""
    return say(
        "Those were a few codes too many. Please wait until {until}, then get a new one with “/link” on your other "
        "account.",
        until=Time(until),
    )


@dataclass(frozen=True, slots=True)
class Names:
    """What the community's spaces and a member's accounts are called, by their keys."""

    spaces: Mapping[str, str]
    accounts: Mapping[str, str]

    def space(self, key: str) -> Text:
        """Return what people call a space, and on which platform it is."""
        platform = Space.of(key).platform.capitalize()
        return say("{name} on {platform}", name=Strong(self.spaces.get(key, key)), platform=platform)

    def account(self, key: str) -> Text:
        """Return an account by its name and where it is."""
        name = self.accounts.get(key, Account.of(key).id)
        return say("{name} ({space})", name=Strong(name), space=self.space(Account.of(key).space.key))

    def listed(self, keys: Iterable[str]) -> Text:
        return join([say("• {account}", account=self.account(key)) for key in keys])

    def sentence(self, keys: Iterable[str]) -> Text:
        return listing([self.account(key) for key in keys])


def code_card(code: str, until: datetime, elsewhere: Sequence[str], names: Names, undo: Call | None) -> Card:
    """Show a code and where it is to be entered."""
    *most, last = [names.space(key) for key in elsewhere]
    places = say("{most} or {last}", most=join(most, ", "), last=last) if most else last
    parts = [
        say("Your code is {code}. It works once, until {until}.", code=Code(code), until=Time(until)),
        say("Use “/link” with your other account, in {places}, and enter it there as the code.", places=places),
        say("Then both are one person here. What you chose for this account counts, and it can be undone."),
    ]
    if len(names.accounts) > 1:
        parts.append(join([say("You're one person already as"), names.listed(names.accounts)]))
    return Card(
        say("Link your accounts"),
        join(parts, "\n\n"),
        footer=say(
            "Don't show this code to anyone: a person who enters it becomes you here. "
            "Never enter a code that someone else gave you."
        ),
        tone=Tone.WAITING,
        buttons=_undo(undo),
    )


def lost_card() -> Card:
    """Say that a code could not be shown."""
    return Card(body=say("Your code got lost on its way to you. “/link” gives you a new one."), tone=Tone.WAITING)


def nothing_to_link_card(names: Names, undo: Call | None) -> Card:
    """Say that the community has no other place."""
    (home,) = names.spaces or {"": ""}
    if home:
        words = say(
            "This community lives in one place only, {place}, so there's nothing to link. You're all here!",
            place=names.space(home),
        )
    else:
        words = say("This community lives in one place only, so there's nothing to link. You're all here!")
    return Card(body=words, buttons=_undo(undo))


def linked_card(member: Member, names: Names, undo: Call) -> Card:
    """Show which accounts are one person now."""
    lines = [
        say("These are one person now, in all that you ask, answer and choose:"),
        names.listed(member.accounts),
        say("Your choices are those of the account that gave the code; “/me” shows them."),
    ]
    return Card(
        say("Linked"),
        join(lines, "\n\n"),
        footer=say("Was one of them not you? Then undo it."),
        tone=Tone.DONE,
        buttons=_undo(undo),
    )


def told_card(by: str, names: Names, undo: Call) -> Card:
    """Tell the other account what has happened."""
    return Card(
        say("Your accounts are linked"),
        join(
            [
                say("Your code was entered by {account}. These are one person now:", account=names.account(by)),
                names.listed(names.accounts),
            ],
            "\n\n",
        ),
        footer=say("Was that not you? Then undo it."),
        tone=Tone.DONE,
        buttons=_undo(undo),
    )


def sure_card(apart: Sequence[str], names: Names, separate: Call, keep: Call) -> Card:
    """Ask once more, and say what stays where."""
    stayed = [key for key in names.accounts if key not in apart]
    return Card(
        say("Take them apart?"),
        say(
            "{apart} would be a person of their own again and start over. What was asked, answered and chosen until "
            "now, on either side, stays with {stayed}.",
            apart=names.sentence(apart),
            stayed=names.sentence(stayed),
        ),
        tone=Tone.WAITING,
        buttons=(Button("Yes, take them apart", separate, Style.DANGER), Button("Keep them linked", keep)),
    )


def kept_card() -> Card:
    """Say that nothing was done."""
    return Card(body=say("Nothing has changed: your accounts are one person."))


def separated_card(apart: Sequence[str], stayed: Sequence[str], names: Names) -> Card:
    """Say who is who from now on."""
    return Card(
        say("No longer linked"),
        say(
            "{apart} is a person of their own again and starts over; “/me” shows what counts there. What was asked, "
            "answered and chosen until now stays with {stayed}.",
            apart=names.sentence(apart),
            stayed=names.sentence(stayed),
        ),
        tone=Tone.DONE,
    )


def _undo(undo: Call | None) -> tuple[Button, ...]:
    return (Button("Undo", undo),) if undo else ()
