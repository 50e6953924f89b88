"""Which option of a command is meant by words that stand there without its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import regex

from adapters.contract.forms import Field, Kind
from adapters.contract.text import Translations
from bot.text.quotes import MARKS, Token, said
from bot.text.repeats import is_repeat
from bot.text.when.elsewhere import names_a_day

from .kinds import number_word, option_of, yes_or_no

Times: TypeAlias = Callable[[str], Sequence[tuple[int, int]]]
"""Finds where moments stand among other words."""
ONE_WORD = {Kind.INTEGER, Kind.BOOLEAN, Kind.MEMBER, Kind.CHANNEL, Kind.CHOICE}
"""Kinds of answers that are one word, unless it is in quotes."""
_MENTION = regex.compile(r"(?:[\uE000-\uF8FF]|[@#][\w.\-]+)[,;:]?")
_BETWEEN = regex.compile(r"[,&+]|and|und", regex.IGNORECASE)
_FOR = regex.compile(r"for|because|who|that|für|weil|wegen|dass", regex.IGNORECASE)
"""What begins a reason behind a name."""
_LONGEST_NAME = 4
"""In words."""
_INTO = regex.compile(r"into|in|->|→|=>", regex.IGNORECASE)
_EACH = regex.compile(r"\b(?:every|each|jede[nrms]?|alle)(?:\s+\w+){0,2}$", regex.IGNORECASE)
"""A title that ends in the beginning of how something repeats: it goes on with the time behind it."""
_MOST_OFTEN = 6
"""So many words at most tell how something repeats."""
_UNTIL = regex.compile(r"(?:until|till?|by|bis)\b", regex.IGNORECASE)
_APART = regex.compile(r"[-–—:|]+")
_EDGES = " \t\n,;:|@–—-"


@dataclass(frozen=True, slots=True)
class Typed:
    """The answers in a line, by the names of their fields, and whether it is sure that this is what was meant."""

    answers: Mapping[str, str] = field(default_factory=dict)
    sure: bool = True


def fits(field: Field, word: Token, translations: Translations) -> bool:
    """Say whether one word, or what is in quotes, can be the answer to a field of one word."""
    match field.kind:
        case Kind.INTEGER:
            return regex.fullmatch(r"#?-?\d{1,9}", word.text) is not None or number_word(word.text) is not None
        case Kind.BOOLEAN:
            return yes_or_no(word.text, translations) is not None
        case Kind.CHOICE:
            return option_of(word.text, field, translations) is not None
        case Kind.MEMBER | Kind.CHANNEL:
            return _MENTION.fullmatch(word.text) is not None
    return bool(word.text)


class Placing:
    """Places the words of one line."""

    def __init__(self, line: str, translations: Translations, times: Times) -> None:
        self._line = line
        self.translations = translations
        self._times = times

    def place(self, words: Sequence[Token], fields: Sequence[Field]) -> Typed:
        """Return which of the `fields`, in their order, the words answer: first those that are required."""
        if not words:
            return Typed()
        required = [field for field in fields if field.required]
        if not required:
            return self._optional(words, fields)
        return self._required(words, required, [field for field in fields if not field.required])

    def _required(self, words: Sequence[Token], required: Sequence[Field], others: Sequence[Field]) -> Typed:
        first, following = required[0], required[1:]
        if first.kind in (Kind.MEMBER, Kind.CHANNEL):
            return self._mention(words, first, [*following, *others])
        if not following:
            return self._last(words, first, others)
        second = following[0]
        if second.kind is Kind.MOMENT and first.kind is Kind.TEXT:
            return self._timed(words, first, second, others)
        if second.kind is Kind.CHOICE and first.kind in (Kind.TEXT, Kind.THING):
            return self._at_choice(words, first, second, others)
        split = self._boundary(words, first, second)
        if split is None:
            return Typed({first.name: said(self._line, words)}, sure=False)
        end, begin, sure = split
        rest = self.place(words[begin:], [*following, *others])
        keyed = first.kind is not Kind.TEXT or first.choices
        answer = _bare(words[0]) if end == 1 and keyed else said(self._line, words[:end])
        return Typed({first.name: answer, **rest.answers}, sure and rest.sure)

    def _boundary(self, words: Sequence[Token], first: Field, second: Field) -> tuple[int, int, bool] | None:
        """Return where the first answer ends and the second begins, and whether that is sure; None if nowhere."""
        things = first.kind is second.kind is Kind.THING
        if things:
            into = [number for number, word in enumerate(words) if not word.quoted and _INTO.fullmatch(word.text)]
            if len(into) == 1 and 0 < into[0] < len(words) - 1:
                return into[0], into[0] + 1, True
        if words[0].quoted or first.kind in ONE_WORD or first.choices:
            return 1, 1 + (len(words) > 1 and words[1].text in [*MARKS]), True
        if things:
            return (1, 1, True) if len(words) == 2 else None
        lines = [number for number in range(1, len(words)) if "\n" in self._gap(words, number)]
        asked = [
            number + 1
            for number, word in enumerate(words[:-1])
            if not word.quoted and word.text.rstrip('*_)"”»').endswith(("?", "？", "؟"))
        ]
        if lines and second.lines > 1:
            earlier = [number for number in asked if number < lines[0]]  # "Which day? Monday", and then more lines
            begin = earlier[-1] if earlier else lines[0]
            return begin, begin, not earlier
        if asked:
            return asked[-1], asked[-1], len(asked) == 1
        quoted = next((number for number, word in enumerate(words) if word.quoted), None)
        if quoted and all(word.quoted or _BETWEEN.fullmatch(word.text) for word in words[quoted:]):
            return quoted, quoted, True
        return None

    def _gap(self, words: Sequence[Token], number: int) -> str:
        return self._line[words[number - 1].end : words[number].start]

    def _last(self, words: Sequence[Token], field: Field, others: Sequence[Field]) -> Typed:
        """Return the answer to the only field that is needed: everything."""
        if field.kind in ONE_WORD and len(words) > 1:
            rest = self.place(words[1:], others)
            return Typed(
                {field.name: words[0].text, **rest.answers},
                sure=rest.sure and fits(field, words[0], self.translations),
            )
        quotes = [word.text for word in words if word.quoted]
        if len(quotes) > 1 and all(word.quoted or _BETWEEN.fullmatch(word.text) for word in words):
            if field.lines > 1:
                return Typed({field.name: "\n".join(quotes)})
            if texts := [other for other in others if other.kind is Kind.TEXT and not other.choices]:
                rest = self.place([word for word in words if word.quoted][1:], texts)
                return Typed({field.name: quotes[0], **rest.answers}, rest.sure)
        whole = said(self._line, words)
        moment = next((other for other in others if other.kind is Kind.MOMENT), None)
        if moment and field.lines > 1 and (end := self._until(whole)):
            return Typed({field.name: _trim(whole[: end[0]]), moment.name: whole[end[0] : end[1]]}, sure=False)
        if len(whole) > field.longest and (longer := next((one for one in others if one.lines > 1), None)):
            ends = [match.end() for match in regex.finditer(r"[?？؟.!](?=\s)", whole) if match.end() <= field.longest]
            if ends:
                return Typed({field.name: whole[: ends[0]], longer.name: whole[ends[0] :].strip()})
        return Typed({field.name: whole})

    def _until(self, whole: str) -> tuple[int, int] | None:
        """Return where the end of something stands, with which all ends: "tea, coffee until friday 18:00"."""
        for start, end in self._times(whole):
            goes_on = start and whole[:start].rstrip()[-1:] not in ",;|/\u3001\uff0c\u060c"
            if goes_on and not whole[end:].strip(_EDGES + ".!") and _UNTIL.match(whole, start):
                return start, end
        return None

    def _mention(self, words: Sequence[Token], field: Field, others: Sequence[Field]) -> Typed:
        """Take the person or channel with whom the line begins. Of several only one can be meant."""
        named = list[Token]()
        number = 0
        while number < len(words):
            if _MENTION.fullmatch(words[number].text):
                named.append(words[number])
            elif not named or not _BETWEEN.fullmatch(words[number].text):
                break
            number += 1
        if not named:
            inside = [word for word in words if fits(field, word, self.translations)]
            last = next((n for n, word in enumerate(words) if all(_is_named(one) for one in words[n:])), len(words))
            named = inside if len(inside) == 1 else [*words[last:]]
            if not inside and (name := _bare_name(words)):
                rest = self.place(_begun(words[name:]), others)
                return Typed({field.name: said(self._line, words[:name]).rstrip(",;:="), **rest.answers}, rest.sure)
            chosen = inside[0] if inside else words[0]
            rest = self.place(_begun([word for word in words if word not in named and word is not chosen]), others)
            return Typed({field.name: _bare(chosen), **rest.answers}, rest.sure and len(words) == 1)
        more = [other for other in others if other.kind is field.kind][: len(named) - 1]
        rest = self.place(_begun(words[number:]), [other for other in others if other not in more])
        answers = {one.name: _bare(word) for one, word in zip([field, *more], named, strict=False)}
        return Typed({**answers, **rest.answers}, rest.sure and len(named) == len(answers))

    def _at_choice(self, words: Sequence[Token], first: Field, choice: Field, others: Sequence[Field]) -> Typed:
        """Split at the one word that is a choice: "dark mode planned we begin in may"."""
        found = [number for number, word in enumerate(words) if number and fits(choice, word, self.translations)]
        if not found:
            return Typed({first.name: said(self._line, words)}, sure=False)
        chosen = found[0]
        answers = {first.name: said(self._line, words[:chosen]), choice.name: words[chosen].text}
        rest = self.place(words[chosen + 1 :], others)
        return Typed({**answers, **rest.answers}, rest.sure and (len(found) == 1 or words[0].quoted or chosen == 1))

    def _timed(self, words: Sequence[Token], title: Field, when: Field, others: Sequence[Field]) -> Typed:
        """Split at a phrase of time, with which the line ends or begins."""
        if words[0].quoted and len(words) > 1:
            rest = said(self._line, words[1:])
            times = list(self._times(rest))
            if len(times) != 1 or not rest[times[0][1] :].strip(_EDGES):
                return Typed({title.name: words[0].text, when.name: rest.strip(_EDGES)})
            start, end = times[0]
            more = self._beside(rest[:start], rest[end:], others)
            return Typed({title.name: words[0].text, when.name: rest[start:end], **more}, sure=False)
        whole = said(self._line, words)
        times = list(self._times(whole))
        if not times:
            return Typed({title.name: whole})
        start, end = times[-1] if not whole[times[-1][1] :].strip(_EDGES + ".!)]") else times[0]
        before, behind = _trim(whole[:start].rstrip(" ([")), _trim(whole[end:].lstrip(" )]"))
        repeat = next((other for other in others if other.name == "repeat"), None)
        if repeat and before and (often := self._often(before, behind, whole[start:end])):
            title_words, answer = often
            return Typed({title.name: title_words, when.name: whole[start:end], repeat.name: answer}, sure=False)
        if before and not regex.search(r"[\p{L}\p{N}]", behind):  # "friday 8pm!", "friday 8pm 🎉"
            before, behind = f"{before} {behind.strip('.!?… ')}".rstrip(), ""
        if before and behind:
            more = self._beside("", behind, others)
            named = before if more else f"{before} {behind}"
            return Typed({title.name: named, when.name: whole[start:end], **more}, sure=False)
        named = before or behind
        sure = len(times) == 1 and self._is_title(named) and not self._has_number(named, whole[start:end])
        return Typed({title.name: named, when.name: whole[start:end]}, sure)

    def _has_number(self, title: str, when: str) -> bool:
        """Say whether the number with which a time begins may end a title: "Room 4.12 friday 10:00"."""
        numbered = regex.match(r"\d+(?:\.\d+)+\.?\s+(?=\p{L})", when)
        rest = when[numbered.end() :] if numbered else ""
        return bool(rest and title) and (0, len(rest)) in [*self._times(rest)]

    def _often(self, before: str, behind: str, when: str) -> tuple[str, str] | None:
        """Return a title and how often something is, where that stands before or behind when it is."""
        if behind:
            return (before, behind) if is_repeat(behind, self.translations) else None
        if (each := _EACH.search(before)) and (title := _trim(before[: each.start()])):
            return title, f"{each[0]} {when}"
        words = before.split()
        for size in range(min(_MOST_OFTEN, len(words) - 1), 0, -1):
            tail = " ".join(words[-size:])
            if is_repeat(tail, self.translations) and not self._times(tail):
                return _trim(" ".join(words[:-size])), tail
        return None

    def _is_title(self, words: str) -> bool:
        """Say whether no word of it may belong to the time behind it."""
        repeats = _EACH.search(words) or is_repeat(words, self.translations)
        return not repeats and not self._often(words, "", "") and not names_a_day(words)

    def end_in_time(self, words: Sequence[Token]) -> bool:
        """Say whether a phrase of time ends with these words, so that something else can begin."""
        whole = said(self._line, words)
        return any(not whole[end:].strip(_EDGES) for _, end in self._times(whole))

    def is_time(self, words: Sequence[Token]) -> bool:
        """Say whether words are a phrase of time and nothing else."""
        whole = said(self._line, words)
        return bool(words) and any(
            not whole[:start].strip(_EDGES) and not whole[end:].strip(_EDGES) for start, end in self._times(whole)
        )

    def _beside(self, before: str, behind: str, others: Sequence[Field]) -> dict[str, str]:
        """Keep what is left over where there is most room for words."""
        roomy = next((one for one in others if one.kind is Kind.TEXT and one.lines > 1), None)
        left = " ".join(filter(None, map(_trim, (before, behind))))
        return {roomy.name: left} if roomy and left else {}

    def _optional(self, words: Sequence[Token], fields: Sequence[Field]) -> Typed:
        """Place words in options that may be left out: those of one word by what they can be, the others in a row."""
        answers, rest = dict[str, str](), list[Token]()
        for word in words:
            open_ = [one for one in fields if one.name not in answers and one.kind in ONE_WORD]
            if len(fields) > 1 and (found := next((one for one in open_ if fits(one, word, self.translations)), None)):
                answers[found.name] = _bare(word)
            else:
                rest.append(word)
        left = [one for one in fields if one.name not in answers]
        if not rest:
            return Typed(answers)
        if not left:
            return Typed(answers, sure=False)
        wordy = next((one for one in left if one.kind not in ONE_WORD), left[0])
        sure = (len(left) == 1 or wordy.kind is Kind.TEXT) and (wordy.kind not in ONE_WORD or len(rest) == 1)
        return Typed({**answers, wordy.name: said(self._line, rest)}, sure)


def _is_named(word: Token) -> bool:
    return not word.quoted and bool(_MENTION.fullmatch(word.text) or _BETWEEN.fullmatch(word.text))


def _bare_name(words: Sequence[Token]) -> int:
    """Return of how many words a name is that is no mention, where it is clear what it is for: "Mia Müller for all".

    Nothing where it is not: "kenji noah" may be two, and so may "Noah, Kenji for it".
    """
    first, *more = words
    listed = bool(more) and (more[0].text[:1].isupper() or _BETWEEN.fullmatch(more[0].text) is not None)
    if first.quoted or (first.text[-1:] in [*",;:"] and not listed) or (more and _APART.fullmatch(more[0].text)):
        return 1
    for size, word in enumerate(more[:_LONGEST_NAME], start=1):
        if _BETWEEN.fullmatch(word.text) or words[size - 1].text[-1:] in [*",;:"]:
            return 0
        if _FOR.fullmatch(word.text):
            return size
    return 0


def _begun(words: Sequence[Token]) -> Sequence[Token]:
    """Return words without a dash that only parts them from a name before."""
    return words[1:] if words and not words[0].quoted and _APART.fullmatch(words[0].text) else words


def _bare(word: Token) -> str:
    return word.text if word.quoted else word.text.rstrip(",;:=")


def _trim(words: str) -> str:
    """Return words without what parted them from others."""
    return regex.sub(r"\(\s*\)|\[\s*\]", "", words).strip(_EDGES)
