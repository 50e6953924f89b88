"""The sentence of an answer that answers, and the versions that a text speaks of."""

from __future__ import annotations

import regex

from storage.search.tokens import tokens

_SENTENCE = regex.compile(r"(?:[^.!?\n。！？]|[.!?](?=\S))+[.!?。！？]*")
_VERSION = regex.compile(r"(?<![\p{L}\p{N}.])v?(\d+(?:\.\d+)+)(?![\p{L}\p{N}]|\.\d)", regex.IGNORECASE)


def passage(answer: str, asked: str) -> tuple[int, int] | None:
    """Return where the sentence stands that shares most words with what is asked.

    None where there is no other sentence, none shares a word, or there is code.
    """
    sentences = [match for match in _SENTENCE.finditer(answer) if match[0].strip()]
    wanted = {*tokens(asked)}
    shared = [len(wanted & {*tokens(match[0])}) for match in sentences]
    if len(sentences) < 2 or not max(shared) or "`" in answer:
        return None
    best = sentences[shared.index(max(shared))]
    start = best.start() + len(best[0]) - len(best[0].lstrip())
    return start, start + len(best[0].strip())


def versions(text: str) -> list[str]:
    """Return the versions that a text names, "3.12" or "2.1.0"."""
    return [*dict.fromkeys(_VERSION.findall(text))]


def other_versions(asked: str, known: str) -> tuple[str, str] | None:
    """Return the version that is asked about, and the one that is known of, where these are different ones."""
    wanted, told = versions(asked), versions(known)
    alike = any(
        f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.") for one in wanted for other in told
    )
    return (wanted[0], told[0]) if wanted and told and not alike else None
