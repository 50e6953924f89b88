"""Discord's own words on what it accepts: its OpenAPI, and the documented limits that the OpenAPI leaves out."""

from __future__ import annotations

import copy
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from jsonschema_rs import Draft202012Validator

JSON: TypeAlias = dict[str, Any]

FILE = Path(__file__).parents[4] / "shared/data/specs/discord-openapi.json.gz"
missing = pytest.mark.skipif(not FILE.exists(), reason="Discord's OpenAPI is not beside the checkout (../shared)")


@cache
def document() -> JSON:
    """The OpenAPI, made strict: a key that it does not name is an error."""
    read: JSON = json.loads(gzip.decompress(FILE.read_bytes()))
    for schema in read["components"]["schemas"].values():
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
    return read


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    # Fixed parts before variable ones: /users/@me before /users/{user_id}.
    paths = sorted(document()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path) for path in paths]


@cache
def _validator(path: str, method: str) -> Draft202012Validator | None:
    operation = document()["paths"][path].get(method.lower())
    body = operation and operation.get("requestBody")
    if not body:
        return None
    schema = copy.copy(body["content"]["application/json"]["schema"])
    return Draft202012Validator({**schema, "components": document()["components"]})


def problems(method: str, path: str, body: Any, files: Mapping[str, bytes] = {}) -> Iterator[str]:
    """Say what Discord would not accept in a request; `path` is without the version, `files` what goes along."""
    template = next((template for pattern, template in _templates() if pattern.fullmatch(path)), None)
    if template is None or method.lower() not in document()["paths"][template]:
        yield f"there's no {method} {path}"
        return
    validator = _validator(template, method)
    if validator is None:
        if body is not None:
            yield f"{method} {path} takes no body"
        return
    yield from file_problems(body, files)
    for error in validator.iter_errors(json.loads(json.dumps(body))):
        yield f"{'/'.join(map(str, error.instance_path))}: {error.message[:300]}"
    if template.endswith("/callback"):
        data = body.get("data") or {}
        if body["type"] in (4, 7):
            yield from message_problems(data, body["type"] == 4)
        if body["type"] == 5 and set(data) - {"flags"}:
            yield "a deferred answer takes nothing but flags"
        if body["type"] == 9:
            yield from modal_problems(data)
    elif "/messages" in template or template == "/webhooks/{webhook_id}/{webhook_token}":
        if not template.endswith("/threads"):
            yield from message_problems(body, method == "POST")
    elif template == "/channels/{channel_id}/threads":
        yield from message_problems(body["message"], True)
    elif template.endswith("/commands"):
        for command in body:
            yield from command_problems(command)


def file_problems(body: Any, files: Mapping[str, bytes]) -> Iterator[str]:
    """Limits of files (facts A8): each that is sent is named, and each picture that is shown is sent."""
    within: JSON = body.get("data") or body.get("message") or body if isinstance(body, dict) else {}
    named = within.get("attachments") or []
    fresh = {one["id"] for one in named if len(one["id"]) < 17}
    if set(files) - fresh:
        yield f"files that no attachment names: {set(files) - fresh}"
    if len(files) > 10 or sum(map(len, files.values())) > 10 * 1024 * 1024:
        yield "more files than Discord takes"
    names = {f"attachment://{one.get('filename')}" for one in named if "filename" in one}
    parts = [*components(within)]
    media = [item["media"] for part in parts for item in part.get("items", ())] + [
        part[key] for part in parts for key in ("file", "media") if key in part
    ]
    shown = {one["url"] for one in media if one["url"].startswith("attachment://")}
    if shown - names:
        yield f"a file is shown that isn't attached: {shown - names}"
    if (within.get("flags") or 0) & COMPONENTS_V2 and names - shown:
        yield f"with components, only what one of them shows is shown: {names - shown}"


COMPONENTS_V2 = 1 << 15
CONTROLS, LAYOUT = {2, 3, 5, 6, 7, 8}, {9, 10, 11, 12, 13, 14, 17}


def components(told: JSON) -> Iterator[JSON]:
    """Return all components of a message or a component, those within others behind them."""
    for part in told.get("components") or ():
        yield part
        yield from components(part)
        if "accessory" in part:
            yield part["accessory"]


def message_problems(body: JSON, fresh: bool) -> Iterator[str]:
    """Limits of messages (facts A6, A8), and ours: no message without a word on whom it may ping."""
    if len(body.get("content") or "") > 2000:
        yield "content has more than 2000 characters"
    allowed = body.get("allowed_mentions")
    if allowed is None or allowed.get("parse") != []:
        yield f"whom the message may ping is not said: {allowed}"
    if body.get("embeds"):
        yield "a card is no embed any more"
    parts = [*components(body)]
    if (body.get("flags") or 0) & COMPONENTS_V2:
        yield from layout_problems(body, parts)
    else:
        if fresh and not (body.get("content") or "").strip():
            yield "the message is empty"
        if any(part["type"] in LAYOUT for part in parts):
            yield "such components need the flag IS_COMPONENTS_V2"
        if len(body.get("components") or ()) > 5:
            yield "more than 5 rows"
    yield from control_problems(parts)


def layout_problems(body: JSON, parts: list[JSON]) -> Iterator[str]:
    """Limits of messages of components: what is where, how many, how much text in all (facts A6)."""
    if body.get("content") or body.get("embeds") or body.get("poll") or body.get("sticker_ids"):
        yield "there's nothing beside components"
    if not 0 < len(parts) <= 40:
        yield f"{len(parts)} components, Discord takes 1 to 40"
    if (size := sum(len(part["content"]) for part in parts if part["type"] == 10)) > 4000:
        yield f"texts have {size} characters, more than 4000"
    if any(not part["content"].strip(" \n\t") for part in parts if part["type"] == 10):
        yield "a text is empty"
    ids = [part["id"] for part in parts if part.get("id")]
    if len(set(ids)) < len(ids):
        yield f"two components share a number: {ids}"
    for part in body.get("components") or ():
        if part["type"] not in LAYOUT - {11} | {1}:
            yield f"a component of type {part['type']} stands within another one"
    for part in parts:
        if part["type"] == 17 and not {one["type"] for one in part["components"]} <= LAYOUT - {11, 17} | {1}:
            yield "a container holds rows, texts, sections, pictures, files and lines"
        if part["type"] == 12 and not all(item.get("description") for item in part["items"]):
            yield "a picture has no words for who cannot see it"


def control_problems(parts: list[JSON]) -> Iterator[str]:
    ids = [part["custom_id"] for part in parts if "custom_id" in part]
    for row in (part for part in parts if part["type"] == 1):
        kinds = [control["type"] for control in row["components"]]
        if not (set(kinds) == {2} or kinds == [3]):
            yield f"a row holds up to 5 buttons or one select: {kinds}"
    for control in parts:
        if control["type"] == 2 and ("url" in control) != (control["style"] == 5):
            yield "a link button has an address, any other an id"
        if control["type"] == 2 and not control["label"].strip():
            yield "a button has no label"
        if control["type"] == 3:
            yield from select_problems(control)
    if len(set(ids)) < len(ids):
        yield f"two controls share an id: {ids}"


def select_problems(select: JSON) -> Iterator[str]:
    values = [option["value"] for option in select["options"]]
    if len(set(values)) < len(values):
        yield "two options share a value"
    if not select.get("min_values", 1) <= select.get("max_values", 1) <= len(values):
        yield "more may be chosen than there is"


def modal_problems(modal: JSON) -> Iterator[str]:
    if len(modal["components"]) > 5:
        yield f"a modal takes 5 parts at the top, here are {len(modal['components'])}"
    ids = []
    for part in modal["components"]:
        if part["type"] == 1:
            yield "rows in modals are deprecated"
        if part["type"] != 18:
            continue
        control = part["component"]
        ids.append(control["custom_id"])
        if control["type"] == 4 and len(control.get("value", "")) > control.get("max_length", 4000):
            yield "an input's value is longer than it allows"
        if control["type"] == 3:
            yield from select_problems(control)
        if control["type"] == 21:
            values = [option["value"] for option in control["options"]]
            if not 2 <= len(values) <= 10 or len(set(values)) < len(values):
                yield f"a radio group has 2 to 10 different options: {values}"
            if sum(bool(option.get("default")) for option in control["options"]) > 1:
                yield "only one of a radio group is chosen"
        if control["type"] == 22:
            values = [option["value"] for option in control["options"]]
            if not 1 <= len(values) <= 10 or len(set(values)) < len(values):
                yield f"a group of boxes has 1 to 10 different options: {values}"
        if control["type"] == 19 and not 0 <= control.get("min_values", 1) <= control.get("max_values", 1) <= 10:
            yield "an upload takes 0 to 10 files"
        if control["type"] in (3, 5, 8) and control.get("required", True) and control.get("min_values", 1) == 0:
            yield "a required select has to take at least one value"
        if control.get("disabled"):
            yield "nothing in a modal may be disabled"
    if len(set(ids)) < len(ids):
        yield f"two inputs share an id: {ids}"


def command_problems(command: JSON) -> Iterator[str]:
    """Limits of commands (facts A10)."""
    if command.get("type", 1) == 1:
        if not re.fullmatch(r"[-_\w]{1,32}", command["name"]) or command["name"] != command["name"].lower():
            yield f"no command may be called {command['name']!r}"
        if not command.get("description"):
            yield f"/{command['name']} has no description"
    elif command.get("description") or command.get("options"):
        yield "a command in a menu has no description and no options"
    yield from option_problems(command.get("options") or [])


def option_problems(options: list[JSON]) -> Iterator[str]:
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield "required options come first"
    for option in options:
        if option["type"] in (1, 2):
            yield from option_problems(option.get("options") or [])
        elif option.get("autocomplete") and option.get("choices"):
            yield "an option has choices or asks for suggestions"
