"""What DiscordChatExporter writes is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.history.archive import opened
from bot.history.discord import DiscordExport
from bot.history.said import Unreadable

from .exports import (
    ANSWER,
    FORUM,
    GUILD,
    PEOPLE,
    QUESTION,
    THANKS,
    discord_file,
    discord_id,
    discord_said,
)
from .looking import look

TICK: dict[str, Any] = {"emoji": {"id": "", "name": "✅", "code": "white_check_mark"}, "count": 1}


def reply(minutes: float, who: str, content: str, to: float, **more: Any) -> dict[str, Any]:
    return discord_said(minutes, who, content, type="Reply", reference={"messageId": discord_id(to)}, **more)


def test_replies_tell_what_belongs_together(tmp_path: Path) -> None:
    talk = [
        discord_said(0, "mia", QUESTION),
        discord_said(1, "noah", "Has anybody seen the news?"),
        reply(5, "noah", ANSWER, 0),
        reply(9, "mia", THANKS, 5),
        discord_said(10, "bot", "Mia reached level 3!"),
    ]
    discord_file(tmp_path / "x", talk)
    found, report = look(tmp_path / "x")
    assert [(one.title, bool(one.solution)) for one in found] == [(QUESTION, True)]
    assert report.skipped["what bots wrote"] == 1


def test_a_post_of_a_forum_has_a_title_and_stands_in_the_forum(tmp_path: Path) -> None:
    post = discord_id(0)
    talk = [discord_said(0, "mia", "It fails since yesterday."), discord_said(5, "noah", ANSWER)]
    title = "Rotate the webhook secret without downtime?"
    discord_file(tmp_path / "x", talk, id_=post, name=title, type_="GuildPublicThread", parent=FORUM)
    found, _ = look(tmp_path / "x")
    assert (found[0].title, found[0].details) == (title, "It fails since yesterday.")
    assert (found[0].root.place, found[0].answers[0].place) == (FORUM, post)


def test_a_thread_belongs_to_the_message_above_it(tmp_path: Path) -> None:
    thread = discord_id(0)
    discord_file(tmp_path / "x", [discord_said(0, "mia", QUESTION)], id_=FORUM, name="talk")
    starter = discord_said(1, "mia", "", type="21")
    inside = [starter, discord_said(5, "noah", ANSWER), discord_said(9, "mia", THANKS)]
    discord_file(tmp_path / "x", inside, id_=thread, name="Rotate", type_="GuildPublicThread", parent=FORUM)
    found, _ = look(tmp_path / "x")
    assert [(one.title, bool(one.solution)) for one in found] == [(QUESTION, True)]
    assert found[0].root.place == FORUM


@pytest.mark.parametrize("users", [[{"id": PEOPLE["mia"]}], [{"id": PEOPLE["noah"]}], None])
def test_a_check_mark_counts_from_whoever_asked_or_where_nobody_says_from_whom(tmp_path: Path, users: Any) -> None:
    tick = TICK | ({"users": users} if users else {})
    discord_file(tmp_path / "x", [discord_said(0, "mia", QUESTION), reply(5, "noah", ANSWER, 0, reactions=[tick])])
    found, _ = look(tmp_path / "x")
    assert (found[0].solution is None) is (users is not None and users[0]["id"] == PEOPLE["noah"])


def test_private_threads_and_direct_talk_are_refused_and_said(tmp_path: Path) -> None:
    talk = [discord_said(0, "mia", QUESTION), reply(5, "noah", ANSWER, 0)]
    discord_file(tmp_path / "x", [], id_="1012224565567721559")
    discord_file(tmp_path / "x", talk, id_="1", name="secret", type_="GuildPrivateThread")
    discord_file(tmp_path / "x", talk, id_="2", name="dm", type_="DirectTextChat", guild="0")
    discord_file(tmp_path / "x", talk, id_="3", name="group", type_="DirectGroupTextChat", guild="0")
    found, report = look(tmp_path / "x")
    assert not found and sum(report.private.values()) == 3


def test_two_servers_have_to_be_told_apart(tmp_path: Path) -> None:
    talk = [discord_said(0, "mia", QUESTION), reply(5, "noah", ANSWER, 0)]
    discord_file(tmp_path / "x", talk)
    discord_file(tmp_path / "x", talk, id_="2", name="other", guild="748545324524575099")
    with pytest.raises(Unreadable, match="--space discord"):
        look(tmp_path / "x")
    found, report = look(tmp_path / "x", space=f"discord/{GUILD}")
    assert len(found) == 1 and report.skipped["files of other servers"] == 1


def test_what_is_raw_in_a_message_is_written_out(tmp_path: Path) -> None:
    mention = [{"id": PEOPLE["noah"], "name": "noah", "nickname": "Noah"}]
    asked = discord_said(0, "mia", f"How do I do it, <@{PEOPLE['noah']}>? <:leaf:123456>", mentions=mention)
    discord_file(tmp_path / "x", [asked, reply(5, "noah", ANSWER, 0)])
    found, _ = look(tmp_path / "x")
    assert found[0].title == "How do I do it, @Noah?"


def test_strange_files_cost_only_themselves(tmp_path: Path) -> None:
    good = [discord_said(0, "mia", QUESTION), reply(5, "noah", ANSWER, 0)]
    strange: list[Any] = [None, 5, [], {}, {"id": 5}, {**discord_said(6, "mia", "x"), "author": "mia"}]
    path = discord_file(tmp_path / "x", [*good, *strange, {**discord_said(7, "noah", "x"), "id": "9" * 30}])
    (tmp_path / "x/half.json").write_text(path.read_text()[:-30])
    (tmp_path / "x/list.json").write_text("[1, 2]")
    (tmp_path / "x/notes.txt").write_text("hello")
    (tmp_path / "x/page.html").write_text("<html><body>hello</body></html>")
    found, report = look(tmp_path / "x")
    assert len(found) == 1
    assert report.skipped["twice in the export"] == 2
    assert report.skipped["files that are no export of a channel"] == 1


PAGE = """<!DOCTYPE html><html lang=en><head><title>Garden</title><style>a{{}}</style></head><body><div
class=preamble>
<img class=preamble__guild-icon src="https://cdn.example/icons/{guild}/a.png?size=512"><div
class=preamble__entry>Garden</div>
<div class=preamble__entry>Forums / help / Rotate the secret &amp; the key?</div></div><div class="chatlog">
<div class=chatlog__message-group><div class=chatlog__message-container data-message-id={first}><div
class=chatlog__header>
<span class=chatlog__author title=mia data-user-id={mia}>Mia &#x1F33F;</span></div><div class="chatlog__content
chatlog__markdown">
<span class=chatlog__markdown-preserve>How do I rotate <code class="chatlog__markdown-pre
chatlog__markdown-pre--inline">a
</code>?</span> <span class=chatlog__edited-timestamp>(edited)</span></div></div></div>
<div class=chatlog__message-group><div class=chatlog__message-container data-message-id={second}><div
class=chatlog__reply>
<div class=chatlog__reply-author>Mia</div><span class=chatlog__reply-link onclick="scrollToMessage(event,'{first}')">
How</span>
</div><div class=chatlog__header><span class=chatlog__author title=noah data-user-id={noah}>Noah</span></div>
<div class="chatlog__content chatlog__markdown"><span class=chatlog__markdown-preserve>Open Settings, press Rotate
<img
class="chatlog__emoji" alt="👍" title="thumbsup"></span></div><div class=chatlog__reactions><div
class=chatlog__reaction
title=white_check_mark><img class="chatlog__emoji" alt=✅> <span
class=chatlog__reaction-count>1</span></div></div></div>
<div class=chatlog__message-container data-message-id={third}><div class="chatlog__content chatlog__markdown"><span
class=chatlog__markdown-preserve>And do it at night.</span></div></div></div></div>
<div class=postamble><div class=postamble__entry>Exported 3 message(s)</div></div></body></html>"""


def test_one_file_alone_is_read(tmp_path: Path) -> None:
    path = discord_file(tmp_path / "x", [discord_said(0, "mia", QUESTION), reply(5, "noah", ANSWER, 0)])
    assert [one.title for one in look(path)[0]] == [QUESTION]


def test_what_is_there_as_a_page_too_is_read_once(tmp_path: Path) -> None:
    ids = {name: discord_id(at) for name, at in (("first", 0), ("second", 5), ("third", 6))}
    post = [discord_said(0, "mia", QUESTION), reply(5, "noah", ANSWER, 0), discord_said(6, "noah", "At night.")]
    discord_file(tmp_path / "x", post, id_=ids["first"], name="Rotate?", type_="GuildPublicThread", parent=FORUM)
    (tmp_path / "x/Rotate.html").write_text(PAGE.format(guild=GUILD, mia=PEOPLE["mia"], noah=PEOPLE["noah"], **ids))
    found, report = look(tmp_path / "x")
    assert [one.title for one in found] == ["Rotate?"] and report.messages == 3
    assert report.skipped["pages of what is there as JSON, too"] == 1


def test_pages_tell_what_the_files_do(tmp_path: Path) -> None:
    ids = {name: discord_id(at) for name, at in (("first", 0), ("second", 5), ("third", 6))}
    (tmp_path / "x").mkdir()
    (tmp_path / "x/Rotate.html").write_text(PAGE.format(guild=GUILD, mia=PEOPLE["mia"], noah=PEOPLE["noah"], **ids))
    with opened(tmp_path / "x") as archive:
        assert DiscordExport(archive).space.key == f"discord/{GUILD}"
    found, report = look(tmp_path / "x")
    assert report.messages == 3 and report.people == 2
    assert found[0].title == "Rotate the secret & the key?"
    assert found[0].details.startswith("How do I rotate `a") and "edited" not in found[0].details
    assert found[0].answers[0].text.split() == ["Open", "Settings,", "press", "Rotate", "👍"]
    assert found[0].solution == found[0].answers[0]
