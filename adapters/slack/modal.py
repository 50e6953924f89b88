"""Draws dialogs for Slack, as modals. Pure: our values in, Slack's dictionaries out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, TypeAlias

from adapters.contract.files import PICTURES
from adapters.contract.forms import PEOPLE, ROLES, Dialog, Field, Kind, apart
from adapters.contract.models import Account, Channel
from adapters.contract.text import Translations, clip, join, label, say
from adapters.contract.ui import LABEL, OPTION_VALUE, Option, Tone

from . import limits
from .markup import fit_words, seen
from .render import TONES, draw_option, mrkdwn, plain, section
from .rich import rich_of

JSON: TypeAlias = dict[str, Any]

ANSWER = "answer"
"""The `action_id` of every input: its `block_id` says which field it answers."""

WRONG = "trellis-wrong"
"""How the `block_id` of what says what is wrong begins; no field has such a name."""

_YES, _NO = frozenset({"true", "yes"}), frozenset({"", "false", "no"})


def modal(dialog: Dialog, asked_in: str = "", groups: Collection[str] = ()) -> JSON:
    """Return the modal view of a dialog. `asked_in` is a `place`, which comes back with the answers.

    `groups` are the handles of the workspace's user groups.
    """
    blocks = list[JSON]()
    if dialog.problem:
        blocks.append(
            {**section(TONES[Tone.URGENT] + fit_words(dialog.problem, limits.SECTION - 8)), "block_id": WRONG}
        )
    for field in dialog.fields:
        blocks.append(_input(field, dialog.translations, groups))
        if field.error:
            warning = TONES[Tone.URGENT] + fit_words(field.error, limits.CONTEXT - 8)
            blocks.append({"type": "context", "elements": [mrkdwn(warning)], "block_id": f"{WRONG}.{field.name}"})
    return {
        "type": "modal",
        "callback_id": dialog.call.pack(),
        "title": plain(dialog.title, limits.VIEW_TITLE),
        "submit": plain(dialog.submit, limits.VIEW_TITLE),
        "close": plain(dialog.translations.gettext(label("Cancel")), limits.VIEW_TITLE),
        "private_metadata": asked_in,
        "blocks": blocks,
    }


def refusal(dialog: Dialog, shown: Iterable[str], asked_in: str = "", groups: Collection[str] = ()) -> JSON:
    """Return the answer to a sent form in which something is wrong; Slack keeps what was typed.

    Errors stand at the inputs they are about, if all of them do; what is wrong with the whole is drawn into the form,
    and so is everything where what was wrong before is drawn there: it would stay. `shown` are the block ids of the
    form on the person's screen.
    """
    errors = {field.name: clip(field.error, limits.HINT) for field in dialog.fields if field.error}
    marked = any(block.partition(".")[0] == WRONG for block in shown)
    if errors and not dialog.problem and not marked and errors.keys() <= set(shown):
        return {"response_action": "errors", "errors": errors}
    return {"response_action": "update", "view": modal(dialog, asked_in, groups)}


def _input(field: Field, translations: Translations, groups: Collection[str]) -> JSON:
    """Return the block of one question. Its `block_id` is the field's name, so that Slack keeps what was typed."""
    drawn: JSON = {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, limits.LABEL),
        "optional": not field.required or field.kind is Kind.BOOLEAN,
        "element": {"action_id": ANSWER, **_element(field, translations, groups)},
    }
    hint = field.hint
    if field.choices and field.kind is Kind.TEXT:
        options = join((choice.label for choice in field.choices), ", ")
        suggestions = say("For example: {options}", options=options).localized(translations)
        hint = f"{hint} {suggestions}".strip()
    return {**drawn, "hint": plain(hint, limits.HINT)} if hint else drawn


def _element(field: Field, translations: Translations, groups: Collection[str]) -> JSON:
    """Return the input of one question. Words that a box or a calendar cannot show stay as they were typed."""
    match field.kind:
        case Kind.BOOLEAN if field.value.lower() in _YES | _NO:
            yes = draw_option(Option("Yes", "true").localized(translations))
            ticked = {"initial_options": [yes]} if field.value.lower() in _YES else {}
            return {"type": "checkboxes", "options": [yes], **ticked}
        case Kind.CHOICE:
            chosen = [draw_option(choice) for choice in field.choices if choice.value == field.value]
            options = [draw_option(choice) for choice in field.choices]
            kind = "radio_buttons" if field.has_radios else "static_select"
            return {"type": kind, "options": options, **({"initial_option": chosen[0]} if chosen else {})}
        case Kind.ROLES if groups:
            return _groups(field, groups)
        case Kind.FILE:
            return {"type": "file_input", "filetypes": [*PICTURES], "max_files": 1}
        case Kind.MEMBER | Kind.CHANNEL:
            return _picker(field)
        case Kind.MEMBERS if all(_id_of(Account, name) for name in apart(field.value)):
            people = [_id_of(Account, name) for name in apart(field.value)]
            prefilled = {"initial_users": people} if people else {}
            return {"type": "multi_users_select", "max_selected_items": PEOPLE, **prefilled}
        case Kind.MOMENT if not field.value or _unix(field):
            at = _unix(field)
            return {"type": "datetimepicker", **({"initial_date_time": at} if at else {})}
    return _written(field)


def _written(field: Field) -> JSON:
    """Return what is typed into. Slack counts nothing in rich text: what is too long is told when it is sent."""
    if field.rich:
        rich = rich_of(field.value)
        return {"type": "rich_text_input", **({"initial_value": rich} if rich["elements"] else {})}
    typed = {"initial_value": clip(seen(field.value), field.longest)} if field.value else {}
    return {
        "type": "plain_text_input",
        "multiline": field.lines > 1 or "\n" in field.value,
        "max_length": min(field.longest, limits.INPUT),
        **typed,
    }


def _picker(field: Field) -> JSON:
    """Return what picks one person, or one channel."""
    if field.kind is Kind.MEMBER:
        person = _id_of(Account, field.value)
        return {"type": "users_select", **({"initial_user": person} if person else {})}
    channel = _id_of(Channel, field.value)
    shown = {"include": ["public", "private"], "exclude_bot_users": True}
    return {"type": "conversations_select", "filter": shown, **({"initial_conversation": channel} if channel else {})}


def _groups(field: Field, groups: Collection[str]) -> JSON:
    """Return what picks user groups, of which Slack has no picker; what was typed otherwise stays to be picked."""
    named = dict.fromkeys([*apart(field.value), *sorted(groups)])
    options = [draw_option(Option(clip(name, LABEL), clip(name, OPTION_VALUE))) for name in named][: limits.OPTIONS]
    chosen = options[: len(apart(field.value))][:ROLES]
    return {
        "type": "multi_static_select",
        "options": options,
        "max_selected_items": ROLES,
        **({"initial_options": chosen} if chosen else {}),
    }


def _id_of(kind: type[Account] | type[Channel], key: str) -> str:
    """Return the id in a key of this platform; nothing for a name that somebody typed."""
    try:
        placed = kind.of(key)
    except ValueError:
        return ""
    return placed.id.partition(":")[0] if placed.space.platform == "slack" else ""


def _unix(field: Field) -> int:
    """Return the moment that was typed as Slack's ten digits; nothing for words that are no moment with a zone."""
    try:
        at = field.at or datetime.fromisoformat(field.value)
        unix = int(at.timestamp()) if at.tzinfo else 0
    except (ValueError, OverflowError):
        return 0
    return unix if 10**9 <= unix < 10**10 else 0
