"""Decisions about newcomers, as pure functions: which flow, which step, when to remind, and who gets in.

Who meets whom is in `meeting`, where people are in `whereabouts`, and how newcomers fare in `scores`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import Enum, StrEnum, auto
from zoneinfo import ZoneInfo

from bot.text.hours import WAKING, waking
from storage.gates import Verdict
from storage.members import Member
from storage.progress import OnboardingProgress, Steps

WRONG_CODES = 5
"""How many wrong invite codes someone may try; then only a moderator can let them in."""


class Kind(StrEnum):
    """What a step of a flow can be."""

    WELCOME = "welcome"
    PURPOSE = "purpose"
    GUIDELINES = "guidelines"
    INTERESTS = "interests"
    ZONE = "zone"
    INTRODUCE = "introduce"
    BUDDY = "buddy"
    QUESTION = "question"


class Mark(Enum):
    """How a step stands."""

    DONE = auto()
    SKIPPED = auto()
    NEXT = auto()
    OPEN = auto()


@dataclass(frozen=True, slots=True)
class Guidelines:
    """What members agree to."""

    version: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Interest:
    """Something that members can like, and the role that goes with it."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Purpose:
    """An answer to "what brings you here?", and the flow that it leads to."""

    name: str
    flow: str = ""


@dataclass(frozen=True, slots=True)
class OnboardingFlow:
    """A way into the community, and for whom it is. `days` after arrival the next step is brought to mind."""

    name: str
    steps: tuple[Kind, ...]
    days: tuple[int, ...] = (1, 3, 7)
    roles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    texts: Mapping[Kind, str] = field(default_factory=dict)

    @property
    def is_for_all(self) -> bool:
        return not (self.roles or self.sources or self.domains)


@dataclass(frozen=True, slots=True)
class Gate:
    """What has to be before someone gets in, and what they get into."""

    guidelines: bool = False
    domains: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    moderator: bool = False
    role: str = ""
    channels: tuple[str, ...] = ()


DEFAULT = OnboardingFlow("everyone", (Kind.WELCOME, Kind.INTRODUCE, Kind.QUESTION))
"""The flow where settings name none."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What settings say of newcomers."""

    flows: tuple[OnboardingFlow, ...]
    guidelines: Guidelines | None
    interests: tuple[Interest, ...]
    purposes: tuple[Purpose, ...]
    gate: Gate | None
    batch: timedelta
    """How long joins are gathered before they are welcomed together."""
    absence: timedelta
    """How long someone may be gone and is still not a newcomer."""
    activation: timedelta
    """Within how long a first contribution counts as a good start."""
    buddy_load: int
    """How many newcomers a buddy is given within thirty days."""
    staff: frozenset[str]
    """Roles that give rights here: nobody gets such a one back by leaving and returning."""

    def flow(self, name: str) -> OnboardingFlow:
        """Return the flow of that name, or the one for everybody."""
        return next((flow for flow in self.flows if flow.name == name), self.common)

    @property
    def common(self) -> OnboardingFlow:
        return next((flow for flow in self.flows if flow.is_for_all), DEFAULT)


def choose_flow(policy: Policy, *, roles: Collection[str] = (), source: str = "", domain: str = "") -> OnboardingFlow:
    """Return the first flow that is for someone with these roles, from there, or else the one for everybody."""
    held = {role.casefold() for role in roles}
    for flow in policy.flows:
        if (
            held & {role.casefold() for role in flow.roles}
            or (source and source.casefold() in {known.casefold() for known in flow.sources})
            or in_domain(domain, flow.domains)
        ):
            return flow
    return policy.common


def in_domain(domain: str, domains: Collection[str]) -> bool:
    """Say whether an e-mail domain is one of these, or below one."""
    domain = domain.casefold()
    known = [name.casefold().removeprefix("@") for name in domains]
    return bool(domain) and any(domain == name or domain.endswith(f".{name}") for name in known)


def chosen_already(policy: Policy, roles: Collection[str]) -> list[str]:
    """Return the interests whose roles someone has, as the platform's own onboarding gave them."""
    held = {role.casefold() for role in roles}
    return [interest.name for interest in policy.interests if interest.role and interest.role.casefold() in held]


def returned(policy: Policy, roles: Collection[str], names: Collection[str]) -> list[str]:
    """Return the roles that someone gets back: those that Trellis gave, `names`, and what they had else.

    Whoever had a role that gives rights gets only the former: a platform names roles by id too, and so nothing
    tells which of the others are harmless.
    """
    seen = {role.casefold() for role in roles}
    return sorted(set(names) if seen & policy.staff else {*names, *roles})


# Steps


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides how steps stand. `agreed` is to the guidelines as they are now."""

    steps: Steps
    agreed: bool = False
    zone: bool = False
    buddies: bool = True
    """Whether there is anybody to meet."""


def checklist(policy: Policy, flow: OnboardingFlow, facts: Facts) -> dict[Kind, Mark]:
    """Return how each step stands, without those that make no sense here."""
    marks: dict[Kind, Mark] = {}
    for kind in flow.steps:
        done = _is_done(kind, facts)
        if not done and not _makes_sense(kind, policy, flow, facts):
            continue
        if done:
            marks[kind] = Mark.DONE
        elif kind in facts.steps.skipped:
            marks[kind] = Mark.SKIPPED
        else:
            marks[kind] = Mark.OPEN if Mark.NEXT in marks.values() else Mark.NEXT
    return marks


def _is_done(kind: Kind, facts: Facts) -> bool:
    if kind is Kind.GUIDELINES:
        return facts.agreed
    return kind in facts.steps.done or (kind is Kind.ZONE and facts.zone)


def _makes_sense(kind: Kind, policy: Policy, flow: OnboardingFlow, facts: Facts) -> bool:
    match kind:
        case Kind.GUIDELINES:
            return policy.guidelines is not None
        case Kind.INTERESTS:
            return bool(policy.interests)
        case Kind.PURPOSE:
            return bool(policy.purposes) and flow.is_for_all
        case Kind.BUDDY:
            return facts.buddies
    return True


def next_step(marks: Mapping[Kind, Mark]) -> Kind | None:
    """Return the step that is next, or nothing when all is done."""
    return next((kind for kind, mark in marks.items() if mark is Mark.NEXT), None)


def to_bring_to_mind(marks: Mapping[Kind, Mark], nudged: Collection[str]) -> Kind | None:
    """Return the first open step that someone was not reminded of yet. What brings them here is for them to say."""
    still = (kind for kind, mark in marks.items() if mark in (Mark.NEXT, Mark.OPEN) and kind is not Kind.PURPOSE)
    return next((kind for kind in still if kind not in nudged), None)


def next_nudge(
    flow: OnboardingFlow,
    marks: Mapping[Kind, Mark],
    nudged: Mapping[str, datetime],
    progress: OnboardingProgress,
    member: Member,
    zone: ZoneInfo,
) -> datetime | None:
    """Return when someone is to be reminded next. Never, once they have given something back.

    The day after a day is the next date on their calendar, and the hour is the one at which they came, as far as
    people are awake then; so it is also when clocks change. Full hours, so that several can be told in one breath.
    """
    if (
        progress.arrived_at is None
        or progress.contributed_at
        or progress.left_at
        or not to_bring_to_mind(marks, nudged)
    ):
        return None
    last = max(nudged.values(), default=progress.arrived_at)
    return next((at for at in _moments(flow, progress.arrived_at, member, zone) if at > last), None)


def _moments(flow: OnboardingFlow, arrived_at: datetime, member: Member, zone: ZoneInfo) -> Iterator[datetime]:
    came = arrived_at.astimezone(zone)
    hour = min(max(came.hour + 1, WAKING[0].hour), WAKING[1].hour - 1)
    for day in sorted(set(flow.days)):
        date = came.date() + timedelta(days=day)
        at = datetime.combine(date, time(hour), zone).astimezone(UTC)
        yield waking(member, at, zone)


# The gate


class Entry(Enum):
    """What stands between someone and the community."""

    IN = auto()
    GUIDELINES = auto()
    """They have to agree first."""
    PROOF = auto()
    """They need a code, or a moderator's yes."""
    WAIT = auto()
    """A moderator is looking at it."""
    CLOSED = auto()
    """Nothing is left that they could do."""


def at_the_gate(
    gate: Gate | None, verdict: Verdict | None, *, agreed: bool, domain: str, wrong_codes: int = 0, code: str = ""
) -> tuple[Entry, str]:
    """Return where someone stands at the gate and, for who gets in now, what opened it."""
    if gate is None or verdict is Verdict.ADMITTED:
        return Entry.IN, ""
    if verdict is Verdict.WAITING:
        return Entry.WAIT, ""
    if gate.guidelines and not agreed:
        return Entry.GUIDELINES, ""
    if in_domain(domain, gate.domains):
        return Entry.IN, "domain"
    if code and wrong_codes < WRONG_CODES and code.casefold() in {known.casefold() for known in gate.codes}:
        return Entry.IN, "code"
    if not (gate.domains or gate.codes or gate.moderator):
        return Entry.IN, "guidelines" if gate.guidelines else "arrival"
    may_ask = gate.moderator and verdict is not Verdict.REFUSED
    return Entry.PROOF if may_ask or (gate.codes and wrong_codes < WRONG_CODES) else Entry.CLOSED, ""
