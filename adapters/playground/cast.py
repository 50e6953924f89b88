"""Who and what is in the playground when it is opened for the first time."""

from __future__ import annotations

from .records import Person, Place

HOME = "Europe/Berlin"
"""The zone of whoever says nothing else."""

MEMBER = ("member",)
STAFF = ("agent", "moderator", "admin")

GIVEN = ("newcomer", "verified", "mentor", "champion")
"""The roles that Trellis may give."""

PEOPLE = (
    Person("mia", "Mia", MEMBER, HOME),
    Person("noah", "Noah", MEMBER, HOME),
    Person("kenji", "Kenji", MEMBER, "Asia/Tokyo"),
    Person("sofia", "Sofia", MEMBER, "America/Sao_Paulo"),
    Person("ava", "Ava", ("agent",), HOME),
    Person("omar", "Omar", ("agent",), HOME),
    Person("liam", "Liam", ("moderator",), HOME),
    Person("ada", "Ada", ("admin",), HOME),
)


def direct_place(person: str) -> Place:
    """Return the channel in which Trellis writes to one person alone."""
    return Place(f"dm-{person}", f"dm-{person}", "direct", owner=person)


PLACES = (
    *(Place(name, name, "channel") for name in ("general", "help", "introductions", "events", "ideas")),
    Place("agents", "agents", "channel", roles=STAFF),
    *(direct_place(person.id) for person in PEOPLE),
)
