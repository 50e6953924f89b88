"""The community file, `config/community.toml`: what a community calls things."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, field_validator, model_validator

Points = Annotated[float, Field(ge=0, le=1000)]


class Topic(BaseModel, extra="forbid"):
    """A subject that questions are about. `words` in a question suggest it; `agents_only` keeps peers out of it."""

    name: str = Field(min_length=1, max_length=30)
    words: tuple[str, ...] = ()
    agents_only: bool = False


class Segment(BaseModel, extra="forbid"):
    """A group of members, by their roles on the platform or here, and how many ideas each may vote for at a time."""

    name: str = Field(min_length=1, max_length=30)
    roles: tuple[str, ...] = ()
    votes: int | None = Field(default=None, ge=1, le=1000)


class Weights(BaseModel, extra="forbid"):
    """How many points each kind of act is worth."""

    thanks: Points = 1
    reaction: Points = 0.5
    answer: Points = 3
    reuse: Points = 1
    idea: Points = 3
    host: Points = 3
    attend: Points = 0.5
    welcome: Points = 1


class Level(BaseModel, extra="forbid"):
    """A name for whoever has helped that many different people; `role` is the platform's role that goes with it."""

    name: str = Field(min_length=1, max_length=40)
    people: int = Field(ge=1)
    role: str = ""


class Badge(BaseModel, extra="forbid"):
    """A name for whoever did something `goal` times."""

    name: str = Field(min_length=1, max_length=40)
    counts: Literal["people", "thanked", "answers", "ideas", "hosted", "attended", "welcomed"]
    goal: int = Field(ge=1)


class Recognition(BaseModel, extra="forbid"):
    """What a community values, and what people reach in it."""

    values: tuple[Annotated[str, Field(min_length=1, max_length=40)], ...] = Field(default=(), max_length=25)
    weights: Weights = Weights()
    levels: tuple[Level, ...] = Field(default=(), max_length=20)
    badges: tuple[Badge, ...] = Field(default=(), max_length=20)

    @field_validator("levels", "badges")
    @classmethod
    def _of_different_names(cls, value: tuple[Level | Badge, ...]) -> tuple[Level | Badge, ...]:
        if len({one.name for one in value}) < len(value):
            raise ValueError("no two of them have the same name")
        return value

    @field_validator("levels")
    @classmethod
    def _upwards(cls, value: tuple[Level, ...]) -> tuple[Level, ...]:
        return tuple(sorted(value, key=lambda level: level.people))


StepName = Literal["welcome", "purpose", "guidelines", "interests", "zone", "introduce", "buddy", "question"]
"""What a step of a journey can be."""


class Guidelines(BaseModel, extra="forbid"):
    """What members agree to. Whoever agreed to another version is asked once more."""

    version: str = Field(min_length=1, max_length=30)
    text: str = Field(min_length=1, max_length=2500)
    link: str = Field("", pattern=r"^$|^https?://", max_length=500)


class Interest(BaseModel, extra="forbid"):
    """Something that members can say they like; it may come with a role, or a user group on Slack."""

    name: str = Field(min_length=1, max_length=50)
    role: str = ""


class Purpose(BaseModel, extra="forbid"):
    """An answer to "what brings you here?", and the journey that it leads to."""

    name: str = Field(min_length=1, max_length=70)
    journey: str = ""


class OnboardingFlow(BaseModel, extra="forbid"):
    """A way into the community. Without `roles`, `sources` and `domains` it is for whoever no other journey is for."""

    name: str = Field(min_length=1, max_length=50)
    roles: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    days: tuple[Annotated[int, Field(ge=1, le=90)], ...] = (1, 3, 7)
    steps: tuple[StepName, ...] = Field(min_length=1)
    texts: dict[StepName, Annotated[str, Field(max_length=2000)]] = {}

    @field_validator("steps")
    @classmethod
    def _once_each(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(value)) < len(value):
            raise ValueError("a journey has each step once")
        return value


class Gate(BaseModel, extra="forbid"):
    """What has to be before someone gets in, and what they get into."""

    guidelines: bool = False
    domains: tuple[str, ...] = ()
    moderator: bool = False
    role: str = ""
    channels: tuple[str, ...] = ()


class Onboarding(BaseModel, extra="forbid"):
    """How newcomers find their way."""

    guidelines: Guidelines | None = None
    interests: tuple[Interest, ...] = Field(default=(), max_length=25)
    purposes: tuple[Purpose, ...] = Field(default=(), max_length=25)
    journeys: tuple[OnboardingFlow, ...] = Field(default=(), max_length=25)
    gate: Gate | None = None

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:  # noqa: N804
        names = [journey.name for journey in self.journeys]
        if len(set(names)) < len(names):
            raise ValueError("two journeys have one name")
        for purpose in self.purposes:
            if purpose.journey and purpose.journey not in names:
                raise ValueError(f"the purpose {purpose.name!r} leads to no journey")
        if self.gate and self.gate.guidelines and self.guidelines is None:
            raise ValueError("the gate asks for guidelines, and there are none")
        return self


class CommunityFile(BaseModel, extra="forbid"):
    """`config/community.toml`: what a community calls things."""

    topics: tuple[Topic, ...] = Field(default=(), max_length=25)
    segments: tuple[Segment, ...] = Field(default=(), max_length=10)
    recognition: Recognition = Recognition()
    onboarding: Onboarding = Onboarding()
