"""Cards are kept as they were meant, and drawn for whoever reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.call import Call
from adapters.contract.files import File
from adapters.contract.models import Account, Channel, Space
from adapters.contract.text import (
    ChannelLink,
    Code,
    Link,
    Mention,
    Strong,
    Text,
    Time,
    TimeStyle,
    join,
    say,
)
from adapters.contract.ui import Button, Card, CardField, CardList, LinkButton, ListItem, Menu, Option, Style, Tone
from adapters.playground.kept import file_id, keep_card, kept_card
from adapters.playground.records import Entry, Person
from adapters.playground.render import Reader, draw_message, relative

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SPACE = Space("playground", "demo")
MIA = Person("mia", "Mia", ("member",), "Europe/Berlin")

accounts = st.sampled_from([Account(SPACE, "mia"), Account(Space("slack", "T1"), "U1")])
words = st.text(min_size=1, max_size=20)
urls = st.sampled_from(["https://example.org/a?b=c#d", "javascript:alert(1)", "http://x"])
zones = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=zones)  # noqa: DTZ001
"""Two days from where time ends, so that it can be told in any zone."""
spans = st.one_of(
    words,
    words.map(Strong),
    st.builds(Code, words, st.booleans()),
    st.builds(Link, words, urls),
    st.builds(Time, moments, st.sampled_from(TimeStyle)),
    st.builds(Mention, words, st.lists(accounts, max_size=2).map(tuple)),
    st.builds(ChannelLink, st.just(Channel(SPACE, "help")), words),
)
texts = st.lists(spans, min_size=1, max_size=5).map(lambda parts: Text(tuple(parts)))
cards = st.builds(
    Card,
    texts,
    texts,
    fields=st.lists(st.builds(CardField, words, texts), max_size=3).map(tuple),
    footer=texts,
    tone=st.sampled_from(Tone),
    buttons=st.just(
        (Button("Go", Call("a.go", ("7", "ü:/")), Style.DANGER), LinkButton("Look", "https://example.org"))
    ),
    menu=st.none() | st.just(Menu("Pick", Call("a.pick"), (Option("One", "1"), Option("Two", "2")), 2)),
    pings=st.lists(accounts, max_size=2).map(tuple),
    lists=texts.map(
        lambda said: (CardList("Two", (ListItem(said or "a", Button("Go", Call("a.row"))), ListItem("b"))),)
    ),
    files=st.sampled_from([(), (File("a.png", b"1", "one"), File("a.csv", b"1"))]),
)


@given(cards)
def test_a_card_is_kept_without_loss(card: Card) -> None:
    assert kept_card(keep_card(card), {file_id(file): file.content for file in card.files}) == card


def message(card: Card, reader: Person = MIA, pings: tuple[str, ...] = ()) -> dict[str, Any]:
    entry = Entry(1, "general", "trellis", "", keep_card(card), None, pings, 0, NOW, None, None, 0, None, {})
    return draw_message(entry, Reader(reader, NOW, {"mia": "Mia"}))


def draw(card: Card, reader: Person = MIA) -> dict[str, object]:
    drawn: dict[str, object] = message(card, reader)["card"]
    return drawn


@given(cards)
def test_every_card_can_be_drawn(card: Card) -> None:
    drawn = draw(card)
    assert (drawn["image_text"], bool(drawn["image"])) == (("one", True) if card.files else ("", False))


def test_only_web_addresses_become_links() -> None:
    body = Text((Link("good", "https://example.org"), Link("bad", "javascript:alert(1)")))
    spans = draw(Card("x", body))["spans"]
    assert isinstance(spans, dict)
    assert [span["kind"] for span in spans["body"]] == ["link", "text"]


def test_mentions_are_live_for_those_who_are_here() -> None:
    body = Text((Mention("Mia", (Account(SPACE, "mia"),)), Mention("Eve", (Account(Space("slack", "T"), "mia"),))))
    spans = draw(Card("x", body))["spans"]
    assert isinstance(spans, dict)
    assert [span["member"] for span in spans["body"]] == ["mia", None]


@pytest.mark.parametrize(
    "body, read, called",
    [
        (join([Mention("Mia", (Account(SPACE, "mia"),)), "It starts now."]), "It starts now.", ["mia"]),
        (say("{who}, it starts now.", who=Mention("Mia", (Account(SPACE, "mia"),))), "@Mia, it starts now.", []),
    ],
)
def test_whom_a_card_calls_is_named_once_and_not_before_its_words(body: Text, read: str, called: list[str]) -> None:
    drawn = message(Card(body=body, pings=(Account(SPACE, "mia"),)), pings=("mia",))
    assert (drawn["card"]["body"], [one["id"] for one in drawn["called"]]) == (read, called)


@pytest.mark.parametrize(
    "at, style, shown",
    [
        (NOW + timedelta(days=2, hours=5), TimeStyle.MOMENT, "Thu 26 Nov, 18:00 (in 2 days)"),
        (NOW + timedelta(days=2), TimeStyle.DATE, "Thu 26 Nov"),
        (NOW + timedelta(days=60), TimeStyle.DATE, "Sat 23 Jan 2027"),
        (NOW - timedelta(minutes=5), TimeStyle.RELATIVE, "5 minutes ago"),
    ],
)
def test_moments_are_spelled_for_their_reader(at: datetime, style: TimeStyle, shown: str) -> None:
    assert draw(Card("x", Time(at, style)))["body"] == shown


@pytest.mark.parametrize(
    "seconds, shown",
    [
        (0, "now"),
        (-20, "now"),
        (40, "in 1 minute"),
        (3600, "in 60 minutes"),
        (7200, "in 2 hours"),
        (-30 * 3600, "30 hours ago"),
        (48 * 3600, "in 2 days"),
        (-400 * 86400, "13 months ago"),
        (800 * 86400, "in 2 years"),
    ],
)
def test_lengths_are_said_in_their_largest_unit(seconds: int, shown: str) -> None:
    assert relative(NOW + timedelta(seconds=seconds), NOW) == shown
