"""Moments and lengths of time in people's words: what is understood, and what is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.text.language import Locales
from bot.text.when import When, exact, moment_words, read_duration, read_moment, read_when, spell, written

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""Monday 2 March 2026, 11:00 in Berlin."""
BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
TONGUES = Locales()
ENGLISH, GERMAN = TONGUES.of("en"), TONGUES.of("de")


def read(words: str, language: str = "en", zone: ZoneInfo = BERLIN, now: datetime = NOW) -> str:
    """Return what is understood, on the clock of whoever typed it: "Fri 6 Mar 18:00", "... - 20:00", "Fri 6 Mar"."""
    when = read_when(words, now, zone, TONGUES.of(language), language if "-" in language else "")
    at = when.at.astimezone(zone)
    day = f"{at:%a} {at.day} {at:%b}" + (f" {at.year}" if at.year != now.year else "")
    if not when.has_time:
        return day
    if when.ends is None:
        return f"{day} {at:%H:%M}"
    ends = when.ends.astimezone(zone)
    return f"{day} {at:%H:%M} - " + (f"{ends:%H:%M}" if ends.date() == at.date() else f"{ends:%a %H:%M}")


@pytest.mark.parametrize(
    "words, first, last",
    [
        ("from friday to sunday", "Fri 6 Mar", "Sun 8 Mar"),
        ("friday - sunday", "Fri 6 Mar", "Sun 8 Mar"),
        ("friday → monday", "Fri 6 Mar", "Mon 9 Mar"),
        ("today until friday", "Mon 2 Mar", "Fri 6 Mar"),
        ("friday to sunday next week", "Fri 6 Mar", "Sun 15 Mar"),
        ("6 march to 8 march", "Fri 6 Mar", "Sun 8 Mar"),
        ("28 dec to 3 jan", "Mon 28 Dec", "Sun 3 Jan"),
        ("von Freitag bis Sonntag", "Fri 6 Mar", "Sun 8 Mar"),
        ("6.3. bis 8.3.", "Fri 6 Mar", "Sun 8 Mar"),
        ("6.3.-8.3.", "Fri 6 Mar", "Sun 8 Mar"),
    ],
)
def test_days_are_meant_to_their_end(words: str, first: str, last: str) -> None:
    when = read_when(words, NOW, BERLIN, GERMAN)
    assert when.ends and not when.has_time
    begins, over = when.at.astimezone(BERLIN), when.ends.astimezone(BERLIN)
    assert f"{over:%H:%M}" == "00:00"
    on = over - timedelta(minutes=1)
    assert [f"{at:%a} {at.day} {at:%b}" for at in (begins, on)] == [first, last]


def asked(words: str, language: str = "en", zone: ZoneInfo = BERLIN, now: datetime = NOW) -> str:
    """Return the question that comes instead of a moment."""
    with pytest.raises(ValueError, match=r".") as question:
        read_when(words, now, zone, TONGUES.of(language), language if "-" in language else "")
    return str(question.value.args[0])


@pytest.mark.parametrize(
    "words, expected",
    [
        # With dots, dashes and "Uhr"
        ("tomorrow 18.30", "Tue 3 Mar 18:30"),
        ("tomorrow – 18:00", "Tue 3 Mar 18:00"),
        ("tomorrow, 18:00", "Tue 3 Mar 18:00"),
        ("Tomorrow At 6 p.m.", "Tue 3 Mar 18:00"),
        ("１８：００ tomorrow", "Tue 3 Mar 18:00"),
        ("day after tomorrow at 6:30 PM.", "Wed 4 Mar 18:30"),
        # Working days, and the time that it is now
        ("in 3 working days", "Thu 5 Mar"),
        ("in five business days at 9am", "Mon 9 Mar 09:00"),
        ("a working day from now", "Tue 3 Mar"),
        ("same time tomorrow", "Tue 3 Mar 11:00"),
        ("friday, same time", "Fri 6 Mar 11:00"),
        ("at the same time next week", "Mon 9 Mar 11:00"),
        ("this time in 3 days", "Thu 5 Mar 11:00"),
        # Mere hours are on a clock of 24
        ("saturday 10", "Sat 7 Mar 10:00"),
        ("friday at 9", "Fri 6 Mar 09:00"),
        ("at 9", "Tue 3 Mar 09:00"),
        ("tomorrow 18h", "Tue 3 Mar 18:00"),
        ("until 18h30", "Mon 2 Mar 18:30"),
        ("six o'clock tomorrow", "Tue 3 Mar 06:00"),
        ("tomorrow at half past six", "Tue 3 Mar 06:30"),
        ("quarter to one tomorrow", "Tue 3 Mar 12:45"),
        ("tomorrow at ten past six in the evening", "Tue 3 Mar 18:10"),
        ("noon", "Mon 2 Mar 12:00"),
        ("midnight", "Tue 3 Mar 00:00"),
        ("12am tomorrow", "Tue 3 Mar 00:00"),
        ("12pm tomorrow", "Tue 3 Mar 12:00"),
        ("tomorrow 24:00", "Wed 4 Mar 00:00"),
        # Parts of the day
        ("tonight 8", "Mon 2 Mar 20:00"),
        ("tonight at 11:30", "Mon 2 Mar 23:30"),
        ("tonight at midnight", "Tue 3 Mar 00:00"),
        ("this evening at 8", "Mon 2 Mar 20:00"),
        ("friday evening at 8", "Fri 6 Mar 20:00"),
        ("8 in the evening on friday", "Fri 6 Mar 20:00"),
        ("tomorrow 9 in the morning", "Tue 3 Mar 09:00"),
        # Days
        ("monday 18:00", "Mon 2 Mar 18:00"),
        ("monday 10:00", "Mon 9 Mar 10:00"),
        ("next Thursday 18:00", "Thu 5 Mar 18:00"),
        ("this friday 18:00", "Fri 6 Mar 18:00"),
        ("friday next week 18:00", "Fri 13 Mar 18:00"),
        ("next week friday 18:00", "Fri 13 Mar 18:00"),
        ("yesterday 18:00", "Sun 1 Mar 18:00"),
        ("last friday 18:00", "Fri 27 Feb 18:00"),
        ("until friday", "Fri 6 Mar"),
        ("by tomorrow 9am", "Tue 3 Mar 09:00"),
        ("the 5th at 18:00", "Thu 5 Mar 18:00"),
        ("friday the 13th 18:00", "Fri 13 Mar 18:00"),
        ("tomorrow (tuesday) 18:00", "Tue 3 Mar 18:00"),
        ("tuesday, tomorrow, 18:00", "Tue 3 Mar 18:00"),
        ("tomorrow@8pm", "Tue 3 Mar 20:00"),
        ("“friday 18:00”", "Fri 6 Mar 18:00"),
        ("this coming friday 18:00", "Fri 6 Mar 18:00"),
        ("friday coming week 18:00", "Fri 13 Mar 18:00"),
        ("on the third at 18:00", "Tue 3 Mar 18:00"),
        ("first friday of april 18:00", "Fri 3 Apr 18:00"),
        ("last day of the month 12:00", "Tue 31 Mar 12:00"),
        ("last tuesday of next month 10:00", "Tue 28 Apr 10:00"),
        ("end of month", "Tue 31 Mar"),
        ("by the end of next month 18:00", "Thu 30 Apr 18:00"),
        ("end of the year 23:59", "Thu 31 Dec 23:59"),
        ("a week on friday 18:00", "Fri 13 Mar 18:00"),
        ("two weeks from tomorrow 18:00", "Tue 17 Mar 18:00"),
        ("a week today 18:00", "Mon 9 Mar 18:00"),
        # Weeks by their numbers
        ("2026-W12-5T18:00", "Fri 20 Mar 18:00"),
        ("2026W125 18:00", "Fri 20 Mar 18:00"),
        ("friday calendar week 9 18:00", "Fri 5 Mar 2027 18:00"),
        # A row of four digits, where it is no year
        ("tomorrow 1800", "Tue 3 Mar 18:00"),
        ("friday 2030", "Fri 6 Mar 20:30"),
        ("5 march at 2030", "Thu 5 Mar 20:30"),
        ("5 march 2030", "Tue 5 Mar 2030"),
        ("friday 1930-2130", "Fri 6 Mar 19:30 - 21:30"),
        ("0630 hrs tomorrow", "Tue 3 Mar 06:30"),
        ("tomorrow 18:00 hours", "Tue 3 Mar 18:00"),
        # As it is spoken
        ("tomorrow at six thirty pm", "Tue 3 Mar 18:30"),
        ("tonight at eight-thirty", "Mon 2 Mar 20:30"),
        ("tomorrow 6pm sharp", "Tue 3 Mar 18:00"),
        ("ten to eight tomorrow evening", "Tue 3 Mar 19:50"),
        # Dates: dots are day.month everywhere, also a month without a year comes next
        ("11.12.2026 18:00", "Fri 11 Dec 18:00"),
        ("11.12. 18:00", "Fri 11 Dec 18:00"),
        ("31.12", "Thu 31 Dec"),
        ("18.30", "Mon 2 Mar 18:30"),
        ("2026-12-24 18:00", "Thu 24 Dec 18:00"),
        ("2026-12-24T18:00", "Thu 24 Dec 18:00"),
        ("20261224T1800", "Thu 24 Dec 18:00"),
        ("2026/12/24 18:00", "Thu 24 Dec 18:00"),
        ("25/12/2026 18:00", "Fri 25 Dec 18:00"),
        ("Dec 5 at 7:30 pm", "Sat 5 Dec 19:30"),
        ("5th of march 6pm", "Thu 5 Mar 18:00"),
        ("Thursday, March 5, 2026 at 6:00 PM", "Thu 5 Mar 18:00"),
        ("1 march 18:00", "Mon 1 Mar 2027 18:00"),
        ("29 feb 18:00", "Tue 29 Feb 2028 18:00"),
        ("5 march 18", "Thu 5 Mar 18:00"),
        # Lengths
        ("in 2 days", "Wed 4 Mar 11:00"),
        ("in 2 days at 18:00", "Wed 4 Mar 18:00"),
        ("2 days", "Wed 4 Mar 11:00"),
        ("in half an hour", "Mon 2 Mar 11:30"),
        ("in an hour and a half", "Mon 2 Mar 12:30"),
        ("in 2½ hours", "Mon 2 Mar 13:30"),
        ("in 1h30", "Mon 2 Mar 12:30"),
        ("in a fortnight", "Mon 16 Mar 11:00"),
        ("in two days' time", "Wed 4 Mar 11:00"),
        ("in a month at 18:00", "Thu 2 Apr 18:00"),
        ("in three quarters of an hour", "Mon 2 Mar 11:45"),
        ("in 1 hr 30", "Mon 2 Mar 12:30"),
        ("in 2h15m", "Mon 2 Mar 13:15"),
        ("in about an hour", "Mon 2 Mar 12:00"),
        ("about 6pm", "Mon 2 Mar 18:00"),
        ("in 1d12h", "Tue 3 Mar 23:00"),
        ("in 1:30 hours", "Mon 2 Mar 12:30"),
        ("2 weeks from now", "Mon 16 Mar 11:00"),
        ("in 3 months", "Tue 2 Jun 11:00"),
        ("for 2 hours", "Mon 2 Mar 11:00 - 13:00"),
        ("now", "Mon 2 Mar 11:00"),
        # From one time to another
        ("friday 18:00-20:00", "Fri 6 Mar 18:00 - 20:00"),
        ("friday 6-8pm", "Fri 6 Mar 18:00 - 20:00"),
        ("friday 18:00 -> 20:00", "Fri 6 Mar 18:00 - 20:00"),
        ("friday 18:00→20:00", "Fri 6 Mar 18:00 - 20:00"),
        ("friday 11-1pm", "Fri 6 Mar 11:00 - 13:00"),
        ("friday 10am-2", "Fri 6 Mar 10:00 - 14:00"),
        ("from 6 to 8pm friday", "Fri 6 Mar 18:00 - 20:00"),
        ("friday 22:00-02:00", "Fri 6 Mar 22:00 - Sat 02:00"),
        ("friday 18:00 until sunday 12:00", "Fri 6 Mar 18:00 - Sun 12:00"),
        ("friday 18:00 for 2 hours", "Fri 6 Mar 18:00 - 20:00"),
        ("2026-04-01 18:00-20:00", "Wed 1 Apr 18:00 - 20:00"),
        # As Discord writes it
        ("<t:1772445600:F>", "Mon 2 Mar 11:00"),
    ],
)
def test_moments_in_english(words: str, expected: str) -> None:
    assert read(words) == expected


@pytest.mark.parametrize(
    "words, expected",
    [
        ("in 3 Werktagen", "Thu 5 Mar"),
        ("in sechs Arbeitstagen um 9 Uhr", "Tue 10 Mar 09:00"),
        ("morgen um die gleiche Zeit", "Tue 3 Mar 11:00"),
        ("morgen um die gleiche Uhrzeit", "Tue 3 Mar 11:00"),
        ("dieselbe Uhrzeit am Freitag", "Fri 6 Mar 11:00"),
        ("am Freitag zur selben Zeit", "Fri 6 Mar 11:00"),
        ("morgen 18.00 Uhr", "Tue 3 Mar 18:00"),
        ("morgen um 18 Uhr", "Tue 3 Mar 18:00"),
        ("übermorgen 18 Uhr 30", "Wed 4 Mar 18:30"),
        ("uebermorgen 18h30", "Wed 4 Mar 18:30"),
        ("halb sieben", "Tue 3 Mar 06:30"),
        ("heute Abend um halb sieben", "Mon 2 Mar 18:30"),
        ("viertel nach sechs", "Tue 3 Mar 06:15"),
        ("dreiviertel sieben", "Tue 3 Mar 06:45"),
        ("fünf vor halb sieben", "Tue 3 Mar 06:25"),
        ("Freitagabend um 8", "Fri 6 Mar 20:00"),
        ("Freitag Abend um acht", "Fri 6 Mar 20:00"),
        ("morgen früh um 8", "Tue 3 Mar 08:00"),
        ("heute Morgen um 8", "Mon 2 Mar 08:00"),
        ("abends um 8", "Mon 2 Mar 20:00"),
        ("heute um Mitternacht", "Tue 3 Mar 00:00"),
        ("am Freitag um 8", "Fri 6 Mar 08:00"),
        ("um 8 am Freitag", "Fri 6 Mar 08:00"),
        ("12 am Freitag", "Fri 6 Mar 12:00"),
        ("8 am tomorrow", "Tue 3 Mar 08:00"),
        ("kommenden Freitag 18 Uhr", "Fri 6 Mar 18:00"),
        ("Freitag der kommenden Woche 18 Uhr", "Fri 13 Mar 18:00"),
        ("kommende Woche Freitag 18 Uhr", "Fri 13 Mar 18:00"),
        ("übernächste Woche Freitag 18 Uhr", "Fri 20 Mar 18:00"),
        ("am 5. des kommenden Monats 18 Uhr", "Sun 5 Apr 18:00"),
        ("morgen (Dienstag) 18 Uhr", "Tue 3 Mar 18:00"),
        ("in dreieinhalb Stunden", "Mon 2 Mar 14:30"),
        ("in zweieinhalb Stunden", "Mon 2 Mar 13:30"),
        ("nächste Woche Freitag 18 Uhr", "Fri 13 Mar 18:00"),
        ("Freitag in 2 Wochen 18 Uhr", "Fri 20 Mar 18:00"),
        ("heute in 2 Wochen um 18 Uhr", "Mon 16 Mar 18:00"),
        ("Mi., 4.3., 18 Uhr", "Wed 4 Mar 18:00"),
        ("5.3. 18 Uhr", "Thu 5 Mar 18:00"),
        ("am 5.3.26 um 18.30 Uhr", "Thu 5 Mar 18:30"),
        ("Donnerstag, den 5. März 2026, 18:00 Uhr", "Thu 5 Mar 18:00"),
        ("5. maerz 18 uhr", "Thu 5 Mar 18:00"),
        ("am dritten um 18 Uhr", "Tue 3 Mar 18:00"),
        ("letzter Freitag im März 18 Uhr", "Fri 27 Mar 18:00"),
        ("03/04/2026 18:00", "Fri 3 Apr 18:00"),
        ("in einer halben Stunde", "Mon 2 Mar 11:30"),
        ("in anderthalb Stunden", "Mon 2 Mar 12:30"),
        ("in einer Viertelstunde", "Mon 2 Mar 11:15"),
        ("in zwei Tagen um 18 Uhr", "Wed 4 Mar 18:00"),
        ("bis zum 5. April", "Sun 5 Apr"),
        ("von 18 bis 20 Uhr am Freitag", "Fri 6 Mar 18:00 - 20:00"),
        ("Freitag 20 Uhr bis Samstag 2 Uhr", "Fri 6 Mar 20:00 - Sat 02:00"),
        ("Freitag 18 Uhr für 2 Stunden", "Fri 6 Mar 18:00 - 20:00"),
        ("tomorrow um 18 Uhr", "Tue 3 Mar 18:00"),
        ("achtzehn Uhr dreißig morgen", "Tue 3 Mar 18:30"),
        ("in dreißig Minuten", "Mon 2 Mar 11:30"),
        ("am dreißigsten um 18 Uhr", "Mon 30 Mar 18:00"),
        ("in 2 Std. 15 Min.", "Mon 2 Mar 13:15"),
        ("in einer dreiviertel Stunde", "Mon 2 Mar 11:45"),
        ("in einem Monat um 18 Uhr", "Thu 2 Apr 18:00"),
        ("morgen ca. 18 Uhr", "Tue 3 Mar 18:00"),
        ("in etwa einer Stunde", "Mon 2 Mar 12:00"),
        ("morgen um Punkt 18 Uhr", "Tue 3 Mar 18:00"),
        ("Freitag KW 12 18 Uhr", "Fri 20 Mar 18:00"),
        ("Montag, KW49, 10 Uhr", "Mon 30 Nov 10:00"),
        ("Fr in KW 53 um 10", "Fri 1 Jan 2027 10:00"),
        ("bis Monatsende", "Tue 31 Mar"),
        ("Ende des nächsten Monats um 12 Uhr", "Thu 30 Apr 12:00"),
    ],
)
def test_moments_in_german(words: str, expected: str) -> None:
    assert read(words, "de") == expected


def test_whoever_types_in_another_language_than_their_own_is_understood_too() -> None:
    assert read("morgen 18.00 Uhr", "en") == read("tomorrow 6pm", "de") == "Tue 3 Mar 18:00"


@pytest.mark.parametrize(
    "words, expected",
    [
        ("tomorrow 18:00 UTC", "Tue 3 Mar 19:00"),
        ("2026-04-01 18:00 UTC", "Wed 1 Apr 20:00"),
        ("Dec 5 at 7:30 pm CET", "Sat 5 Dec 19:30"),
        ("6pm EST", "Tue 3 Mar 00:00"),
        ("1 july 18:00 ET", "Thu 2 Jul 00:00"),
        ("tomorrow 18:00 UTC+5:30", "Tue 3 Mar 13:30"),
        ("tomorrow 18:00 GMT-3", "Tue 3 Mar 22:00"),
        ("tomorrow 18:00+02:00", "Tue 3 Mar 17:00"),
        ("tomorrow 18:00 −03:00".replace("−", "UTC−"), "Tue 3 Mar 22:00"),
        ("tomorrow 18:00 (New York time)", "Wed 4 Mar 00:00"),
        ("tomorrow 18:00 America/Sao_Paulo", "Tue 3 Mar 22:00"),
        ("Freitag 18 Uhr Berliner Zeit", "Fri 6 Mar 18:00"),
        ("Freitag 18:00 MEZ", "Fri 6 Mar 18:00"),
        ("friday 10:00 - 12:00 EST", "Fri 6 Mar 16:00 - 18:00"),
        ("2026-12-24T18:00Z", "Thu 24 Dec 19:00"),
        ("2026-12-24 18:00:00-05:00", "Fri 25 Dec 00:00"),
        ("Thu, 05 Mar 2026 18:00:00 +0100", "Thu 5 Mar 18:00"),
    ],
)
def test_a_zone_that_was_written_counts_and_is_shown_on_ones_own_clock(words: str, expected: str) -> None:
    assert read(words) == expected


def test_an_abbreviation_of_several_zones_is_that_of_ones_own_or_asked() -> None:
    assert read("tomorrow 18:00 IST", zone=KOLKATA) == "Tue 3 Mar 18:00"
    assert "13:30" in asked("tomorrow 18:00 IST")


def test_the_region_tells_what_a_date_with_slashes_is() -> None:
    assert read("03/04/2026 18:00", "en-GB") == "Fri 3 Apr 18:00"
    assert read("03/04/2026 18:00", "en-US") == "Wed 4 Mar 18:00"
    assert read("3/4 18:00", "en-AU") == "Fri 3 Apr 18:00"
    question = asked("03/04/2026 18:00")
    assert question == "Is that Friday 3 April, 18:00 or Wednesday 4 March, 18:00?"
    assert asked("03-04-2026 18:00", "en-CA")


@pytest.mark.parametrize(
    "words, question",
    [
        ("", "I couldn't read that as a time."),
        ("banana", "I couldn't read that as a time."),
        ("whenever", "I couldn't read that as a time."),
        ("tomorrow 25:00", "I understood “tomorrow”, but not “25:00”."),
        ("tomorrow blah 18:00", "I understood “tomorrow”, “18:00”, but not “blah”."),
        ("tomorrow 18:00 XYZ", "but not “XYZ”."),
        ("friday or saturday 18:00", "but not “or”."),
        ("friday and sunday", "but not “and”."),
        ("friday to tomorrow", "but not “to”."),
        ("from friday to sunday evening", "but not"),
        ("tomorrow 18:60", "but not “18:60”."),
        ("7", "couldn't make one time of it"),
        ("tomorrow tomorrow 18:00", "couldn't make one time of it"),
        ("friday 18:00, 20:00", "couldn't make one time of it"),
        ("tomorrow 9am in the evening", "couldn't make one time of it"),
        ("in 2 hours at 18:00", "couldn't make one time of it"),
        ("next week", "couldn't make one time of it"),
        ("12.12", "Is that Saturday 12 December or Monday 2 March, 12:12?"),
        ("18h", "Monday 2 March, 18:00"),
        ("friday midnight", "Saturday 7 March, 00:00"),
        ("friday 9 to 5", "17:00"),
        ("friday 5 to 6", "05:55"),
        ("tuesday 4 march 2026 18:00", "Wednesday 4 March 2026: that isn't a Tuesday."),
        ("tomorrow (wednesday) 18:00", "Tuesday 3 March 2026: that isn't a Wednesday."),
        ("friday the 7th 18:00", "Saturday 7 March 2026: that isn't a Friday."),
        ("6-8 march 18:00", "I understood “6”, “18:00”, but not “-8”, “march”."),
        ("31 april 18:00", "There's no 31 April."),
        ("29.2.2027 18:00", "There's no 29 February 2027."),
        ("1.13.2026 18:00", "There's no month 13."),
        ("fifth monday of april 10:00", "no 5th Monday"),
        ("tonight", "At what time on Monday 2 March 2026?"),
        ("friday evening", "At what time on Friday 6 March 2026?"),
        ("KW 12", "I understood “KW 12”, but couldn't make one time of it"),
        ("2027-W53-1 10:00", "There's no week 53 in that year."),
        ("heute in acht Tagen um 18 Uhr", "Is that Tuesday 10 March, 18:00 or Monday 9 March, 18:00?"),
        ("in 5 Werktagen um 9 Uhr", "Is that Monday 9 March, 09:00 or Saturday 7 March, 09:00?"),
        ("same time", "couldn't make one time of it"),
        ("same time tomorrow utc", "couldn't make one time of it"),
        ("same time tomorrow 18:00", "couldn't make one time of it"),
        ("in 3 working", "but not"),
        ("1:30h", "Is that Monday 2 March, 12:30 or Tuesday 3 March, 01:30?"),
        ("march fifth twenty twenty-six", "but not “-six”"),
        ("sprint week 5 friday 10:00", "but not “sprint”, “week”"),
        ("tommorow 18:00", "I don't understand “tommorow”. Did you mean “tomorrow 18:00”?"),
        ("until tomorow", "I don't understand “tomorow”. Did you mean “until tomorrow”?"),
        ("Donerstag um 18 Uhr", "I don't understand “Donerstag”. Did you mean “donnerstag um 18 Uhr”?"),
        ("next wendesday at nooon", "Did you mean “next wednesday at noon”?"),
        ("tommorow 25:00", "I couldn't read that as a time."),
        ("9999-01-01 10:00", "within five years"),
        ("0001-01-01 10:00", "within five years"),
        ("in 20 years", "within five years"),
        ("in -2 days", "I couldn't read"),
        ("x" * 500, "I couldn't read"),
        ("tomorrow " * 100, "I couldn't read"),
        (
            "friday 18:00 for 0 hours",
            "I couldn't read that as a length of time. Try “90 minutes”, “2 hours” or “3 days”.",
        ),
    ],
)
def test_what_is_not_sure_is_asked_with_what_was_understood(words: str, question: str) -> None:
    assert question in asked(words)


def test_the_question_is_in_the_language_of_whoever_typed() -> None:
    with pytest.raises(ValueError, match=r".") as question:
        read_when("morgen 25 Uhr", NOW, BERLIN, GERMAN)
    assert question.value.args[0].localized(GERMAN).plain().startswith("Ich habe „morgen“ verstanden")


def test_one_moment_is_neither_a_day_nor_two_times() -> None:
    with pytest.raises(ValueError, match="At what time on Friday 6 March 2026"):
        read_moment("friday", NOW, BERLIN)
    with pytest.raises(ValueError, match="two times"):
        read_moment("friday 18:00-20:00", NOW, BERLIN)
    assert exact(When(NOW), NOW, BERLIN) == NOW


# Where clocks change


def test_hours_pass_and_days_are_counted_on_the_calendar() -> None:
    evening = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)  # 21:00 in Berlin; the clocks are put on at two
    assert read_when("in 12 hours", evening, BERLIN).at == evening + timedelta(hours=12)
    assert read("in 1 day", now=evening) == "Sun 29 Mar 21:00"
    assert read("in 1 day 3 hours", now=evening) == "Mon 30 Mar 00:00"
    assert read("in 24 hours", now=evening) == "Sun 29 Mar 22:00"


def test_a_time_that_is_skipped_is_an_hour_later() -> None:
    assert read("2026-03-29 02:30") == "Sun 29 Mar 03:30"


def test_both_passes_of_an_hour_that_comes_twice_are_told_apart() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert read_moment("2026-10-25 02:30", NOW, BERLIN) == first
    for zone, at in {"CEST": first, "CET": second, "MEZ": second, "UTC+2": first, "UTC+01:00": second}.items():
        assert read_moment(f"2026-10-25 02:30 {zone}", NOW, BERLIN) == at
    for at in (first, second):
        assert read_moment(written(at, BERLIN), NOW, BERLIN) == at
    assert str(moment_words(second, BERLIN)) == "Sunday 25 October 2026, 02:30 (Berlin time, UTC+1)"


# Read back


@pytest.mark.parametrize(
    "zone, english, german",
    [
        (
            "Europe/Berlin",
            "Thursday 5 March 2026, 18:00 (Berlin time)",
            "Donnerstag, 5. März 2026, 18:00 Uhr (Zeit in Berlin)",
        ),
        (
            "America/Sao_Paulo",
            "Thursday 5 March 2026, 14:00 (Sao Paulo time)",
            "Donnerstag, 5. März 2026, 14:00 Uhr (Zeit in Sao Paulo)",
        ),
        ("UTC", "Thursday 5 March 2026, 17:00 UTC", "Donnerstag, 5. März 2026, 17:00 Uhr UTC"),
    ],
)
def test_a_moment_is_read_back_in_words_that_can_be_typed(zone: str, english: str, german: str) -> None:
    at, own = datetime(2026, 3, 5, 17, 0, tzinfo=UTC), ZoneInfo(zone)
    said = moment_words(at, own)
    assert (said.plain(), said.localized(GERMAN).plain()) == (english, german)
    for reader in (own, KOLKATA):
        assert read_moment(english, NOW, reader) == read_moment(german, NOW, reader, GERMAN) == at


# Lengths


@pytest.mark.parametrize(
    "words, minutes",
    [
        ("90", 90),
        ("90 minutes", 90),
        ("1h 30m", 90),
        ("1h30", 90),
        ("1:30", 90),
        ("1.5 hours", 90),
        ("1,5 Stunden", 90),
        ("an hour and a half", 90),
        ("anderthalb Stunden", 90),
        ("half an hour", 30),
        ("eine halbe Stunde", 30),
        ("2 days", 2880),
        ("2 tage", 2880),
        ("1 hour and 5 min", 65),
        ("a fortnight", 20160),
        ("2h15m", 135),
        ("1 hour 30", 90),
        ("1d12h", 2160),
        ("2,5 Std.", 150),
        ("1 Std. 30 Min.", 90),
        ("dreißig Minuten", 30),
        ("dreiviertel Stunde", 45),
        ("three quarters of an hour", 45),
        ("acht Tage", 11520),
        ("about 2 hours", 120),
        ("ca. 2 Stunden", 120),
    ],
)
def test_lengths_are_read(words: str, minutes: int) -> None:
    assert read_duration(words) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "words",
    ["", "0", "-5 minutes", "9" * 30, "1h1", "1h 1h", "30m 1h", "2-3 hours", "a while", "1 month", "2 hours ago"],
)
def test_what_is_no_length_says_what_to_type(words: str) -> None:
    with pytest.raises(ValueError, match="Try “90 minutes”"):
        read_duration(words)


def test_lengths_are_said_in_their_largest_unit() -> None:
    assert [str(spell(timedelta(minutes=m))) for m in (0, 1, 59, 60, 1440, 2900)] == [
        "1 minute",
        "1 minute",
        "59 minutes",
        "1 hour",
        "1 day",
        "2 days",
    ]


@pytest.mark.parametrize(
    "words, day",
    [("monday morning", "Monday 9 March"), ("monday evening", "Monday 2 March"), ("friday evening", "Friday 6 March")],
)
def test_a_part_of_a_day_that_is_over_is_asked_of_the_next_one(words: str, day: str) -> None:
    assert asked(words).startswith(f"At what time on {day} 2026?")
