"""Typed commands: what stands behind the command's words becomes the answers of its form.

    /ask topic:webhooks How do I rotate "the secret"?
    /event create Game night friday 8pm
    /poll create "Where do we eat?" "Pizza" "Pasta"
    /thanks @noah for all of it

What is understood is right. What is not sure is said to be so: then the form opens, filled with what was typed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from pathlib import Path

import regex

from adapters.contract.forms import Field, Kind
from adapters.contract.text import Translations
from bot.text.quotes import MARKS, Token, has_open_quote, said, tokens_of
from bot.text.umlauts import UMLAUTS

from .placing import ONE_WORD, Placing, Times, Typed, fits

_NAMES = Path(__file__).parent.parent / "text" / "options.toml"
_EQUALS = "=\uff1d"
_ENDED = regex.compile(r"[.?!…？！。؟,;:)\"”»]$")
"""How words end before which an option may begin."""


@dataclass(frozen=True, slots=True)
class _Named:
    """An option by its name, `topic:` or `topic=`, and the words behind it."""

    field: Field
    mark: Token
    equals: bool
    words: tuple[Token, ...] = ()

    @property
    def is_short(self) -> bool:
        """Whether the answer is one word unless it is in quotes: one of a kind, or one that is suggested."""
        return self.field.kind in ONE_WORD or bool(self.field.choices)

    @property
    def touches(self) -> bool:
        """Whether the answer stands right behind the mark."""
        return bool(self.words) and self.words[0].start <= self.mark.end

    @property
    def as_words(self) -> list[Token]:
        """What was typed, where it is no option."""
        return [self.mark, *(word for word in self.words if word.start >= self.mark.end)]


def read_line(line: str, fields: Sequence[Field], translations: Translations, times: Times) -> Typed:
    """Read what was typed behind a command into answers to its `fields`. They are not checked here.

    Options go by `name:` or `name=`, at the beginning of the line or behind other words; where these go on behind it,
    it is a mere word: "is anonymous=yes safe?". `times` finds where moments stand among other words.
    """
    typed = _read(line, fields, translations, times)
    tokens = tokens_of(line)
    doubtful = has_open_quote(tokens) or _names_bare(line, tokens, fields, translations, times)
    return replace(typed, sure=typed.sure and not doubtful)


def _read(line: str, fields: Sequence[Field], translations: Translations, times: Times) -> Typed:
    lead, named = _split(line, fields)
    for first in range(len(named)):
        options, before = named[first:], [*lead, *(token for one in named[:first] for token in one.as_words)]
        if not before or (_are_options(options, fields, translations) and (_ends(before) or not options[0].equals)):
            return _with_options(line, before, options, fields, Placing(line, translations, times))
    words = [*lead, *(token for one in named for token in one.as_words)]
    doubtful = bool(named) and named[-1].is_short and _is_answer(named[-1], translations)
    typed = Placing(line, translations, times).place(words, fields)
    return replace(typed, sure=typed.sure and not doubtful)


def _split(line: str, fields: Sequence[Field]) -> tuple[list[Token], list[_Named]]:
    """Split a line at the names of options: the words before the first, and each with the words behind it."""
    by_name = _by_name(fields)
    mark = regex.compile(rf"({'|'.join(by_name) or '(?!)'})([{MARKS}])(.*)", regex.IGNORECASE | regex.DOTALL)
    lead, named = list[Token](), list[_Named]()
    tokens = _with_marks(tokens_of(line), by_name)
    for token, following in zip_longest(tokens, tokens[1:]):
        match = None if token.quoted else mark.fullmatch(token.text)
        touches = following is not None and following.start == token.end
        words = [token]
        if match and (match[2] not in _EQUALS or match[3] or touches or named or not lead):
            named.append(_Named(by_name[match[1].lower()], token, match[2] in _EQUALS))
            words = [Token(match[3], token.start + match.start(3), token.end)] if match[3] else []
        if named:
            named[-1] = replace(named[-1], words=(*named[-1].words, *words))
        else:
            lead += words
    return lead, named


def _by_name(fields: Sequence[Field]) -> dict[str, Field]:
    """Return the options by their names, and by what else they are called unless another one has that name."""
    others = {name: field for field in reversed(fields) for name in _other_names().get(field.name, ())}
    return others | {field.name: field for field in fields}


@cache
def _other_names() -> dict[str, tuple[str, ...]]:
    """Return what options are called in other languages, in each of the spellings that they have."""
    found = dict[str, tuple[str, ...]]()
    for named in tomllib.loads(_NAMES.read_text(encoding="utf-8")).values():
        for option, names in named.items():
            found[option] = (*found.get(option, ()), *names, *(name.translate(UMLAUTS) for name in names))
    return found


def _with_marks(tokens: Sequence[Token], names: Container[str]) -> list[Token]:
    """Put a name and the mark together that stands behind it after a blank: "title : Lunch"."""
    joined = list[Token]()
    for token in tokens:
        named = bool(joined) and not joined[-1].quoted and joined[-1].text.lower() in names
        if named and not token.quoted and token.text in [*MARKS]:
            joined[-1] = Token(joined[-1].text + token.text, joined[-1].start, token.end)
        else:
            joined.append(token)
    return joined


def _names_bare(
    line: str, tokens: Sequence[Token], fields: Sequence[Field], translations: Translations, times: Times
) -> bool:
    """Say whether an option may be named without its mark: "--anonymous", "capacity 5", "closes tomorrow 18:00"."""
    by_name = _by_name(fields)
    for number, (token, following) in enumerate(zip_longest(tokens, tokens[1:])):
        name = regex.sub(rf"[{MARKS}].*$", "", token.text.lower(), flags=regex.DOTALL)
        if token.quoted or (field := by_name.get(name.lstrip("-"))) is None:
            continue
        if name.startswith("--"):
            return True
        if token.text.lower() != name:
            continue
        if field.kind is Kind.BOOLEAN and (not number or following is None):
            return True
        if following and field.kind in (Kind.INTEGER, Kind.BOOLEAN) and fits(field, following, translations):
            return True
        if (
            number
            and following
            and field.kind is Kind.MOMENT
            and any(not start for start, _ in times(line[following.start :]))
        ):
            return True
    return False


def _are_options(named: Sequence[_Named], fields: Sequence[Field], translations: Translations) -> bool:
    """Say whether what stands behind other words is nothing but options, each once and with an answer of its kind."""
    names = {one.field.name for one in named}
    has_room = any(field.required and field.name not in names for field in fields)
    return has_room and len(names) == len(named) and all(_is_answer(one, translations) for one in named)


def _ends(words: Sequence[Token]) -> bool:
    """Say whether a sentence, or a quote, ends with these words, so that something else can begin."""
    return words[-1].quoted or _ENDED.search(words[-1].text) is not None


def _is_answer(one: _Named, translations: Translations) -> bool:
    if one.is_short:
        return len(one.words) == 1 and fits(one.field, one.words[0], translations)
    return bool(one.words) and (not one.equals or one.field.kind is not Kind.TEXT or one.words[0].quoted)


def _is_time(one: _Named, placing: Placing) -> bool:
    """Say whether it asks for a moment, and all that stands behind it is one."""
    return one.field.kind is Kind.MOMENT and placing.is_time(one.words)


def _is_no_answer(one: _Named, translations: Translations) -> bool:
    """Say whether what stands behind a yes or no goes on with something else: "anonymous: How do I?"."""
    goes_on = len(one.words) > 1
    return one.field.kind is Kind.BOOLEAN and goes_on and not fits(one.field, one.words[0], translations)


def _with_options(
    line: str, words: list[Token], named: Sequence[_Named], fields: Sequence[Field], placing: Placing
) -> Typed:
    """Take the options by name; what else was typed fills the others."""
    answers = dict[str, str]()
    fitting = True
    ended = not words or _ends(words) or len(named) > 1 or placing.end_in_time(words)
    for one in named:
        if one.field.name in answers:
            words, fitting = [*words, *one.as_words], False
        elif _is_no_answer(one, placing.translations):
            words, fitting = [*words, *one.words], False
        elif one.words and (one.words[0].quoted or one.is_short):
            answers[one.field.name] = one.words[0].text
            words = [*words, *one.words[1:]]
        elif one.words:
            answer = said(line, one.words)
            answers[one.field.name] = answer if one is named[-1] else answer.rstrip(",; ")
    typed = placing.place(words, [field for field in fields if field.name not in answers])
    # "I have more details: ..." may be words, and so may "How do I set topic: webhooks".
    sure = ended or any(one.field.required or (one.is_short and one.touches) or _is_time(one, placing) for one in named)
    answered = all(one.words for one in named)
    return Typed({**answers, **typed.answers}, typed.sure and sure and answered and fitting)
