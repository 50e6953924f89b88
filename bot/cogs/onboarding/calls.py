"""What the buttons, menus, forms and jobs of this room call."""

from __future__ import annotations

from adapters.contract.call import Call, call

# The steps


def start() -> Call:
    """Begin, or go on."""
    return call("steps.start")


def show(step: str) -> Call:
    """Look at one step."""
    return call("steps.show", step)


def skip(step: str) -> Call:
    """Leave a step out."""
    return call("steps.skip", step)


def purpose() -> Call:
    """Say what brings one here."""
    return call("steps.purpose")


def agree(version: str) -> Call:
    """Agree to the guidelines."""
    return call("steps.agree", version)


def interests() -> Call:
    """Choose interests."""
    return call("steps.interests")


def zone() -> Call:
    """Say where one is, by a well-known place."""
    return call("steps.zone")


def other_zone() -> Call:
    """Say where one is, by another place."""
    return call("steps.other_zone")


def buddy() -> Call:
    """Meet someone who shows one around."""
    return call("steps.buddy")


# Meeting people


def introduce() -> Call:
    """Say who one is."""
    return call("introductions.begin")


def ask_introduction() -> Call:
    """Ask someone who introduced themselves how they want to say it."""
    return call("introductions.change")


def change_introduction() -> Call:
    return call("introductions.changed")


def posted(first: bool) -> Call:
    """Draw what someone is told who introduced themselves by command."""
    return call("introductions.posted", first)


def went_on(first: bool) -> Call:
    """Draw what comes next for someone who introduced themselves on their way."""
    return call("introductions.went_on", first)


def hello(newcomer_id: int) -> Call:
    """Say hello to someone."""
    return call("introductions.hello", newcomer_id)


def volunteer() -> Call:
    """Be a buddy."""
    return call("buddies.volunteer")


def stop() -> Call:
    """Be no buddy any more."""
    return call("buddies.stop")


def cannot(newcomer_id: int, buddy_id: int) -> Call:
    """Have no time for a newcomer after all."""
    return call("buddies.cannot", newcomer_id, buddy_id)


# The gate


def enter() -> Call:
    """Enter an invite code."""
    return call("gatekeeping.enter")


def ask() -> Call:
    """Ask to come in."""
    return call("gatekeeping.ask")


def admit(member_id: int) -> Call:
    """Let someone in."""
    return call("gatekeeping.admit", member_id)


def why_refused() -> Call:
    """Learn why one was not let in."""
    return call("gatekeeping.why")


def refuse_for(member_id: int) -> Call:
    """Say no, and why."""
    return call("gatekeeping.refuse_for", member_id)


def refuse(member_id: int) -> Call:
    """Do not let someone in."""
    return call("gatekeeping.refuse", member_id)


def look(member_id: int) -> Call:
    """Look at where someone stands at the gate."""
    return call("gatekeeping.look", member_id)


# The clock and moderators


def remind() -> Call:
    """Remind those whose time has come."""
    return call("following.remind")


def look_at_step(flow: int) -> Call:
    """See one step of a flow as newcomers do."""
    return call("scorecards.look", flow)


def pretend(button: int) -> Call:
    """Press a button that is only drawn."""
    return call("scorecards.pretend", button)
