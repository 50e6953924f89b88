"""Any card, any dialog and any words that our own limits allow, for Hypothesis."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from adapters.contract.call import Call
from adapters.contract.files import File
from adapters.contract.forms import Dialog, Field, Kind
from adapters.contract.models import Account, Channel, Space
from adapters.contract.text import ChannelLink, Code, Link, Mention, Strong, Text, Time, TimeStyle
from adapters.contract.ui import Button, Card, CardField, CardList, LinkButton, ListItem, Menu, Option, Style, Tone

HOME = Space("slack", "T1")
ELSEWHERE = Space("discord", "1")

NASTY = [
    *(
        "@everyone",
        "@here",
        "@channel",
        "＠everyone",
        "@\u200bhere",
        "<!here>",
        "<!channel>",
        "<!subteam^S1>",
        "<@U123>",
    ),
    *(
        "&lt;!here&gt;",
        "<@&1>",
        "<https://evil.example|bank>",
        "https://evil.example",
        "javascript:alert(1)",
        "<#C1|x>",
    ),
    *("*bold*", "_it_", "~gone~", "`code`", "```", "``` ```", "> quote", ":tada:", "&", "<", ">", "|", "\n", " "),
    *("\u202eright to left", "\x00", "\ud800", "👩\u200d👩\u200d👧", "e\u0301" * 20, "x\u0300" * 400, "a" * 80),
    *("snake_case_name", "2 * 3 * 4", "#general", "<!date^1^{date}|x>", "__init__", "**"),
]
words = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=40)), max_size=12).map(" ".join)
glued = st.lists(st.sampled_from(NASTY), max_size=12).map("".join)
long_words = st.tuples(st.one_of(words, glued), st.integers(1, 80)).map(lambda pair: pair[0] * pair[1])
some = st.one_of(words, glued, long_words)


def short(longest: int) -> st.SearchStrategy[str]:
    return some.map(lambda raw: raw[:longest] or "x")


accounts = st.one_of(
    st.from_regex(r"U[A-Z0-9]{1,10}", fullmatch=True).map(lambda id_: Account(HOME, id_)),
    st.integers(1, 9**18).map(lambda id_: Account(ELSEWHERE, str(id_))),
)
channels = st.sampled_from([Channel(HOME, "C1"), Channel(HOME, "C1:17.000100"), Channel(ELSEWHERE, "22")])
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.one_of(
    some,
    st.builds(Strong, some),
    st.builds(Code, some, st.booleans()),
    st.builds(Link, some, st.one_of(some, some.map(lambda raw: f"https://example.org/{raw}"))),
    st.builds(Time, moments, st.sampled_from(TimeStyle)),
    st.builds(Mention, words, st.lists(accounts, max_size=2).map(tuple)),
    st.builds(ChannelLink, channels, words),
)
texts = st.lists(spans, max_size=8).map(lambda row: Text(tuple(row)))
calls = st.builds(
    lambda action, args: Call(action, tuple(args)),
    st.from_regex(r"[a-z]{1,10}\.[a-z]{1,10}", fullmatch=True),
    st.lists(st.from_regex(r"[a-z0-9]{1,10}", fullmatch=True), max_size=3),
)
buttons = st.one_of(
    st.builds(Button, short(75), calls, st.sampled_from(Style)),
    st.builds(LinkButton, short(75), st.just("https://example.org/?a=b&c=<d>")),
)
options = st.lists(
    st.builds(Option, short(75), short(100)), min_size=1, max_size=25, unique_by=lambda option: option.value
).map(tuple)


def _apart(row: list[Button | LinkButton]) -> tuple[Button | LinkButton, ...]:
    called = {button.call.pack(): button for button in row if isinstance(button, Button)}
    return (*called.values(), *[button for button in row if isinstance(button, LinkButton)])


def _items(n: int, rows: list[tuple[Text, int]]) -> tuple[ListItem, ...]:
    return tuple(
        ListItem(said, *(Button("Do", Call("on", (f"{n}.{k}.{b}",))) for b in range(size)))
        for k, (said, size) in enumerate(rows)
    )


lists = st.lists(
    st.tuples(
        st.one_of(st.just(""), short(60)),
        st.lists(st.tuples(texts.map(lambda said: said or Text(("x",))), st.integers(0, 2)), min_size=1, max_size=2),
    ),
    max_size=2,
).map(lambda rows: tuple(CardList(name, _items(n, its)) for n, (name, its) in enumerate(rows)))


@st.composite
def cards(draw: st.DrawFn) -> Card:
    title, body = draw(texts), draw(texts)
    return Card(
        title if title or body else "x",
        body,
        fields=draw(st.lists(st.builds(CardField, short(60), texts), max_size=8).map(tuple)),
        footer=draw(texts),
        tone=draw(st.sampled_from(Tone)),
        buttons=draw(st.lists(buttons, max_size=10).map(_apart)),
        menu=draw(
            st.none()
            | st.builds(lambda words, row: Menu(words, Call("the.menu"), row, 1 + len(row) // 2), short(100), options)
        ),
        pings=draw(st.lists(accounts, max_size=25, unique=True).map(tuple)),
        lists=draw(lists),
        files=draw(
            st.just(()) | st.builds(lambda words: (File("a.png", b"x", words), File("b.ics", b"y")), short(1000))
        ),
    )


def _field(
    name: str, kind: Kind, label: str, row: tuple[Option, ...], value: str, error: str, longest: int, required: bool
) -> Field:
    chosen = row if kind is Kind.CHOICE else ()
    return Field(
        name, label, kind, required and kind is not Kind.FILE, "a hint", longest, 1 + longest % 3, chosen, value, error
    )


fields = st.builds(
    _field,
    st.from_regex(r"[a-z]{1,12}_f", fullmatch=True),
    st.sampled_from(Kind),
    short(45),
    options,
    st.one_of(
        some, accounts.map(lambda each: each.key), st.sampled_from(["true", "2026-03-02T10:00:00+00:00", "soon"])
    ),
    st.one_of(st.just(""), some),
    st.integers(1, 3000),
    st.booleans(),
)
dialogs = st.builds(
    lambda title, call, rows, submit, problem: Dialog(title, call, tuple(rows), submit, problem[:300], call),
    short(24),
    calls,
    st.lists(fields, min_size=1, max_size=5, unique_by=lambda field: field.name),
    short(24),
    some,
)
