"""What somebody typed as a command and there is not: what they may have meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from adapters.contract.commands import Role
from adapters.contract.text import Code, Text, Words, clip, join, labelled, say
from adapters.contract.ui import Card, Tone

from .actions import CommandAction
from .forms import has_words
from .registry import Bound

_CALLED_ELSEWHERE = {
    "ask": "question frage fragen ask-question askcommunity",
    "search": "find faq docs kb wiki suche suchen finde such",
    "event": "events meeting meetup schedule calendar rsvp termin termine veranstaltung treffen kalender",
    "poll": "polls vote voting survey strawpoll quickpoll umfrage abstimmung umfragen",
    "idea": "ideas suggest suggestion suggestions feature feedback idee ideen vorschlag",
    "thanks": "thx thank thank-you many-thanks ty kudos karma props rep praise plus danke dank vielen-dank lob",
    "leaderboard": "top rank ranking levels xp scoreboard leaders rangliste bestenliste",
    "profile": "whois user userinfo rank-card profil",
    "away": "afk brb ooo vacation dnd abwesend weg urlaub",
    "back": "return zurück zurueck",
    "expertise": "skills experts topics können koennen",
    "introduce": "intro introduction hello vorstellen vorstellung",
    "duty": "oncall on-call dienst bereitschaft",
    "queue": "tickets ticket inbox support warteschlange",
    "settings": "config setup configure prefs preferences einstellungen",
    "privacy": "gdpr data forget delete-me forget-me erase-me delete-my-data erase-my-data datenschutz daten "
    "vergiss-mich lösche-mich lösche-meine-daten meine-daten-löschen",
    "help": "commands hilfe befehle info",
    "me": "profile-me home ich mein",
    "link": "connect verknüpfen verknuepfen",
}
"""What other bots, and other languages, call what our commands do, by a command or a family of them."""
_LONGEST = 60
_VERB = 0.6
"""How alike a word has to be to a verb that may be meant by it."""
_MAKE = ("create", "add")


def unknown_card(typed: str, before: str, commands: Mapping[str, Bound], role: Role) -> Card:
    """Say which commands may have been meant by what was typed, of those that the person may use."""
    known = {name: bound for name, bound in commands.items() if bound.action.role <= role}
    words = typed.casefold().removeprefix("/").split()
    word = words[0] if words else ""
    meant = _meant(words, known)
    shown = clip(" ".join(typed.split()), _LONGEST)
    if any(name.split()[0] == word for name in known):
        said = say("{typed} goes on with one more word. Which one did you mean?", typed=Code(f"{before}{word}"))
    elif meant:
        said = say("I don't know “{typed}”. Did you mean one of these?", typed=shown)
    else:
        said = say("I don't know “{typed}”. {help} shows everything there is.", typed=shown, help=Code(f"{before}help"))
    return Card(body=join([said, *(_line(name, before, known[name]) for name in meant)]), tone=Tone.WAITING)


def _line(name: str, before: str, bound: Bound) -> Text:
    about: Words = labelled(bound.action.description) if isinstance(bound.action, CommandAction) else ""
    return say("{command} – {about}", command=Code(f"{before}{name}"), about=about)


def _meant(words: list[str], known: Mapping[str, Bound]) -> list[str]:
    """Return the commands that are nearest: the family of that name, the one of a slip, what it is called elsewhere."""
    if not words:
        return []
    families: dict[str, list[str]] = {}
    for name in known:
        families.setdefault(name.split()[0], []).append(name)
    word, verb = words[0], words[1] if len(words) > 1 else ""
    family = word if word in families else _elsewhere(word, families)
    if not family:
        near = get_close_matches(word, families, n=1, cutoff=0.6)
        family = near[0] if near else ""
    names = families.get(family, [])
    verbs = {name.partition(" ")[2]: name for name in names}
    closest = get_close_matches(verb, verbs, n=1, cutoff=_VERB) if verb else []
    return sorted(names, key=lambda name: name.partition(" ")[2] not in closest)


def without_verb(line: str, names: Collection[str]) -> tuple[str, str]:
    """Return the command that makes what is named first, and what stands behind it: "/poll Tea? yes, no".

    Nothing where a verb may be meant that has a slip in it, or help, or where nothing that can be meant stands there.
    """
    word, _, rest = line.strip().removeprefix("/").strip().partition(" ")
    family, made = other_name(word.casefold(), names), that_makes(word.casefold(), names)
    verb = (rest.split() or [""])[0].casefold()
    verbs = [name.partition(" ")[2] for name in names if name.partition(" ")[0] == family]
    is_one = other_name(verb, names) == "help" or get_close_matches(verb, verbs, n=1, cutoff=_VERB)
    return (made, rest.strip()) if made and has_words(rest) and not is_one else ("", line)


def that_makes(word: str, names: Collection[str]) -> str:
    """Return the command that makes what a word names here or elsewhere, such as "poll create"; else ""."""
    family = other_name(word, names)
    return next((name for name in (f"{family} {verb}" for verb in _MAKE) if name in names), "")


def other_name(word: str, names: Collection[str]) -> str:
    """Return the command, or the family of commands, that a word names here or elsewhere, to the letter; else ""."""
    families = {name.split()[0] for name in names}
    return word if word in families else _named_elsewhere(families).get(word, "")


def _named_elsewhere(families: Collection[str]) -> dict[str, str]:
    return {other: ours for ours, others in _CALLED_ELSEWHERE.items() for other in others.split() if ours in families}


def _elsewhere(word: str, families: Mapping[str, list[str]]) -> str:
    named = _named_elsewhere(families)
    if word in named:
        return named[word]
    near = get_close_matches(word, [*families, *named], n=1, cutoff=0.75)
    return (near[0] if near[0] in families else named[near[0]]) if near else ""
