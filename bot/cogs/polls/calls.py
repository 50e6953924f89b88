"""What the buttons, menus, forms and jobs of this room call."""

from __future__ import annotations

from adapters.contract.call import Call, call


def post(poll_id: int) -> Call:
    """Show a draft to everyone."""
    return call("compose.post", poll_id)


def posted(poll_id: int) -> Call:
    """Draw what the author is told once the poll stands."""
    return call("compose.posted", poll_id)


def settings(poll_id: int) -> Call:
    """Ask how a draft is to be asked."""
    return call("compose.settings", poll_id)


def set_settings(poll_id: int) -> Call:
    return call("compose.set", poll_id)


def change(poll_id: int) -> Call:
    """Ask for other words."""
    return call("compose.change", poll_id)


def reword(poll_id: int) -> Call:
    return call("compose.reword", poll_id)


def drop(poll_id: int) -> Call:
    """Forget a draft."""
    return call("compose.drop", poll_id)


def choose(poll_id: int, position: int) -> Call:
    """Vote for one option."""
    return call("ballot.choose", poll_id, position)


def pick(poll_id: int) -> Call:
    """Vote for what is chosen from a menu."""
    return call("ballot.pick", poll_id)


def begin(poll_id: int) -> Call:
    """Begin a ranking or a rating."""
    return call("ballot.begin", poll_id)


def rank(poll_id: int, so_far: str) -> Call:
    """Choose the next place of a ranking."""
    return call("ballot.rank", poll_id, so_far)


def unrank(poll_id: int, so_far: str) -> Call:
    """Take the last place of a ranking back."""
    return call("ballot.unrank", poll_id, so_far)


def ranked(poll_id: int, so_far: str) -> Call:
    """Vote with a ranking."""
    return call("ballot.ranked", poll_id, so_far)


def rate(poll_id: int, marks: str) -> Call:
    """Give a mark: one digit for each option so far, the new one last."""
    return call("ballot.rate", poll_id, marks)


def unrate(poll_id: int, marks: str) -> Call:
    """Take the last mark back."""
    return call("ballot.unrate", poll_id, marks)


def voted(poll_id: int) -> Call:
    """Draw what counts for the voter."""
    return call("ballot.voted", poll_id)


def take_back(poll_id: int) -> Call:
    """Take one's vote back."""
    return call("ballot.take_back", poll_id)


def suggest(poll_id: int) -> Call:
    """Ask for one more option."""
    return call("options.suggest", poll_id)


def add(poll_id: int) -> Call:
    return call("options.add", poll_id)


def remove(poll_id: int) -> Call:
    """Take an option out that a member added."""
    return call("options.remove", poll_id)


def remove_for(poll_id: int, position: int) -> Call:
    """Take an option out of somebody else's poll, with a reason."""
    return call("options.remove_for", poll_id, position)


def close(poll_id: int) -> Call:
    """Close a poll now."""
    return call("close.close_now", poll_id)


def close_for(poll_id: int) -> Call:
    """Close somebody else's poll, with a reason."""
    return call("close.close_for", poll_id)


def reopen(poll_id: int) -> Call:
    """Go on with a poll that was closed by mistake."""
    return call("close.reopen", poll_id)


def stop(poll_id: int) -> Call:
    """Ask no more after this one."""
    return call("close.stop", poll_id)


def stop_for(poll_id: int) -> Call:
    """Ask somebody else's poll no more, with a reason."""
    return call("close.stop_for", poll_id)


def recount(after_id: int) -> Call:
    """Have the open polls with a higher id than that one counted again."""
    return call("close.recount", after_id)
