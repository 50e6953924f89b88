"""What Trellis may do on the loopback Discord: roles and their order, channels' overwrites, events, invitations."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

from .world import FORUM, SEND, SEND_IN_THREADS, TEXT, THREAD, VIEW, Problem, World

JSON: TypeAlias = dict[str, Any]

MANAGE_GUILD, MANAGE_ROLES, CREATE_EVENTS, ATTACH, MANAGE_THREADS = 1 << 5, 1 << 28, 1 << 44, 1 << 15, 1 << 34
EVENTS = 100
"""Events of a guild that may be planned or under way."""


def insist(world: World, right: int) -> None:
    """Refuse where Trellis lacks a right."""
    if not int(world.member(world.bot)["permissions"]) & right:
        raise Problem(403, 50013, "Missing Permissions")


def place_of(world: World, channel: str, right: int = VIEW) -> JSON:
    """Return a channel, where Trellis may see it and do this in it."""
    if channel not in world.channels:
        raise Problem(404, 10003, "Unknown Channel")
    held = world.rights_in(channel)
    if not held & VIEW:
        raise Problem(403, 50001, "Missing Access")
    if not held & right:
        raise Problem(403, 50013, "Missing Permissions")
    return world.channels[channel]


def writable(world: World, channel: str) -> JSON:
    """Return a channel in which Trellis may write. A thread that is only archived comes back when somebody writes."""
    threads = world.channels.get(channel, {}).get("type") == THREAD
    place = place_of(world, channel, SEND_IN_THREADS if threads else SEND)
    state = place.get("thread_metadata", {})
    if state.get("locked") and not world.rights_in(channel) & MANAGE_THREADS:
        raise Problem(*((400, 50083, "Thread is archived") if state["archived"] else LOCKED))
    return place


def insist_on_thread(world: World, place: JSON, body: JSON) -> None:
    """Refuse a change to a thread that Trellis may not make: to that of another, or to one that sleeps or is locked."""
    if place["type"] != THREAD:
        raise Problem(400, 50024, "Cannot execute action on this channel type")
    if place["thread_metadata"]["archived"] and body.get("archived") is not False:
        raise Problem(400, 50083, "Thread is archived")
    if not world.rights_in(place["id"]) & MANAGE_THREADS:
        if place["thread_metadata"]["locked"]:
            raise Problem(*LOCKED)
        if place["owner_id"] != world.bot and body.keys() != {"archived"}:
            raise Problem(403, 50013, "Missing Permissions")


def insist_on_open(world: World, channel: str) -> None:
    """Refuse an answer in a thread that is archived and cannot come back."""
    state = world.channels.get(channel, {}).get("thread_metadata", {})
    if state.get("archived") and state.get("locked") and not world.rights_in(channel) & MANAGE_THREADS:
        raise Problem(400, 50083, "Thread is archived")


LOCKED = (403, 160005, "This thread is locked")


def set_role(world: World, user: str, role: str, *, held: bool) -> None:
    """Give or take a role, which has to be below the highest of Trellis's own."""
    if user not in world.members:
        raise Problem(404, 10007, "Unknown Member")
    found = next((one for one in world.roles.values() if one["id"] == role), None)
    if found is None:
        raise Problem(404, 10011, "Unknown Role")
    if found["managed"] or role == world.guild:
        raise Problem(400, 50028, "Invalid Role")
    insist(world, MANAGE_ROLES)
    mine = [one["position"] for one in world.roles.values() if one["id"] in world.members[world.bot]["roles"]]
    if found["position"] >= max(mine, default=0):
        raise Problem(403, 50013, "Missing Permissions")
    roles = [one for one in world.members[user]["roles"] if one != role]
    world.members[user]["roles"] = [*roles, role] if held else roles


def put_overwrite(world: World, channel: str, user: str, body: JSON) -> None:
    """Settle what a member may do in a channel; nobody may allow what they may not do themselves."""
    place = world.channels.get(channel)
    if place is None:
        raise Problem(404, 10003, "Unknown Channel")
    if place["type"] not in (TEXT, FORUM):
        raise Problem(400, 50024, "Cannot execute action on this channel type")
    if user not in world.members:
        raise Problem(404, 10009, "Unknown Overwrite")
    insist(world, MANAGE_ROLES)
    insist(world, int(body.get("allow") or 0) | MANAGE_ROLES)
    others = [one for one in place["permission_overwrites"] if one["id"] != user]
    told = {"id": user, "type": body["type"], "allow": str(body.get("allow") or 0), "deny": str(body.get("deny") or 0)}
    place["permission_overwrites"] = [*others, told]


def put_event(world: World, body: JSON, known: str | None = None) -> JSON:
    """Plan an event, or change one."""
    insist(world, CREATE_EVENTS)
    if known and known not in world.events:
        raise Problem(404, 10070, "Unknown Guild Scheduled Event")
    if not known and len(world.events) >= EVENTS:
        raise Problem(400, 30038, "Maximum number of guild scheduled events reached (100)")
    starts, ends = (datetime.fromisoformat(body[f"scheduled_{end}_time"]) for end in ("start", "end"))
    if starts <= world.now() or ends <= starts:
        raise Problem(400, 50035, "Invalid Form Body: Cannot schedule event in the past.")
    if not 0 < len(body["name"]) <= 100 or not 0 < len(body["entity_metadata"]["location"]) <= 100:
        raise Problem(400, 50035, "Invalid Form Body: Must be between 1 and 100 in length.")
    id_ = known or world.id()
    world.events[id_] = {**body, "id": id_, "guild_id": world.guild, "creator_id": world.bot, "status": 1}
    return world.events[id_]
