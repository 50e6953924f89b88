"""Cards for moderators: how newcomers fare, and what the flows look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeGuard

from adapters.contract.text import Text, Time, TimeStyle, Words, count, join, say
from adapters.contract.ui import AnyButton, Button, Card, CardField, Menu, Option
from bot.delivery.addressing import mention
from storage.members import Member

from .. import calls
from ..policy import Gate, Kind, OnboardingFlow, Policy
from ..scores import Newcomer, Scorecard, Why
from .steps import TITLES

REASONS: Mapping[Why, Text] = {
    Why.UNANSWERED: say("introduced themselves, and nobody has said hello yet"),
    Why.STALLED: say("began, and stopped"),
    Why.QUIET: say("came, and nothing has happened since"),
}


def report_card(
    scorecard: Scorecard,
    greetings: Sequence[tuple[Newcomer, Why]],
    people: Mapping[int, Member],
    policy: Policy,
    since: datetime,
) -> Card:
    """Show how those fared who arrived since a moment."""
    if not scorecard.joined:
        return Card(
            say("Newcomers"),
            say("Nobody has joined since {when}.", when=Time(since, TimeStyle.DATE)),
        )
    fields = [
        CardField("Joined", str(scorecard.joined)),
        CardField(
            "Activated",
            say(
                "{number} of {total} ({percent} %)",
                number=scorecard.activated,
                total=scorecard.joined,
                percent=round(100 * scorecard.activated / scorecard.joined),
            ),
        ),
        CardField("On their way", str(scorecard.on_their_way)),
        CardField("Left again", str(scorecard.left)),
    ]
    if scorecard.stalled:
        fields.append(CardField("Stalled at", _stalled(scorecard.stalled)))
    fields.append(CardField("From where", _sources(scorecard.sources)))
    body: list[Words] = [
        say(
            "Those who joined since {when}. Activated means a first contribution within {days}.",
            when=Time(since, TimeStyle.DATE),
            days=count(policy.activation.days, "one day", "{n} days"),
        )
    ]
    if greetings:
        lines: list[Words] = [say("A word from you would do them good:")]
        lines += [
            say("• {who}: {why}.", who=mention(people[newcomer.progress.member_id]), why=REASONS[why])
            for newcomer, why in greetings
            if newcomer.progress.member_id in people
        ]
        body.append(join(lines))
    return Card(say("Newcomers"), join(body, "\n\n"), fields=tuple(fields))


def _stalled(stalled: Mapping[Kind | None, int]) -> Text:
    order = [*Kind, None]
    rows = sorted(stalled.items(), key=lambda row: order.index(row[0]))
    return join(
        [
            say("{step}: {number}", step=TITLES[kind] if kind else say("after all steps"), number=number)
            for kind, number in rows
        ]
    )


def _sources(sources: Sequence[tuple[str, int, int]]) -> Text:
    return join(
        [
            say(
                "{source}: {joined}, {activated} activated",
                source=name or say("unknown"),
                joined=joined,
                activated=active,
            )
            for name, joined, active in sources[:6]
        ]
    )


def preview_card(policy: Policy, flow: OnboardingFlow, number: int) -> Card:
    """Show a flow as a whole, with a menu to look at each of its steps."""
    steps = join(join([f"{n}.", TITLES[kind]], " ") for n, kind in enumerate(flow.steps, 1))
    fields = [
        CardField("For whom", _for_whom(flow)),
        CardField("Reminders", _days(flow)),
    ]
    if policy.guidelines:
        fields.append(CardField("Guidelines", say("version {version}", version=policy.guidelines.version)))
    if policy.gate:
        fields.append(CardField("Before entry", _gate(policy.gate)))
    return Card(
        say("The journey “{name}”", name=flow.name),
        steps,
        fields=tuple(fields),
        footer=say("Journeys are written in the community file."),
        menu=_steps_menu(flow, number),
    )


def _steps_menu(flow: OnboardingFlow, number: int) -> Menu:
    options = tuple(Option(TITLES[kind].plain(), kind) for kind in flow.steps)
    return Menu("Look at a step", calls.look_at_step(number), options)


def step_preview(card: Card, flow: OnboardingFlow, number: int) -> Card:
    """Show a step as newcomers see it; its buttons do nothing, and its menu gives way to the one that leads on."""
    body = card.body
    if card.menu:
        menu = count(len(card.menu.options), "(Here is a menu with one choice.)", "(Here is a menu with {n} choices.)")
        body = join([body, menu], "\n\n")
    return Card(
        card.title,
        body,
        footer=say("This is a preview: the buttons are only drawn."),
        buttons=tuple(replace(button, call=calls.pretend(n)) for n, button in enumerate(card.buttons) if _acts(button)),
        menu=_steps_menu(flow, number),
    )


def _acts(button: AnyButton) -> TypeGuard[Button]:
    return isinstance(button, Button)


def only_drawn_words() -> Text:
    return say("This is a preview: for newcomers, something happens here.")


def _for_whom(flow: OnboardingFlow) -> Text:
    parts: list[Words] = []
    if flow.roles:
        parts.append(say("role: {names}", names=", ".join(flow.roles)))
    if flow.sources:
        parts.append(say("invited by: {names}", names=", ".join(flow.sources)))
    if flow.domains:
        parts.append(say("e-mail: {names}", names=", ".join(flow.domains)))
    return join(parts) or say("everybody else")


def _days(flow: OnboardingFlow) -> Text:
    if not flow.days:
        return say("none")
    return say("day {days}, once for each step", days=", ".join(map(str, sorted(set(flow.days)))))


def _gate(gate: Gate) -> Text:
    parts: list[Words] = []
    if gate.guidelines:
        parts.append(say("the guidelines"))
    if gate.domains:
        parts.append(say("e-mail at {names}", names=", ".join(gate.domains)))
    if gate.codes:
        parts.append(say("an invite code"))
    if gate.moderator:
        parts.append(say("a moderator’s yes"))
    return join(parts) or say("nothing")


def no_journey_words(names: Sequence[str]) -> Text:
    return say("There's no such journey. There are: {names}.", names=join(names, ", "))


def days_words() -> Text:
    return say("Between 1 and 366 days, please.")
