"""What admins say of what happens in the community."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from pydantic import BaseModel, SecretStr, field_validator

from .field import Names, setting


class Questions(BaseModel):
    """The channels, and how questions find their answer."""

    heading: ClassVar[str] = "Questions"

    help_channels: Names = setting(
        ("help",),
        "Where questions stand, and where a plain message that reads as a question becomes one.",
        more=(
            "By name or id, valid in every space; or by a whole key, which then has to exist. The first of a "
            "space gets what is asked elsewhere in it."
        ),
        example="`help,slack/T123/C456`",
    )
    agents_channels: Names = setting(
        ("agents",),
        "Where support sees what waits for it.",
        more="Keep members out of it, on the platform. Without one, support sees a question in its own thread.",
        example="`support-desk`",
    )
    moderators_channels: Names = setting(
        ("moderators", "agents"), "Where moderators read reports; the first that a space has.", example="`mods`"
    )
    welcome_channels: Names = setting(("general",), "Where newcomers are greeted.", example="`lobby`")
    introductions_channels: Names = setting(("introductions",), "Where introductions are posted.", example="`hello`")
    events_channels: Names = setting(("events",), "Where events are posted.", example="`meetups`")
    ideas_channels: Names = setting(
        ("ideas",), "Where ideas stand; polls that are asked there stand in those of every space.", example="`feedback`"
    )
    digest_channels: Names = setting(("general",), "Where the weekly digest is posted.", example="`news`")
    search_level: Literal["text", "light", "full"] = setting(
        "text",
        "What counts when answers are looked for: the words alone, or with `light` and `full` also what they mean.",
        more="They need `pip install 'trellis[light]'` or `'trellis[full]'`, and 100 to 300 MB of memory.",
        example="`light`",
    )
    search_model: str = setting(
        "",
        "The folder of the sentence model that `full` goes by, with `model.onnx` and `tokenizer.json`.",
        more="all-MiniLM-L6-v2 is what was measured. Nothing is fetched.",
        example="`/data/minilm`",
    )
    peers_per_wave: int = setting(
        3,
        "How many peers are asked at once, 1 to 10.",
        more="From 3 on, the last place is for a willing newcomer.",
        example="`2`",
        live=True,
        ge=1,
        le=10,
    )
    offers_per_day: int = setting(
        3,
        "How many questions one person is asked to help with within 24 hours, at most.",
        example="`1`",
        live=True,
        ge=1,
        le=100,
    )
    questions_per_day: int = setting(
        500,
        "How many questions one person may post within 24 hours; moderators as many as they like.",
        example="`5`",
        live=True,
        ge=1,
        le=1000,
    )
    wave_minutes: int = setting(
        15,
        "Minutes that peers have before more of them are asked, and after two such waves support is.",
        more="A peer who pressed “I can help” has as long to answer.",
        example="`60`",
        live=True,
        ge=1,
        le=7 * 24 * 60,
    )
    agent_minutes: int = setting(
        30,
        "Minutes of office time within which support is to take a question on, before the lead is told.",
        more="An agent's turn lasts a third of it.",
        example="`120`",
        live=True,
        ge=1,
        le=7 * 24 * 60,
    )
    agent_capacity: int = setting(
        5,
        "How many unsettled questions one agent has in hand at most, before others are asked.",
        example="`3`",
        live=True,
        ge=1,
        le=100,
    )
    anonymous_questions: bool = setting(
        True, "Whether members may ask without showing their name: true or false.", example="`false`", live=True
    )
    lead: Names = setting(
        (),
        "Who is told what nobody took in time: names or account keys; empty for the moderators.",
        more="The moderators are those whom Trellis has met, or else the admins.",
        example="`Ada,slack/T123/U456`",
        live=True,
        people=True,
    )
    office_hours: str = setting(
        "",
        (
            'When support is there, such as "mon-fri 09:00-17:00; sat 10:00-14:00", in the community\'s zone; '
            "empty for always."
        ),
        more="Outside of it support's clock is stopped.",
        example="`mon-fri 09:00-17:00; sat 10:00-14:00`",
        live=True,
    )
    idle_hours: int = setting(
        48,
        "Hours that an answered question may lie before its asker is asked whether it's solved.",
        example="`72`",
        live=True,
        ge=1,
        le=24 * 90,
    )
    close_hours: int = setting(
        48, "Hours after that reminder until the question is closed.", example="`24`", live=True, ge=1, le=24 * 90
    )


class Events(BaseModel):
    """How events are planned."""

    heading: ClassVar[str] = "Events"

    event_creators: Literal["member", "agent", "moderator", "admin"] = setting(
        "member",
        "Who may plan events: member, agent, moderator or admin, and everyone above.",
        example="`moderator`",
        live=True,
    )
    events_per_day: int = setting(
        20,
        "How many events one person may post within 24 hours; moderators as many as they like.",
        example="`5`",
        live=True,
        ge=1,
        le=1000,
    )
    event_reminders: str = setting(
        "1 week, 1 day, 1 hour, start",
        "How long before an event members are reminded who chose nothing else.",
        example="`1 day, 15 minutes`",
        live=True,
    )
    event_minutes: int = setting(
        60, "Minutes that an event takes whose host says nothing.", example="`90`", live=True, ge=5, le=7 * 24 * 60
    )
    event_offer_hours: int = setting(
        12,
        "Hours that a freed place is kept for the next on the waitlist, less when the start is near.",
        example="`24`",
        live=True,
        ge=1,
        le=7 * 24,
    )
    events_ahead: int = setting(
        3,
        "How many occurrences of an event that repeats can be signed up for at a time, 1 to 12.",
        example="`5`",
        live=True,
        ge=1,
        le=12,
    )


class IdeasAndPolls(BaseModel):
    """How polls are held."""

    heading: ClassVar[str] = "Ideas and polls"

    polls_per_day: int = setting(
        20,
        "How many polls one person may post within 24 hours; moderators as many as they like.",
        example="`5`",
        live=True,
        ge=1,
        le=1000,
    )
    ideas_per_day: int = setting(
        200,
        "How many ideas one person may post within 24 hours; moderators as many as they like.",
        example="`5`",
        live=True,
        ge=1,
        le=1000,
    )
    poll_reminder_hours: int = setting(
        24,
        ("Hours before a poll closes at which people are reminded, unless its author says otherwise; 0 for never."),
        more="Polls that aren't open twice as long have no reminder.",
        example="`4`",
        live=True,
        ge=0,
        le=24 * 14,
    )
    poll_secret: SecretStr = setting(
        SecretStr(""),
        ("A random text outside the database that keeps anonymous ballots secret; empty: one is made in a file."),
        more=(
            "Several processes need the same. It is joined to the secret of every anonymous poll; an open poll keeps "
            "the one it began with, and takes no votes while that is not there. The file is `trellis-poll-secret`, "
            "readable by its owner only: keep it, but not in the same backup."
        ),
    )


class Recognition(BaseModel):
    """How people thank each other."""

    heading: ClassVar[str] = "Recognition"

    thanks_emojis: Names = setting(
        ("🙏", "🙌"),
        "Reactions that thank the author of a message: characters, or names of custom emojis.",
        more="They count in every skin tone.",
        example="`🙏,party-parrot`",
    )
    thanks_per_day: int = setting(
        10,
        "How many thanks one person can give within 24 hours.",
        more="Words and reactions count alike.",
        example="`5`",
        live=True,
        ge=1,
        le=1000,
    )
    thanked_per_day: int = setting(
        20, "How many thanks one person can be given within 24 hours.", example="`50`", live=True, ge=1, le=1000
    )
    thanks_active_days: int = setting(
        30, "Days within which someone has to have been here to be thanked.", example="`90`", live=True, ge=1, le=3650
    )
    digest_at: str = setting(
        "mon 09:00", "When the weekly digest comes, in the community's zone: one day and a time.", example="`fri 16:00`"
    )
    unlisted_channels: Names = setting(
        ("moderators", "agents"),
        "Channels whose thanks stand on no board and in no digest: name your private ones.",
        more="Their thanks count, but stand in no profile that others see.",
        example="`moderators,agents,leads`",
    )
    unlisted_members: Names = setting(
        (),
        "People who are on no board and in no digest: names or account keys.",
        example="`Ada,slack/T123/U456`",
        live=True,
        people=True,
    )

    @field_validator("digest_at")
    @classmethod
    def _weekly(cls, value: str) -> str:
        if not re.fullmatch(r"(mon|tue|wed|thu|fri|sat|sun) ([01]?\d|2[0-3]):[0-5]\d", value):
            raise ValueError("the digest comes once a week: write one day and a time, like mon 09:00")
        return value


class Newcomers(BaseModel):
    """How newcomers are received."""

    heading: ClassVar[str] = "Newcomers"

    welcome_minutes: int = setting(
        10,
        "Minutes for which joins are gathered before those who came are welcomed together.",
        example="`30`",
        ge=1,
        le=24 * 60,
    )
    return_days: int = setting(
        30, "Days for which someone may be gone and is no newcomer when they come back.", example="`90`", ge=0, le=366
    )
    activation_days: int = setting(
        7, "Days within which a first contribution counts as a good start.", example="`14`", live=True, ge=1, le=90
    )
    buddy_newcomers: int = setting(
        3, "How many newcomers a buddy is given within thirty days, at most.", example="`5`", live=True, ge=1, le=50
    )
    invite_codes: SecretStr = setting(
        SecretStr(""),
        "Codes that open the gate, where the community file has one, separated by commas.",
        more="Capitals make no difference.",
        example="`spring-42,autumn-7`",
    )
