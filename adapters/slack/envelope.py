"""What an envelope says of itself: what names it, whose turn it is in, and where it can be answered. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from .render import LINK
from .rich import raw_of

Body: TypeAlias = Mapping[str, Any]
"""What Slack hands over, whatever it is."""

_SAID = frozenset({"", "file_share", "me_message", "thread_broadcast"})
"""The subtypes of messages in which a person says something."""
_TOMBSTONE = "tombstone"
_REACTIONS = frozenset({"reaction_added", "reaction_removed"})
_MESSAGES = frozenset({"message", "app_mention"})
OVERHEARD = _REACTIONS | _MESSAGES
"""The events that tell what people do among themselves: of these it is asked first whether anyone wants them."""
CHANNELS = frozenset(
    f"{kind}_{change}" for kind in ("channel", "group") for change in ("archive", "deleted", "rename", "unarchive")
) | {"channel_created"}
"""The events that tell of channels, public and private ("groups"), and of nobody in particular."""
PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|([^<>]*))?>")
"""A mention of a channel; Slack leaves its name out at times."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where and how an envelope can be answered. Two of these are secrets: who has them speaks in our name."""

    user: str
    channel: str = ""
    thread: str = ""
    response_url: str = ""
    trigger: str = ""
    message: str = ""
    """The message in which the control stands that was used."""
    private: bool = False
    """Whether only one person sees that message."""
    opened: str = ""
    """The origin of the interaction that opened the form that was sent."""
    shown: tuple[str, ...] = ()
    """The block ids of that form."""
    home: bool = False
    """Whether it happened in App Home, or in a modal that was opened there."""
    view: str = ""
    """The id of the modal in which the control stands that was used."""
    page: bool = False
    """Whether App Home was opened, and waits for its page."""

    def __repr__(self) -> str:
        return f"Origin(user={self.user!r}, channel={self.channel!r})"


def key(body: Body) -> str:
    """Return what names this envelope in all its deliveries, and no other. It gives no secret away.

    What mentions us comes twice, as a message and as an `app_mention`: by the message they are one.
    """
    event = event_in(body)
    if event.get("type") in _MESSAGES and (event.get("subtype") or "") in _SAID:
        edited = (event.get("edited") or {}).get("ts") or ""
        return f"said-{event.get('channel')}-{event.get('ts')}-{edited}"
    if body.get("event_id"):
        return str(body["event_id"])
    actions = body.get("actions") or [{}]
    told = [body.get("trigger_id"), actions[0].get("action_ts"), body.get("type")]
    if not body.get("trigger_id"):
        told = [json.dumps(body, sort_keys=True, default=str)]
    return "t" + hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def lane(body: Body) -> str:
    """Return what this envelope keeps its turn with: a channel for what happens there, a person for what they use.

    Someone who uses a control waits for an answer, so they do not queue behind a busy channel. Nobody waits
    for prompts, nor do others wait for them.
    """
    if opens_direct(body):
        return f"prompts/{user_in(body)}"
    where = channel_in(body) if body.get("type") == "event_callback" else ""
    return where or origin(body).user or "space"


def matters(body: Body, me: str) -> bool:
    """Say whether an envelope can be news to anyone: not what we or other apps do."""
    match body.get("type"):
        case "event_callback":
            return _is_news(event_in(body), me)
        case "block_actions":
            return not str(action_in(body).get("action_id", LINK)).startswith(LINK)
        case "message_action" | "shortcut":
            return True
        case "view_submission":
            return (body.get("view") or {}).get("type") == "modal"
    return "command" in body


def of_channels(event: Mapping[str, Any], me: str) -> bool:
    """Say whether an event tells of channels: what became of one, or that we were let into one."""
    return event.get("type") in CHANNELS or (event.get("type") == "member_joined_channel" and event.get("user") == me)


def _is_news(event: Mapping[str, Any], me: str) -> bool:
    if of_channels(event, me):
        return True
    if event.get("bot_id") or event.get("user") == me or event.get("subtype") == "bot_message":
        return False
    if event.get("type") == "message":
        said = edited_in(event) or event
        ours = said.get("bot_id") or said.get("user") == me
        return bool(deleted_in(event)) or (not ours and (said.get("subtype") or "") in _SAID)
    if event.get("type") in _REACTIONS:
        return (event.get("item") or {}).get("type") == "message"
    if event.get("type") == "app_home_opened":
        return event.get("tab") in {"home", "messages"}
    if event.get("type") == "user_change":  # a status, most of the time
        return bool((event.get("user") or {}).get("deleted"))
    return event.get("type") in {"app_mention", "team_join", "member_joined_channel"}


def origin(body: Body) -> Origin:
    """Return where an envelope can be answered."""
    event, container, message = event_in(body), body.get("container") or {}, body.get("message") or {}
    place = read_place(body)
    if event:
        page = event.get("type") == "app_home_opened"
        thread = str(event.get("thread_ts") or "")
        return Origin(user_in(body), channel_in(body), thread, home=page, page=page)
    view = body.get("view") or {}
    in_modal = body.get("type") == "block_actions" and view.get("type") == "modal"
    return Origin(
        user=user_in(body),
        channel=channel_in(body) or place.get("channel", ""),
        thread=message.get("thread_ts") or container.get("thread_ts") or place.get("thread", ""),
        response_url=str(body.get("response_url") or ""),
        trigger=str(body.get("trigger_id") or ""),
        message=str(container.get("message_ts") or ""),
        private=bool(container.get("is_ephemeral")),
        opened=place.get("origin", ""),
        home=bool(view) and bool(place.get("home")),
        view=str(view.get("id") or "") if in_modal else "",
        shown=tuple(block["block_id"] for block in view.get("blocks") or () if block.get("block_id")),
    )


def teams(body: Body) -> list[str]:
    """Return the ids of the workspaces that an envelope may be for, the likeliest first.

    In channels that workspaces share, Slack names the person's own as the `team`. Which one the app was installed in
    is said by what authorizes an event, by a view of ours, or by our message whose button was pressed.
    """
    where, pressed = body.get("team"), body.get("message") if body.get("type") == "block_actions" else None
    found = (
        (body.get("authorizations") or [{}])[0].get("team_id"),
        (body.get("view") or {}).get("app_installed_team_id"),
        (pressed or {}).get("team"),
        body.get("team_id"),
        where.get("id") if isinstance(where, Mapping) else where,
        (body.get("user") or {}).get("team_id") if isinstance(body.get("user"), Mapping) else None,
    )
    return [*dict.fromkeys(str(id_) for id_ in found if id_)]


def opens_direct(body: Body) -> bool:
    """Say whether somebody opened their direct channel with us."""
    event = event_in(body)
    return event.get("type") == "app_home_opened" and event.get("tab") == "messages"


def missed_reactions(message: Mapping[str, Any], where: str) -> list[Body]:
    """Return how people reacted to a message of a channel that was read back, as Slack would have told of it."""
    item = {"type": "message", "channel": where, "ts": message["ts"]}
    facts = {"type": "reaction_added", "item": item, "event_ts": message["ts"]}
    return [
        {
            "type": "event_callback",
            "event_id": f"missed-{where}-{message['ts']}-{user}-{each['name']}",
            "event": {**facts, "user": user, "reaction": each["name"]},
        }
        for each in message.get("reactions") or ()
        for user in each.get("users") or ()
    ]


def farewell(body: Body) -> bool:
    """Say whether an envelope tells that the app was removed from a workspace, or its tokens were."""
    event = event_in(body)
    revoked = event.get("type") == "tokens_revoked" and bool((event.get("tokens") or {}).get("bot"))
    return revoked or event.get("type") == "app_uninstalled"


def read_place(body: Body) -> Mapping[str, Any]:
    """Return where a form that was sent had been asked for."""
    try:
        place = json.loads((body.get("view") or {}).get("private_metadata") or "{}")
    except ValueError:
        return {}
    return place if isinstance(place, dict) else {}


def people_in(body: Body) -> set[str]:
    """Return the ids of those whose profiles have to be looked up to read this envelope."""
    event, message = event_in(body), body.get("message") or {}
    if event.get("type") in CHANNELS:
        return set()
    authors = {user_in(body), str(message.get("user") or "") if body.get("type") == "message_action" else ""}
    return {person for person in authors | set(PERSON.findall(_words_in(body))) if person}


def channels_in(body: Body) -> set[str]:
    """Return the ids of those channels whose names have to be looked up to read this envelope."""
    return {id_ for id_, name in CHANNEL.findall(_words_in(body)) if not name}


def own_text(message: Mapping[str, Any]) -> str:
    """Return what an author wrote, as Slack writes it. Some programs send nothing but blocks of rich text."""
    blocks = [block for block in message.get("blocks") or () if block.get("type") == "rich_text"]
    return str(message.get("text") or "") or "\n".join(map(raw_of, blocks))


def text_of(message: Mapping[str, Any]) -> str:
    """Return all that a message says. Of what was forwarded others said the words: they are a quote.

    So are those of a preview where nothing was written, not even a link; beside a link they add nothing.
    """
    words = own_text(message)
    shared = [
        each
        for each in message.get("attachments") or ()
        if each.get("is_share") or (each.get("is_msg_unfurl") and not words)
    ]
    quoted = [line for each in shared for line in str(each.get("text") or "").split("\n") if line]
    return "\n".join([*filter(None, [words]), *(f"&gt; {line}" for line in quoted)])


def _words_in(body: Body) -> str:
    """Return everything that people wrote in an envelope."""
    event = event_in(body)
    parts = (event, event.get("message") or {}, body.get("message") or {}, body)
    values = ((body.get("view") or {}).get("state") or {}).get("values") or {}
    rich = (state.get("rich_text_value") for inputs in values.values() for state in inputs.values())
    return " ".join([*(text_of(part) for part in parts if isinstance(part, Mapping)), *map(raw_of, rich)])


def deleted_in(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the message that is gone. One with answers beneath it leaves a tombstone."""
    if event.get("subtype") == "message_deleted":
        return {**(event.get("previous_message") or {}), "ts": str(event.get("deleted_ts"))}
    message = event.get("message") or {}
    if event.get("subtype") == "message_changed" and message.get("subtype") == _TOMBSTONE:
        return {**(event.get("previous_message") or {}), "ts": str(message.get("ts"))}
    return None


def edited_in(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the message that its author changed, as it is now.

    Slack tells alike when it has followed a link, or something was pinned or said beneath: then the message was not
    edited, or not since the last time.
    """
    message, before = event.get("message") or {}, event.get("previous_message") or {}
    is_edit = event.get("subtype") == "message_changed" and message.get("subtype") != _TOMBSTONE and edit_of(message)
    return message if is_edit and edit_of(message) != edit_of(before) else None


def edit_of(message: Mapping[str, Any]) -> str:
    """Return when a message was last edited, by Slack's own timestamp; nothing where it never was."""
    return str((message.get("edited") or {}).get("ts") or "")


def edit_told(message: Mapping[str, Any], where: str) -> Body:
    """Return that a message of a channel, which was read back, was edited, as Slack would have told of it."""
    event = {"type": "message", "subtype": "message_changed", "channel": where, "message": message}
    return {"type": "event_callback", "event": event}


def event_in(body: Body) -> Mapping[str, Any]:
    """Return what happened, for envelopes that tell of something; else nothing."""
    event = body.get("event")
    return event if isinstance(event, Mapping) else {}


def action_in(body: Body) -> Mapping[str, Any]:
    """Return the control that was used."""
    return (body.get("actions") or [{}])[0]  # type: ignore[no-any-return]


def user_in(body: Body) -> str:
    """Return the id of whoever did it."""
    event = event_in(body)
    about = event.get("previous_message") or event.get("message") or {}
    who = event.get("user") or about.get("user") or body.get("user") or {}
    return str((who.get("id") if isinstance(who, Mapping) else who) or body.get("user_id") or "")


def channel_in(body: Body) -> str:
    """Return the id of the channel where it happened."""
    event = event_in(body)
    where = event.get("channel") or (event.get("item") or {}).get("channel") or body.get("channel") or {}
    found = where.get("id") if isinstance(where, Mapping) else where
    return str(found or body.get("channel_id") or (body.get("container") or {}).get("channel_id") or "")
