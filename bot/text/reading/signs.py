"""What can be seen of a message: its signs, by name, as numbers. Pure; any text has some."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from math import log1p

import regex

from .lexicon import length_of, lexicon, plain, words_of
from .terms import term_signs

LONGEST = 2000
"""So much of a message is looked at."""
_BLOCK, _CODE = regex.compile(r"```.*?(?:```|\Z)", regex.DOTALL), regex.compile(r"`[^`\n]*`")
_LINK = regex.compile(r"<?https?://[^\s<>]+>?", regex.IGNORECASE)
_QUOTED = regex.compile(r"^\s*>.*$", regex.MULTILINE)
_MENTION = regex.compile(r"(?<![\w.])@[\w.-]+|<[@#!][^>\s]*>")
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|(?<![\w:]):[a-z][\w+-]+:|[:;][-']?[()DPp](?!\w)")
_LAUGHTER = regex.compile(
    r"[\U0001f602\U0001f923\U0001f605\U0001f606\U0001f639]|(?<![\w:]):(?:joy|rofl|sweat_smile|laughing):"
)
_SENTENCE = regex.compile(r"(?<=[.!?;][\"'”’)\]]*)\s+|(?<=[。؟])|(?<=[!?])(?=[\p{Han}\p{Hiragana}\p{Katakana}])|\n+")
_MARK = regex.compile(r"[?؟⁇՞][\s\W]*$|\p{Greek}.*;[\s\W]*$")
_SYMBOL = regex.compile(r"[^\p{L}\p{M}\p{N}\s.,!?;:'\"()\-]")
_INTERPOSED = regex.compile(r"[?؟]")

_QUOTE = regex.compile(r"^\s*>[ \t]?", regex.MULTILINE)

Signs = Mapping[str, float]


def signs_within(words: str) -> Signs:
    """Return the signs of a message; of what is nothing but a quote, such as what was forwarded, those of the quote."""
    found = signs(words)
    return signs(_QUOTE.sub("", words)) if "quoted" in found and "empty" in found else found


def signs(words: str) -> Signs:
    """Return the signs of a message, each with how strong it is; those that it does not have are left out."""
    text = unicodedata.normalize("NFKC", words[:LONGEST])
    found: dict[str, float] = {}
    for name, pattern, instead in (
        ("code", _BLOCK, " code. "),
        ("code", _CODE, " code "),
        ("quoted", _QUOTED, " "),
        ("link", _LINK, " "),
        ("mention", _MENTION, " "),
    ):
        if pattern.search(text):
            found[name] = 1.0
            text = pattern.sub(instead, text)
    laughs = _LAUGHTER.search(text) is not None
    if _EMOJI.search(text):
        found["emoji"] = 1.0
        text = _EMOJI.sub(" ", text)
    sentences = [sentence for sentence in _SENTENCE.split(plain(text)) if sentence and not sentence.isspace()]
    read = [told(sentence) for sentence in sentences]
    for one in read:
        for name in one:
            found[name] = 1.0
    if laughs:
        found["joke"] = 1.0
    size = length_of([word for sentence in sentences for word in words_of(sentence)])
    marked = [("mark" in one) for one in read]
    alone = {f"only_{name}": 1.0 for name in ("emoji", "link", "mention") if name in found and not size}
    if "code" in found and size and all(word == "code" for sentence in sentences for word in words_of(sentence)):
        alone["only_code"] = 1.0
    found |= alone | _shape(text, size, marked) | term_signs(text, sentences)
    return found | _together(found, read, size)


def told(sentence: str) -> set[str]:
    """Return what one sentence tells."""
    words = words_of(sentence)
    known = lexicon()
    hits = [*known.find(words)]
    skipped = 0
    while skipped < len(words):
        ends = [end for kind, start, end in hits if start == skipped and kind in _BEFORE]
        if not ends:
            break
        skipped = max(ends)
    led_on = any(kind == "aside" and end == skipped for kind, _, end in hits)
    led_on &= not any(kind == "ask" and start == skipped for kind, start, _ in hits)
    named = _names_whom(sentence, words, hits, skipped)
    led_on |= named
    # Behind "as promised" a verb comes first in German, too
    order = set[str]() if led_on else {*_order(words, hits, skipped)}
    if "inverted" in order:
        hits = [hit for hit in hits if hit[1] != skipped or hit[0] not in _OF_STATEMENTS]
    parts = {kind for kind, _, _ in known.find_parts(sentence)}
    kinds = (order | {kind for kind, _, _ in _outermost(hits)} | parts) - {"common", "subject", "points"}
    opening = {kind for kind, start, _ in hits if start == skipped} - ({"relative", "verb"} if led_on else set())
    if _CLAUSE.search(sentence) and any(kind == "ask" and start > skipped for kind, start, _ in hits):
        kinds.add("clause_asks")
    if named:
        kinds.add("names_whom")
    if "news" in kinds and opening & {"ask"} and not order & _ASKS and not _MARK.search(sentence):
        kinds.add("titled")
    if "cry" in kinds and (length_of(words) <= _SHORT if "cry" in parts else _are_all(words, hits, _CRIES)):
        kinds.add("only_cry")
    if _MARK.search(sentence) or "ends" in parts:
        kinds.add("mark")
    elif _INTERPOSED.search(sentence):
        kinds.add("mark_inside")
    if "jest" in kinds:
        kinds.discard("jest")
        if not ("mark" in kinds and "ask" in opening) and not _means_it(hits):
            kinds.add("joke")
    opening |= parts & {"ask"}  # without blanks, a word that asks may be anywhere
    asks = opening & {"ask", "relative", "verb", "anyone"}
    kinds |= {f"opens_{kind}" for kind in opening & {"seek", "me", "you", "advise", "maybe"}}
    return kinds | ({"opens_marked"} if asks and "mark" in kinds else {f"opens_{kind}" for kind in asks})


def _are_all(words: list[str], hits: list[tuple[str, int, int]], kinds: set[str]) -> bool:
    """Say whether each word is a sign of one of some kinds."""
    return {at for kind, start, end in hits if kind in kinds for at in range(start, end)} == {*range(len(words))}


def _means_it(hits: list[tuple[str, int, int]]) -> bool:
    """Say whether it is told that something is no joke: "not kidding", "jokes aside"."""
    before = {end for kind, _, end in hits if kind == "not"}
    within = {place for kind, start, end in hits if kind == "filler" for place in range(start, end)}
    return all(start in before | within for kind, start, _ in hits if kind == "jest")


def _names_whom(sentence: str, words: list[str], hits: list[tuple[str, int, int]], first: int) -> bool:
    """Say whether a sentence begins with whom or what it is about, and goes on with a verb: "wer mag, kann kommen"."""
    comma = sentence.find(",")
    behind = len(words_of(sentence[:comma])) if comma > 0 else 0
    if _MARK.search(sentence) or not first < behind < len(words):
        return False
    kinds = [{kind for kind, start, _ in hits if start == place} for place in (first, first + 1, behind)]
    opening, second, then = kinds
    asks = "verb" in second and behind > first + 2  # "what must I do, ..."
    finite = not then & {"common", "subject", "filler"} and _FINITE.fullmatch(words[behind]) is not None
    goes_on = not then & {"ask", "relative"} and ("verb" in then or finite)
    return "relative" in opening and goes_on and not asks


_BEFORE = ("filler", "greet", "thanks", "aside")
"""What may stand before what is meant."""
_OF_STATEMENTS = {"works", "advise", "maybe", "understood", "news"}
"""What a verb does not say where it opens a question: "should I ...", "funktioniert das ..."."""
_ASKS = {"asks_subject", "asks_verb", "asks_verb_near", "inverted"}
"""What the order of words surely asks; "how to ..., a guide" is only called so."""
_CRIES = {"cry", "filler", "anyone", "greet"}
"""Of what a mere call for help consists."""
_SHORT = 2
"""So many words at most are a mere call for help where there are no blanks."""
_NEAR = 4
"""So many words behind a word that asks its verb may be: "which of the ports are"."""
_FINITE = regex.compile(r"\w{2,}(?:t|e|en)")
"""What may be a verb, in the languages that let a question begin with any of them."""
_CLAUSE = regex.compile(r"[,:]\s")


def _order(words: list[str], hits: list[tuple[str, int, int]], first: int) -> Iterator[str]:
    """Return what the order of words tells from `first` on: a verb before who does something asks."""
    at: dict[int, set[str]] = {}
    for kind, start, _ in hits:
        at.setdefault(start, set()).add(kind)
    opening, then = at.get(first, set()), at.get(first + 1, set())
    if "subject" in then:
        if "verb" in opening:
            yield "inverted"
        elif not opening & {"common", "subject", "ask", "relative"} and _FINITE.fullmatch(words[first]):
            yield "inverted_other"
    asks = [end for kind, start, end in hits if start == first and kind in ("ask", "relative")]
    if asks:
        end = max(asks)
        if "subject" in at.get(end, set()):
            yield "asks_subject"
        elif "verb" in at.get(end, set()):
            yield "asks_verb"
        elif any("verb" in at.get(place, set()) for place in range(end, min(end + _NEAR, len(words)))):
            yield "asks_verb_near"
        else:
            yield "asks_no_verb"


_STRONGER = {"works", "trouble", "later", "understood", "unsure", "join"}
_WEAKER = {"works", "trouble", "not", "but", "praise", "thanks"}
_ASKING = {"ask", "relative", "verb"}


def _outermost(hits: list[tuple[str, int, int]]) -> Iterator[tuple[str, int, int]]:
    """Return hits without those that longer ones explain: "no more errors" is no trouble, and "geht nicht" not "geht".

    What works is denied by a "not" nearby.
    """
    longer = [hit for hit in hits if hit[0] in _STRONGER]
    asides = [(start, end) for kind, start, end in hits if kind == "aside"]
    for kind, start, end in hits:
        if kind in _ASKING and any(a <= start and end <= b for a, b in asides):
            continue
        if kind in _WEAKER and any(a <= start and end <= b and b - a > end - start for _, a, b in longer):
            continue
        near = kind == "works" and any(other == "not" and start - 3 <= at < end + 4 for other, at, _ in hits)
        yield ("denied" if near and not _holds_not(hits, start, end) else kind), start, end


def _holds_not(hits: list[tuple[str, int, int]], start: int, end: int) -> bool:
    return any(kind == "not" and start <= at < end for kind, at, _ in hits)


def _shape(text: str, size: int, marked: list[bool]) -> dict[str, float]:
    """Return what length and marks tell."""
    shape = {
        "length": log1p(size) / 5,
        "empty": float(size == 0),
        "short_1": float(size <= 1),
        "short_3": float(size <= 3),
        "short_6": float(size <= 6),
        "long_30": float(size > 30),
        "long_80": float(size > 80),
        "mark_last": float(bool(marked) and marked[-1]),
        "mark_first": float(bool(marked) and marked[0]),
        "asked_then_told": float(bool(marked) and marked[0] and not marked[-1]),
        "told_then_asked": float(bool(marked) and marked[-1] and not marked[0]),
        "mark_all": float(bool(marked) and all(marked)),
        "mark_short": float(any(marked) and size <= 3),
        "symbols": min(1.0, 8 * len(_SYMBOL.findall(text)) / (len(text) or 1)),
        "exclaimed": float("!" in text),
    }
    return {name: strength for name, strength in shape.items() if strength}


_PAIRS = (
    ("works", "not"),
    ("works", "but"),
    ("works", "trouble"),
    ("works", "later"),
    ("thanks", "but"),
    ("thanks", "not"),
    ("thanks", "trouble"),
    ("thanks", "mark"),
    ("thanks", "later"),
    ("understood", "mark"),
    ("works", "mark"),
    ("works", "me"),
    ("works", "thanks"),
    ("praise", "not"),
    ("praise", "but"),
    ("praise", "later"),
    ("praise", "mark"),
    ("small", "mark"),
    ("small", "seek"),
    ("maybe", "mark"),
    ("maybe", "you"),
    ("join", "works"),
    ("me", "seek"),
    ("me", "not"),
    ("inverted", "mark"),
    ("not", "you"),
    ("understood", "but"),
    ("understood", "thanks"),
    ("mark", "me"),
    ("mark", "you"),
    ("mark", "seek"),
    ("trouble", "me"),
    ("trouble", "not"),
    ("ask", "me"),
    ("request", "mark"),
    ("request", "you"),
    ("advise", "you"),
    ("advise", "code"),
    ("advise", "mark"),
    ("join", "advise"),
    ("greet", "mark"),
    ("unsure", "advise"),
    ("joke", "mark"),
    ("news", "mark"),
    ("anyone", "praise"),
    ("anyone", "small"),
    ("inverted", "praise"),
    ("asked_then_told", "advise"),
    ("asked_then_told", "me"),
    ("asked_then_told", "request"),
    ("asked_then_told", "technical"),
    ("asked_then_told", "you"),
    ("plainly", "short_3"),
    ("plainly", "short_6"),
    ("plainly", "technical"),
    ("plainly", "begins_term"),
)
_PERSONAL = frozenset(
    "thanks praise greet unsure join me later understood joke small emoji exclaimed mark request news trouble seek "
    "anyone".split()
)
"""What is said from one person to another; who names a thing without any of it states how things are, "plainly"."""
_ALONE = tuple("thanks praise works small maybe understood greet join unsure request advise trouble joke".split())


def _together(found: Mapping[str, float], read: list[set[str]], size: int) -> dict[str, float]:
    """Return what signs tell by standing together, or in a message of a few words."""
    if "terms" in found and not found.keys() & _PERSONAL:
        found = {**found, "plainly": 1.0}
    pairs = {f"{one}_{other}": 1.0 for one, other in _PAIRS if one in found and other in found}
    glad = bool(found.keys() & {"works", "praise", "thanks", "understood"})
    spoilt = bool(found.keys() & {"not", "but", "trouble", "later", "denied", "mark", "seek"})
    pairs |= {"glad_clear" if not spoilt else "glad_spoilt": 1.0} if glad else {}
    brief = {f"{one}_brief": 1.0 for one in _ALONE if one in found and size <= 8}
    first = {f"{one}_first": 1.0 for one in _ALONE if read and one in read[0]}
    last = {f"{one}_last": 1.0 for one in _ALONE if read[1:] and one in read[-1]}
    plainly = {"plainly": 1.0} if "plainly" in found else {}
    return plainly | pairs | brief | first | last
