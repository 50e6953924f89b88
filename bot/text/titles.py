"""What a message is about, in one sentence: the title of a question that was simply written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import regex

from adapters.contract.text import clean, clip

from .reading.lexicon import length_of, lexicon, plain, words_of
from .reading.signs import told

_BLOCK = regex.compile(r"```.*?(?:```|\Z)", regex.DOTALL)
_CODE = regex.compile(r"`[^`\n]+`")
_NAMED_LINK = regex.compile(r"\[([^\]\n]+)\]\(<?https?://[^)\s]+>?\)|<https?://[^|>\s]+\|([^>\n]+)>")
_LINK = regex.compile(r"<?https?://(?:www\.)?([^\s/<>?#]+)[^\s<>]*>?")
_ISOLATES = regex.compile(r"[\u2066-\u2069]")
"""What isolates right-to-left words comes in pairs, of which a sentence may have one half; drawing sets them anew."""
_QUOTED = regex.compile(r"^\s*>(.*)$", regex.MULTILINE)
_MENTIONS = regex.compile(r"^(?:(?:[^\W\d_]+\s+){0,2}?(?:@[\w.\-]+[\s,:]*)+)")
_ABBREVIATED = r"(?<!(?<!\w)(?:(?:\w\.)+\w|vs|bzw|ca|ggf|inkl|evtl|bspw|approx|incl|excl|resp|"
_ABBREVIATED += r"nr|dr|mr|mrs|diff|max|avg|esp|fig|vol|zw|jmd|mind|allg|zzgl|exkl)\.)"
"""What ends with a dot and goes on: "e.g.", "z.B.", "max."."""
_END = regex.compile(
    rf"{_ABBREVIATED}(?<=[.!?;][\"'”’)\]]*)\s+|(?<=[。؟])|(?<=[!?！？])(?=[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}])|\s*\n+\s*",
    regex.IGNORECASE,
)
_GREETING = regex.compile(r"^(?:[^\W\d_]+(?:\s+[^\W\d_]+){0,3}[,:!]\s+)(?=\S)")
_MARKED = regex.compile(
    r"(?<![\w*_~])(?:(\*{1,3}|_|~{1,2})(?=[^\s*_~])(.+?)(?<=[^\s*_~])\1|(__)(?=\S)([^_]*\s[^_]*)(?<=\S)__)(?![\w*_~])"
)
"""Words in bold, italics or struck through, as they are typed; "__init__" is a name."""
_HEADING = regex.compile(r"^\s{0,3}#{1,3}\s+", regex.MULTILINE)
_ITEM = regex.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+(?=\S)", regex.MULTILINE)
_IN_LINE = regex.compile(r"\s+(\d{1,2})[.)]\s+(?=\S)")
"""What begins an item of a list, in a line of its own or behind the item before."""
_FIRST, _MOST = 0xE000, 6000
"""Characters of no meaning, each of which stands for a piece of code while sentences are told apart."""
ENOUGH = 2
"""So many words tell a subject."""
_WITHOUT_SUBJECT = frozenset(
    "filler ask relative verb anyone seek not but thanks me you greet join common points".split()
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence, how many of its words tell a subject, and what it does."""

    words: str
    subject: int
    asks: bool
    trouble: bool
    sorry: bool = False


def split_title(words: str, longest: int = 150) -> tuple[str, str]:
    """Return what a message is about, as a title, and the whole as details if that says more.

    That is the first sentence that asks about something; one that only calls for help ("Any ideas?") tells nothing, so
    that it is the one that tells of trouble, or tells most. Code stays in it, links are in it by their name, and
    greetings and who is spoken to are left out. So is what is quoted, unless nothing else tells the subject.
    """
    whole = clean(words)
    flat, code = _keep_code(_BLOCK.sub("\n", whole))
    flat = _plain_lines(flat)
    sentences = _sentences(_QUOTED.sub("", flat))
    if not any(one.subject for one in sentences):
        sentences += _sentences("\n".join(_QUOTED.findall(flat)))
    title = _choose(sentences) or whole
    title = " ".join("".join(code.get(letter, letter) for letter in _ISOLATES.sub("", title)).split())
    short, rest = clip(title, longest), " ".join(whole.split()).replace(title, "", 1)
    return short, "" if short == title and tells_nothing(rest) else whole


def _plain_lines(flat: str) -> str:
    """Return a text without what is only typed to be drawn: bold and italics, headings, the numbers of a list."""
    flat = _HEADING.sub("", flat)
    for _ in range(3):  # one may be in another
        flat = _MARKED.sub(lambda match: match[2] or match[4], flat)
    if regex.match(r"\s*1[.)]\s", flat) and any(match[1] == "2" for match in _IN_LINE.finditer(flat)):
        flat = _IN_LINE.sub("\n", flat)
    return _ITEM.sub("", flat)


def _sentences(flat: str) -> list[_Sentence]:
    """Return the sentences of a text without code, with links by their name."""
    named = _LINK.sub(r"\1", _NAMED_LINK.sub(lambda match: match[1] or match[2], flat))
    return [_read(part) for part in _END.split(named) if part and part.strip()]


def tells_nothing(words: str) -> bool:
    """Say whether a line adds nothing to what was asked: "?", "anyone?", "thanks in advance"."""
    whole = clean(words)
    flat, code = _keep_code(_BLOCK.sub("`block`", whole))
    return not code and not _LINK.search(flat) and not any(_subject(part) for part in _END.split(flat) if part)


def _keep_code(words: str) -> tuple[str, dict[str, str]]:
    """Return words with one character of no meaning for each piece of code, and what each stands for."""
    code: dict[str, str] = {}

    def keep(match: regex.Match[str]) -> str:
        letter = chr(_FIRST + len(code) % _MOST)
        code[letter] = match[0]
        return letter

    return _CODE.sub(keep, words), code


def _choose(sentences: list[_Sentence]) -> str:
    """Return the sentence that tells best what all of them are about."""
    for wanted in (
        (one for one in sentences if one.asks and one.subject >= ENOUGH),
        (one for one in sentences if one.trouble and one.subject >= ENOUGH and not one.sorry),
        (one for one in sentences if one.trouble and one.subject >= ENOUGH),
        (one for one in sentences if one.asks and one.subject),
    ):
        if found := next(wanted, None):
            return found.words
    return max(sentences, key=lambda one: min(one.subject, ENOUGH), default=_Sentence("", 0, False, False)).words


def _read(part: str) -> _Sentence:
    """Return a sentence without greetings and who is spoken to, and what it tells."""
    words = part.strip()
    for form in (_MENTIONS, _GREETING, _MENTIONS):
        match = form.match(words)
        said = words_of(plain(regex.sub(r"@[\w.\-]+", "", match[0]))) if match else []
        if match and all(word in _greetings() for word in said):
            words = words[match.end() :].strip() or words
    found = told(plain(words))
    asks = bool(found & {"mark", "opens_ask", "opens_verb", "opens_relative", "opens_anyone", "opens_seek"})
    return _Sentence(words, _subject(words), asks, "trouble" in found, sorry="unsure" in found)


def _subject(words: str) -> int:
    """Return how many words of a sentence tell a subject, rather than hold it together."""
    sentence = lexicon().parts["points"].sub(" ", plain(words))
    said = words_of(sentence)
    covered = {
        place for kind, start, end in lexicon().find(said) if kind in _WITHOUT_SUBJECT for place in range(start, end)
    }
    code = sum(_FIRST <= ord(letter) < _FIRST + _MOST for letter in words)
    return length_of([word for place, word in enumerate(said) if place not in covered]) + code * ENOUGH


@cache
def _greetings() -> frozenset[str]:
    return frozenset(first for first, rows in lexicon().phrases.items() if any(kind == "filler" for _, kind in rows))
