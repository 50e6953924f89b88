"""What was answered so far on the page of `trellis setup`, and what platforms say of it. Nothing is written yet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from adapters.contract.adapter import AdapterError, Check
from bot.bootstrap import offered
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """One setting that is asked for: its name in the environment, what it is called, and what there is to say of it."""

    name: str
    label: str
    hint: str


COMMUNITY = (
    Question("TRELLIS_COMMUNITY_NAME", "What is your community called?", "Empty: what its platform calls it."),
    Question("TRELLIS_TIMEZONE", "In which time zone is it?", "Such as Europe/Berlin."),
    Question("TRELLIS_LANGUAGE", "In which language do I speak to everyone?", "en or de."),
    Question("TRELLIS_HELP_CHANNELS", "In which channel are questions asked?", "Several are separated by commas."),
    Question("TRELLIS_AGENTS_CHANNELS", "In which channel is your support?", "Keep members out of it."),
    Question("TRELLIS_AGENT_ROLES", "Which roles or user groups are support?", "By name or id."),
    Question("TRELLIS_MODERATOR_ROLES", "Which are moderators?", "By name or id."),
    Question("TRELLIS_ADMIN_ROLES", "Which are admins?", "Who runs the server or workspace is one in any case."),
)


class Draft:
    """The answers. Each platform's tokens are taken only once the platform itself took them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.values: dict[str, str] = {}
        self.found: dict[str, Sequence[Check]] = {}
        """What was found last, by platform."""

    @property
    def manifest(self) -> str:
        """Return the manifest of the Slack app, to be pasted there."""
        from adapters.slack import manifest

        router, settings = offered(self._settings), self._settings
        prefix, suggests = settings.slack_command_prefix, settings.slack_suggested_prompts
        made = manifest(router.commands, router.shortcuts, prefix=prefix, suggests=suggests)
        return json.dumps(made, indent=2, ensure_ascii=False)

    def current(self, name: str) -> str:
        """Return what a setting is by now, as one would write it."""
        if name in self.values:
            return self.values[name]
        value = getattr(self._settings, name.removeprefix("TRELLIS_").lower())
        return ",".join(value) if isinstance(value, tuple) else str(value)

    def is_ready(self, platform: str) -> bool:
        """Say whether a platform has its tokens: now, or from before."""
        first = {"slack": "SLACK_BOT_TOKEN", "discord": "DISCORD_TOKEN"}[platform]
        before = self._settings.wants_slack if platform == "slack" else self._settings.wants_discord
        return first in self.values or before

    async def looked_at(self, platform: str, sent: Mapping[str, str]) -> Sequence[Check]:
        """Ask a platform what it says of the tokens that are there so far. It keeps nothing."""
        try:
            return await (_slack if platform == "slack" else _discord)(self._settings, sent)
        except (AdapterError, OSError) as away:
            return [Check(False, f"{platform.capitalize()} does not answer: {away}", "Is this machine online?")]

    async def take(self, platform: str, sent: Mapping[str, str]) -> bool:
        """Keep the tokens of a platform if it takes them; say whether it does."""
        names = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN") if platform == "slack" else ("DISCORD_TOKEN",)
        tokens = {name: sent.get(name, "").strip() for name in names}
        self.found[platform] = await self.looked_at(platform, tokens)
        is_taken = all(tokens.values()) and _accepted(platform, self.found[platform])
        if is_taken:
            self.values |= tokens
        return is_taken

    def answer(self, sent: Mapping[str, str]) -> dict[str, str]:
        """Keep what was said of the community; return what is wrong, by the setting's name. Then nothing is kept."""
        asked = {one.name: sent.get(one.name, "").strip() for one in COMMUNITY}
        changed = {name: value for name, value in asked.items() if value != self.current(name)}
        try:
            Settings.model_validate(changed)
        except ValidationError as wrong:
            return {str(error["loc"][0]): error["msg"].removeprefix("Value error, ") for error in wrong.errors()}
        if changed.get("TRELLIS_LANGUAGE", "en") not in {"en", "de"}:
            return {"TRELLIS_LANGUAGE": "I speak en and de."}
        self.values |= changed
        return {}


def _accepted(platform: str, found: Sequence[Check]) -> bool:
    """Say whether a platform takes the tokens. What else it found is to be done there, and `trellis check` says it too.

    What is said of the bot's token comes first, and of Slack's app-level token last.
    """
    return bool(found) and found[0].ok and (platform == "discord" or found[-1].ok)


async def _slack(settings: Settings, sent: Mapping[str, str]) -> list[Check]:
    from adapters.slack import check_tokens

    bot, app = sent.get("SLACK_BOT_TOKEN", "").strip(), sent.get("SLACK_APP_TOKEN", "").strip()
    found = []
    for token, begins, where in (
        (bot, "xoxb-", "It is under OAuth & Permissions, Bot User OAuth Token."),
        (app, "xapp-", "It is under Basic Information, App-Level Tokens, with connections:write."),
    ):
        if token and not (token.startswith(begins) and _is_token(token)):
            found.append(Check(False, f"That is not the token that begins with {begins}", where))
    return found or await check_tokens(bot, app, settings.slack_api_url)


async def _discord(settings: Settings, sent: Mapping[str, str]) -> list[Check]:
    from adapters.discord import Discord

    token = sent.get("DISCORD_TOKEN", "").strip()
    if not token:
        return []
    if not _is_token(token):
        return [Check(False, "That is no token.", "It is on your app's page, under Bot, Reset Token.")]
    discord = Discord(token, guild_ids=settings.discord_guild_ids, api_url=settings.discord_api_url)
    return await discord.check([], offered(settings).needs)


def _is_token(typed: str) -> bool:
    return typed.isascii() and typed.isprintable() and " " not in typed and len(typed) < 500
