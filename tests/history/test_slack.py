"""Slack's export is read, and nothing in it can do harm."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

import pytest

from bot.history.archive import opened
from bot.history.said import Unreadable
from bot.history.slack import SlackExport

from .exports import (
    ANSWER,
    CHANNELS,
    DAY,
    NOW,
    QUESTION,
    THANKS,
    USERS,
    slack_said,
    slack_thread,
    slack_user,
    slack_zip,
    ts,
)
from .looking import look


def day(*messages: Any) -> dict[str, Any]:
    return {"help/2024-03-04.json": [*messages]}


def test_a_thread_is_a_question_its_answer_and_what_solved_it(tmp_path: Path) -> None:
    found, report = look(slack_zip(tmp_path / "x.zip"))
    assert [one.title for one in found] == [QUESTION]
    assert found[0].solution and found[0].solution.text == ANSWER
    assert (report.messages, report.people, report.days, report.solved) == (3, 2, 1, 1)


@pytest.mark.parametrize("who", ["U1", "U2"])
def test_the_check_mark_of_whoever_asked_says_what_solved_it(tmp_path: Path, who: str) -> None:
    thread = slack_thread(thanks="")
    thread[1]["reactions"] = [{"name": "white_check_mark", "users": [who], "count": 1}]
    found, _ = look(slack_zip(tmp_path / "x.zip", day(*thread)))
    assert (found[0].solution is not None) is (who == "U1")


def test_who_asks_on_after_their_thanks_is_not_content(tmp_path: Path) -> None:
    thread = [*slack_thread(), slack_said(40, "U1", "How do I undo it?", thread_ts=ts(0))]
    found, report = look(slack_zip(tmp_path / "x.zip", day(*thread)))
    assert len(found) == 1
    assert not report.solved


def test_without_threads_mention_and_time_tell(tmp_path: Path) -> None:
    """As in exports of 2015 and 2016."""
    talk = [
        slack_said(0, "U1", QUESTION),
        slack_said(-90, "U3", "What is for lunch today?"),
        slack_said(4, "U2", f"<@U1> {ANSWER}"),
        slack_said(200, "U1", f"<@U2>: {THANKS}"),
        slack_said(3000, "U3", "Good morning everybody."),
    ]
    found, report = look(slack_zip(tmp_path / "x.zip", day(*talk)))
    assert [(one.title, bool(one.solution)) for one in found] == [(QUESTION, True)]
    assert report.skipped["talk that began no conversation"] == 2


def test_what_nobody_else_answered_is_no_question(tmp_path: Path) -> None:
    root = ts(0)
    alone = [slack_said(0, "U1", QUESTION, thread_ts=root), slack_said(5, "U1", "Found it.", thread_ts=root)]
    found, report = look(slack_zip(tmp_path / "x.zip", day(*alone)))
    assert not found
    assert report.skipped["what nobody else answered"] == 1


def test_names_are_written_out(tmp_path: Path) -> None:
    thread = slack_thread(question="How do I rotate it, <@U2>? See <#C2> &amp; <https://x.org|the docs>")
    found, _ = look(slack_zip(tmp_path / "x.zip", day(*thread)))
    assert found[0].title == "How do I rotate it, @Noah?"
    assert "#random & the docs (https://x.org)" in found[0].details


def test_private_content_is_refused_and_said(tmp_path: Path) -> None:
    private = slack_thread()
    days = {f"{name}/2024-03-04.json": private for name in ("secret", "D1", "mpdm-mia--noah-1", "board")}
    export = slack_zip(
        tmp_path / "x.zip",
        days,
        channels=[*CHANNELS, {"id": "C9", "name": "board", "is_private": True}],
        groups=[{"id": "G1", "name": "secret"}],
        dms=[{"id": "D1"}],
        mpims=[{"id": "G2", "name": "mpdm-mia--noah-1"}],
    )
    found, report = look(export)
    assert not found and not report.messages
    assert report.private == {"private channels": 2, "direct conversations": 1, "group conversations": 1}


def test_bots_joins_notes_and_what_cannot_be_are_left_out(tmp_path: Path) -> None:
    thread = slack_thread()
    strange: list[Any] = [
        slack_said(30, "UBOT", "Deployed."),
        slack_said(31, "U2", "Deployed.", bot_id="B1"),
        slack_said(32, "USLACKBOT", "Reminder."),
        slack_said(33, "U2", "<@U2> has joined the channel", subtype="channel_join"),
        slack_said(34, "U2", "This message was deleted.", subtype="tombstone"),
        {**slack_said(0, "U2", "Later!"), "ts": f"{NOW.timestamp() * 2:.6f}"},
        {**slack_said(0, "U2", "When?"), "ts": "yesterday"},
        {**slack_said(0, "U2", "When?"), "ts": 12},
        {**slack_said(35, "U2", ""), "files": [{"name": "a.png"}]},
        {**slack_said(36, "U2", "x"), "text": {"a": 1}},
        {**slack_said(37, "U2", "x"), "user": None},
        {**slack_said(38, "U2", "Twice?"), "reactions": "none", "edited": 5, "user_profile": 3},
        None,
        "text",
        7,
        slack_thread()[1],
    ]
    found, report = look(slack_zip(tmp_path / "x.zip", day(*thread, *strange)))
    assert len(found) == 1
    assert report.messages == 4
    assert report.skipped["what bots wrote"] == 3
    assert report.skipped["what is dated in the future"] == 1
    assert report.skipped["what has no date"] == 2
    assert report.skipped["what has no words"] == 2
    assert report.skipped["what is no message"] == 3
    assert report.skipped["twice in the export"] == 1


def test_the_later_edit_counts(tmp_path: Path) -> None:
    thread = slack_thread()
    edited = {**thread[1], "text": "Use rotate --graceful.", "edited": {"user": "U2", "ts": ts(12)}}
    days = {"help/2024-03-04.json": thread, "help/2024-03-05.json": [edited, {**thread[1], "text": "old"}]}
    found, _ = look(slack_zip(tmp_path / "x.zip", days))
    assert [answer.text for answer in found[0].answers] == ["Use rotate --graceful."]


@pytest.mark.parametrize(
    "broken",
    [
        json.dumps(slack_thread())[:-40],
        b"\xef\xbb\xbf" + json.dumps(slack_thread()).encode(),
        json.dumps([*slack_thread(), {"text": "\ud83d"}]),
        json.dumps(slack_thread()).replace("hour", "h\0r").encode().replace(b"Rotate", b"Rot\xffte"),
        "",
        "{}",
        "[[[[[",
        "[" * 200_000,
        '[{"a":' * 200_000,
        '[{"ts":"1","a":' + "9" * 5000 + "}]",
        json.dumps([slack_said(0, "U1", "A" * 3_000_000)]),
    ],
    ids=["truncated", "mark", "surrogate", "no-utf8", "empty", "object", "open", "deep", "deeper", "number", "huge"],
)
def test_a_broken_day_costs_only_itself(tmp_path: Path, broken: str | bytes) -> None:
    days = {"help/2024-03-03.json": broken, "help/2024-03-09.json": slack_thread(start=9999)}
    found, _ = look(slack_zip(tmp_path / "x.zip", days))
    assert found[-1].root.id == ts(9999)


def test_brackets_that_somebody_wrote_are_not_taken_for_depth(tmp_path: Path) -> None:
    thread = slack_thread()
    thread[1]["text"] = 'Try "{{' + "[" * 9000 + "1" * 6000
    _, report = look(slack_zip(tmp_path / "x.zip", day(*thread)))
    assert report.messages == 3 and not report.skipped


def test_people_whom_the_export_does_not_list_are_called_by_what_they_wrote(tmp_path: Path) -> None:
    thread = slack_thread()
    thread[1] |= {"user": "U77", "user_profile": {"real_name": "Ines"}}
    export = slack_zip(tmp_path / "x.zip", day(*thread))
    with opened(export) as archive:
        assert SlackExport(archive).space.key == "slack/T1"
    found, _ = look(export)
    assert found[0].answers[0].author == "U77"


def test_whose_export_it_is_has_to_be_said_where_it_is_not_sure(tmp_path: Path) -> None:
    both = slack_zip(tmp_path / "x.zip", users=[*USERS, slack_user("U9", "Ada") | {"team_id": "T2"}])
    with pytest.raises(Unreadable, match=r"T1, T2.*--space"):
        look(both)
    assert len(look(both, space="slack/T1")[0]) == 1
    with pytest.raises(Unreadable, match="no space of this platform"):
        look(both, space="discord/1")


def test_only_some_channels_are_read_if_wanted(tmp_path: Path) -> None:
    days = {"help/2024-03-04.json": slack_thread(), "random/2024-03-04.json": slack_thread(start=100)}
    export = slack_zip(tmp_path / "x.zip", days)
    assert len(look(export)[0]) == 2
    assert [one.root.channel for one in look(export, "#Random")[0]] == ["C2"]


def test_an_unpacked_export_and_one_packed_again_are_read_alike(tmp_path: Path) -> None:
    export = slack_zip(tmp_path / "x.zip")
    with zipfile.ZipFile(export) as zip_:
        zip_.extractall(tmp_path / "folder")
        with zipfile.ZipFile(tmp_path / "again.zip", "w") as again:
            for name in zip_.namelist():
                again.writestr(f"My export/{name}", zip_.read(name))
            again.writestr("__MACOSX/._users.json", b"\0\1")
    titles = [[one.title for one in look(path)[0]] for path in (export, tmp_path / "folder", tmp_path / "again.zip")]
    assert titles == [[QUESTION]] * 3


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_channel_is_found_however_its_name_was_packed(tmp_path: Path, form: Literal["NFC", "NFD"]) -> None:
    called = normalize(form, "übersicht").encode()
    mark = b"x" * len(called)  # of as many bytes, and not said to be UTF-8
    days = {f"{mark.decode()}/1.json": slack_thread()}
    export = slack_zip(tmp_path / "x.zip", days, channels=[{"id": "C1", "name": "übersicht"}])
    export.write_bytes(export.read_bytes().replace(mark, called))
    assert len(look(export)[0]) == 1


def test_of_two_exports_none_is_left_out_silently(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with zipfile.ZipFile(slack_zip(tmp_path / f"{name}.zip")) as zip_:
            zip_.extractall(tmp_path / "both" / name)
    with pytest.raises(Unreadable, match="2 exports: a, b"):
        look(tmp_path / "both")


def test_other_languages_are_read(tmp_path: Path) -> None:
    thread = slack_thread(question="Wie tausche ich das Webhook-Geheimnis ohne Ausfall?", thanks="Danke, das klappt!")
    found, report = look(slack_zip(tmp_path / "x.zip", day(*thread)))
    assert found[0].root.at == DAY.timestamp()
    assert report.solved == 1
