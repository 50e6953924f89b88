"""Draws dialogs for Discord, as modals of labels. Pure, and within Discord's limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from adapters.contract.forms import PEOPLE, ROLES, Dialog, Field, Kind, apart, together
from adapters.contract.models import Space
from adapters.contract.text import Translations, clip, join, label, say

from . import limits, markup
from .limits import Type
from .markup import Here

JSON: TypeAlias = dict[str, Any]

BETWEEN_NAMES = ","
"""What stands between the names of fields that share a place."""
_PICKABLE = [0, 5, 15]
"""Kinds of channels that can be picked: text, announcements, forum."""
_PICKERS: dict[Kind, tuple[Type, str, int]] = {
    Kind.MEMBER: (Type.USERS, "user", 1),
    Kind.MEMBERS: (Type.USERS, "user", PEOPLE),
    Kind.ROLES: (Type.ROLES, "role", ROLES),
    Kind.CHANNEL: (Type.CHANNELS, "channel", 1),
}
"""What is picked, what Discord calls it, and how many of it."""
_SEVERAL = (Kind.MEMBERS, Kind.ROLES)
"""Of these some may have been typed that no picker shows: then all of them are words again."""
_EXAMPLES = {
    Kind.MOMENT: label("tomorrow 18:00, in 2 days, 2026-03-31 18:00"),
    Kind.DURATION: label("90 minutes"),
}


def modal(dialog: Dialog, here: Here) -> JSON:
    """Draw a dialog. What is wrong with the whole stands above the labels, or in the first where there is no room."""
    problem = dialog.problem.strip()
    rows = together(dialog.fields)
    above = bool(problem) and len(rows) < limits.MODAL_PARTS
    parts: list[JSON] = [{"type": Type.TEXT, "content": f"⚠️ {markup.escape(problem)}"}] if above else []
    for position, row in enumerate(rows):
        wrong = next((field.error for field in row if field.error), "")
        wrong = problem if problem and not above and position == 0 and not wrong else wrong
        if len(row) > 1:
            parts.append(_boxes(row, wrong, dialog.translations))
        else:
            parts.append(_label(row[0], wrong, here, dialog.translations))
    return {"custom_id": dialog.call.pack(), "title": dialog.title, "components": parts}


def _boxes(fields: Sequence[Field], wrong: str, translations: Translations) -> JSON:
    """Draw boxes that share a place; each is a field of its own, whose name is the value of its option."""
    options = [
        {
            "label": field.label,
            "value": field.name,
            **({"description": hint} if (hint := markup.seen(field.hint).strip()) else {}),
            **({"default": True} if field.value == "true" else {}),
        }
        for field in fields
    ]
    names = BETWEEN_NAMES.join(field.name for field in fields)
    boxes = {"type": Type.BOXES, "custom_id": names, "options": options, "min_values": 0, "required": False}
    drawn: JSON = {"type": Type.LABEL, "label": translations.gettext(label("If you like")), "component": boxes}
    described = clip(markup.seen(f"⚠️ {wrong}"), limits.LABEL_HINT) if wrong else ""
    return {**drawn, "description": described} if described else drawn


def _label(field: Field, wrong: str, here: Here, translations: Translations) -> JSON:
    label: JSON = {"type": Type.LABEL, "label": field.label, "component": _input(field, here, translations)}
    description = clip(markup.seen(f"⚠️ {wrong}" if wrong else field.hint), limits.LABEL_HINT)
    if description.strip():
        label["description"] = description
    return label


def _input(field: Field, here: Here, translations: Translations) -> JSON:
    match field.kind:
        case Kind.CHOICE:
            draw = _radios if field.has_radios else _select
            return draw(field, [(option.label, option.value) for option in field.choices])
        case Kind.BOOLEAN if field.required:
            return _radios(
                field,
                [
                    (translations.gettext(words), value)
                    for words, value in ((label("Yes"), "true"), (label("No"), "false"))
                ],
            )
        case Kind.BOOLEAN:
            return {"type": Type.CHECKBOX, "custom_id": field.name, "default": field.value == "true"}
        case Kind.FILE:
            return {"type": Type.UPLOAD, "custom_id": field.name, "min_values": 0, "max_values": 1, "required": False}
        case kind if kind in _PICKERS and (kind not in _SEVERAL or all(_id(name, here) for name in apart(field.value))):
            return _picker(field, here)
    return _written(field, translations)


def _select(field: Field, options: Sequence[tuple[str, str]]) -> JSON:
    return {"type": Type.SELECT, "custom_id": field.name, **_how_many(field), "options": _options(field, options)}


def _radios(field: Field, options: Sequence[tuple[str, str]]) -> JSON:
    drawn = _options(field, options)
    return {"type": Type.RADIO, "custom_id": field.name, "required": field.required, "options": drawn}


def _options(field: Field, options: Sequence[tuple[str, str]]) -> list[JSON]:
    drawn: list[JSON] = [{"label": label, "value": value} for label, value in options]
    for option in drawn:
        if option["value"] == field.value:
            option["default"] = True
    return drawn


def _picker(field: Field, here: Here) -> JSON:
    type_, kind, most = _PICKERS[field.kind]
    picker: JSON = {"type": type_, "custom_id": field.name, **_how_many(field), "max_values": most}
    if field.kind is Kind.CHANNEL:
        picker["channel_types"] = _PICKABLE
    if ids := [id_ for name in apart(field.value) if (id_ := _id(name, here))]:
        picker["default_values"] = [{"id": id_, "type": kind} for id_ in ids[:most]]
    return picker


def _id(name: str, here: Here) -> str | None:
    """Return the id of somebody, a channel or a role that was picked before; None for what was typed otherwise."""
    return here.roles.get(name) or picked(name, here.space)


def _how_many(field: Field) -> JSON:
    return {"required": field.required, "min_values": int(field.required), "max_values": 1}


def picked(key: str, space: Space) -> str | None:
    """Return the id in the key of an account or a channel of `space`, if it is one."""
    prefix = f"{space.key}/"
    id_ = key.removeprefix(prefix)
    return id_ if key.startswith(prefix) and id_.isascii() and id_.isdigit() else None


def _written(field: Field, translations: Translations) -> JSON:
    """Nothing that was typed is lost: an answer that is too long is shown whole, to be shortened."""
    value = markup.seen(field.value)[: limits.INPUT]
    input_: JSON = {
        "type": Type.INPUT,
        "custom_id": field.name,
        "style": 2 if field.lines > 1 or "\n" in value else 1,
        "required": field.required,
        "max_length": max(field.longest, len(value)),
    }
    if value:
        input_["value"] = value
    options = join((option.label for option in field.choices), ", ")
    suggested = str(say("For example: {options}", options=options).localized(translations)) if options else ""
    example = _EXAMPLES.get(field.kind, "")
    placeholder = (field.hint if field.error else "") or suggested or (example and translations.gettext(example))
    if placeholder := clip(markup.seen(placeholder), limits.PLACEHOLDER):
        input_["placeholder"] = placeholder
    return input_
