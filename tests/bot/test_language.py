"""Every word of ours can be translated, and is: into each language that there is a catalogue for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

from adapters.contract.call import Call
from adapters.contract.files import File
from adapters.contract.forms import Dialog, Field
from adapters.contract.text import Strong, Verbatim, count, label, labelled, say, strong
from adapters.contract.ui import Button, Card, CardField
from bot.text.language import CATALOGUES, Locales
from tests.words import TEMPLATE, Message, Reading, bring_up_to_date, gaps, is_translated, readings

LANGUAGES = sorted(path.stem for path in CATALOGUES.glob("*.po"))
AGAIN = "Run `make words`."


@pytest.fixture(scope="module")
def code() -> list[Reading]:
    return [*readings()]


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as written:
        return read_po(written, locale=None if path == TEMPLATE else path.stem)


def entries(path: Path) -> dict[str | tuple[str, ...], Entry]:
    return {_key(entry.id): entry for entry in catalogue(path) if entry.id}


def _key(id_: str | list[str] | tuple[str, ...]) -> str | tuple[str, ...]:
    return id_ if isinstance(id_, str) else tuple(id_)


def said(entry: Entry) -> list[str]:
    return [entry.string] if isinstance(entry.string, str) else [*(entry.string or ())]


def translated(path: Path) -> dict[str | tuple[str, ...], Entry]:
    return {key: entry for key, entry in entries(path).items() if is_translated(entry)}


# The code

STILTED = re.compile(r"\b(whoever|anew|deeds?|in one's own|stands?(?! (?:out|for|by)\b)|shall (?!I\b))", re.IGNORECASE)
"""Words of another century, which docs/style.md replaces; a name may stand for something, and a word stand out."""


WRITTEN_OUT = re.compile(
    r"\b(cannot|will not|(?:do|does|did|is|are|was|were|has|have|had|could|would|should) not(?= \w)|I am(?= \w)"
    r"|(?:I|you|we|they|it) will(?= \w))",
    re.IGNORECASE,
)
"""What nobody says who speaks to a friend."""


@pytest.mark.parametrize("banned", [STILTED, WRITTEN_OUT], ids=["stilted", "written out"])
def test_members_read_plain_english(banned: re.Pattern[str]) -> None:
    found = [id_ for id_ in entries(TEMPLATE) for one in ([id_] if isinstance(id_, str) else id_) if banned.search(one)]
    assert not found, f"See docs/style.md: {found}"


def test_no_word_of_ours_stands_where_it_cannot_be_translated(code: list[Reading]) -> None:
    problems = [problem for reading in code for problem in reading.problems]
    assert not problems, "A literal belongs inside say(), count(), strong() or label():\n" + "\n".join(problems)


@pytest.mark.parametrize(
    "line",
    [
        'Card("A title")',
        'Card(title, f"{n} things")',
        'Card(title, footer="Nothing" if n else say("Something"))',
        'CardField("Name", "Value")',
        'Button(f"Vote ({n})", call)',
        'require(n, "No")',
        'raise UserError(f"No {n}")',
        'FormError(when="Too late")',
        'say("{a}", a="glued")',
        'say(f"{n} things")',
        'count(n, f"{n} thing", "{n} things")',
        'join(["One", say("two")])',
        'Strong("Loud")',
        'words = "By way of a variable"\n    Card(body=words)',
        'lines = [say("a")]\n    lines.append("b")\n    Card(body=join(lines))',
        "Card(body=CONSTANT)",
        'File("a.png", content, f"{n} bars")',
        'reply(cards.thanked("whoever asked"))',
        'def g() -> Words:\n        return "Nothing"',
        "Card(body=TABLE[n])",
        'Card(body="{} things".format(n))',
    ],
)
def test_bare_words_are_found(line: str) -> None:
    assert Reading("x.py", f'CONSTANT = "Bare"\nTABLE = {{1: "Bare"}}\ndef f(n):\n    {line}\n').problems


@pytest.mark.parametrize(
    "line",
    [
        'Card(say("A title"), written(n.text), footer=f"#{n}")',
        'Card(n.title, say("yes") if n else say("no"))',
        'Button("Good" if n else "Better", call)',
        "Button(Verbatim(n.name), call, Style.PRIMARY)",
        'join([say("a"), n.name], ", ")',
        'log.warning("not for members")',
        'raise ValueError("for whoever writes code")',
        'TABLE = {1: label("One")}\n    Button(TABLE[n], call)',
        'Strong(f"/{n.command}")',
        'reply(cards.listed("open"))',
        'say("Subscribe to {url}", url="webcal://" + n.url)',
    ],
)
def test_members_words_and_whole_sentences_are_fine(line: str) -> None:
    assert not Reading("x.py", f"def f(n):\n    {line}\n").problems


def test_what_a_class_calls_its_own_is_not_what_its_methods_are_given() -> None:
    source = 'class Setting(Cog):\n    name = "settings"\n    def f(self, name):\n        Card(name.lstrip("@"))\n'
    assert not Reading("x.py", source).problems


def test_the_template_has_every_word(code: list[Reading]) -> None:
    there = entries(TEMPLATE).keys()
    singular = {key[0] if isinstance(key, tuple) else key for key in there}
    missing = [message for message in messages(code) if message.id not in there and message.id not in singular]
    assert not missing, f"{AGAIN} New: {[message.id for message in missing]}"
    known = {message.id for message in messages(code)}
    assert not there - known, f"{AGAIN} Gone: {there - known}"


def test_a_singular_has_one_plural(code: list[Reading]) -> None:
    """Catalogues know a message by its singular: two plurals of one would be said alike."""
    plurals: dict[str, set[str]] = {}
    for message in messages(code):
        if not isinstance(message.id, str):
            plurals.setdefault(message.id[0], set()).add(message.id[1])
    assert not {one: many for one, many in plurals.items() if len(many) > 1}, "Reword one of them."


def messages(code: list[Reading]) -> Iterator[Message]:
    for reading in code:
        yield from reading.messages


# The catalogues


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_lists_everything(language: str) -> None:
    """What is listed and not translated yet stops nobody: it is said in English, and `make words` reports it."""
    assert entries(CATALOGUES / f"{language}.po").keys() == entries(TEMPLATE).keys(), AGAIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_fills_the_same_gaps(language: str) -> None:
    wrong = []
    for key, entry in translated(CATALOGUES / f"{language}.po").items():
        one, many = (key, key) if isinstance(key, str) else (key[0], key[-1])
        *few, last = map(gaps, said(entry))
        if last != gaps(many) or any(not form <= gaps(one) | gaps(many) for form in few):
            wrong.append(key)
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_languages_labels_fit(language: str, code: list[Reading]) -> None:
    there = translated(CATALOGUES / f"{language}.po")
    longest = [
        (message, said(there[message.id])[0]) for message in messages(code) if message.longest and message.id in there
    ]
    too_long = [(words, message.longest) for message, words in longest if len(words) > message.longest]
    assert not too_long


def test_german_is_typographically_right() -> None:
    words = [form for entry in entries(CATALOGUES / "de.po").values() for form in said(entry)]
    assert not [form for form in words if '"' in form or "'" in form or "..." in form or "  " in form]
    assert not [form for form in words if form.count("„") != form.count("“") or "”" in form]
    assert not [form for form in words if {"Ihnen", "Ihre", "Ihren"} & {*form.split()}]


# What is not translated yet

SHED = """
from bot import count, say

def words(who):
    return [say("Old"), say("New"), say("Doubtful"), say("{name} came", name=who), count(2, "{n} day", "{n} days")]
"""

SHED_DE = """
msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Old"
msgstr "Alt"

#, fuzzy
msgid "Doubtful"
msgstr "Zweifellos"

msgid "{name} came"
msgstr ""

msgid "{n} day"
msgid_plural "{n} days"
msgstr[0] "{n} Tag"
msgstr[1] ""

msgid "Gone"
msgstr "Weg"
"""


@pytest.fixture
def shed(tmp_path: Path) -> Path:
    """A folder with words of which one is translated."""
    (tmp_path / "shed/locale").mkdir(parents=True)
    (tmp_path / "shed/words.py").write_text(SHED, "utf-8")
    (tmp_path / "shed/locale/de.po").write_text(SHED_DE, "utf-8")
    return tmp_path / "shed"


def test_what_is_not_translated_is_said_in_english(shed: Path) -> None:
    german = Locales("de", folder=shed / "locale").shared
    phrases = [say("Old"), say("New"), say("Doubtful"), say("{name} came", name="Mia")]
    assert [words.localized(german).plain() for words in phrases] == ["Alt", "New", "Doubtful", "Mia came"]
    assert [count(n, "{n} day", "{n} days").localized(german).plain() for n in (1, 2)] == ["1 Tag", "2 days"]
    card = Card(say("Old"), buttons=(Button(label("New"), Call("a.b")),)).localized(german)
    assert (card.title.plain(), card.buttons[0].label) == ("Alt", "New")


def test_make_words_reports_what_is_not_translated(shed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring_up_to_date(shed)
    said_so = capsys.readouterr().out.splitlines()
    assert said_so[0] == "de.po: 5 messages, 4 to translate"
    assert {*said_so[1:]} == {"  'New'", "  'Doubtful'", "  '{name} came'", "  ('{n} day', '{n} days')"}
    assert entries(shed / "locale/de.po").keys() == entries(shed / "locale/shed.pot").keys()
    assert translated(shed / "locale/de.po").keys() == {"Old"}


# Speaking


def test_a_locale_finds_its_language_or_the_communitys() -> None:
    locales = Locales("de")
    german, english = locales.of("de"), locales.of("en-US")
    assert (
        say("Someone").localized(german).plain() == "Jemand" and say("Someone").localized(english).plain() == "Someone"
    )
    assert locales.of("de-AT") is locales.of("de_CH") is german is locales.shared
    assert locales.of(None) is locales.of("") is locales.of("xx") is german
    with pytest.raises(ValueError, match="does not speak 'xx' yet"):
        Locales("xx")


def test_everything_on_a_card_is_said_in_one_language_and_members_words_as_they_are() -> None:
    german = Locales("de").shared
    card = Card(
        say("Still waiting: {title}", title="Open"),
        strong("{name} is posted.", name="Solved"),
        fields=(CardField("State", count(2, "{n} day", "{n} days")), CardField("Topic", "Answer")),
        footer=labelled("Topic"),
        buttons=(Button(label("Reopen"), Call("a.b")), Button(Verbatim("Save"), Call("a.c"))),
        files=(File("a.png", b"1", say("Still waiting: {title}", title="Open")),),
    ).localized(german)
    assert card.files[0].text == "Wartet noch: Open" == card.title.plain()
    assert card.body.spans == (Strong("Solved"), Strong(" ist gepostet."))
    assert [(field.name, field.value.plain()) for field in card.fields] == [("Stand", "2 Tage"), ("Thema", "Answer")]
    assert card.footer.plain() == "Thema"
    assert [button.label for button in card.buttons] == ["Wieder öffnen", "Save"]


def test_a_longer_language_is_cut_at_a_word() -> None:
    german = Locales("de").shared
    title = "Why are the retries of my webhooks sent twice whenever the address is slow to answer them, " * 2
    card = Card(say("Still waiting: {title}", title=title)).localized(german)
    assert len(card.title) <= 150 and card.title.plain().endswith("…") and " of my webhooks " in card.title.plain()
    assert title.startswith(card.title.plain().removeprefix("Wartet noch: ").removesuffix("…") + " ")


def test_a_dialog_is_asked_in_one_language() -> None:
    german = Locales("de").shared
    dialog = Dialog("Away", Call("a.b"), (Field("until", "Until when?", value="Away"),), "Save").localized(german)
    assert (dialog.title, dialog.submit) == ("Abwesend", "Speichern")
    assert (dialog.fields[0].label, dialog.fields[0].value) == ("Bis wann?", "Away")
