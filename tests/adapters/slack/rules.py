"""What Slack accepts: its JSON Schema, its limits, and whom a message notifies.

Written from the platform's facts alone: nothing here is shared with the adapter.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft7Validator

SCHEMA = Path(__file__).resolve().parents[4] / "shared" / "data" / "specs" / "slack-schema.json.gz"
NO_SCHEMA = f"Slack's JSON Schema is not beside the checkout ({SCHEMA.name} in ../shared/data/specs)"

MANIFEST = SCHEMA.with_name("slack-manifest-schema.json.gz")

TEXT = {"header": 150, "section": 3000, "context": 3000}
PLAIN = {"label": 2000, "hint": 2000, "placeholder": 150}


@cache
def _validator(definition: str) -> Draft7Validator:
    definitions = json.loads(gzip.decompress(SCHEMA.read_bytes()))["definitions"]
    return Draft7Validator({"$ref": f"#/definitions/{definition}", "definitions": definitions})


def against(definition: str, value: object) -> list[str]:
    """Return how a value breaks a definition of the schema; nothing where the schema is not at hand."""
    if not SCHEMA.exists():
        return []
    told = json.loads(json.dumps(value))
    return [f"{definition}: {error.message[:200]}" for error in _validator(definition).iter_errors(told)][:2]


def broken_manifest(made: object) -> list[str]:
    """Return how an app's manifest breaks Slack's schema of them."""
    validator = Draft7Validator(json.loads(gzip.decompress(MANIFEST.read_bytes())))
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}" for error in validator.iter_errors(made)
    ]


def broken_message(message: Mapping[str, Any]) -> list[str]:
    """Return what Slack would not accept of a message's text and blocks."""
    blocks = message.get("blocks") or []
    problems = [] if 0 < len(message.get("text") or "") <= 40_000 else ["text: missing or too long"]
    problems += _broken_blocks(blocks, 50)
    problems += ["input in a message" for block in blocks if block.get("type") == "input"]
    for problem in (against("KnownBlock", block) for block in blocks):
        problems += problem
    return problems


def broken_view(view: Mapping[str, Any]) -> list[str]:
    """Return what Slack would not accept of a modal, or of App Home."""
    home = view.get("type") == "home"
    problems = against("HomeView" if home else "ModalView", view) + _broken_blocks(view.get("blocks") or [], 100)
    asks = any(block.get("type") == "input" for block in view.get("blocks") or [])
    if asks and (home or "submit" not in view):
        problems.append("inputs that can't be sent")
    for name in () if home else ("title", "submit", "close"):
        words = (view.get(name) or {}).get("text", "")
        if len(words) > 24 or (not words and name == "title"):
            problems.append(f"{name}: {words!r}")
    if len(view.get("callback_id", "")) > 255 or len(view.get("private_metadata", "")) > 3000:
        problems.append("callback_id or private_metadata too long")
    for block in view.get("blocks") or []:
        problems += against("KnownBlock", block)
    return problems


def _broken_blocks(blocks: list[Mapping[str, Any]], most: int) -> list[str]:
    problems = [f"{len(blocks)} blocks"] if not 0 < len(blocks) <= most else []
    actions = [
        element["action_id"]
        for block in blocks
        for element in (*(block.get("elements") or ()), *filter(None, [block.get("accessory")]))
        if "action_id" in element
    ]
    if len(set(actions)) < len(actions):
        problems.append(f"action ids: {actions}")
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(ids)) < len(ids):
        problems.append(f"block ids: {ids}")
    for block in blocks:
        kind = block.get("type", "")
        if kind == "image" and (
            not 0 < len(block.get("alt_text", "")) <= 2000
            or not re.fullmatch(r"F[A-Z0-9]{8,}", block.get("slack_file", {}).get("id", ""))
        ):
            problems.append(f"an image {block}")
        if "text" in block and kind != "input":
            problems += _broken_text(block["text"], TEXT.get(kind, 3000))
        if len(block.get("fields") or ()) > 10:
            problems.append("more than 10 fields")
        for field in block.get("fields") or ():
            problems += _broken_text(field, 2000)
        elements = [*(block.get("elements") or ()), *([block["element"]] if "element" in block else [])]
        if len(elements) > {"context": 10, "actions": 25}.get(kind, 1):
            problems.append(f"{len(elements)} elements in {kind}")
        if kind == "data_table":
            problems += _broken_table(block)
        if "accessory" in block:
            problems += _broken_element(block["accessory"])
        for name, longest in PLAIN.items():
            if name in block:
                problems += _broken_text(block[name], longest)
        for element in elements:
            problems += _broken_element(element)
    return problems


def _broken_table(block: Mapping[str, Any]) -> list[str]:
    rows = block.get("rows") or []
    problems = (
        [] if 2 <= len(rows) <= 101 and len({len(row) for row in rows}) == 1 else [f"a table of {len(rows)} rows"]
    )
    problems += [] if block.get("caption", "").strip() else ["a table without a caption"]
    problems += [] if 1 <= block.get("page_size", 5) <= 100 else [f"page_size {block['page_size']}"]
    empty = [cell for row in rows for cell in row if cell["type"] != "rich_text" and not cell["text"].strip()]
    if sum(len(cell.get("text", "")) for row in rows for cell in row) > 10_000:
        problems.append("too much in a table")
    return problems + (["an empty cell"] if empty else [])


def _broken_element(element: Mapping[str, Any]) -> list[str]:
    problems: list[str] = []
    if element.get("type") in {"mrkdwn", "plain_text"}:
        return _broken_text(element, 3000)
    if (
        len(element.get("action_id", "")) > 255
        or len(element.get("value", "")) > 2000
        or len(element.get("url", "")) > 3000
    ):
        problems.append(f"action_id, value or url too long: {element}")
    if element.get("type") == "button":
        problems += _broken_text(element["text"], 75)
        if not 0 < len(element.get("accessibility_label", "x")) <= 75:
            problems.append(f"accessibility_label {element['accessibility_label']!r}")
    if "placeholder" in element:
        problems += _broken_text(element["placeholder"], 150)
    options = element.get("options") or []
    if element.get("type") == "overflow" and len(options) > 5:
        problems.append(f"{len(options)} options of an overflow menu")
    if len(options) > (10 if element.get("type") in {"checkboxes", "radio_buttons"} else 100) or (
        "options" in element and not options
    ):
        problems.append(f"{len(options)} options")
    for option in options:
        problems += _broken_text(option["text"], 75)
        problems += [f"option value {option['value']!r}"] if not 0 < len(option["value"]) <= 150 else []
    if len(element.get("initial_value", "")) > element.get("max_length", 3000) or element.get("max_length", 1) > 3000:
        problems.append("initial_value longer than max_length")
    return problems


def _broken_text(text: Mapping[str, Any], longest: int) -> list[str]:
    words = text.get("text", "")
    problems = []
    if not words.strip() or len(words) > longest:
        problems.append(f"text of {len(words)} characters where 1 to {longest} are allowed")
    if text.get("type") == "mrkdwn":
        problems += broken_mrkdwn(words)
    try:
        words.encode()
    except UnicodeEncodeError:
        problems.append("a lone surrogate")
    return problems


_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")
_TAG = re.compile(r"<([^<>]*)>")


def broken_mrkdwn(words: str) -> list[str]:
    """Return what is not well formed: a bare character that means something, or a tag of no known kind."""
    problems = ["a bare &"] if _ENTITY.search(words) else []
    rest = _TAG.sub("", words)
    problems += ["a bare < or >"] if "<" in rest or ">" in rest else []
    for tag in _TAG.findall(words):
        if not re.match(r"@[UW]|#[CG]|!date\^\d+\^[^|]+\|.|https?://", tag):
            problems.append(f"a tag <{tag}>")
    return problems


def mrkdwn_of(blocks: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield every mrkdwn object in some blocks."""
    stack: list[Any] = list(blocks)
    while stack:
        each = stack.pop()
        if isinstance(each, Mapping):
            if each.get("type") == "mrkdwn":
                yield each
            stack += each.values()
        elif isinstance(each, list):
            stack += each


def pings_in(message: Mapping[str, Any]) -> set[str]:
    """Return whom a message notifies: people by their id, everyone else by the word that calls them."""
    texts = [(message.get("text") or "", message.get("parse") == "none" and not message.get("link_names"))]
    texts += [(each["text"], bool(each.get("verbatim"))) for each in mrkdwn_of(message.get("blocks") or [])]
    called: set[str] = set()
    for words, verbatim in texts:
        called |= set(re.findall(r"<@([UW][A-Z0-9]+)", words)) | set(re.findall(r"<!(?!date)([^>|]*)", words))
        if not verbatim:
            called |= set(re.findall(r"@(here|channel|everyone)\b", words))
    return called


def live_marks(words: str) -> list[str]:
    """Return the formatting that Slack would see in mrkdwn: `*bold*`, `_it_`, `~gone~`, code, quotes, emoji."""
    found = [
        match[0]
        for match in re.finditer(r"(?<![^\W_])([*_~])(?=[^\s\u200b])[^\n]*?(?<=[^\s\u200b])\1(?![^\W_])", words)
    ]
    found += re.findall(r"`", words) + re.findall(r"(?m)^\s*&gt;", words) + re.findall(r":[\w+'-]+:", words)
    return found
