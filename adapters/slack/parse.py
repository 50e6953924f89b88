"""Reads what Slack sends into events. Pure: Slack's dictionaries in, our values out.

A thread has no id of its own on Slack: it is a channel called `C123:1700000000.000100`, after the channel it hangs in
and the message it hangs under. A message's id is its `ts`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypedDict

from adapters.contract.events import (
    NAMED,
    ChannelDeleted,
    CommandUsed,
    ControlUsed,
    FormSubmitted,
    LineTyped,
    MemberJoined,
    MemberLeft,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    PageOpened,
    PlatformEvent,
    ReactionAdded,
    ReactionRemoved,
    ShortcutUsed,
    SpaceChanged,
    nobody,
)
from adapters.contract.models import Account, Channel, Message, MessageRef, Named, Profile, Space, is_picture
from adapters.contract.text import clean, outside_code

from .emoji import character, spell_out
from .envelope import (
    PERSON,
    Body,
    action_in,
    channel_in,
    deleted_in,
    edit_of,
    edited_in,
    event_in,
    key,
    of_channels,
    origin,
    own_text,
    text_of,
    user_in,
)
from .limits import ANYTHING
from .rich import raw_of

_TOKEN = re.compile(r"<([^<>]*)>")
_MENTIONED = re.compile(r"<((?:@[UW]|#[CG])[A-Z0-9]+)(?:\|[^<>]*)?>")
_DATE = re.compile(r"!date\^(-?\d{1,11})\^")


@dataclass(frozen=True, slots=True)
class Facts:
    """What an envelope does not say itself."""

    space: Space
    me: str
    now: datetime
    prefix: str = ""
    people: Mapping[str, Profile] = field(default_factory=dict)
    """The profiles of those whom `people_in` named."""
    channels: Mapping[str, str] = field(default_factory=dict)
    """The names of those channels that `channels_in` named."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """The names of user groups."""
    root: str = ""
    """The message under which a reaction's message stands, where it stands in a thread."""
    welcome: Collection[str] = ()
    """The channels that mean the community: whoever comes in joins it."""


class _Said(TypedDict):
    id: str
    at: datetime
    by: Profile


def read(body: Body, facts: Facts) -> PlatformEvent | None:
    """Return what happened, or nothing where it is no news."""
    said: _Said = {"id": key(body), "at": facts.now, "by": profile_of(user_in(body), facts)}
    place = origin(body)
    here = channel(facts.space, place.channel or place.user, place.thread)
    used: Any = {
        **said,
        "channel": here,
        "direct": not place.channel or place.channel.startswith("D"),
        "on_page": place.home and not place.view,
    }
    match body.get("type"):
        case "event_callback":
            return _happened(event_in(body), said, facts)
        case "block_actions":
            action = action_in(body)
            message = None if place.private or not place.message else MessageRef(here, place.message)
            if action.get("type") == "overflow":  # a button that had no room beside the others
                return ControlUsed(**used, call=str(action["selected_option"]["value"]), message=message)
            return ControlUsed(**used, call=str(action.get("action_id")), values=_values(action), message=message)
        case "view_submission":
            view = body["view"]
            return FormSubmitted(**used, call=str(view.get("callback_id")), answers=_answers(view, facts))
        case "message_action":
            target = read_message(body["message"], place.channel, facts)
            return ShortcutUsed(
                **said, channel=target.ref.channel, shortcut=str(body.get("callback_id")), message=target
            )
        case "shortcut":
            return CommandUsed(**used, command=str(body.get("callback_id")))
    if "command" not in body:
        return None
    word = str(body["command"]).removeprefix("/")
    line = str(body.get("text") or "")
    return _typed(line if word == ANYTHING else f"{word.removeprefix(facts.prefix)} {line}", used, facts)


def channel(space: Space, id_: str, thread: str = "") -> Channel:
    """Return a channel, or the thread under one of its messages."""
    return Channel(space, f"{id_}:{thread}" if thread else id_)


def read_message(raw: Mapping[str, Any], where: str, facts: Facts) -> Message:
    """Return a message as it stands in channel `where`."""
    ts, root = str(raw.get("ts")), str(raw.get("thread_ts") or "")
    home, own = channel(facts.space, where), own_text(raw)
    answered = root == ts
    if raw.get("bot_id") and not raw.get("user"):
        author = Profile(Account(facts.space, str(raw["bot_id"])), str(raw.get("username") or "an app"), bot=True)
    else:
        author = profile_of(str(raw.get("user") or ""), facts, bot=bool(raw.get("bot_id")))
    return Message(
        MessageRef(channel(facts.space, where, "" if answered else root), ts),
        author,
        words_of(text_of(raw), facts),
        moment(ts, facts.now),
        parent=home if root and not answered else None,
        thread=channel(facts.space, where, ts) if answered else None,
        reply_to="" if answered else root,
        mentions_us=facts.me in PERSON.findall(own),
        direct=where.startswith("D"),
        has_files=bool(files := raw.get("files") or ()),
        only_pictures=bool(files) and all(is_picture(file.get("mimetype")) for file in files),
        named=tuple(_named(own, facts)),
        emojis=frozenset(character(str(each.get("name"))) for each in raw.get("reactions") or ()),
    )


def _named(raw: str, facts: Facts) -> Iterator[Named]:
    """Return whom and which channels a text mentions, in their order."""
    for match in _MENTIONED.finditer(raw):
        id_ = match[1][1:]
        key = (Account if match[1][0] == "@" else Channel)(facts.space, id_).key
        yield Named("" if id_ == facts.me else key, words_of(match[0], facts))


def profile_of(user: str, facts: Facts, bot: bool = False) -> Profile:
    """Return a person as looked up, or somebody without a name: then nobody can say that they are more than a guest."""
    return facts.people.get(user) or Profile(
        Account(facts.space, user), "someone", guest=True, bot=bot or user == facts.me, named=False
    )


def words_of(raw: str, facts: Facts) -> str:
    """Return a message's text as its readers see it: mentions by name, links written out, emoji as characters."""

    def show(match: re.Match[str]) -> str:
        what, _, label = match[1].partition("|")
        if what.startswith("@"):
            known = facts.people.get(what[1:])
            return f"@{known.name if known else label or 'someone'}"
        if what.startswith("#"):
            return f"#{label or facts.channels.get(what[1:]) or 'channel'}"
        if date := _DATE.match(what):
            return _time(date[1]) or label
        if what.startswith("!"):
            command, _, group = what[1:].partition("^")
            name = label.removeprefix("@") or (facts.groups.get(group) or "a group" if group else command)
            return f"@{name}"
        address = what.removeprefix("mailto:")
        return address if not label or label == address or address.endswith(f"://{label}") else f"{label} ({address})"

    return clean(_unescape(outside_code(_TOKEN.sub(show, raw), spell_out)))


def _time(seconds: str) -> str:
    """Write a moment as everyone reads the same; nothing for one that there is not."""
    try:
        at = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at.second else f"{at:%Y-%m-%d %H:%M} UTC"


def moment(ts: str, otherwise: datetime) -> datetime:
    """Read a timestamp of Slack's, which is seconds since 1970 and six digits that make it an id."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def _happened(event: Mapping[str, Any], said: _Said, facts: Facts) -> PlatformEvent | None:  # noqa: PLR0911  # one for each
    where = str(event.get("channel") or "")
    said["at"] = moment(str(event.get("event_ts") or event.get("ts") or ""), facts.now)
    match event.get("type"):
        case "message" if gone := deleted_in(event):
            root = gone.get("thread_ts") or ""
            home = channel(facts.space, where, "" if root == gone["ts"] else root)
            return MessageDeleted(**said, message=MessageRef(home, gone["ts"]))
        case "message" if changed := edited_in(event):
            edit = edit_of(changed)
            said |= {"id": f"edit-{where}-{changed['ts']}-{edit}", "at": moment(edit, facts.now)}
            return MessageEdited(**said, message=read_message(changed, where, facts))
        case "message" | "app_mention":  # what mentions us comes as both, and is one message
            said["id"] = f"said-{where}-{event.get('ts')}"  # so that what is read back later is known again
            return MessagePosted(**said, message=read_message(event, where, facts))
        case "reaction_added" | "reaction_removed":
            item = event["item"]
            root = "" if facts.root == item["ts"] else facts.root
            ref = MessageRef(channel(facts.space, item["channel"], root), item["ts"])
            kind = ReactionAdded if event["type"] == "reaction_added" else ReactionRemoved
            return kind(**said, message=ref, emoji=character(str(event.get("reaction"))))
        case "app_home_opened":
            return PageOpened(**said, channel=channel(facts.space, where), direct=True, on_page=True)
        case _ if of_channels(event, facts.me):
            said["by"] = nobody(facts.space)
            if str(event["type"]).endswith("_deleted"):
                return ChannelDeleted(**said, channel=channel(facts.space, channel_in({"event": event})))
            return SpaceChanged(**said)
        case "team_join" | "member_joined_channel" if event["type"] == "team_join" or where in facts.welcome:
            return MemberJoined(**said)
        case "user_change" if event["user"].get("deleted"):
            return MemberLeft(**said)
    return None


def _typed(raw: str, used: Mapping[str, Any], facts: Facts) -> LineTyped:
    """Return what was typed as a command, with those who are mentioned set apart."""
    line, end = "", 0
    for number, match in enumerate(_MENTIONED.finditer(raw)):
        line += _within(raw[end : match.start()], facts) + chr(NAMED + number)
        end = match.end()
    line += _within(raw[end:], facts)
    named = tuple(_named(raw, facts))
    return LineTyped(**used, line=line.strip(), before=f"/{ANYTHING} ", named=named)


def _within(raw: str, facts: Facts) -> str:
    """Return a part of a text as its readers see it, with the blanks around it."""
    return words_of(f"|{raw}|", facts)[1:-1]


def _answers(view: Mapping[str, Any], facts: Facts) -> dict[str, str]:
    values = (view.get("state") or {}).get("values") or {}
    states: dict[str, Mapping[str, Any]] = {name: next(iter(inputs.values()), {}) for name, inputs in values.items()}
    without = {name for name, state in states.items() if state.get("type") == "file_input" and not state.get("files")}
    return {name: _answer(state, facts) for name, state in states.items() if name not in without}


def _answer(state: Mapping[str, Any], facts: Facts) -> str:
    match state.get("type"):
        case "checkboxes":
            return "true" if state.get("selected_options") else "false"
        case "static_select" | "radio_buttons":
            return str((state.get("selected_option") or {}).get("value") or "")
        case "users_select" | "multi_users_select" | "multi_static_select":
            people = [*(state.get("selected_users") or ()), *filter(None, [state.get("selected_user")])]
            named = [Account(facts.space, user).key for user in people]
            return ", ".join([*named, *(str(option["value"]) for option in state.get("selected_options") or ())])
        case "conversations_select":
            chosen = state.get("selected_conversation")
            return Channel(facts.space, chosen).key if chosen else ""
        case "rich_text_input":
            return words_of(raw_of(state.get("rich_text_value")), facts)
        case "file_input":
            return str(state["files"][0]["id"])
        case "datetimepicker":
            unix = state.get("selected_date_time")
            return datetime.fromtimestamp(unix, UTC).isoformat() if unix else ""
    return outside_code(str(state.get("value") or ""), spell_out)


def _values(action: Mapping[str, Any]) -> tuple[str, ...]:
    chosen = action.get("selected_options") or ([action["selected_option"]] if action.get("selected_option") else [])
    return tuple(str(option["value"]) for option in chosen)


def _unescape(words: str) -> str:
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
