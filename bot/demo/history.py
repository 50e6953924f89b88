"""A sample community of the past, for the playground: three months of a gardening club, as a platform exports them.

It is brought in by the very code that brings in a real one (`trellis import`), so that a visitor sees what comes of it.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.contract.models import Space
from bot.history.archive import opened
from bot.history.importing import Report, Wanted, import_export
from storage.database import Database
from storage.members import MemberStore

SAMPLE = Space("playground", "sample")
"""Where its people were: no place of the playground, so that nothing is ever posted there."""
_BEGAN = datetime(2025, 9, 1, 16, 0, tzinfo=UTC)
_PEOPLE = {"UINES": "Ines", "UTARIQ": "Tariq", "ULENA": "Lena", "UBO": "Bo", "UWREN": "Wren"}


@dataclass(frozen=True, slots=True)
class Talk:
    """Somebody began to talk; others went on, and perhaps there were thanks."""

    who: str
    words: str
    rest: tuple[tuple[str, str], ...]
    thanks: str = ""


_TALKS = (
    Talk(
        "UINES",
        "How often should I water tomato seedlings in a greenhouse?",
        (
            (
                "UTARIQ",
                "Every morning, until the soil is damp two fingers deep. Wet leaves at night bring blight.",
            ),
        ),
        "Thank you, that works!",
    ),
    Talk(
        "UBO",
        "Why do the lower leaves of my basil turn yellow?",
        (
            ("UWREN", "You can try less water first: basil hates wet feet."),
            ("ULENA", "Mine did that until I put it into a pot with a hole. Let the top dry out between waterings."),
        ),
        "<@ULENA> thanks, a pot with a hole solved it!",
    ),
    Talk(
        "UWREN",
        "Which compost do you use for carrots on clay soil?",
        (("UINES", "Leaf mould and sharp sand, one to one, a hand deep. Fresh manure makes them fork."),),
    ),
    Talk("ULENA", "The apple harvest begins on Saturday, bring baskets.", (("UBO", "I will be there with three."),)),
    Talk(
        "UTARIQ",
        "How do I keep slugs away from young lettuce without pellets?",
        (
            ("UBO", "Copper tape around the bed helps, if you keep leaves from hanging over it."),
            ("UWREN", "Go out with a torch at ten and collect them. Twice a week is enough."),
        ),
        "Thanks <@UBO>, the copper tape works!",
    ),
    Talk(
        "UINES",
        "Can I prune the old pear tree in November or is that too early?",
        (("ULENA", "Wait for January, on a dry day without frost. In November the cuts stay open for too long."),),
        "Perfect, thank you!",
    ),
)


async def import_sample(database: Database, home: Space, now: datetime) -> Report | None:
    """Import it into the community that lives in `home`; None if that was done before."""
    from bot.history.slack import SlackExport  # Slack's client with it, which nothing else of the playground needs

    members = MemberStore(database)
    community = await members.community_of(home.key)
    if community is None:
        raise LookupError(f"no community lives in {home.key}")
    await members.join_space(SAMPLE.key, community.id, "Sample community")
    with TemporaryDirectory(prefix="trellis-sample-") as folder:
        path = Path(folder) / "sample.zip"
        _write(path)
        with opened(path) as archive:
            reader = SlackExport(archive, SAMPLE.id)
            reader.space = SAMPLE
            _, report = await import_export(reader, archive, Wanted(), community.id, database, now)
    return report


def _write(path: Path) -> None:
    """Write it as an export."""
    users = [{"id": id_, "profile": {"display_name": name}} for id_, name in _PEOPLE.items()]
    with zipfile.ZipFile(path, "w") as export:
        export.writestr("users.json", json.dumps(users))
        export.writestr("channels.json", json.dumps([{"id": "CGARDEN", "name": "garden"}]))
        for number, talk in enumerate(_TALKS):
            begins = _BEGAN + timedelta(days=14 * number)
            export.writestr(f"garden/{begins:%Y-%m-%d}.json", json.dumps(_messages(talk, begins)))


def _messages(talk: Talk, begins: datetime) -> list[dict[str, str]]:
    said = [(talk.who, talk.words), *talk.rest, *([(talk.who, talk.thanks)] if talk.thanks else [])]
    root = f"{begins.timestamp():.6f}"
    return [
        {
            "type": "message",
            "user": who,
            "text": words,
            "ts": f"{(begins + timedelta(minutes=17 * number)).timestamp():.6f}",
            "thread_ts": root,
        }
        for number, (who, words) in enumerate(said)
    ]
