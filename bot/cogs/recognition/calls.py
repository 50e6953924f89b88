"""What the buttons, forms and jobs of this room call."""

from __future__ import annotations

from adapters.contract.call import Call, call


def about(message: str) -> Call:
    """Thank for a message."""
    return call("thank.about", message)


def take_back(kudos_id: int) -> Call:
    """Take one's thanks back."""
    return call("thank.take_back", kudos_id)


def look_at(message: str) -> Call:
    """See which of the reactions that thanked for a message still stand on it."""
    return call("thank.look_at", message)


def redraw(member_id: int, after: int) -> Call:
    """Draw again the cards that name someone: those of the thanks behind `after`."""
    return call("thank.redraw", member_id, after)


def turn(period: str, topic: str, value: str) -> Call:
    """Show the leaderboard of another period."""
    return call("leaderboard.turn", period, topic, value)


def show(shown: bool) -> Call:
    """Stand on leaderboards and in digests, or not."""
    return call("leaderboard.show", shown)
