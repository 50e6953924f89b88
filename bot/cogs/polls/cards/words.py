"""Sentences for whoever did something that did not work, and names of things."""

from __future__ import annotations

from datetime import timedelta

from adapters.contract.text import Text, Tongue, clip, label, say
from bot.text.when import spell
from storage.polls import MOST_OPTIONS, Kind

from ..rules import LONGEST_OPTION

KINDS = {
    Kind.SINGLE: label("One option"),
    Kind.MULTIPLE: label("Several options"),
    Kind.RANKED: label("Options in order"),
    Kind.RATING: label("Marks from 1 to 5"),
}

GONE = say("That poll is gone.")
NONE_YET = say("There is no poll yet. “/poll create” starts the first one.")
CLOSED = say("This poll is closed. “/poll results” shows what came of it.")
NOT_YOURS = say("Only whoever asked, or a moderator, can do that.")
TOO_LATE = say("It is too late for that: the poll has been posted, or closed.")
NOT_POSTED = say("I could not post it here. Let me into this channel, and press “Post it” once more.")
VOTED_ALREADY = say("Somebody has voted already, so the words stay as they are. You can close it and ask again.")
IN_THE_PAST = say("That is in the past. Say when it closes, like “friday 18:00” or “in 2 days”.")
OUT_OF_DATE = say("That does not fit this poll. Choose again on its card, please.")
NO_MARK = say("You gave no mark, so nothing is counted.")
NO_ADDING = say("In this poll nobody can add options.")
REMOVED_ALREADY = say("That option is out already.")
NO_ROOM = say("There is no room for more options, or the poll is closed.")
NOT_REPEATING = say("It is not asked again anyway.")

TOO_FEW_OPTIONS = say("At least two options, please: one in each line, or with commas between.")
MOST_IS_FOR_SEVERAL = say("That is for polls with several options or a ranking: 1 or more.")
NO_CONDITION = say("Write “10 votes”, “60%” or “10 votes, 60%”.")
NO_SHARE_OF_A_RATING = say("Marks have no majority: write only how many votes it needs.")
NO_RECURRENCE = say("Write “weekly”, “daily”, or a day and a time like “mon 09:00”.")
NOTHING_TO_REMIND_OF = say("There is nothing to remind of: this poll has no moment at which it closes.")
REMINDER_IN_THE_PAST = say("The moment for that reminder has passed already.")
AGAIN_BEFORE_THE_END = say("It would be asked again before it closes. Let it close earlier, or ask again later.")
NO_ADDING_TO_A_RATING = say("In a rating nobody can add options: whoever rated before would have missed them.")

ABOUT_ANONYMOUS = say(
    "Your ballots in anonymous polls that are open can be found by your account alone; once such a poll is closed, it "
    "is not known any more whose ballot is whose, so none of them can be shown here or deleted."
)


def no_such_poll(number: int) -> Text:
    return say("There is no poll #{number}.", number=number)


def too_many_options(number: int) -> Text:
    return say("At most {most} options, please; these are {number}.", most=MOST_OPTIONS, number=number)


def too_long(option: str) -> Text:
    return say(
        "An option has at most {longest} characters: “{option}” is too long.",
        longest=LONGEST_OPTION,
        option=clip(option, 40),
    )


def length_in_words(minutes: int | None, tongue: Tongue) -> str:
    """Return a length as one would type it."""
    if minutes is None:
        return ""
    return spell(timedelta(minutes=minutes)).spoken(tongue).plain() if minutes else "0"
