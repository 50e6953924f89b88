"""What settings say about each room: the one place where their words become a room's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import TypeVar

from pydantic import BaseModel

from adapters.contract.commands import Role
from adapters.contract.models import Space
from bot.kernel.channels import ChannelGroup, Channels
from bot.kernel.communities import CommunityPlan
from bot.kernel.policies import Policies
from bot.kernel.roles import RoleMap
from bot.text.recurrence import Recurrence
from config.field import meaning_of
from config.settings import Settings, listed
from storage.kudos import Kind, Limits
from storage.settings import SettingStore

from .cogs import events, ideas, onboarding, polls, questions, recognition
from .cogs.settings import Setting

P = TypeVar("P")


class Tuning:
    """What settings say with what a community changed of them: for each feature its part, and all for `/settings`."""

    def __init__(self, settings: Settings, changed: SettingStore, sections: Iterable[type[BaseModel]]) -> None:
        """`sections` are those of cogs of one's own. Raises `ValueError` for two of one name, or a wrong value."""
        self._settings = settings
        self._changed = changed
        self._reads: list[Callable[[Mapping[str, str]], object]] = []
        self._kinds = tuple(sections)
        names = [*Settings.model_fields, *(name for kind in self._kinds for name in kind.model_fields)]
        if twice := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"There are two settings of the name {', '.join(sorted(twice))}.")
        self.sections = {kind: self._policies(partial(settings.section, kind)) for kind in self._kinds}

    def policies(self, read: Callable[[Settings], P]) -> Policies[P]:
        """Return what one feature goes by, read from the settings as they are in each community."""
        return self._policies(lambda changes: read(self._settings.changed(changes)))

    def _policies(self, read: Callable[[Mapping[str, str]], P]) -> Policies[P]:
        self._reads.append(read)
        return Policies(self._changed, read)

    def daily(self, changes: Mapping[str, str]) -> list[Setting]:
        """Return what admins may change, with these changes. Raises `ValueError` with a sentence for a bad one."""
        for read in self._reads:
            read(changes)
        there = self._settings.changed(changes).daily()
        for kind in self._kinds:
            there += listed(self._settings.section(kind, changes), kind.model_fields)
        sections: tuple[type[BaseModel], ...] = (Settings, *self._kinds)
        told = {name: field for kind in sections for name, field in kind.model_fields.items()}
        return [Setting(name, value, *meaning_of(told[name])) for name, value in there]


def questions_policy(settings: Settings) -> questions.Policy:
    """Return what settings say about questions."""
    community = settings.community()
    return questions.Policy(
        wave_size=settings.peers_per_wave,
        offers_a_day=settings.offers_per_day,
        questions_a_day=settings.questions_per_day,
        wave_after=timedelta(minutes=settings.wave_minutes),
        agent_target=timedelta(minutes=settings.agent_minutes),
        agent_capacity=settings.agent_capacity,
        idle_after=timedelta(hours=settings.idle_hours),
        close_after=timedelta(hours=settings.close_hours),
        anonymous=settings.anonymous_questions,
        hours=questions.OfficeHours.read(settings.office_hours),
        topics=tuple(questions.Topic(topic.name, topic.words, topic.agents_only) for topic in community.topics),
        lead=settings.lead,
    )


def onboarding_policy(settings: Settings) -> onboarding.Policy:
    """Return what settings say about newcomers."""
    file = settings.community().onboarding
    codes = tuple(filter(None, map(str.strip, settings.invite_codes.get_secret_value().split(","))))
    return onboarding.Policy(
        flows=tuple(
            onboarding.OnboardingFlow(
                journey.name,
                tuple(map(onboarding.Kind, journey.steps)),
                journey.days,
                journey.roles,
                journey.sources,
                journey.domains,
                {onboarding.Kind(step): words for step, words in journey.texts.items()},
            )
            for journey in file.journeys
        ),
        guidelines=onboarding.Guidelines(**file.guidelines.model_dump()) if file.guidelines else None,
        interests=tuple(onboarding.Interest(interest.name, interest.role) for interest in file.interests),
        purposes=tuple(onboarding.Purpose(purpose.name, purpose.journey) for purpose in file.purposes),
        gate=onboarding.Gate(**file.gate.model_dump(), codes=codes) if file.gate else None,
        batch=timedelta(minutes=settings.welcome_minutes),
        absence=timedelta(days=settings.return_days),
        activation=timedelta(days=settings.activation_days),
        buddy_load=settings.buddy_newcomers,
        staff=frozenset(
            role.casefold() for role in (*settings.agent_roles, *settings.moderator_roles, *settings.admin_roles)
        ),
    )


def events_policy(settings: Settings) -> events.Policy:
    """Return what settings say about events."""
    return events.Policy(
        creators=Role[settings.event_creators.upper()],
        reminders=events.read_leads(settings.event_reminders),
        duration=timedelta(minutes=settings.event_minutes),
        offer=timedelta(hours=settings.event_offer_hours),
        ahead=settings.events_ahead,
        a_day=settings.events_per_day,
    )


def ideas_policy(settings: Settings) -> ideas.Policy:
    """Return what settings say about ideas."""
    segments = settings.community().segments
    return ideas.Policy(
        tuple(ideas.Segment(one.name, frozenset(one.roles), one.votes) for one in segments),
        a_day=settings.ideas_per_day,
    )


def polls_policy(settings: Settings) -> polls.Policy:
    """Return what settings say about polls."""
    return polls.Policy(reminder=timedelta(hours=settings.poll_reminder_hours), a_day=settings.polls_per_day)


def recognition_policy(settings: Settings) -> recognition.Policy:
    """Return what settings say about recognition."""
    community = settings.community()
    said = community.recognition
    return recognition.Policy(
        weights={kind: round(getattr(said.weights, kind.value) * 100) for kind in Kind},
        limits=Limits(settings.thanks_per_day, settings.thanked_per_day),
        lately=timedelta(days=settings.thanks_active_days),
        emojis=frozenset(map(recognition.plain_emoji, settings.thanks_emojis)),
        values=said.values,
        topics=tuple(topic.name for topic in community.topics),
        levels=tuple(recognition.Level(level.name, level.people, level.role) for level in said.levels),
        badges=tuple(
            recognition.Badge(badge.name, recognition.Measure(badge.counts), badge.goal) for badge in said.badges
        ),
        digest=Recurrence.read(settings.digest_at),
        without=settings.unlisted_members,
    )


POLICIES = (
    questions_policy,
    onboarding_policy,
    events_policy,
    ideas_policy,
    polls_policy,
    recognition_policy,
)
"""All of them, to see whether settings make sense."""


def plan_of(settings: Settings) -> CommunityPlan:
    """Return what settings say of communities."""
    joined = tuple(Space.of(space) for space in settings.spaces)
    return CommunityPlan(settings.community_name, settings.timezone, joined)


def roles_of(settings: Settings) -> RoleMap:
    """Return which of a platform's roles settings give which right."""
    return RoleMap(
        members=frozenset(name.lower() for name in settings.member_roles),
        agents=frozenset(name.lower() for name in settings.agent_roles),
        moderators=frozenset(name.lower() for name in settings.moderator_roles),
        admins=frozenset(name.lower() for name in settings.admin_roles),
    )


def channels_of(settings: Settings) -> Channels:
    """Return the channels that settings name."""
    return Channels(
        **{
            purpose: ChannelGroup(purpose, getattr(settings, f"{purpose}_channels"))
            for purpose in Channels.__dataclass_fields__
        }
    )


def opens_of(settings: Settings) -> ChannelGroup:
    """Return the channels behind the gate, where there is one."""
    gate = settings.community().onboarding.gate
    return ChannelGroup("gate", gate.channels if gate else ())


def web_url(settings: Settings) -> str:
    """Return where Trellis can be reached from outside; the playground's own address if nothing else, "" if nowhere."""
    if settings.web_url or not settings.wants_playground:
        return settings.web_url.rstrip("/")
    return f"http://{settings.web_host}:{settings.web_port}" if settings.web_port else ""
