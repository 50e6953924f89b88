"""The Web API's methods for views and files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import rules
from .judging import judge_view
from .things import BOT, BOT_ID, JSON, Place, Refused, Upload

if TYPE_CHECKING:
    from .server import SlackServer


def place_of(server: SlackServer, id_: str, member: bool = True, shut: str = "") -> Place:
    """Return a channel that the bot can see, and is a member of. With `shut`, refuse so where it is archived."""
    place = server.places.get(id_)
    if place is None or (place.private and BOT not in place.members):
        raise Refused("channel_not_found")
    if member and BOT not in place.members:
        raise Refused("not_in_channel")
    if shut and place.archived:
        raise Refused(shut)
    return place


def put_under(place: Place, message: JSON, thread: str | None) -> None:
    """Let a message stand under another one."""
    if thread:
        root = place.messages[thread]
        message["thread_ts"] = root["thread_ts"] = thread
        root["latest_reply"] = message["ts"]


def upload_slot(server: SlackServer, asked: JSON) -> JSON:
    if not int(asked["length"]) > 0 or not asked["filename"]:
        raise Refused("invalid_arguments")
    id_ = f"F{server.next_id():09d}"
    server.files[id_] = Upload(asked["filename"], int(asked["length"]), str(asked.get("alt_txt") or ""))
    return {"upload_url": f"{server.url}/upload/{id_}", "file_id": id_}


def complete_upload(server: SlackServer, asked: JSON) -> JSON:
    given = json.loads(asked["files"])
    server.violations += rules.against("FilesCompleteUploadExternalArguments", {**asked, "files": given})
    files = [server.files.get(each["id"]) for each in given]
    if any(file is None or file.done or len(file.content) != file.length for file in files):
        raise Refused("file_not_found")
    for file in filter(None, files):
        file.done = True
        file.unready = server.picture_takes if file.name.endswith(".png") else 0
    if asked.get("channel_id"):
        place = place_of(server, asked["channel_id"], shut="is_archived")
        if asked.get("thread_ts") and asked["thread_ts"] not in place.messages:
            raise Refused("thread_not_found")
        ts = server.next_ts()
        message = {"type": "message", "user": BOT, "bot_id": BOT_ID, "ts": ts, "text": "", "files": given}
        place.messages[ts] = message
        put_under(place, message, asked.get("thread_ts"))
    return {"files": given}


def tell_file(server: SlackServer, asked: JSON) -> JSON:
    file = server.files.get(asked["file"])
    if file is None:
        raise Refused("file_not_found")
    address = f"{server.url}/files/{asked['file']}"
    return {"file": {"id": asked["file"], "name": file.name, "size": file.length, "url_private_download": address}}


def drop_file(server: SlackServer, asked: JSON) -> JSON:
    if server.files.pop(asked["file"], None) is None:
        raise Refused("file_not_found")
    for place in server.places.values():
        for ts, message in [*place.messages.items()]:
            if message.get("files") and not [each for each in message["files"] if each["id"] in server.files]:
                del place.messages[ts]
    return {}


def _pull(server: SlackServer, trigger: str) -> str:
    user, expires = server.triggers.pop(trigger, ("", 0.0))
    if not user:
        raise Refused("exchanged_trigger_id")
    if expires < server.seconds():
        raise Refused("expired_trigger_id")
    return user


def open_view(server: SlackServer, asked: JSON) -> JSON:
    judge_view(server, "views.open", asked["view"])
    user = _pull(server, asked["trigger_id"])
    server.show(user, asked["view"])
    return {"view": {"id": server.views[user]["id"]}}


def push_view(server: SlackServer, asked: JSON) -> JSON:
    judge_view(server, "views.push", asked["view"])
    user = _pull(server, asked["trigger_id"])
    if user not in server.views:
        raise Refused("not_found")
    server.below.setdefault(user, []).append(server.views[user])
    if len(server.below[user]) > 2:
        raise Refused("push_limit_reached")
    server.show(user, asked["view"])
    return {"view": {"id": server.views[user]["id"]}}


def update_view(server: SlackServer, asked: JSON) -> JSON:
    judge_view(server, "views.update", asked["view"])
    user = next((user for user, view in server.views.items() if view["id"] == asked["view_id"]), "")
    if not user:
        raise Refused("not_found")
    server.show(user, asked["view"])
    return {"view": {"id": server.views[user]["id"]}}


def publish_view(server: SlackServer, asked: JSON) -> JSON:
    if asked["user_id"] not in server.users:
        raise Refused("invalid_arguments")
    judge_view(server, "views.publish", asked["view"], "home")
    server.homes[asked["user_id"]] = {**asked["view"], "id": f"V{server.next_id()}"}
    return {"view": {"id": server.homes[asked["user_id"]]["id"]}}
