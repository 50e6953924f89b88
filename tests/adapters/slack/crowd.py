"""What people do in Slack, and the envelopes that it sets off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.text.when import read_moment

from .server import SlackServer
from .things import BOT, TEAM, Place, composed

JSON = dict[str, Any]


class Crowd:
    """Everyone in the workspace. A deed returns when its envelopes were acknowledged."""

    def __init__(self, server: SlackServer) -> None:
        self.server = server
        self.sent: list[tuple[str, JSON]] = []

    async def send(self, kind: str, payload: JSON) -> Any:
        self.sent.append((kind, payload))
        return await self.server.send(kind, payload)

    async def happen(self, event: JSON, team: str = TEAM) -> None:
        """Tell the app of an event, if it asked for such."""
        kind = str(event.get("type", ""))
        if kind == "message" and "channel_type" in event:
            kind = f"message.{event['channel_type']}{'' if event['channel_type'] == 'im' else 's'}"
        if kind not in {"", "message", *self.server.subscribed}:
            return
        number = self.server.next_id()
        body = {
            "token": "canary-verification",
            "team_id": team,
            "api_app_id": "A1",
            "type": "event_callback",
            "event_id": f"Ev{number}",
            "event_time": int(self.server.now().timestamp()),
            "event": event,
        }
        await self.send("events_api", body)

    def place_of(self, message: str) -> Place:
        """Return the channel in which a message stands."""
        return next(place for place in self.server.places.values() if message in place.messages)

    async def say(self, user: str, channel: str, text: str, thread: str = "", **more: Any) -> str:
        if channel == f"D{user[1:]}":  # whoever writes to us first opens it
            self.server.places.setdefault(channel, Place(channel, channel, True, {user, BOT}))
        place = self.server.places[channel]
        ts = self.server.next_ts()
        raw = text.replace("&", "&amp;") if not more.pop("raw", False) else text
        if raw != text or "<@" not in text:
            raw = raw.replace("<", "&lt;").replace(">", "&gt;")
        message = {"type": "message", "user": user, "ts": ts, "text": raw, "team": TEAM, **more}
        if thread:
            message["thread_ts"] = thread
            place.messages[thread] |= {"thread_ts": thread, "latest_reply": ts}
        place.messages[ts] = message
        if BOT in place.members:
            kind = "im" if channel.startswith("D") else "group" if place.private else "channel"
            event = {**message, "channel": channel, "event_ts": ts, "channel_type": kind}
            await self.happen(event)
            if f"<@{BOT}>" in raw:
                await self.happen({**event, "type": "app_mention"})
        return ts

    async def edit(self, message: str, text: str) -> None:
        """Write a message of one's own differently. Slack tells alike when it has followed a link in it."""
        place = self.place_of(message)
        before = place.messages[message]
        raw = text.replace("&", "&amp;")
        if "<@" not in text:
            raw = raw.replace("<", "&lt;").replace(">", "&gt;")
        place.messages[message] = {
            **before,
            "text": raw,
            "edited": {"user": before["user"], "ts": self.server.next_ts()},
        }
        await self.changed(message, before)
        if f"<@{BOT}>" in raw and BOT in place.members:
            event = {**place.messages[message], "channel": place.id, "event_ts": self.server.next_ts()}
            await self.happen({**event, "type": "app_mention"})
        await self.unfurl(message)

    async def unfurl(self, message: str) -> None:
        """Have Slack show what stands behind a link."""
        place = self.place_of(message)
        before = place.messages[message]
        place.messages[message] = {**before, "attachments": [{"title": "Example", "from_url": "https://example.org"}]}
        await self.changed(message, before)

    async def changed(self, message: str, before: JSON) -> None:
        """Tell that a message is not what it was."""
        place = self.place_of(message)
        ts = self.server.next_ts()
        facts = {"type": "message", "subtype": "message_changed", "channel": place.id, "ts": ts, "event_ts": ts}
        now = place.messages[message]
        await self.happen({**facts, "message": now, "previous_message": before, "hidden": True})

    async def delete(self, message: str) -> None:
        place = self.place_of(message)
        gone = place.messages.pop(message)
        ts = self.server.next_ts()
        event = {"type": "message", "subtype": "message_deleted", "channel": place.id, "deleted_ts": message, "ts": ts}
        await self.happen({**event, "event_ts": ts, "previous_message": gone, "hidden": True})

    async def slash(self, user: str, channel: str, command: str, text: str = "") -> Any:
        payload = {
            "token": "canary-verification",
            "team_id": TEAM,
            "team_domain": "lane",
            "channel_id": channel,
            "channel_name": self.server.places[channel].name,
            "user_id": user,
            "user_name": self.server.users[user]["name"],
            "command": command,
            "text": text,
            "api_app_id": "A1",
            "response_url": self.server.response_url(user, channel),
            "trigger_id": self.server.trigger(user),
        }
        return await self.send("slash_commands", payload)

    def interaction(self, user: str, kind: str, **facts: Any) -> JSON:
        return {
            "type": kind,
            "token": "canary-verification",
            "team": {"id": TEAM, "domain": "lane"},
            "user": {"id": user, "username": self.server.users[user]["name"], "team_id": TEAM},
            "api_app_id": "A1",
            "trigger_id": self.server.trigger(user),
            **facts,
        }

    async def press(self, user: str, message: str, action_id: str, values: Sequence[str] = ()) -> Any:
        if message.startswith("V"):
            return await self._press_in_view(user, message, action_id, values)
        alone = self.server.ephemeral.get(message)
        if alone:
            channel, shown = alone["channel"], alone
            assert alone["user"] == user
        else:
            place = self.place_of(message)
            channel, shown = place.id, place.messages[message]
            assert user in place.members
        action = self._action(shown, action_id, values)
        container: JSON = {
            "type": "message",
            "message_ts": message,
            "channel_id": channel,
            "is_ephemeral": bool(alone),
        }
        thread = shown.get("thread_ts", "")
        if thread:
            container["thread_ts"] = thread
        facts: JSON = {} if alone else {"message": {name: value for name, value in shown.items() if name != "pinged"}}
        payload = self.interaction(
            user,
            "block_actions",
            container=container,
            channel={"id": channel, "name": self.server.places[channel].name},
            actions=[action],
            response_url=self.server.response_url(user, channel, thread, message if alone else ""),
            **facts,
        )
        return await self.send("interactive", payload)

    async def _press_in_view(self, user: str, view_id: str, action_id: str, values: Sequence[str]) -> Any:
        """Use a control in App Home or in a modal: there is no channel, no message and no response_url."""
        view = self.view(user, view_id)
        payload = self.interaction(
            user,
            "block_actions",
            container={"type": "view", "view_id": view_id},
            view={**view, "team_id": TEAM, "hash": "h1", "state": {"values": {}}},
            actions=[self._action(view, action_id, values)],
        )
        return await self.send("interactive", payload)

    def view(self, user: str, view_id: str) -> JSON:
        """Return the view of that id that a person sees."""
        seen = [self.server.homes.get(user), self.server.views.get(user)]
        return next(view for view in seen if view and view["id"] == view_id)

    def _action(self, shown: JSON, action_id: str, values: Sequence[str]) -> JSON:
        elements: list[JSON] = [each for block in shown["blocks"] for each in block.get("elements") or ()]
        for more in (each for each in elements if each.get("type") == "overflow"):
            if chosen := next((option for option in more["options"] if option["value"] == action_id), None):
                facts = {"action_id": more["action_id"], "block_id": "b1", "action_ts": self.server.next_ts()}
                return {"type": "overflow", "selected_option": chosen, **facts}
        element: JSON = next((each for each in elements if each.get("action_id") == action_id), {"type": "button"})
        kind = str(element["type"])
        action: JSON = {"type": kind, "action_id": action_id, "block_id": "b1", "action_ts": self.server.next_ts()}
        options = [option for option in element.get("options") or [] if option["value"] in values]
        if kind == "static_select":
            action["selected_option"] = options[0]
        elif kind == "multi_static_select":
            action["selected_options"] = options
        return action

    async def pick(self, user: str, message: str, callback_id: str) -> Any:
        place = self.place_of(message)
        raw = {name: value for name, value in place.messages[message].items() if name != "pinged"}
        payload = self.interaction(
            user,
            "message_action",
            callback_id=callback_id,
            message=raw,
            message_ts=message,
            channel={"id": place.id, "name": place.name},
            response_url=self.server.response_url(user, place.id, raw.get("thread_ts", "")),
        )
        return await self.send("interactive", payload)

    async def start(self, user: str, callback_id: str) -> Any:
        """Pick a global shortcut: there is no channel, no message and no response_url."""
        payload = self.interaction(user, "shortcut", callback_id=callback_id, action_ts=self.server.next_ts())
        return await self.send("interactive", payload)

    async def submit(self, user: str, answers: Mapping[str, str]) -> Any:
        """Send the open form, and let the screen follow what the app says to it."""
        view = self.server.views[user]
        typed = {
            **self.server.typed[user],
            **{name: answers[name] for name in answers if name in self.server.typed[user]},
        }
        self.server.typed[user] = typed
        values: JSON = {}
        for block in view["blocks"]:
            if block["type"] != "input":
                continue
            element, value = block["element"], typed[block["block_id"]]
            values[block["block_id"]] = {element["action_id"]: self.state(user, element, value)}
        # A required input that is empty never leaves the person's screen.
        empty = [
            block["block_id"]
            for block in view["blocks"]
            if block["type"] == "input" and not block.get("optional") and not typed[block["block_id"]]
        ]
        if empty:
            self.server.errors[user] = dict.fromkeys(empty, "Please fill this in.")
            return None
        sent = {**view, "team_id": TEAM, "hash": "h1", "state": {"values": values}}
        answer = await self.send("interactive", self.interaction(user, "view_submission", view=sent, response_urls=[]))
        match (answer or {}).get("response_action"):
            case None:
                self.close(user)
            case "errors":
                unknown = answer["errors"].keys() - values.keys()
                self.server.violations += [f"errors at {unknown}"] if unknown else []
                self.server.errors[user] = answer["errors"]
            case "update":
                from . import rules

                self.server.violations += [f"update: {problem}" for problem in rules.broken_view(answer["view"])]
                self.server.show(user, answer["view"])
            case other:
                self.server.violations.append(f"response_action {other}")
        return answer

    def close(self, user: str) -> None:
        """Close the modal that a person sees; the one below it comes up."""
        self.server.views.pop(user, None)
        if self.server.below.get(user):
            self.server.show(user, self.server.below[user].pop())

    def state(self, user: str, element: JSON, value: str) -> JSON:  # noqa: PLR0911  # one for each
        """Return what Slack sends of an input. In a calendar a person picks what they have in mind."""
        kind = element["type"]
        match kind:
            case "static_select" | "radio_buttons" | "multi_static_select":
                many = kind == "multi_static_select"
                sought = [name.strip() for name in value.split(",") if name.strip()] if many else [value]
                assert len(sought) <= element.get("max_selected_items", 1), "Slack lets nobody pick more"
                chosen = [option for option in element["options"] if option["value"] in sought]
                assert not many or len(chosen) == len(sought), f"{value} is not offered"
                one = chosen[0] if chosen else None
                return {"type": kind, **({"selected_options": chosen} if many else {"selected_option": one})}
            case "checkboxes":
                return {"type": kind, "selected_options": element["options"] if value == "true" else []}
            case "users_select":
                return {"type": kind, "selected_user": self.user_id(value) or None}
            case "multi_users_select":
                people = [self.user_id(name.strip()) for name in value.split(",") if name.strip()]
                return {"type": kind, "selected_users": people}
            case "conversations_select":
                named = value.removeprefix("#")
                found = [place.id for place in self.server.places.values() if named in (place.id, place.name)]
                return {"type": kind, "selected_conversation": found[0] if found else None}
            case "rich_text_input":
                return {"type": kind, **({"rich_text_value": composed(value)} if value else {})}
            case "file_input":
                return {"type": kind, "files": [{"id": value, "name": "Screen Shot.png"}] if value else []}
            case "datetimepicker":
                at = read_moment(value, self.server.now(), self.server.zone_of(user)) if value else None
                return {"type": kind, "selected_date_time": int(at.timestamp()) if at else None}
        if len(value) > element.get("max_length", 3000):
            raise AssertionError(f"Slack lets nobody type {len(value)} characters here")
        return {"type": kind, "value": value or None}

    def user_id(self, value: str) -> str:
        name = value.rpartition("/")[2].removeprefix("@").lower()
        return next((id_ for id_, user in self.server.users.items() if name in (id_.lower(), user["name"])), "")

    async def react(self, user: str, message: str, name: str, kind: str = "reaction_added") -> None:
        place = self.place_of(message)
        item = {"type": "message", "channel": place.id, "ts": message}
        reactions = place.messages[message].setdefault("reactions", [])
        found = next((each for each in reactions if each["name"] == name), {"name": name, "users": []})
        people = [each for each in found["users"] if each != user] + ([user] if kind == "reaction_added" else [])
        others = [each for each in reactions if each["name"] != name]
        now = [{"name": name, "users": people, "count": len(people)}] if people else []
        place.messages[message]["reactions"] = [*others, *now]
        await self.happen(
            {"type": kind, "user": user, "reaction": name, "item": item, "event_ts": self.server.next_ts()}
        )

    async def join(self, user: str, name: str, domain: str = "") -> None:
        """Come into the workspace, and so into its first channel."""
        if user not in self.server.users:
            self.server.add_user(user, name)
        if domain:
            self.server.users[user]["profile"]["email"] = f"{name.lower()}@{domain}"
        self.server.users[user].pop("deleted", None)
        await self.happen({"type": "team_join", "user": self.server.users[user], "event_ts": self.server.next_ts()})
        await self.enter(user, "CGENERAL")
        for place in self.server.places.values():
            if not place.private:
                place.members.add(user)

    async def enter(self, user: str, channel: str) -> None:
        """Come into one channel."""
        self.server.places[channel].members.add(user)
        event = {"type": "member_joined_channel", "user": user, "channel": channel, "channel_type": "C", "team": TEAM}
        if BOT in self.server.places[channel].members:
            await self.happen({**event, "event_ts": self.server.next_ts()})

    # Channels

    async def open_channel(self, user: str, id_: str, name: str, *, bot: bool = False) -> None:
        """Make a public channel, of which Trellis is a member only if somebody invited it."""
        self.server.add_channel(id_, name, bot=bot)
        facts = {"id": id_, "name": name, "created": int(self.server.now().timestamp()), "creator": user}
        await self._change_of(id_, "created", facts)

    async def rename(self, channel: str, name: str) -> None:
        place = self.server.places[channel]
        place.name = name
        facts = {"id": channel, "name": name, "created": int(self.server.now().timestamp())}
        await self._change_of(channel, "rename", facts)

    async def archive(self, user: str, channel: str, *, archived: bool = True) -> None:
        """Put a channel away, or take it out again."""
        self.server.places[channel].archived = archived
        await self._change_of(channel, "archive" if archived else "unarchive", channel, user=user)

    async def delete_channel(self, user: str, channel: str) -> None:
        """Delete a channel with all that is in it."""
        await self._change_of(channel, "deleted", channel, user=user)
        del self.server.places[channel]
        private = self.server.ephemeral
        self.server.ephemeral = {ts: one for ts, one in private.items() if one["channel"] != channel}

    async def expel(self, user: str, channel: str) -> None:
        """Remove Trellis from a channel."""
        self.server.places[channel].members.discard(BOT)
        await self._change_of(channel, "left", channel, actor_id=user)

    async def _change_of(self, channel: str, what: str, about: str | JSON, **facts: Any) -> None:
        kind = "group" if self.server.places[channel].private else "channel"
        await self.happen({"type": f"{kind}_{what}", "channel": about, **facts, "event_ts": self.server.next_ts()})

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Open the app: its Home, or its messages."""
        direct = f"D{user[1:]}"
        self.server.places.setdefault(direct, Place(direct, direct, True, {user, BOT}))
        event = {"type": "app_home_opened", "user": user, "channel": direct, "tab": tab}
        await self.happen({**event, "event_ts": self.server.next_ts()})

    async def leave(self, user: str) -> None:
        for place in self.server.places.values():
            place.members.discard(user)
        await self.change(user, deleted=True)

    async def change(self, user: str, **facts: Any) -> None:
        self.server.users[user] |= facts
        await self.happen({"type": "user_change", "user": self.server.users[user], "event_ts": self.server.next_ts()})
