"""How something repeats: read from words, counted on the calendar, and said in words that can be typed again."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text.language import Locales
from bot.text.repeats import Rule, read_repeat, repeat_words, says_never

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TUESDAY = datetime(2026, 3, 3, 18, 0)  # noqa: DTZ001 - on the wall clock
TONGUES = Locales()


def read(words: str, language: str = "en", first: datetime = TUESDAY) -> str:
    return str(read_repeat(words, first, NOW, BERLIN, TONGUES.of(language)))


def said(words: str, language: str = "en", first: datetime = TUESDAY) -> str:
    """Return what is read back of it."""
    rule = read_repeat(words, first, NOW, BERLIN, TONGUES.of(language))
    return repeat_words(rule, first.date()).localized(TONGUES.of(language)).plain()


@pytest.mark.parametrize(
    "words, rule",
    [
        ("weekly", "FREQ=WEEKLY"),
        ("Every 2 Weeks", "FREQ=WEEKLY;INTERVAL=2"),
        ("every other week", "FREQ=WEEKLY;INTERVAL=2"),
        ("biweekly", "FREQ=WEEKLY;INTERVAL=2"),
        ("every fortnight", "FREQ=WEEKLY;INTERVAL=2"),
        ("once a week", "FREQ=WEEKLY"),
        ("every second tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("every other tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("every two weeks on tuesday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("tuesdays", "FREQ=WEEKLY;BYDAY=TU"),
        ("every tuesday at 6pm", "FREQ=WEEKLY;BYDAY=TU"),
        ("every week on thursday at 18:00", "FREQ=WEEKLY;BYDAY=TH"),
        ("every week from 3 march 18:00", "FREQ=WEEKLY"),
        ("mon, wed and fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("every monday to friday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("second tuesday of every month", "FREQ=MONTHLY;BYDAY=2TU"),
        ("every last friday", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("first and third tuesday", "FREQ=MONTHLY;BYDAY=1TU,3TU"),
        ("every first and third tuesday", "FREQ=MONTHLY;BYDAY=1TU,3TU"),
        ("2nd & 4th wed of the month", "FREQ=MONTHLY;BYDAY=2WE,4WE"),
        ("every last and first friday", "FREQ=MONTHLY;BYDAY=1FR,-1FR"),
        ("monthly on the last fri", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("on the 15th of every month", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("on the 1st and 15th", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("the 15th and the 1st of the month", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("monthly on the 1st, 10th and last day", "FREQ=MONTHLY;BYMONTHDAY=1,10,-1"),
        ("every 2 months on the 1st & 15th", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1,15"),
        ("quarterly", "FREQ=MONTHLY;INTERVAL=3"),
        ("every quarter", "FREQ=MONTHLY;INTERVAL=3"),
        ("half-yearly", "FREQ=MONTHLY;INTERVAL=6"),
        ("every third week", "FREQ=WEEKLY;INTERVAL=3"),
        ("every 3rd week on tue", "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU"),
        ("end of month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("at the end of every month", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("every month end", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("every first of the month", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("monthly on the first", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("3rd tuesday monthly", "FREQ=MONTHLY;BYDAY=3TU"),
        ("mon/wed/fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("daily until end of month", "FREQ=DAILY;UNTIL=20260331T235959"),
        ("every year on 3 march", "FREQ=YEARLY"),
        ("daily, 5 times", "FREQ=DAILY;COUNT=5"),
        ("weekly until 31 December 2026", "FREQ=WEEKLY;UNTIL=20261231T235959"),
        ("weekly for 6 weeks", "FREQ=WEEKLY;UNTIL=20260413T235959"),
    ],
)
def test_repeats_in_english(words: str, rule: str) -> None:
    assert read(words) == rule


@pytest.mark.parametrize(
    "words, rule",
    [
        ("wöchentlich", "FREQ=WEEKLY"),
        ("alle zwei Wochen", "FREQ=WEEKLY;INTERVAL=2"),
        ("zweiwöchentlich", "FREQ=WEEKLY;INTERVAL=2"),
        ("jeden zweiten Dienstag", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        ("jeden zweiten Dienstag im Monat", "FREQ=MONTHLY;BYDAY=2TU"),
        ("dienstags um 18 Uhr", "FREQ=WEEKLY;BYDAY=TU"),
        ("montags und mittwochs", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("werktags", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("jeden ersten Donnerstag im Monat", "FREQ=MONTHLY;BYDAY=1TH"),
        ("jeden ersten und dritten Dienstag", "FREQ=MONTHLY;BYDAY=1TU,3TU"),
        ("am 1. und 3. Dienstag im Monat", "FREQ=MONTHLY;BYDAY=1TU,3TU"),
        ("am 15. jedes Monats", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("am 1. und 15.", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("am 1. und am 15. jeden Monats", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("monatlich am 1. und letzten Tag", "FREQ=MONTHLY;BYMONTHDAY=1,-1"),
        ("alle 14 Tage", "FREQ=DAILY;INTERVAL=14"),
        ("immer dienstags", "FREQ=WEEKLY;BYDAY=TU"),
        ("Mo/Mi/Fr", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("jede 3. Woche", "FREQ=WEEKLY;INTERVAL=3"),
        ("jedes Quartal", "FREQ=MONTHLY;INTERVAL=3"),
        ("halbjährlich", "FREQ=MONTHLY;INTERVAL=6"),
        ("jeden Ersten im Monat", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("zum 15. jeden Monats", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("am Monatsende", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("täglich, 5-mal", "FREQ=DAILY;COUNT=5"),
        ("jeden Dienstag bis 31.12.2026", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231T235959"),
    ],
)
def test_repeats_in_german(words: str, rule: str) -> None:
    assert read(words, "de") == rule and read(words, "en") == rule


@pytest.mark.parametrize(
    "words",
    [
        "now and then",
        "every 0 weeks",
        "0 times",
        "weekly banana",
        "every every week",
        "weekly until whenever",
        "every tuesday at 7pm",
        "weekly thursday next week 18:00",
        "monthly on thursday 18:00",
        "daily in 3 days",
        "every year on 5 march",
        "every third tuesday",
        "first and first tuesday",
        "first tuesday and third thursday",
        "first and fifth tuesday",
        "every first week",
        "every 1st week",
        "every third",
        "monthly on the 32nd",
        "on the 1st and 1st",
        "on the 1st and 31st",
        "weekly on the 1st and 15th",
        "on the 1st and tuesday",
        "weekly 1000 times",
        "",
    ],
)
def test_what_is_not_sure_is_asked(words: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(words)


def dates(rule: str, first: str, number: int = 4) -> list[str]:
    begins = datetime.fromisoformat(first)
    return [f"{day:%a} {day.day} {day:%b %Y}" for day in islice(Rule.of(rule).occurrences(begins), number)]


def test_every_second_tuesday_is_every_two_weeks_from_the_first_tuesday_on() -> None:
    assert dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-01-06T18:00")[:2] == ["Tue 6 Jan 2026", "Tue 20 Jan 2026"]
    assert dates("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-03-04T18:00")[:2] == ["Tue 10 Mar 2026", "Tue 24 Mar 2026"]
    assert said("every second tuesday") == "every 2 weeks on Tuesday"


def test_several_days_of_a_month_are_read_back() -> None:
    assert said("on the 1st and 15th") == "every month on day 1 and day 15"
    assert said("am 1., 15. und letzten Tag", "de") == "jeden Monat am 1., 15. und letzten Tag"
    days = ["Sun 15 Mar 2026", "Wed 1 Apr 2026", "Wed 15 Apr 2026"]
    assert dates("FREQ=MONTHLY;BYMONTHDAY=1,15", "2026-03-03T18:00")[:3] == days


@pytest.mark.parametrize("words", ["no", "Never!", "only once", "nein", "einmalig", "Wiederholt sich nicht."])
def test_what_does_not_repeat_says_so(words: str) -> None:
    assert says_never(words, TONGUES.of("de")) and says_never(words)
    assert not says_never("weekly") and not says_never("not every week")


def test_a_shorter_month_has_it_on_its_last_day_and_that_is_read_back() -> None:
    end, leap = datetime(2026, 3, 31, 18), datetime(2028, 2, 29, 18)  # noqa: DTZ001 - on the wall clock
    days = ["Tue 31 Mar 2026", "Thu 30 Apr 2026", "Sun 31 May 2026", "Tue 30 Jun 2026"]
    assert dates("FREQ=MONTHLY", "2026-03-31T18:00") == dates("FREQ=MONTHLY;BYMONTHDAY=31", "2026-03-31T18:00") == days
    assert dates("FREQ=MONTHLY", "2026-01-30T18:00")[:3] == ["Fri 30 Jan 2026", "Sat 28 Feb 2026", "Mon 30 Mar 2026"]
    assert said("monthly", first=end) == "every month on day 31 (on the last day of shorter months)"
    assert said("monatlich", "de", end) == "jeden Monat am 31. (in kürzeren Monaten am letzten Tag)"
    years = ["Tue 29 Feb 2028", "Wed 28 Feb 2029", "Thu 28 Feb 2030", "Fri 28 Feb 2031"]
    assert dates("FREQ=YEARLY", "2028-02-29T18:00") == years
    assert said("yearly", first=leap) == "every year on 29 February (28 February in other years)"
    assert said("monthly") == "every month on day 3", "where no month is too short nothing needs to be said"


rules = st.builds(
    lambda form, interval, end: Rule(**{**form, "interval": interval}, **end),
    st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY")).map(lambda unit: {"unit": unit})
    | st.sets(st.integers(0, 6), min_size=1).map(lambda days: {"unit": "WEEKLY", "days": tuple(sorted(days))})
    | st.tuples(st.sets(st.sampled_from((1, 2, 3, 4, -1)), min_size=1), st.integers(0, 6)).map(
        lambda nth: {"unit": "MONTHLY", "nths": (*sorted(nth[0] - {-1}), *(nth[0] & {-1})), "days": (nth[1],)}
    )
    | st.sampled_from((*range(1, 32), -1)).map(lambda day: {"unit": "MONTHLY", "month_days": (day,)})
    | st.sets(st.sampled_from((*range(1, 29), -1)), min_size=2, max_size=4).map(
        lambda days: {"unit": "MONTHLY", "month_days": (*sorted(days - {-1}), *(days & {-1}))}
    ),
    st.integers(1, 12),
    st.just({})
    | st.integers(1, 99).map(lambda times: {"count": times})
    | st.integers(30, 1500).map(
        lambda days: {"until": datetime(2026, 3, 1) + timedelta(days=days, seconds=-1)}  # noqa: DTZ001
    ),
)
"""Any rule that people can type."""


@given(rules, st.sampled_from(("en", "de")), st.booleans())
def test_any_rule_is_kept_and_said_in_words_that_mean_it(rule: Rule, language: str, loud: bool) -> None:
    assert Rule.of(str(rule)) == rule
    words = repeat_words(rule).localized(TONGUES.of(language)).plain()
    assert read(words.upper() if loud else words, language) == str(rule)
    whole = repeat_words(rule, TUESDAY.date()).localized(TONGUES.of(language)).plain()
    again = Rule.of(read(whole, language))
    assert [*islice(again.occurrences(TUESDAY), 5)] == [*islice(rule.occurrences(TUESDAY), 5)]


@given(rules, st.sampled_from(("en", "de")), st.sampled_from(("xyzzy", "not", "25:00", "%", "every", "oder")))
def test_a_word_too_many_is_asked_about(rule: Rule, language: str, strange: str) -> None:
    words = repeat_words(rule).localized(TONGUES.of(language)).plain()
    for garbled in (f"{strange} {words}", f"{words} {strange}"):
        with pytest.raises(ValueError, match=r"."):
            read(garbled, language)


WORDS = "every 2 weeks tuesday on the last day of month until 5 times".split()


@given(st.text(max_size=40) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_words_are_a_rule_that_has_a_next_occurrence_or_a_question(words: str) -> None:
    with suppress(ValueError):
        rule = read_repeat(words, TUESDAY, NOW, BERLIN)
        assert rule.until or next(rule.occurrences(TUESDAY))
