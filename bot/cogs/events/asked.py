"""What is asked of Trellis about events: whether any are planned, or when one of them is.

Every word counts: what speaks of anything else is a question for the community ("which events fire on a delivery?").
"""

from __future__ import annotations

import regex

from storage.words import folded

_ANY = set("event events meetup meetups meeting meetings termin termine treffen veranstaltung veranstaltungen".split())
"""What any event is called."""
_COMING = (" coming up ", " steht an ")
_ASKED = set(
    "what whats which when where who whos is are there any the a next upcoming coming up planned on soon today "
    "weekend wochenende "
    "tomorrow this week month do does we you have in at to of our begin start starts take place please tell me show "
    "was welche welcher welches wann wo wer ist sind gibt es das der die den ein eine nächste nächster nächstes "
    "nächsten kommende kommenden geplant steht stehen an bald heute morgen diese dieser diesen woche monat findet "
    "statt beginnt fängt zeig mir bitte zum zur im am".split()
)
"""With what is asked for events, in English and German."""
_WHEN = {"when", "where", "whens", "wheres", "wann", "wo"}
_WORD = regex.compile(r"[\p{L}\p{N}]+")


def asks_for_list(words: str) -> bool:
    """Say whether somebody asks which events are planned, and nothing else."""
    said = _words(words)
    is_any = bool(_ANY & {*said}) or any(coming in f" {' '.join(said)} " for coming in _COMING)
    return is_any and not {*said} - _ASKED - _ANY


def named_by(words: str) -> set[str]:
    """Return by which words an event is named by who asks when or where it is; none where that is not asked."""
    said = _words(words)
    return {*said} - _ASKED - _ANY if said and said[0] in _WHEN else set()


def is_named(title: str, names: set[str]) -> bool:
    """Say whether all that was named is in a title."""
    return names <= {*_words(title)}


def _words(words: str) -> list[str]:
    return _WORD.findall(folded(words.replace("'", "").replace("’", "")))
