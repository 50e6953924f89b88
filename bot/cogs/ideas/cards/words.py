"""Sentences for whoever did something that did not work."""

from __future__ import annotations

from adapters.contract.text import Text, count, say
from storage.ideas import Idea

GONE = say("That idea is gone.")
NOT_YOURS = say("That is for the person who wrote it.")
NO_CHANNEL = say("There is no ideas channel here yet. An admin can name one in TRELLIS_IDEAS_CHANNELS.")
DECIDED_ALREADY = say("You have decided on that one already.")
SETTLED = say("This idea is settled and takes no votes any more.")
NO_VOTE = say("You have no vote on this idea.")
NOTHING_NEW = say("It says just that already.")
ITSELF = say("An idea cannot be merged into itself, or into one that was merged.")
NOT_MERGED = say("It is on its own already.")


def no_such_idea(number: int) -> Text:
    return say("There is no idea #{number}.", number=number)


def merged_before(into: Idea) -> Text:
    return say("It was merged into #{number}: decide on that one.", number=into.number or 0)


# The board

BOARD_HOW = say("Those with most votes come first. Vote in the chat, where each idea has its card.")
NOTHING_HERE = say("Nothing here.")
NO_SUCH_BOARD = say("There is no such board.")


def board_title(community: str) -> Text:
    return say("Ideas of {community}", community=community)


def more_of(number: int) -> Text:
    return count(number, "and {n} more", "and {n} more")


def goes_on_in(number: int) -> Text:
    return say("Goes on in #{number}", number=number)


def votes_count(votes: int) -> Text:
    return count(votes, "{n} vote", "{n} votes")
