"""The Web API's methods, as strict as we know how: scopes, arguments, membership, limits, schema, pings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import rules
from .judging import judge
from .things import BOT, BOT_ID, CLIENT_ID, HOURS_12, JSON, PROMPTS, TEAM, Place, Refused
from .views import (
    complete_upload,
    drop_file,
    open_view,
    place_of,
    publish_view,
    push_view,
    put_under,
    tell_file,
    update_view,
    upload_slot,
)

if TYPE_CHECKING:
    from .server import SlackServer


@dataclass(frozen=True)
class Spec:
    """A method: the scopes of which one is needed, its arguments, and what it does."""

    scope: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    run: Callable[[SlackServer, JSON], JSON]


def _truth(value: object) -> bool:
    return value in (True, "true", "1", 1)


def _auth_test(server: SlackServer, _: JSON) -> JSON:
    url, team = "https://lane.slack.com/", server.speaking
    name = "Memory Lane" if team == TEAM else f"The {team}"
    return {"url": url, "team": name, "user": "trellis", "team_id": team, "user_id": BOT, "bot_id": BOT_ID}


def _revoke(server: SlackServer, _: JSON) -> JSON:
    token, _method = server.spoke[-1]
    del server.installed[token]
    return {"revoked": True}


def _access(server: SlackServer, asked: JSON) -> JSON:
    if "code" in asked:
        team = server.codes.pop(asked["code"], "")
        if not team:
            raise Refused("invalid_code")
    else:
        team = server.refreshing.pop(asked["refresh_token"], "")
        if not team or asked["grant_type"] != "refresh_token":
            raise Refused("invalid_refresh_token")
    token = f"xoxb-installed-canary-{server.next_id()}"
    pair: JSON = {"access_token": token}
    if server.rotates:
        token = f"xoxe.{token}"
        pair = {"access_token": token, "refresh_token": f"xoxe-canary-{server.next_id()}", "expires_in": HOURS_12}
        server.refreshing[pair["refresh_token"]] = team
        server.ends[token] = server.seconds() + HOURS_12
        for old in [old for old, its in server.installed.items() if its == team][:-1]:
            del server.installed[old]  # two are good at once at most
    server.installed[token] = team
    return {
        **pair,
        "token_type": "bot",
        "scope": ",".join(sorted(server.scopes)),
        "bot_user_id": BOT,
        "app_id": "A1",
        "team": {"id": team, "name": f"The {team}"},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "UADA"},
        "client_id": CLIENT_ID,
    }


def _connect(server: SlackServer, _: JSON) -> JSON:
    ticket = f"canary-ticket-{server.next_id()}"
    server.tickets.add(ticket)
    return {"url": f"{server.url.replace('http', 'ws')}/ws?ticket={ticket}"}


def _post(server: SlackServer, said: JSON) -> JSON:
    if said["channel"] in server.users:  # who cannot be told directly is no channel either
        try:
            said = {**said, "channel": _open_direct(server, {"users": said["channel"]})["channel"]["id"]}
        except Refused:
            raise Refused("channel_not_found") from None
    place = place_of(server, said["channel"], shut="is_archived")
    judge(server, "chat.postMessage", said)
    if said.get("unfurl_links") is not False or said.get("unfurl_media") is not False:
        server.violations.append("chat.postMessage: unfurls")
    if said.get("thread_ts") and said["thread_ts"] not in place.messages:
        raise Refused("thread_not_found")
    ts = server.next_ts()
    message = {
        "type": "message",
        "user": BOT,
        "bot_id": BOT_ID,
        "ts": ts,
        "text": said["text"],
        "blocks": said["blocks"],
    }
    message |= {"metadata": said["metadata"]} if "metadata" in said else {}
    put_under(place, message, said.get("thread_ts"))
    message["pinged"] = sorted(rules.pings_in(said))
    place.messages[ts] = message
    return {"channel": place.id, "ts": ts, "message": message}


def _ephemeral(server: SlackServer, said: JSON) -> JSON:
    place = place_of(server, said["channel"], shut="is_archived")
    if said["user"] not in place.members:
        raise Refused("user_not_in_channel")
    judge(server, "chat.postEphemeral", said)
    ts = server.next_ts()
    server.ephemeral[ts] = {**said, "ts": ts}
    return {"message_ts": ts}


def _update(server: SlackServer, said: JSON) -> JSON:
    message = place_of(server, said["channel"], shut="is_inactive").messages.get(said["ts"])
    if message is None:
        raise Refused("message_not_found")
    if message["user"] != BOT:
        raise Refused("cant_update_message")
    judge(server, "chat.update", said)
    message |= {"metadata": said["metadata"]} if "metadata" in said else {}
    message |= {"text": said["text"], "blocks": said["blocks"], "edited": {}}  # an edit notifies nobody
    return {"channel": said["channel"], "ts": said["ts"]}


def _permalink(server: SlackServer, asked: JSON) -> JSON:
    if asked["message_ts"] not in place_of(server, asked["channel"]).messages:
        raise Refused("message_not_found")
    return {"permalink": f"https://lane.slack.com/archives/{asked['channel']}/p{asked['message_ts'].replace('.', '')}"}


def _page(server: SlackServer, found: list[Any], asked: JSON, what: str, most: int = 1000) -> JSON:
    limit, start = int(asked.get("limit") or 100), int(asked.get("cursor") or 0)
    if not 0 < limit <= most:
        raise Refused("invalid_limit")
    following = str(start + limit) if start + limit < len(found) else ""
    return {what: found[start : start + limit], "response_metadata": {"next_cursor": following}}


def _shown(message: JSON, asked: JSON) -> JSON:
    hidden = {"pinged"} | (set() if _truth(asked.get("include_all_metadata")) else {"metadata"})
    return {name: value for name, value in message.items() if name not in hidden}


def _within(message: JSON, asked: JSON) -> bool:
    ts, oldest, latest = float(message["ts"]), float(asked.get("oldest") or 0), float(asked.get("latest") or "inf")
    return oldest <= ts <= latest if _truth(asked.get("inclusive")) else oldest < ts < latest


def _readable(server: SlackServer, channel: str) -> dict[str, JSON]:
    """Return the messages of a place, where the app has the scope for places of its kind."""
    place = place_of(server, channel)
    kind = "im" if place.id.startswith("D") else "groups" if place.private else "channels"
    if f"{kind}:history" not in server.scopes:
        raise Refused("missing_scope", needed=f"{kind}:history", provided=",".join(server.scopes))
    return place.messages


def _history(server: SlackServer, asked: JSON) -> JSON:
    messages = _readable(server, asked["channel"]).values()
    top = [each for each in messages if each.get("thread_ts", each["ts"]) == each["ts"] and _within(each, asked)]
    return _page(server, [_shown(each, asked) for each in reversed(top)], asked, "messages", 999)


def _replies(server: SlackServer, asked: JSON) -> JSON:
    messages = _readable(server, asked["channel"])
    if asked["ts"] not in messages:
        raise Refused("thread_not_found")
    root = messages[asked["ts"]].get("thread_ts", asked["ts"])
    found = [each for each in messages.values() if each["ts"] == root or each.get("thread_ts") == root]
    found = [_shown(each, asked) for each in found if each["ts"] == root or _within(each, asked)]
    return _page(server, found, asked, "messages")


def _raw(place: Place) -> JSON:
    facts = {"is_private": place.private, "is_member": BOT in place.members, "is_archived": place.archived}
    return {"id": place.id, "name": place.name, **facts}


def _list(server: SlackServer, asked: JSON) -> JSON:
    kinds = str(asked.get("types") or "public_channel").split(",")
    found = [
        _raw(place)
        for place in server.places.values()
        if not place.id.startswith("D")
        and ("private_channel" if place.private else "public_channel") in kinds
        and (not place.private or BOT in place.members)
        and not (place.archived and _truth(asked.get("exclude_archived")))
    ]
    return _page(server, found, asked, "channels")


def _open_direct(server: SlackServer, asked: JSON) -> JSON:
    user = asked["users"]
    if user not in server.users:
        raise Refused("user_not_found")
    if server.users[user].get("closed"):
        raise Refused("cannot_dm_bot")
    id_ = f"D{user[1:]}"
    server.places.setdefault(id_, Place(id_, id_, True, {user, BOT}))
    return {"channel": {"id": id_}}


def _user(server: SlackServer, asked: JSON) -> JSON:
    if asked["user"] not in server.users:
        raise Refused("user_not_found")
    user = server.users[asked["user"]]
    if "users:read.email" in server.scopes:
        return {"user": user}
    return {"user": {**user, "profile": {name: value for name, value in user["profile"].items() if name != "email"}}}


def _invite(server: SlackServer, asked: JSON) -> JSON:
    place = place_of(server, asked["channel"], shut="is_archived")
    for user in asked["users"].split(","):
        if user not in server.users:
            raise Refused("user_not_found")
        if server.users[user].get("is_restricted"):
            raise Refused("user_is_restricted")
        if user in place.members:
            raise Refused("already_in_channel")
        place.members.add(user)
    return {"channel": _raw(place)}


def _update_group(server: SlackServer, asked: JSON) -> JSON:
    if not server.groups_paid:
        raise Refused("plan_upgrade_required")
    if not server.groups_open:
        raise Refused("permission_denied")
    group = next((group for group in server.groups.values() if group["id"] == asked["usergroup"]), None)
    if group is None:
        raise Refused("no_such_subteam")
    users = [user for user in asked["users"].split(",") if user]
    if not users:
        raise Refused("no_users_provided")
    if set(users) - server.users.keys():
        raise Refused("invalid_users")
    group["users"] = users
    return {"usergroup": group}


def _suggest(server: SlackServer, asked: JSON) -> JSON:
    """Show prompts, at most four. Of an agent they are for no thread: Slack takes such a call, and shows nothing."""
    prompts = asked["prompts"]
    place = place_of(server, asked["channel_id"])
    if not place.id.startswith("D"):
        raise Refused("channel_not_found")
    if not 0 < len(prompts) <= 4 or any(prompt.keys() != {"title", "message"} for prompt in prompts):
        raise Refused("invalid_arguments")
    if not all(prompt["title"].strip() and prompt["message"].strip() for prompt in prompts):
        raise Refused("invalid_arguments")
    if not asked.get("thread_ts"):
        server.prompts[place.id] = asked.get("title", ""), prompts
    return {}


_READ = "channels:history|groups:history|im:history"
_INFO = "channels:read|groups:read"
METHODS = {
    "auth.test": Spec("", (), (), _auth_test),
    "auth.revoke": Spec("", (), ("test",), _revoke),
    "oauth.v2.access": Spec("", (), ("code", "redirect_uri", "grant_type", "refresh_token"), _access),
    "apps.connections.open": Spec("", (), ("app_token",), _connect),
    "chat.postMessage": Spec(
        "chat:write",
        ("channel", "text", "blocks"),
        ("thread_ts", "unfurl_links", "unfurl_media", "metadata", "parse"),
        _post,
    ),
    "chat.postEphemeral": Spec("chat:write", ("channel", "user", "text", "blocks"), ("thread_ts", "parse"), _ephemeral),
    "chat.update": Spec("chat:write", ("channel", "ts", "text", "blocks"), ("parse", "metadata"), _update),
    "assistant.threads.setSuggestedPrompts": Spec(PROMPTS, ("channel_id", "prompts"), ("thread_ts", "title"), _suggest),
    "chat.getPermalink": Spec("", ("channel", "message_ts"), (), _permalink),
    "conversations.history": Spec(
        _READ, ("channel",), ("cursor", "inclusive", "latest", "limit", "oldest", "include_all_metadata"), _history
    ),
    "conversations.replies": Spec(
        _READ, ("channel", "ts"), ("cursor", "inclusive", "latest", "limit", "oldest", "include_all_metadata"), _replies
    ),
    "conversations.list": Spec(_INFO, (), ("cursor", "exclude_archived", "limit", "types"), _list),
    "conversations.info": Spec(
        _INFO,
        ("channel",),
        (),
        lambda server, asked: {"channel": _raw(place_of(server, asked["channel"], member=False))},
    ),
    "conversations.invite": Spec("groups:write.invites|groups:write", ("channel", "users"), ("force",), _invite),
    "conversations.open": Spec("im:write", ("users",), ("return_im", "prevent_creation"), _open_direct),
    "files.getUploadURLExternal": Spec("files:write", ("filename", "length"), ("alt_txt", "snippet_type"), upload_slot),
    "files.completeUploadExternal": Spec(
        "files:write",
        ("files",),
        ("channel_id", "thread_ts", "initial_comment", "channels", "blocks"),
        complete_upload,
    ),
    "files.info": Spec("files:read", ("file",), (), tell_file),
    "files.delete": Spec("files:write", ("file",), (), drop_file),
    "users.info": Spec("users:read", ("user",), ("include_locale",), _user),
    "users.list": Spec(
        "users:read",
        (),
        ("cursor", "limit", "include_locale"),
        lambda server, asked: _page(server, [*server.users.values()], asked, "members", 1000),
    ),
    "usergroups.list": Spec(
        "usergroups:read", (), ("include_users",), lambda server, _: {"usergroups": list(server.groups.values())}
    ),
    "usergroups.users.update": Spec("usergroups:write", ("usergroup", "users"), ("include_count",), _update_group),
    "views.publish": Spec("", ("user_id", "view"), ("hash",), publish_view),
    "views.push": Spec("", ("trigger_id", "view"), (), push_view),
    "views.update": Spec("", ("view", "view_id"), ("hash",), update_view),
    "views.open": Spec("", ("trigger_id", "view"), (), open_view),
}
