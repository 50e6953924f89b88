"""Typed lines: which words answer which option, and when that is not sure."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.contract.commands import find_command
from adapters.contract.events import NAMED
from adapters.contract.forms import Field, Kind
from adapters.contract.text import Verbatim
from adapters.contract.ui import Option
from bot.kernel.lines import read_line
from bot.kernel.placing import Typed
from bot.text.language import Locales
from bot.text.quotes import tokens_of
from bot.text.when import find_times

TONGUE = Locales().of("en")
STATES = tuple(Option(Verbatim(name.capitalize()), name) for name in ("planned", "started", "done"))
TOPICS = (Option(Verbatim("webhooks"), "webhooks"),)


def optional(name: str, kind: Kind = Kind.TEXT, **more: object) -> Field:
    return Field(name, name, kind, required=False, **more)  # type: ignore[arg-type]


FIELDS = {
    "ask": (
        Field("question", "Q", longest=150),
        optional("details", lines=6, longest=2000),
        optional("topic", choices=TOPICS),
        optional("anonymous", Kind.BOOLEAN),
    ),
    "event create": (
        Field("title", "T"),
        Field("when", "W", Kind.MOMENT),
        optional("duration", Kind.DURATION),
        optional("place"),
        optional("description", lines=5, longest=2000),
        optional("capacity", Kind.INTEGER),
        optional("repeat"),
    ),
    "event show": (Field("event", "E", Kind.THING),),
    "poll create": (
        Field("question", "Q"),
        Field("options", "O", lines=6, longest=2500),
        optional("closes", Kind.MOMENT),
        optional("anonymous", Kind.BOOLEAN),
    ),
    "idea status": (
        Field("idea", "I", Kind.THING),
        Field("status", "S", Kind.CHOICE, choices=STATES),
        optional("note", lines=3),
    ),
    "idea merge": (Field("idea", "I", Kind.THING), Field("into", "J", Kind.THING)),
    "idea add": (Field("title", "T"), optional("details", lines=6)),
    "thanks": (Field("member", "M", Kind.MEMBER), Field("reason", "R")),
    "away": (optional("until", Kind.MOMENT),),
    "settings set": (Field("name", "N", choices=TOPICS), Field("value", "V")),
    "leaderboard": (optional("period", Kind.CHOICE, choices=STATES), optional("topic")),
    "question list": (optional("status", Kind.CHOICE, choices=STATES),),
    "back": (),
}


def read(line: str) -> tuple[dict[str, str], bool]:
    name, rest = find_command(line, FIELDS)
    typed = read_line(rest, FIELDS[name], TONGUE, lambda words: find_times(words, TONGUE))
    return dict(typed.answers), typed.sure


@pytest.mark.parametrize(
    "line, options",
    [
        # One's own words
        ("ask", {}),
        ('ask How do I rotate "the secret"?', {"question": 'How do I rotate "the secret"?'}),
        ("ask I have a question: why", {"question": "I have a question: why"}),
        ('ask "a topic:x inside"', {"question": "a topic:x inside"}),
        ("ask What does `topic:webhooks` do?", {"question": "What does `topic:webhooks` do?"}),
        ("ask Is anonymous=yes safe to use?", {"question": "Is anonymous=yes safe to use?"}),
        ("ask What does anonymous=yes mean", {"question": "What does anonymous=yes mean"}),
        ("ask Don't 'quote' me", {"question": "Don't 'quote' me"}),
        # Options by name, with a blank or without
        ("ask topic:webhooks How do I?", {"topic": "webhooks", "question": "How do I?"}),
        ("ask topic: webhooks How do I?", {"topic": "webhooks", "question": "How do I?"}),
        ("ask How do I? topic:webhooks", {"topic": "webhooks", "question": "How do I?"}),
        ("ask How do I? anonymous=yes", {"anonymous": "yes", "question": "How do I?"}),
        (
            "ask How do I? topic: webhooks anonymous: yes",
            {"topic": "webhooks", "anonymous": "yes", "question": "How do I?"},
        ),
        ("ask question:How so? details:I tried it", {"question": "How so?", "details": "I tried it"}),
        ("ask Question: How so?", {"question": "How so?"}),
        ("ask topic:“webhooks” Why?", {"topic": "webhooks", "question": "Why?"}),
        ("event create title: Lunch when: tomorrow 12:00", {"title": "Lunch", "when": "tomorrow 12:00"}),
        ("event create title:Lunch when:tomorrow 12:00", {"title": "Lunch", "when": "tomorrow 12:00"}),
        ("event create when: tomorrow 12:00 title: Lunch", {"title": "Lunch", "when": "tomorrow 12:00"}),
        ("event create Garden day when: tomorrow 18:00", {"title": "Garden day", "when": "tomorrow 18:00"}),
        ('event create title:"Game night" friday 8pm', {"title": "Game night", "when": "friday 8pm"}),
        ("event create “Lunch” tomorrow capacity:-3", {"title": "Lunch", "when": "tomorrow", "capacity": "-3"}),
        # Moments among words
        ("event create Game night friday 8pm", {"title": "Game night", "when": "friday 8pm"}),
        ("event create Garden day tomorrow 18:00", {"title": "Garden day", "when": "tomorrow 18:00"}),
        ("event create friday 8pm Game night", {"title": "Game night", "when": "friday 8pm"}),
        ("event create Game night, on friday at 8pm", {"title": "Game night", "when": "on friday at 8pm"}),
        ("event create Spieleabend am Freitag um 20 Uhr", {"title": "Spieleabend", "when": "am Freitag um 20 Uhr"}),
        ("event create Lunch 4.12. 10:00", {"title": "Lunch", "when": "4.12. 10:00"}),
        ("event create Level 5 friday 6-8pm", {"title": "Level 5", "when": "friday 6-8pm"}),
        ("event create Tea (tomorrow 18:00)", {"title": "Tea", "when": "tomorrow 18:00"}),
        ("event create Dinner – tomorrow – 18:00", {"title": "Dinner", "when": "tomorrow – 18:00"}),
        ("event create 2026-04-01 18:00 April fools", {"title": "April fools", "when": "2026-04-01 18:00"}),
        ('event create "Friday 8pm club" saturday 9pm', {"title": "Friday 8pm club", "when": "saturday 9pm"}),
        ("event create „Spieleabend“ Freitag 20 Uhr", {"title": "Spieleabend", "when": "Freitag 20 Uhr"}),
        ("event create «Soirée» friday 8pm", {"title": "Soirée", "when": "friday 8pm"}),
        ("event create »Soirée« friday 8pm", {"title": "Soirée", "when": "friday 8pm"}),
        ("event create »Soirée» friday 8pm", {"title": "Soirée", "when": "friday 8pm"}),
        ("event create ”Soirée” friday 8pm", {"title": "Soirée", "when": "friday 8pm"}),
        ("event create Soirée | friday 8pm", {"title": "Soirée", "when": "friday 8pm"}),
        ("event create title : Lunch when : tomorrow 12:00", {"title": "Lunch", "when": "tomorrow 12:00"}),
        ("event create title= Lunch when= tomorrow 12:00", {"title": "Lunch", "when": "tomorrow 12:00"}),
        (
            "event create Lunch tomorrow 12:00 capacity: 5",
            {"title": "Lunch", "when": "tomorrow 12:00", "capacity": "5"},
        ),
        (
            "event create Lunch tomorrow 12:00 place: Luigi's",
            {"title": "Lunch", "when": "tomorrow 12:00", "place": "Luigi's"},
        ),
        ("poll create Tea? yes, no closes: friday", {"question": "Tea?", "options": "yes, no", "closes": "friday"}),
        ("settings set webhooks: on", {"name": "webhooks", "value": "on"}),
        ("settings set webhooks = on", {"name": "webhooks", "value": "on"}),
        ("idea merge 3, 7", {"idea": "3", "into": "7"}),
        ("ask Is it anonymous or not?", {"question": "Is it anonymous or not?"}),
        ("event create 'Game night' friday 8pm", {"title": "Game night", "when": "friday 8pm"}),
        ("event create ‘Game night’ friday 8pm", {"title": "Game night", "when": "friday 8pm"}),
        ('event create “Game night" friday 8pm', {"title": "Game night", "when": "friday 8pm"}),
        ("event create Game night", {"title": "Game night"}),
        ('ask question:"Why, “oh” why?" topic:webhooks', {"question": "Why, “oh” why?", "topic": "webhooks"}),
        ("away until friday 18:00", {"until": "until friday 18:00"}),
        ("away for 2 hours", {"until": "for 2 hours"}),
        ("away until: friday", {"until": "friday"}),
        # With the keyboards of East Asia, and by other names
        ("event create title：Lunch when：tomorrow 12:00", {"title": "Lunch", "when": "tomorrow 12:00"}),
        ("event create title＝“Lunch” when＝tomorrow 12:00", {"title": "Lunch", "when": "tomorrow 12:00"}),
        (
            "event create name: Lunch when: tomorrow 12:00 where: Luigi's",
            {"title": "Lunch", "when": "tomorrow 12:00", "place": "Luigi's"},
        ),
        ("event create Tea time: friday 4pm", {"title": "Tea time", "when": "friday 4pm"}),
        ("event create Tea time friday 4pm", {"title": "Tea time", "when": "friday 4pm"}),
        # What only ends a line, or parts a name from what is said
        ("event create Party friday 8pm!", {"title": "Party", "when": "friday 8pm"}),
        ("event create Party friday 8pm 🎉", {"title": "Party 🎉", "when": "friday 8pm"}),
        ("thanks @noah – for all of it", {"member": "@noah", "reason": "for all of it"}),
        ("thanks Noah, you saved me", {"member": "Noah", "reason": "you saved me"}),
        ("poll create When? by friday, by saturday", {"question": "When?", "options": "by friday, by saturday"}),
        # A question, and its options
        ("poll create Tea or coffee? tea, coffee", {"question": "Tea or coffee?", "options": "tea, coffee"}),
        ('poll create "Where do we eat?" "Pizza" "Pasta"', {"question": "Where do we eat?", "options": "Pizza\nPasta"}),
        (
            'poll create Where do we eat? "Pizza, thin" "Pasta"',
            {"question": "Where do we eat?", "options": "Pizza, thin\nPasta"},
        ),
        ("poll create „Wo essen wir?“ „Pizza“, „Pasta“", {"question": "Wo essen wir?", "options": "Pizza\nPasta"}),
        ('poll create Our name "Roots" "Shoots"', {"question": "Our name", "options": "Roots\nShoots"}),
        ("poll create Where do we eat\nPizza\nPasta", {"question": "Where do we eat", "options": "Pizza\nPasta"}),
        ("poll create どこで食べる？ 寿司, そば", {"question": "どこで食べる？", "options": "寿司, そば"}),
        ("poll create When? friday, saturday", {"question": "When?", "options": "friday, saturday"}),
        (
            "poll create Tea? yes, no closes: friday 18:00 anonymous: yes",
            {"question": "Tea?", "options": "yes, no", "closes": "friday 18:00", "anonymous": "yes"},
        ),
        # Things by number or title, choices, people
        ("event show 12", {"event": "12"}),
        ("event show Webhooks from scratch", {"event": "Webhooks from scratch"}),
        ("idea status 3 planned we begin in May", {"idea": "3", "status": "planned", "note": "we begin in May"}),
        ("idea status Dark mode planned", {"idea": "Dark mode", "status": "planned"}),
        ("idea merge 3 7", {"idea": "3", "into": "7"}),
        ("idea merge 3 into 7", {"idea": "3", "into": "7"}),
        ("idea merge Dark mode into Night mode", {"idea": "Dark mode", "into": "Night mode"}),
        ('idea merge "Dark mode" "Night mode"', {"idea": "Dark mode", "into": "Night mode"}),
        ('idea merge "Dark mode" into "Night mode"', {"idea": "Dark mode", "into": "Night mode"}),
        ('idea add "Dark mode"', {"title": "Dark mode"}),
        ("thanks @noah for all: the help", {"member": "@noah", "reason": "for all: the help"}),
        ("thanks @noah, for all of it", {"member": "@noah", "reason": "for all of it"}),
        ("thanks Noah for all of it", {"member": "Noah", "reason": "for all of it"}),
        ("thanks Mia Müller for all of it", {"member": "Mia Müller", "reason": "for all of it"}),
        ("thanks Noah – great work", {"member": "Noah", "reason": "great work"}),
        ("thanks Noah: great work", {"member": "Noah", "reason": "great work"}),
        ("thanks “Mia Müller” great work", {"member": "Mia Müller", "reason": "great work"}),
        ("thanks @noah", {"member": "@noah"}),
        ("thanks member: Noah reason: the help", {"member": "Noah", "reason": "the help"}),
        ("thanks member:slack/T1/U2 reason:“the help”", {"member": "slack/T1/U2", "reason": "the help"}),
        ("thanks reason: the help member: @noah", {"member": "@noah", "reason": "the help"}),
        ("settings set webhooks on and on", {"name": "webhooks", "value": "on and on"}),
        ("question list done", {"status": "done"}),
        ("leaderboard done webhooks", {"period": "done", "topic": "webhooks"}),
        ("leaderboard webhooks", {"topic": "webhooks"}),
        ("settings set webhooks =", {"name": "webhooks"}),
        ("event create Game night @ friday 8pm", {"title": "Game night", "when": "friday 8pm"}),
        (
            "event create Lunch tomorrow 12:00, place: Luigi's, capacity: 5",
            {"title": "Lunch", "when": "tomorrow 12:00", "place": "Luigi's", "capacity": "5"},
        ),
        # Options by their names in another language
        ("event create titel: Kuchen wann: morgen 18 Uhr", {"title": "Kuchen", "when": "morgen 18 Uhr"}),
        ("event create Kuchen morgen 18 Uhr plätze: 5", {"title": "Kuchen", "when": "morgen 18 Uhr", "capacity": "5"}),
        (
            "event create Kuchen morgen 18 Uhr plätze: zwanzig",
            {"title": "Kuchen", "when": "morgen 18 Uhr", "capacity": "zwanzig"},
        ),
        ("event create plaetze=5 Kuchen morgen 18 Uhr", {"title": "Kuchen", "when": "morgen 18 Uhr", "capacity": "5"}),
        ("poll create frage: Tee? optionen: ja, nein", {"question": "Tee?", "options": "ja, nein"}),
        ("poll create Tee? ja, nein Schluss: friday", {"question": "Tee?", "options": "ja, nein", "closes": "friday"}),
        ("ask anonym=ja Wie kündige ich?", {"anonymous": "ja", "question": "Wie kündige ich?"}),
        ("ask Wie kündige ich? anonym: Nein", {"anonymous": "Nein", "question": "Wie kündige ich?"}),
        ("ask anonym=yes Wie kündige ich?", {"anonymous": "yes", "question": "Wie kündige ich?"}),
        ("thanks @noah grund: die Hilfe", {"member": "@noah", "reason": "die Hilfe"}),
        ("away bis: freitag", {"until": "freitag"}),
        ("away bis freitag", {"until": "bis freitag"}),
        ("ask Das Thema ist offen, die Frage: warum", {"question": "Das Thema ist offen, die Frage: warum"}),
        ("/ASK why", {"question": "why"}),
        ("event  create   Lunch", {"title": "Lunch"}),
    ],
)
def test_what_is_sure(line: str, options: dict[str, str]) -> None:
    assert read(line) == (options, True)


@pytest.mark.parametrize(
    "line, options",
    [
        ("thanks @noah @kenji for all of it", {"member": "@noah", "reason": "for all of it"}),
        ("thanks @noah and @kenji for all of it", {"member": "@noah", "reason": "for all of it"}),
        ("thanks for all of it @noah", {"member": "@noah", "reason": "for all of it"}),
        ("thanks for all of it @noah @kenji", {"member": "@noah", "reason": "for all of it"}),
        ("thanks for all of it @noah and @kenji", {"member": "@noah", "reason": "for all of it"}),
        ('event create "Lunch tomorrow 12:00', {"title": '"Lunch', "when": "tomorrow 12:00"}),
        ("event create --title Lunch --when tomorrow", {"title": "title Lunch --when", "when": "tomorrow"}),
        ("event create Lunch when tomorrow 12:00", {"title": "Lunch when", "when": "tomorrow 12:00"}),
        (
            "event create Lunch tomorrow 12:00 capacity 5",
            {"title": "Lunch", "when": "tomorrow 12:00", "description": "capacity 5"},
        ),
        (
            "poll create Tea? yes, no closes friday 18:00",
            {"question": "Tea?", "options": "yes, no closes friday 18:00"},
        ),
        ("ask anonymous How do I?", {"question": "anonymous How do I?"}),
        ("ask How do I? anonymous", {"question": "How do I? anonymous"}),
        ("ask --anonymous How do I?", {"question": "--anonymous How do I?"}),
        ("ask anonymous: How do I?", {"question": "How do I?"}),
        ("ask How do I set topic: webhooks", {"topic": "webhooks", "question": "How do I set"}),
        ("poll create Tea or coffee", {"question": "Tea or coffee"}),
        ("poll create Tea? Or coffee? tea, coffee", {"question": "Tea? Or coffee?", "options": "tea, coffee"}),
        (
            "event create Dinner friday 8pm at Luigi's",
            {"title": "Dinner", "when": "friday 8pm", "description": "at Luigi's"},
        ),
        ("event create Sunday roast saturday 18:00", {"title": "Sunday roast", "when": "saturday 18:00"}),
        ("event create Meet at 10 friday night 8pm", {"title": "Meet at 10", "when": "friday night 8pm"}),
        ("ask Shall I set anonymous=yes", {"question": "Shall I set anonymous=yes"}),
        ("ask I have more details: the log", {"question": "I have more", "details": "the log"}),
        ("idea status Dark mode", {"idea": "Dark mode"}),
        ("idea merge Dark mode Night mode", {"idea": "Dark mode Night mode"}),
        ("question list planned please", {"status": "planned please"}),
        ("ask details: x details: y How?", {"details": "x", "question": "details: y How?"}),
        ("ask anonym Wie kündige ich?", {"question": "anonym Wie kündige ich?"}),
        # Several people by their mere names
        ("thanks noah and kenji for all of it", {"member": "noah", "reason": "and kenji for all of it"}),
        ("thanks kenji noah great work", {"member": "kenji", "reason": "noah great work"}),
        ("thanks Mia Müller great work", {"member": "Mia", "reason": "Müller great work"}),
        ("thanks Noah, Kenji for all of it", {"member": "Noah", "reason": "Kenji for all of it"}),
        # How often something is
        (
            "event create Yoga every friday 18:00",
            {"title": "Yoga", "when": "friday 18:00", "repeat": "every friday 18:00"},
        ),
        (
            "event create Yoga alle zwei Wochen Freitag 18 Uhr",
            {"title": "Yoga", "when": "Freitag 18 Uhr", "repeat": "alle zwei Wochen Freitag 18 Uhr"},
        ),
        ("event create Standup weekdays 9:30", {"title": "Standup", "when": "9:30", "repeat": "weekdays"}),
        ("event create Yoga on tuesdays 18:00", {"title": "Yoga", "when": "18:00", "repeat": "on tuesdays"}),
        ("event create Chor dienstags 19 Uhr", {"title": "Chor", "when": "19 Uhr", "repeat": "dienstags"}),
        ("event create Retro biweekly friday 10:00", {"title": "Retro", "when": "friday 10:00", "repeat": "biweekly"}),
        (
            "event create Board last friday of the month 10:00 each month",
            {"title": "Board", "when": "last friday of the month 10:00", "repeat": "each month"},
        ),
        ("event create Yoga friday 18:00 weekly", {"title": "Yoga", "when": "friday 18:00", "repeat": "weekly"}),
        ("event create Weekly friday 18:00", {"title": "Weekly", "when": "friday 18:00"}),
        # Until when
        (
            "poll create Tea? yes, no until friday 18:00",
            {"question": "Tea?", "options": "yes, no", "closes": "until friday 18:00"},
        ),
        ("poll create Tee? ja, nein bis Freitag", {"question": "Tee?", "options": "ja, nein", "closes": "bis Freitag"}),
        # An option behind the question, and more in lines of their own
        ("poll create Which day? Monday\nTuesday", {"question": "Which day?", "options": "Monday\nTuesday"}),
        # A number that may be a date
        ("event create Room 4.12 friday 10:00", {"title": "Room", "when": "4.12 friday 10:00"}),
        # Days in languages in which no times are read are not today
        ("event create Dîner vendredi 20h", {"title": "Dîner vendredi", "when": "20h"}),
        ("event create Cena mañana 21:00", {"title": "Cena mañana", "when": "21:00"}),
        ("event create Ужин в пятницу 18:00", {"title": "Ужин в пятницу", "when": "18:00"}),
        ("event create 周五晚餐 18:00", {"title": "周五晚餐", "when": "18:00"}),
        ("event create 金曜日 晩ご飯 18:00", {"title": "金曜日 晩ご飯", "when": "18:00"}),
    ],
)
def test_what_is_not_sure_says_so_and_loses_nothing(line: str, options: dict[str, str]) -> None:
    assert read(line) == (options, False)


def test_those_who_are_mentioned_are_one_word_each() -> None:
    noah, kenji = chr(NAMED), chr(NAMED + 1)
    assert read(f"thanks {noah} for all of it, {kenji}!") == (
        {"member": noah, "reason": f"for all of it, {kenji}!"},
        True,
    )
    assert read(f"thanks {noah} {kenji} for it") == ({"member": noah, "reason": "for it"}, False)


def test_a_long_question_goes_on_in_its_details() -> None:
    tried = "I tried to " + "turn it off and on again, " * 8
    assert read(f"ask How do I rotate it? {tried}") == (
        {"question": "How do I rotate it?", "details": tried.strip()},
        True,
    )


def test_a_command_is_found_whatever_its_letters_and_blanks() -> None:
    assert find_command("/Event   CREATE  x", FIELDS) == ("event create", "x")
    assert find_command(" ask", FIELDS) == ("ask", "") and find_command("asking", FIELDS) == ("", "asking")
    assert find_command("event", FIELDS) == ("", "event") and find_command("", FIELDS) == ("", "")


lines = st.lists(
    st.sampled_from(
        'Lunch "Pizza" “a b” \' " friday 8pm ? when: when:x anonymous=yes topic: @noah \n , - `x` into 3 for'.split(" ")
    )
    | st.text(max_size=6)
).map(" ".join)


@given(lines, st.sampled_from([*FIELDS]))
@example("topic:", "ask")
def test_any_line_can_be_read_and_no_word_is_lost(line: str, name: str) -> None:
    typed = read_line(line, FIELDS[name], TONGUE, lambda words: find_times(words, TONGUE))
    assert set(typed.answers) <= {field.name for field in FIELDS[name]}
    if typed.sure and FIELDS[name]:
        kept = " ".join([*typed.answers, *typed.answers.values()])
        lost = [word for token in tokens_of(line) for word in token.text.split() if any(map(str.isalnum, word))]
        lost = [
            word for word in lost if not all(part in kept for part in word.replace("=", ":").strip(",;:–—-").split(":"))
        ]
        assert not lost or name == "idea merge", (lost, typed)
    assert isinstance(typed, Typed)
