"""Reads what comes in, which is anyone's JSON. Whatever does not hold raises `Refused` with a sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from adapters.contract.text import clean
from adapters.contract.ui import Card, LinkButton, Menu

from .records import TRELLIS

NAME, SOURCE, EMOJI = 80, 100, 32
"""The longest name of a person, origin of theirs, and emoji."""

_ID = re.compile(r"[a-z0-9-]{1,32}")
_DOMAIN = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+")


class Refused(Exception):
    """A request that does not hold, with an HTTP status and one sentence that says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def read_json(raw: bytes) -> dict[str, Any]:
    """Read a request's body: a JSON object."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(400, "The request has to be JSON.") from None
    if not isinstance(body, dict):
        raise Refused(400, "The request has to be a JSON object.")
    return body


def read_text(body: dict[str, Any], name: str) -> str:
    """Return a text that has to be there."""
    value = body.get(name)
    if not isinstance(value, str):
        raise Refused(400, f"“{name}” is missing." if value is None else f"“{name}” has to be text.")
    return storable(value)


def storable(typed: str) -> str:
    """Return the text without lone surrogates, which JSON can say and no file can keep."""
    return typed.encode("utf-8", "ignore").decode("utf-8")


def read_texts(body: dict[str, Any], name: str, known: Iterable[str]) -> dict[str, str]:
    """Return an object of texts; numbers, yes and no count as what one would type."""
    values = body.get(name) or {}
    if not isinstance(values, dict):
        raise Refused(400, f"“{name}” has to be an object.")
    known = [*known]
    texts = {}
    for key, value in values.items():
        if key not in known:
            raise Refused(400, f"There is no “{key}” here; there is: {', '.join(known) or 'nothing'}.")
        if not isinstance(value, str | int | float | None):
            raise Refused(400, f"“{key}” has to be text.")
        if value is not None:
            texts[key] = str(value).lower() if isinstance(value, bool) else storable(str(value))
    return texts


def read_emoji(body: dict[str, Any]) -> str:
    """Return one emoji."""
    emoji = clean(read_text(body, "emoji"))
    if not 0 < len(emoji) <= EMOJI or emoji.split() != [emoji]:
        raise Refused(400, "“emoji” has to be one emoji.")
    return emoji


def read_newcomer(body: dict[str, Any]) -> tuple[str, str, str, str]:
    """Return someone's id and name, what led them here, and the domain of their e-mail address."""
    id_, name = read_text(body, "as"), " ".join(clean(read_text(body, "name")).split())
    if not _ID.fullmatch(id_) or id_ == TRELLIS:
        raise Refused(400, "A new member's id has 1 to 32 of these characters: a-z, 0-9 and “-”.")
    if not 0 < len(name) <= NAME:
        raise Refused(400, f"A name has 1 to {NAME} characters.")
    source, domain = (clean(read_text({name: body.get(name) or ""}, name)) for name in ("source", "domain"))
    if len(source) > SOURCE:
        raise Refused(400, f"“source” has at most {SOURCE} characters.")
    domain = domain.lower().rpartition("@")[2]
    if domain and not (len(domain) < 254 and _DOMAIN.fullmatch(domain)):
        raise Refused(400, "“domain” is what stands behind the “@” of an e-mail address: example.org.")
    return id_, name, source, domain


def read_chosen(card: Card | None, control: str, values: object) -> tuple[str, ...]:
    """Return what was chosen with a control of a card, checked against what it offers."""
    chosen = [] if values is None else values
    if not isinstance(chosen, list) or not all(isinstance(value, str) for value in chosen):
        raise Refused(400, "“values” has to be a list of texts.")
    if card and card.menu and card.menu.call.pack() == control:
        return _chosen_of(card.menu, chosen)
    if card is None or control not in controls_of(card):
        raise Refused(404, f"There is no control “{control}” on that message.")
    if chosen:
        raise Refused(400, "A button has no values to choose from.")
    return ()


def controls_of(card: Card) -> set[str]:
    """Return the ids of a card's controls."""
    calls = [button.call for button in card.every_button if not isinstance(button, LinkButton)]
    return {call.pack() for call in (*calls, *([card.menu.call] if card.menu else []))}


def _chosen_of(menu: Menu, chosen: list[str]) -> tuple[str, ...]:
    offered = [option.value for option in menu.options]
    unique = tuple(dict.fromkeys(chosen))
    if not 0 < len(unique) <= menu.most or not set(unique) <= set(offered):
        raise Refused(400, f"Choose 1 to {menu.most} of: {', '.join(offered)}.")
    return unique
