"""Signed HTTP: whoever is not Slack gets 401, and nothing of what they sent is looked at, stored or logged."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import pytest

from adapters.slack import listen
from bot.clock import MovableClock

from .conftest import Bench
from .things import TEAM

pytestmark = pytest.mark.parametrize("kit", ["http"], indirect=True)


def body_of(text: str = "canary-text", event_id: str = "Ev9") -> bytes:
    words = f'{{"type":"message","user":"UMIA","channel":"CHELP","ts":"5.000001","text":"{text}"}}'
    return f'{{"type":"event_callback","team_id":"{TEAM}","event_id":"{event_id}","event":{words}}}'.encode()


async def send(bench: Bench, body: bytes, headers: dict[str, str], kind: str = "application/json") -> int:
    headers = {"Content-Type": kind, **headers}
    async with (
        aiohttp.ClientSession() as session,
        session.post(bench.server.target, data=body, headers=headers) as response,
    ):
        return response.status


async def test_what_is_signed_is_let_in_once(bench: Bench) -> None:
    headers = bench.server.sign(body_of())
    assert await send(bench, body_of(), headers) == 200
    assert await send(bench, body_of(), headers) == 401
    await bench.settled()
    assert len(bench.heard) == 1


async def test_what_comes_again_with_a_new_signature_is_let_in_and_not_heard(bench: Bench, clock: MovableClock) -> None:
    assert await send(bench, body_of(), bench.server.sign(body_of())) == 200
    clock.move_to(clock.now() + timedelta(minutes=1))
    assert await send(bench, body_of(), bench.server.sign(body_of())) == 200
    await bench.settled()
    assert len(bench.heard) == 1


async def test_forged_old_future_and_malformed_requests_are_401(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server, body = bench.server, body_of()
    now = int(server.now().timestamp())
    good = server.sign(body)
    stamp, signature = "X-Slack-Request-Timestamp", "X-Slack-Signature"
    wrong: list[dict[str, str]] = [
        {},
        {stamp: str(now)},
        {signature: good[signature]},
        {**good, signature: "v0=" + "0" * 64},
        {**good, signature: "v0="},
        {**good, signature: "v0=ünlesbar"},
        {**good, stamp: ""},
        {**good, stamp: "now"},
        {**good, stamp: "-1"},
        {**good, stamp: "1e9"},
        {**good, stamp: "١٢٣"},
        {**good, stamp: "9" * 400},
        server.sign(body, secret="another app's"),
        server.sign(body, at=str(now - 301)),
        server.sign(body, at=str(now + 301)),
        server.sign(body + b" "),
    ]
    assert [await send(bench, body, headers) for headers in wrong] == [401] * len(wrong)
    await bench.settled()
    assert not bench.heard and "canary-text" not in caplog.text
    assert await send(bench, body, {name.lower(): value for name, value in good.items()}) == 200


@pytest.mark.parametrize(
    "body, kind",
    [
        (b"[" * 10_000, "application/json"),
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"null", "application/json"),
        (b"[1]", "application/json"),
        (b"payload=%7B", "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
    ],
)
async def test_nonsense_that_is_signed_breaks_nothing(bench: Bench, body: bytes, kind: str) -> None:
    assert await send(bench, body, bench.server.sign(body), kind) in {200, 400, 401, 404}
    assert await send(bench, body_of(), bench.server.sign(body_of())) == 200


async def test_slack_may_ask_whether_we_are_there(bench: Bench) -> None:
    body = b'{"type":"url_verification","challenge":"hello","token":"x"}'
    async with aiohttp.ClientSession() as session:
        headers = {"Content-Type": "application/json", **bench.server.sign(body)}
        async with session.post(bench.server.target, data=body, headers=headers) as response:
            assert (response.status, await response.json()) == (200, {"challenge": "hello"})
    body = b"ssl_check=1&token=x"
    assert await send(bench, body, bench.server.sign(body), "application/x-www-form-urlencoded") == 200


async def test_before_the_start_and_after_the_end_slack_is_asked_to_come_again(bench: Bench) -> None:
    await bench.kit.slack.stop()
    assert await send(bench, body_of(), bench.server.sign(body_of())) == 503
    await asyncio.sleep(0)


async def test_what_cannot_be_slacks_is_not_even_read(bench: Bench) -> None:
    """Nobody makes us wait for a body, or hold it, who does not begin like Slack."""
    signed = bench.server.sign(body_of())
    for headers, answer in (({}, b"401"), ({**signed, "Content-Length": str(2**30)}, b"413")):
        assert (await begun(bench, {"Content-Length": "500", **headers})).startswith(b"HTTP/1.1 " + answer)


async def test_a_clock_that_goes_wrong_is_told_before_slack_is_refused_for_it(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    slack, now = bench.kit.slack, int(bench.server.now().timestamp())

    async def at(seconds: int) -> int:
        return await send(bench, body_of(), bench.server.sign(body_of(), at=str(now + seconds)))

    assert await at(60) == 200 and slack.skew == 60 and not caplog.records
    assert [await at(61), await at(62)] == [200, 200] and slack.skew == 62
    (told,) = caplog.messages
    assert "61 s behind Slack's" in told and "NTP" in told
    assert await at(-3600) == 401 and slack.skew == -3600
    await send(bench, body_of(), bench.server.sign(body_of(), secret="another app's", at=str(now + 3600)))
    assert slack.skew == -3600, "only Slack is believed"
    assert await at(0) == 200 and slack.skew == 0


async def test_a_body_that_does_not_come_is_waited_for_a_while(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "BODY_SECONDS", 0.05)
    signed = bench.server.sign(body_of())
    assert (await begun(bench, {**signed, "Content-Length": "500"})).startswith(b"HTTP/1.1 408")
    await bench.settled()
    assert not bench.heard


async def begun(bench: Bench, headers: dict[str, str]) -> bytes:
    """Send the head of a request, and nothing of its body; return what is answered until the connection is closed."""
    target = urlsplit(bench.server.target)
    reader, writer = await asyncio.open_connection(target.hostname, target.port)
    head = [f"POST {target.path} HTTP/1.1", f"Host: {target.netloc}", *(f"{k}: {v}" for k, v in headers.items())]
    writer.write("\r\n".join([*head, "", ""]).encode())
    async with asyncio.timeout(30):
        answer = await reader.readline()
    writer.close()
    return answer
