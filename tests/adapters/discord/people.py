"""What people do in a Discord client: they write, use commands, press, choose, fill in and send."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from .server import Server, Used
from .world import EPHEMERAL, THREAD, VIEW

JSON: TypeAlias = dict[str, Any]


async def say(server: Server, who: str, channel: str, text: str, files: Sequence[JSON] = (), reply_to: str = "") -> str:
    """Write a message, perhaps with files, or as a reply to another in the channel; return its id."""
    world = server.world
    assert not world.channels[channel].get("thread_metadata", {}).get("locked"), "Discord lets nobody write here"
    await server.wake(channel)
    answers: JSON = (
        {"type": 19, "message_reference": {"message_id": reply_to, "channel_id": channel}} if reply_to else {}
    )
    data = world.post(who, channel, {"content": text}, **answers)
    data["attachments"] = [{"id": world.id(), "url": "https://cdn.example/1", **file} for file in files]
    await tell_of(server, data)
    return str(data["id"])


async def tell_of(server: Server, data: JSON) -> None:
    """Tell of a message that was written."""
    world = server.world
    guild = world.channels[data["channel_id"]].get("guild_id")
    if guild is None:
        await server.dispatch("MESSAGE_CREATE", world.shown(data))
        return
    member = {key: value for key, value in world.members[data["author"]["id"]].items() if key != "pending"}
    await server.dispatch("MESSAGE_CREATE", {**world.shown(data), "guild_id": guild, "member": member})


def placed(server: Server, message: JSON) -> JSON:
    """Return where a message stands: with its server, unless it is direct."""
    channel = message["channel_id"]
    guild = server.world.channels[channel].get("guild_id")
    return {"channel_id": channel, "guild_id": guild} if guild else {"channel_id": channel}


async def interact(server: Server, who: str, channel: str, type_: int, data: JSON, **facts: Any) -> Used:
    """Use Trellis; Discord waits for an answer."""
    world = server.world
    place = world.channels[channel]
    id_ = world.id()
    payload: JSON = {
        "id": id_,
        "application_id": world.bot,
        "type": type_,
        "token": f"interaction-{id_}",
        "version": 1,
        "channel_id": channel,
        "channel": {"id": channel, "type": place["type"], "parent_id": place.get("parent_id")},
        "locale": world.locales.get(who, "en-GB"),
        "data": data,
        "entitlements": [],
        "attachment_size_limit": 10485760,
        **facts,
    }
    if "guild_id" in place:
        payload |= {"guild_id": place["guild_id"], "member": {**world.member(who), "user": world.people[who]}}
    else:
        payload["user"] = world.people[who]
    source = facts.get("message")
    used = server.used[payload["token"]] = Used(
        payload, who, world.now(), world.messages[source["id"]] if source else None
    )
    await server.dispatch("INTERACTION_CREATE", payload)
    return used


async def use(
    server: Server, who: str, channel: str, command: str, options: Mapping[str, str], *, insist: bool = True
) -> Used:
    """Use a slash command; options are typed as Discord's client makes sure that they are.

    With `insist` it also makes sure that nothing is missing. A client that has not heard of a change yet does not.
    """
    name, _, verb = command.partition(" ")
    context = 0 if "guild_id" in server.world.channels[channel] else 1
    registered = next(
        one
        for one in commands(server)
        if one["name"] == name and one.get("type", 1) == 1 and context in (one.get("contexts") or [0])
    )
    data: JSON = {"id": registered["id"], "name": name, "type": 1}
    declared = registered["options"]
    if verb:
        inner = next(one for one in declared if one["name"] == verb)
        declared = inner.get("options", [])
        data["options"] = [{"type": 1, "name": verb, "options": _typed(server, declared, options)}]
    else:
        data["options"] = _typed(server, declared, options)
    data |= _resolved(server, str(data["options"]))
    if insist:
        for option in declared:
            assert not option.get("required") or options.get(option["name"]), f"Discord insists on {option['name']}"
    return await interact(server, who, channel, 2, data)


async def complete(server: Server, who: str, channel: str, command: str, option: str, typed: str) -> list[JSON]:
    """Begin to type an option; return what Discord's client then shows. It tells even a number as it was typed."""
    name, _, verb = command.partition(" ")
    registered = next(one for one in commands(server) if one["name"] == name)
    declared = registered["options"]
    if verb:
        declared = next(one for one in declared if one["name"] == verb)["options"]
    field = next(one for one in declared if one["name"] == option)
    assert field.get("autocomplete"), f"Discord asks for no suggestions for {option}"
    typing: JSON = {"type": field["type"], "name": option, "value": typed, "focused": True}
    options = [{"type": 1, "name": verb, "options": [typing]}] if verb else [typing]
    used = await interact(
        server, who, channel, 4, {"id": registered["id"], "name": name, "type": 1, "options": options}
    )
    async with asyncio.timeout(30):
        while not used.first:  # noqa: ASYNC110  # what is looked at belongs to others
            await asyncio.sleep(0.01)
    return used.suggested


def commands(server: Server) -> list[JSON]:
    return [*server.commands.get("", ()), *server.commands.get(server.world.guild, ())]


def _typed(server: Server, declared: Sequence[JSON], options: Mapping[str, str]) -> list[JSON]:
    typed = []
    for name, value in options.items():
        option = next(one for one in declared if one["name"] == name)
        known = {person["global_name"]: id_ for id_, person in server.world.people.items()}
        read: Any = value
        match option["type"]:
            case 4:
                read = int(value)
            case 5:
                read = value in ("true", "yes")
            case 6:
                read = known.get(value.lstrip("@").capitalize(), value.rpartition("/")[2])
            case 3 if option.get("choices"):
                read = next((one["value"] for one in option["choices"] if value in one.values()), value)
        typed.append({"type": option["type"], "name": name, "value": read})
    return typed


async def pick(server: Server, who: str, message: str, shortcut: str) -> Used:
    """Use a command from a message's menu."""
    registered = next(one for one in commands(server) if one["name"] == shortcut and one["type"] == 3)
    data = server.world.messages[message].data
    told = {"id": registered["id"], "name": shortcut, "type": 3, "target_id": message}
    return await interact(
        server, who, data["channel_id"], 2, {**told, "resolved": {"messages": {message: server.world.shown(data)}}}
    )


async def pick_person(server: Server, who: str, person: str, shortcut: str, channel: str = "") -> Used:
    """Use a command from a person's menu."""
    world = server.world
    registered = next(one for one in commands(server) if one["name"] == shortcut and one["type"] == 2)
    channel = channel or next(id_ for id_, place in world.channels.items() if place["type"] == 0)
    resolved: JSON = {"users": {person: world.people[person]}}
    if person in world.members:
        resolved["members"] = {person: world.member(person)}
    told = {"id": registered["id"], "name": shortcut, "type": 2, "target_id": person, "resolved": resolved}
    return await interact(server, who, channel, 2, told)


async def press(server: Server, who: str, message: str, control: str, values: Sequence[str] = ()) -> Used:
    """Press a button, or choose from a menu."""
    kept = server.world.messages[message]
    assert kept.reader in ("", who)
    flags = kept.data["flags"] | (EPHEMERAL if kept.reader else 0)
    data: JSON = {"custom_id": control, "component_type": 3 if values else 2}
    if values:
        data["values"] = list(values)
    return await interact(server, who, kept.data["channel_id"], 3, data, message={**kept.data, "flags": flags})


async def submit(server: Server, who: str, answers: Mapping[str, str]) -> Used:
    """Send the modal that the person has open."""
    modal, opened_by = server.modals.pop(who)
    parts = [part for part in modal["components"] if part["type"] == 18]
    sent = [{"type": 18, "component": _filled(server, part["component"], answers)} for part in parts]
    facts = {"message": opened_by.data["message"]} if "message" in opened_by.data else {}
    data = {"custom_id": modal["custom_id"], "components": sent, **_resolved(server, str(sent))}
    return await interact(server, who, opened_by.data["channel_id"], 5, data, **facts)


def _resolved(server: Server, sent: str) -> JSON:
    """Return what Discord tells of the files and roles that were chosen."""
    world = server.world
    files = {id_: world.attached(id_, server.url) for id_ in world.chosen if id_ in sent}
    roles = {role["id"]: role for role in world.roles.values() if role["id"] in sent}
    told = {"attachments": files, "roles": roles}
    return {"resolved": {what: found for what, found in told.items() if found}} if files or roles else {}


def _filled(server: Server, control: JSON, answers: Mapping[str, str]) -> JSON:
    if control["type"] == 22:
        ticked = [one["value"] for one in control["options"] if answers.get(one["value"]) == "true"]
        return {"type": 22, "custom_id": control["custom_id"], "values": ticked}
    said = answers.get(control["custom_id"], "")
    told = {"type": control["type"], "custom_id": control["custom_id"]}
    match control["type"]:
        case 4:
            assert len(said) <= control.get("max_length", 4000), "Discord's input takes no more"
            # Discord insists on an answer, and is content with a space.
            return {**told, "value": said or (" " if control.get("required", True) else "")}
        case 23:
            return {**told, "value": said == "true"}
        case 21:
            chosen = [one["value"] for one in control["options"] if said and said in (one["value"], one["label"])]
            return {**told, "value": chosen[0] if chosen else None}
        case 3:
            values = [one["value"] for one in control["options"] if said and said in (one["value"], one["label"])]
            return {**told, "values": values}
    if control["type"] == 6:
        named = [server.world.roles[one.strip()]["id"] for one in said.split(",") if one.strip()]
        return {**told, "values": named}
    named = [one.strip().rpartition("/")[2] for one in said.split(",") if one.strip()]
    assert len(named) <= control.get("max_values", 1), "Discord lets nobody pick more"
    return {**told, "values": named}


async def show_interest(server: Server, who: str, event: str, *, interested: bool = True) -> None:
    """Press “Interested” at an event of the server, or once more; who does not ask for such events is not told."""
    assert server.identified[-1]["intents"] & SCHEDULED_EVENTS
    told = {"guild_scheduled_event_id": event, "user_id": who, "guild_id": server.world.guild}
    await server.dispatch(f"GUILD_SCHEDULED_EVENT_USER_{'ADD' if interested else 'REMOVE'}", told)


SCHEDULED_EVENTS = 1 << 16
"""The intent with which Discord tells of the events of a server."""


async def react(server: Server, who: str, message: str, emoji: str, *, back: bool = False) -> None:
    """Put an emoji on a message or take it `back`, of which Discord does not say who the member is."""
    kept = server.world.messages[message]
    data, people = kept.data, kept.reactions.setdefault(emoji, [])
    if who in people:
        people.remove(who)
    if not back:
        people.append(who)
    told: JSON = {
        "user_id": who,
        "message_id": message,
        **placed(server, data),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }
    if not back:
        told["member"] = {**server.world.members[who], "user": server.world.people[who]}
    await server.dispatch("MESSAGE_REACTION_REMOVE" if back else "MESSAGE_REACTION_ADD", told)


async def edit(server: Server, message: str, text: str) -> None:
    """Write a message of one's own differently. Discord also tells when the preview of a link is there, or a pin."""
    world = server.world
    kept = world.messages[message]
    data = world.edit(kept, {"content": text})
    member = {key: value for key, value in world.members[data["author"]["id"]].items() if key != "pending"}
    where = placed(server, data)
    told = {**world.shown(data), **where} | ({"member": member} if "guild_id" in where else {})
    await server.dispatch("MESSAGE_UPDATE", told)
    await preview(server, message)
    await server.dispatch("MESSAGE_UPDATE", {**told, "pinned": True})


async def preview(server: Server, message: str) -> None:
    """Have the preview of a link be there, of which Discord tells by little more than itself."""
    data = server.world.messages[message].data
    facts = {"id": message, **placed(server, data)}
    await server.dispatch("MESSAGE_UPDATE", {**facts, "embeds": [{"type": "link", "url": "https://example.org"}]})


async def clear(server: Server, message: str, emoji: str = "") -> None:
    """As a moderator, take all reactions off a message, or those of one emoji."""
    kept = server.world.messages[message]
    facts = {"message_id": message, **placed(server, kept.data)}
    if emoji:
        kept.reactions.pop(emoji, None)
        told = {**facts, "emoji": {"id": None, "name": emoji}}
        await server.dispatch("MESSAGE_REACTION_REMOVE_EMOJI", told)
    else:
        kept.reactions.clear()
        await server.dispatch("MESSAGE_REACTION_REMOVE_ALL", facts)


async def delete(server: Server, message: str) -> None:
    data = server.world.messages.pop(message).data
    await server.dispatch("MESSAGE_DELETE", {"id": message, **placed(server, data)})


async def post(server: Server, who: str, forum: str, title: str, text: str) -> str:
    """Open a post in a forum; return the id of its thread and its first message."""
    world = server.world
    id_ = world.id()
    thread = world.add_thread(id_, forum, title, who)
    await server.dispatch("THREAD_CREATE", {**thread, "newly_created": True})
    await tell_of(server, world.post(who, id_, {"content": text}, id_=id_))
    return id_


async def join(server: Server, who: str, name: str, source: str = "") -> None:
    """Arrive by an invitation, or come back."""
    world = server.world
    if who not in world.people:
        world.people[who] = world.user(who, name)
    world.members[who] = world.member_facts() | {"flags": world.members.get(who, {"flags": 0})["flags"]}
    if source:
        world.invites[source] = world.invites.get(source, 0) + 1
    told = {**world.members[who], "user": world.people[who], "guild_id": world.guild}
    await server.dispatch("GUILD_MEMBER_ADD", told)


async def change(server: Server, who: str, **facts: Any) -> None:
    """Have Discord say something else of a member."""
    world = server.world
    world.members[who] |= facts
    told = {**world.members[who], "user": world.people[who], "guild_id": world.guild}
    await server.dispatch("GUILD_MEMBER_UPDATE", told)


async def leave(server: Server, who: str) -> None:
    del server.world.members[who]
    told = {"guild_id": server.world.guild, "user": server.world.people[who]}
    await server.dispatch("GUILD_MEMBER_REMOVE", told)


async def open_channel(server: Server, name: str, *readers: str) -> str:
    """Make a channel, for everyone or for these; return its id."""
    id_ = server.world.add_channel(name, readers=readers)
    await server.dispatch("CHANNEL_CREATE", server.world.channels[id_])
    return id_


async def change_channel(server: Server, channel: str, **facts: Any) -> None:
    """Rename a channel, or settle who may do what in it."""
    server.world.channels[channel] |= facts
    await server.dispatch("CHANNEL_UPDATE", server.world.channels[channel])


async def forbid(server: Server, channel: str, right: int = VIEW) -> None:
    """Take a right in a channel from Trellis."""
    place, bot = server.world.channels[channel], server.world.bot
    others = [one for one in place["permission_overwrites"] if one["id"] != bot]
    denied = {"id": bot, "type": 1, "allow": "0", "deny": str(right)}
    await change_channel(server, channel, permission_overwrites=[*others, denied])


async def allow(server: Server, channel: str) -> None:
    """Give Trellis back what it may do in a channel."""
    place, bot = server.world.channels[channel], server.world.bot
    others = [one for one in place["permission_overwrites"] if one["id"] != bot]
    given = {"id": bot, "type": 1, "allow": str(VIEW), "deny": "0"}
    await change_channel(server, channel, permission_overwrites=[*others, given])


async def delete_channel(server: Server, channel: str) -> None:
    """Delete a channel with all that is in it, or a thread. Of the threads in a channel Discord says nothing more."""
    world = server.world
    gone = [id_ for id_, place in world.channels.items() if channel in (id_, place.get("parent_id"))]
    told = world.channels[channel]
    for id_ in gone:
        del world.channels[id_]
    world.messages = {id_: kept for id_, kept in world.messages.items() if kept.data["channel_id"] not in gone}
    if told["type"] == THREAD:
        told = {name: told[name] for name in ("id", "guild_id", "parent_id", "type")}
    await server.dispatch("THREAD_DELETE" if told["type"] == THREAD else "CHANNEL_DELETE", told)


async def archive(server: Server, thread: str, *, locked: bool = False, archived: bool = True) -> None:
    """Put a thread away, as a moderator or its age does; only a moderator can bring back one that is locked."""
    state = server.world.channels[thread]["thread_metadata"]
    state |= {"archived": archived, "locked": locked, "archive_timestamp": server.world.stamp()}
    await server.dispatch("THREAD_UPDATE", server.world.channels[thread])
