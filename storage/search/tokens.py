"""The words of a text as a search compares them: folded, without endings, and in any script.

Identifiers count whole and in their parts (`get_user_by_name`, `getUserByName`), versions whole ("3.12"), and C# and
C++ are not C. Scripts that set no blanks between words (Chinese, Japanese, Thai), and Korean, whose words carry
endings, count by pairs of neighbouring characters. All other words lose English and German endings, one after the
other: of a word or two it cannot be told which language they are, and neither list harms the other's words much. The
German one also takes ae, oe and ue for what they stand for.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import regex

from ..words import HIDDEN, folded

LONGEST = 64
"""How much of a term counts, in characters."""
TITLE = 4
"""How often a word of a title counts."""
SHORTEST_PART = 3
"""So many letters has the longer part of a word that is written with a blank."""
STEMS, TERMS = 50_000, 10_000
"""Of so many words the stem is remembered, and all terms of so many."""

_SMALL = """
a about after all also am an and any are as at be because been before being but by can could d did do does doing don for
from had has have having he her here him his how i if in into is it its just ll m me my no nor not now of off on once
only or our out over own re s same she should so some such t than that the their them then there these they this those
through to too under until up ve very was we were what when where which while who whom why will with would you your

aber als am an andere anderem anderen anderer anderes anders auch auf aus bei beim bin bis da damit dann das dass dein
deine deinem deinen deiner deines dem den der des die dies diese diesem diesen dieser dieses doch du durch ein eine
einem einen einer eines er es euch euer eure eurem euren eurer eures für hab habe haben habt hast hat hier ich ihm ihn
ihnen ihr ihre ihrem ihren ihrer ihres im in ist ja kann kannst kein keine keinem keinen keiner keines können könnt man
mein meine meinem meinen meiner meines mich mir mit nach nicht noch nun nur ob oder ohne sein seine seinem seinen seiner
seines sich sie sind so über um und uns unser unsere unserem unseren unserer unseres vom von vor wann war waren warum
was wenn wer werde werden wie wieder wir wird wo zu zum zur
"""
_APART = frozenset("in off on out over up".split())
"""Small words that are parts of longer ones, too: "log in", "off line"."""
_DENSE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々"
_PIECE = regex.compile(
    rf"""
    (?P<dense>[{_DENSE}]+)
    | (?P<sharp>(?<![\p{{L}}\p{{N}}])(?:\p{{L}}(?:\+\+|\#)|\.[Nn][Ee][Tt]\b))
    | (?P<version>(?<![\p{{L}}\p{{N}}.])[Vv]?\d+(?:\.\d+)+(?![\p{{L}}\p{{N}}]))
    | (?P<word>[\p{{L}}\p{{N}}_--[{_DENSE}]][\p{{L}}\p{{N}}\p{{M}}_--[{_DENSE}]]*
        (?:(?:[._/-]|::)[\p{{L}}\p{{N}}_--[{_DENSE}]][\p{{L}}\p{{N}}\p{{M}}_--[{_DENSE}]]*)*)
    """,
    regex.V1 | regex.VERBOSE,  # IGNORECASE would take five times as long
)
_PART = regex.compile(r"[\p{L}\p{N}\p{M}]+")
_HUMP = regex.compile(r"\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+|[\p{L}\p{M}]+")
_NUMBERED = regex.compile(r"(\p{L}{2,})(\d+(?:\.\d+)*)")
_RELEASE = regex.compile(r"(\p{L}{2,}) v?(\d+(?:\.\d+)+)(?![\p{L}\p{N}])", regex.IGNORECASE)
_JOINT = regex.compile(r"[ ./_\-]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_MARKS = regex.compile(r"\p{Script=Inherited}+")


def tokens(text: str) -> list[str]:
    """Return the terms of a text in their order, without the small words."""
    return [term for term, _ in _terms(text)]


@lru_cache(maxsize=1000)
def spellings(text: str) -> Mapping[str, str]:
    """Return the terms of a text, without the small words, each with the word as it is first written there.

    They are remembered, because the same titles are found again and again.
    """
    found: dict[str, str] = {}
    for term, said in _terms(text):
        found.setdefault(term, said)
    return found


def other_ways(text: str) -> dict[str, list[str]]:
    """Return how terms of a text may be written otherwise.

    That is in one word with their neighbour ("web hook", "log-in", "node.js", "python 3.12") or, of a word that loses
    an ending as a term, in two ("nodejs").
    """
    found: dict[str, list[str]] = {}
    for word in map(_fold, _PART.findall(text)):
        if (term := _stem(word)) != word and not _is_small(word):
            found.setdefault(term, []).extend(split(word))
    for release in _RELEASE.finditer(text):
        found.setdefault(release[2], []).append(_fold(release[1]) + release[2])
    for one, other in pairwise(_PART.finditer(text)):
        parts = [part for part in (one[0], other[0]) if not _is_small(part)]
        if _JOINT.fullmatch(text, one.end(), other.start()) and all(map(_stands_apart, (one[0], other[0]))):
            for part in parts:
                found.setdefault(_stem(_fold(part)), []).append(_stem(_fold(one[0] + other[0])))
    return found


def split(term: str) -> Iterator[str]:
    """Return what a term consists of if it is written with a blank, in each way: "web hook", and "log" of "log in"."""
    for at in range(1, len(term)):
        parts = [_stem(part) for part in (term[:at], term[at:]) if part not in _APART]
        if parts and max(map(len, parts)) >= SHORTEST_PART:
            yield " ".join(parts)


def numbered(term: str) -> tuple[str, str] | None:
    """Return the word, as it is compared, and the number of a term that is both in one: "python3.12"."""
    found = _NUMBERED.fullmatch(term)
    return (_stem(found[1]), found[2]) if found else None


def weights(title: str, body: str, answers: Sequence[tuple[str, float]] = ()) -> dict[str, float]:
    """Return how often each term of a document counts: a title's words `TITLE` times, each answer's by its weight."""
    counted: dict[str, float] = dict(Counter(tokens(body)))
    parts = [(title, float(TITLE)), *answers]
    for text, weight in parts:
        for term, number in Counter(tokens(text)).items():
            counted[term] = counted.get(term, 0) + weight * number
    return {term: int(count) if count == int(count) else count for term, count in counted.items()}


def _terms(text: str) -> Iterator[tuple[str, str]]:
    """Return each term but the small words, with the word as it is written."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", HIDDEN.sub("", text))
    for piece in _PIECE.finditer(text):
        said = piece[0]
        match piece.lastgroup:
            case "dense":
                yield from ((pair, pair) for pair in _pairs(said))
            case "sharp":
                yield said.casefold(), said
            case "version":
                yield from ((number, number) for number in _versions(said.lower().lstrip("v")))
            case _:
                yield from _words(said)


def _pairs(run: str) -> Iterator[str]:
    """Return the neighbouring characters of a run, and each Chinese character also alone: it may be a word."""
    seen: list[str] = regex.findall(r"\X", run)
    if len(seen) == 1:
        yield seen[0]
        return
    yield from (one + next_ for one, next_ in pairwise(seen))
    yield from (one for one in seen if regex.match(r"\p{Han}", one))


def _versions(number: str) -> Iterator[str]:
    """Return a version, and what it is a release of: "3.12.1", "3.12"."""
    parts = number.split(".")
    yield number
    yield from (".".join(parts[:length]) for length in range(len(parts) - 1, 1, -1))


@lru_cache(maxsize=TERMS)
def _words(said: str) -> tuple[tuple[str, str], ...]:
    return tuple(_parts(said))


def _parts(said: str) -> Iterator[tuple[str, str]]:
    parts: list[str] = _PART.findall(said)
    if len(parts) > 1 or "_" in said:
        yield _fold(said)[:LONGEST], said
    for part in parts:
        if _is_small(part):
            continue
        yield _stem(_fold(part)[:LONGEST]), part
        humps: list[str] = [] if part.islower() else _HUMP.findall(part)
        if len(humps) > 2 or (len(humps) == 2 and part[0].islower()):  # YouTube is one word
            yield from ((_stem(_fold(hump)), hump) for hump in humps if not _is_small(hump))


def _fold(word: str) -> str:
    """Return a word as words are compared, and without accents and vowel points."""
    if word.isascii():
        return word.casefold()
    return unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", folded(word))))


@lru_cache(maxsize=STEMS)
def _stem(word: str) -> str:
    if not word.isalpha():
        return word
    for stemmer in _stemmers():
        word = stemmer.stemWord(word)
    return word


@cache
def _stemmers() -> tuple[Any, ...]:
    import Stemmer  # only where something is searched: it is of no use before

    return Stemmer.Stemmer("english"), Stemmer.Stemmer("german")


def _stands_apart(word: str) -> bool:
    """Say whether a word may be part of a longer one: "log in", but not "a part"."""
    return not _is_small(word) or _fold(word) in _APART


def _is_small(word: str) -> bool:
    """Say whether a word only holds others together. Its stem does not tell: that of "ändern" is "and"."""
    return _fold(word) in _small()


@cache
def _small() -> frozenset[str]:
    """Return the small words as they are compared, in both spellings of umlauts."""
    return frozenset(_fold(word) for word in (_SMALL + _SMALL.translate(_UMLAUTS)).split())
