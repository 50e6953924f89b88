"""What the buttons of this room call."""

from __future__ import annotations

from adapters.contract.call import Call, call


def post(idea_id: int) -> Call:
    """Post a draft all the same."""
    return call("suggest.post", idea_id)


def drop(idea_id: int) -> Call:
    """Forget a draft."""
    return call("suggest.drop", idea_id)


def posted(idea_id: int) -> Call:
    """Draw what the author is told once the idea stands."""
    return call("suggest.posted", idea_id)


def vote(idea_id: int) -> Call:
    return call("vote.vote", idea_id)


def vote_instead(draft_id: int, idea_id: int) -> Call:
    """Vote for an idea that is there, and forget the draft."""
    return call("vote.vote_instead", draft_id, idea_id)


def take_back(idea_id: int) -> Call:
    """Take one's vote back."""
    return call("vote.take_back", idea_id)


def follow(idea_id: int) -> Call:
    return call("vote.follow", idea_id)


def unfollow(idea_id: int) -> Call:
    return call("vote.unfollow", idea_id)


def list_others() -> Call:
    """Show another list."""
    return call("browse.list_others")


def unmerge(idea_id: int) -> Call:
    return call("decide.unmerge", idea_id)
