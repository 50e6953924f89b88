"""What voters and followers see alone."""

from __future__ import annotations

from adapters.contract.call import Call
from adapters.contract.text import Words, count, join, say
from adapters.contract.ui import Button, Card, Tone
from storage.ideas import Idea

from .base import name_of, titled


def voted_card(idea: Idea, left: int | None, *, take_back: Call, unfollow: Call) -> Card:
    """Tell a voter that they count; `left` is what is left of their budget."""
    lines: list[Words] = [say("Your vote for {idea} counts. You hear what becomes of it.", idea=titled(idea))]
    if left is not None:
        lines.append(left_of(left))
    return Card(
        body=join(lines),
        tone=Tone.DONE,
        buttons=(Button("Take my vote back", take_back), Button("Do not tell me", unfollow)),
    )


def left_of(left: int) -> Words:
    """Say how many votes are left."""
    if left == 0:
        return say("That was your last vote. Votes come back when an idea is shipped, declined or a duplicate.")
    return count(left, "You have {n} vote left.", "You have {n} votes left.")


def no_votes_left(budget: int) -> Words:
    return count(
        budget,
        "You have given your {n} vote. It comes back when that idea is settled, or when you take it back.",
        "You have given all your {n} votes. They come back when ideas are settled, or when you take one back.",
    )


def taken_back_card(idea: Idea) -> Card:
    return Card(body=say("Your vote for {name} is taken back.", name=name_of(idea)))


def following_card(idea: Idea, unfollow: Call) -> Card:
    return Card(
        body=say("You hear what becomes of {idea}.", idea=titled(idea)),
        tone=Tone.DONE,
        buttons=(Button("Do not tell me", unfollow),),
    )


def not_following_card(idea: Idea) -> Card:
    return Card(body=say("You hear no more of {name}. A vote you gave still counts.", name=name_of(idea)))
