"""Cards of the gate: what it takes to come in, and what a moderator decides."""

from __future__ import annotations

from adapters.contract.text import Strong, Text, Time, Words, join, say, written
from adapters.contract.ui import AnyButton, Button, Card, CardField, LinkButton, Style, Tone
from bot.delivery.addressing import mention, named
from bot.kernel.reasons import because
from storage.gates import Admission, Verdict
from storage.members import Member

from .. import calls
from ..policy import Guidelines


def not_in_yet_words() -> Text:
    return say("You aren't let in yet. “Start” shows what is missing.")


def gate_guidelines_card(guidelines: Guidelines) -> Card:
    """Ask for the guidelines before anything else."""
    buttons: tuple[AnyButton, ...] = (Button("I agree", calls.agree(guidelines.version), Style.PRIMARY),)
    if guidelines.link:
        buttons += (LinkButton("Read all of it", guidelines.link),)
    return Card(
        say("Before you come in"),
        join([say("This is how we treat each other here."), written(guidelines.text)], "\n\n"),
        tone=Tone.WAITING,
        buttons=buttons,
    )


def gate_proof_card(*, code: bool, ask: bool) -> Card:
    """Ask for a code, or offer to ask a moderator."""
    buttons = []
    if code:
        buttons.append(Button("Enter a code", calls.enter(), Style.PRIMARY))
    if ask:
        buttons.append(Button("Ask to come in", calls.ask()))
    words = say("This community knows its members. With an invite code you're in at once.")
    if code and ask:
        words = say("With an invite code you're in at once. Without one, tell us who you are, and a moderator decides.")
    elif ask:
        words = say("Tell us in a sentence who you are, and a moderator lets you in.")
    return Card(say("Before you come in"), words, tone=Tone.WAITING, buttons=tuple(buttons))


def gate_wait_card() -> Card:
    return Card(
        say("A moderator is looking at it"),
        say("I tell you as soon as they've decided. That can take a day."),
        tone=Tone.WAITING,
    )


def gate_closed_card() -> Card:
    return Card(
        say("Not this time"),
        say("I can't let you in. If you think that this is a mistake, write to a moderator."),
        tone=Tone.NEUTRAL,
    )


def wrong_code_words(left: int) -> Text:
    """Say that a code opens nothing."""
    if left:
        return say("That code opens nothing here. Look at it once more, please.")
    return say("Those were a few codes too many. From now on only a moderator can let you in.")


def request_card(member: Member, admission: Admission, decider: Member | None) -> Card:
    """Show moderators who would like to come in and, once it is decided, what was decided."""
    state: Words = say("Waiting")
    if admission.verdict is Verdict.ADMITTED:
        state = say("✅ Let in by {who}", who=mention(decider)) if decider else say("✅ Let in")
    elif admission.verdict is Verdict.REFUSED:
        refused = say("Refused by {who}", who=mention(decider)) if decider else say("Refused")
        state = join([refused, because(admission.reason)])
    buttons: tuple[Button, ...] = ()
    waits, admit = admission.verdict is Verdict.WAITING, calls.admit(member.id)
    if waits:
        refuse = Button("Refuse", calls.refuse(member.id), Style.DANGER)
        buttons = (Button("Let in", admit, Style.PRIMARY), refuse)
    elif admission.verdict is Verdict.REFUSED:
        buttons = (Button("Let in after all", admit),)
    return Card(
        say("{name} would like to come in", name=named(member)),
        join([mention(member), written(admission.words)], "\n\n"),
        fields=(CardField("State", state), CardField("Arrived", Time(member.joined_at))),
        tone=Tone.WAITING if waits else Tone.DONE,
        buttons=buttons,
    )


def request_gone_card() -> Card:
    """Stand where someone asked to come in who is gone for good."""
    return Card(body=say("This request was taken back."))


def admitted_card() -> Card:
    """Tell someone that they are in."""
    return Card(
        say("You're in 🎉"),
        say("The doors are open. Press “Start” and I show you around."),
        tone=Tone.DONE,
        buttons=(Button("Start", calls.start(), Style.PRIMARY),),
    )


def refused_card(reason: str = "") -> Card:
    """Tell someone that they were not let in, and why; where others read it, they alone learn why by a button."""
    words = say("A moderator has decided not to let you in for now. If that's a mistake, write to one of them.")
    buttons = () if reason else (Button("Why?", calls.why_refused()),)
    return Card(say("Not this time"), join([words, because(reason)]), buttons=buttons)


def why_refused_card(reason: str) -> Card:
    """Tell someone alone why they were not let in."""
    return Card(body=because(reason) or say("Nobody has said why. Please ask a moderator."))


def by_hand_card(member: Member, role: str) -> Card:
    """Tell moderators what Trellis could not do itself."""
    return Card(
        say("Help is wanted"),
        say(
            "{who} may come in, but I wasn't allowed to give them {what}. Please do it, and put my own role above it.",
            who=mention(member),
            what=Strong(role),
        ),
        tone=Tone.URGENT,
    )
