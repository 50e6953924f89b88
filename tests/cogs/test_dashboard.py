"""What moderators and admins see and do on the dashboard, through a browser; and whom it does not let in."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.contract.models import Profile
from storage.dashboard import DashboardStore, digest_of
from tests.doors import MemoryDoor
from tests.story import Story

from .conftest import Begin
from .web import another, browser_of

pytestmark = pytest.mark.parametrize("kit", ["memory"], indirect=True)


async def test_a_link_signs_in_once_and_only_its_owner_gets_it(story: Story) -> None:
    mia, ada = story.person("mia"), story.person("ada")
    await mia.uses("/dashboard")
    assert (await mia.last_private()).body == "Only moderators can do that here."
    async with browser_of(story) as browser, another(browser) as other:
        await browser.opens("/dashboard")
        assert browser.status == 401 and "You aren't signed in" in browser.words
        assert "“/dashboard”, typed where I am, gives you a link to this page." in browser.words
        link = await browser.link_of("ada")
        card = await ada.last_private()
        assert (
            card.private and card.title == "Dashboard" and card.body.endswith("Don't pass it on: it signs in as you.")
        )
        assert card.footer == "It opens on the computer that I run on, and nowhere else."

        for _ in range(3):  # a chat's preview, a scanner of mails
            await other.opens(link)
            assert other.status == 200 and "This is where moderators and admins see what waits" in other.words
        await browser.opens(link)
        await browser.enters(link)
        assert browser.status == 200 and "Signed in as Ada Sign out" in browser.words
        assert "Nothing waits for you. 🌿" in browser.words
        await other.enters(link)
        assert other.status == 410 and "This link was used or is too old" in other.words
        await other.opens(link)
        assert other.status == 410
        await other.opens("/dashboard")
        assert other.status == 401


async def test_a_cookie_is_for_our_pages_alone(story: Story) -> None:
    async with browser_of(story) as browser:
        link = await browser.link_of("ada")
        await browser.opens(link)
        async with browser.client.post(
            "/dashboard/enter",
            data={"key": link.partition("=")[2]},
            headers={"Origin": browser.origin},
            allow_redirects=False,
        ) as response:
            cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Secure" not in cookie
        await browser.opens("/dashboard/settings")
        policy = browser.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy and "unsafe" not in policy and "default-src 'none'" in policy
        assert browser.headers["Cache-Control"] == "no-store"
        assert browser.headers["Content-Encoding"] in {"gzip", "deflate"}
        assert "<script>" not in browser.html and "style=" not in browser.html and "onclick" not in browser.html


async def test_behind_https_the_cookie_never_leaves_it(begin: Begin) -> None:
    story = await begin(TRELLIS_DASHBOARD="on", TRELLIS_WEB_URL="https://trellis.example.org/")
    async with browser_of(story) as browser:
        assert story.app.dashboard
        story.app.dashboard.address = "https://trellis.example.org"
        await story.person("ada").uses("/dashboard")
        card = await story.person("ada").last_private()
        assert not card.footer and card.links["Open the dashboard"].startswith("https://trellis.example.org/dashboard/")
        key = card.links["Open the dashboard"].partition("key=")[2]
        ours = {"Host": "trellis.example.org", "Origin": "https://trellis.example.org"}
        async with browser.client.post(
            "/dashboard/enter", data={"key": key}, headers=ours, allow_redirects=False
        ) as response:
            assert response.status == 303
            cookie = response.headers["Set-Cookie"]
        assert cookie.startswith("__Host-trellis=") and "Secure" in cookie and "Path=/" in cookie


@pytest.mark.parametrize("too_late", [True, False])
async def test_a_link_is_good_for_ten_minutes_and_the_newest_counts(story: Story, too_late: bool) -> None:
    async with browser_of(story) as browser:
        link = await browser.link_of("liam")
        newer = await browser.link_of("liam")
        await browser.enters(link)
        assert browser.status == 410
        await story.passes(minutes=10 if too_late else 9)
        await browser.enters(newer)
        assert browser.status == (410 if too_late else 200)


async def test_a_session_ends_after_hours_and_by_signing_out(story: Story) -> None:
    async with browser_of(story) as browser:
        await browser.signs_in("ada")
        cookie = next(iter(browser.client.session.cookie_jar))
        assert browser.status == 200
        await browser.sends("/dashboard/leave", token="made up")
        assert browser.status == 403
        await browser.opens("/dashboard")
        await browser.sends("/dashboard/leave")
        assert browser.status == 200 and "You're signed out" in browser.words
        browser.client.session.cookie_jar.update_cookies({cookie.key: cookie.value})
        await browser.opens("/dashboard")
        assert browser.status == 401, "the session is over, not the cookie alone"

        await browser.signs_in("ada")
        await story.passes(hours=8)
        await browser.opens("/dashboard")
        assert browser.status == 401


@pytest.mark.parametrize("made_up", ["", "x", "ä" * 40, "' OR 1=1 --", "a" * 4000])
async def test_a_made_up_cookie_or_key_lets_nobody_in(story: Story, made_up: str) -> None:
    async with browser_of(story) as browser, another(browser) as other:
        await browser.signs_in("ada")
        await other.opens("/dashboard", Cookie=f"trellis_dashboard={digest_of('x')}")
        assert other.status == 401
        await other.opens("/dashboard", Cookie=f"trellis_dashboard={made_up.encode().decode('latin-1')}")
        assert other.status == 401
        await other.sends("/dashboard/enter", token="", key=made_up)
        assert other.status == 410


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "evil.example:80"}, {"Host": "127.0.0.1.evil.example"}, {"Host": ""}]
)
async def test_under_another_name_nothing_is_answered(story: Story, headers: dict[str, str]) -> None:
    async with browser_of(story) as browser:
        await browser.signs_in("ada")
        await browser.opens("/dashboard", **headers)
        assert browser.status in {400, 421} and "Overview" not in browser.words


async def test_a_form_of_another_page_changes_nothing(story: Story) -> None:
    async with browser_of(story) as browser:
        await browser.signs_in("ada")
        await browser.opens("/dashboard/settings")
        page = browser.html
        for headers, token in (
            ({"Origin": "https://evil.example"}, None),
            ({"Origin": "null"}, None),
            ({}, "made up"),
            ({}, "größer"),
            ({}, ""),
        ):
            browser.html = page
            await browser.sends("/dashboard/settings/set", headers=headers, token=token, name="idle_hours", value="3")
            assert browser.status == 403 and "This didn't come from the page itself" in browser.words
        async with browser.client.post("/dashboard/settings/set", data={"name": "idle_hours", "value": "3"}) as answer:
            assert answer.status == 403, "without an origin"
        await browser.opens("/dashboard/settings/set")
        assert browser.status == 303 and browser.headers["Location"] == "/dashboard/settings", "looking changes nothing"
        await browser.opens("/dashboard/nothing/set")
        assert browser.headers["Location"] == "/dashboard"
        await browser.opens("/dashboard/settings")
        assert "idle_hours ✎" not in browser.words


async def test_admins_change_a_setting_and_a_wrong_value_is_asked_again(story: Story) -> None:
    async with browser_of(story) as browser:
        await browser.signs_in("ada")
        await browser.opens("/dashboard/settings")
        assert "A change counts at once, and is in the audit log." in browser.words
        assert "Hours that an answered question may lie before its asker is asked" in browser.words
        await browser.sends("/dashboard/settings/set", name="idle_hours", value="a <b>week</b>")
        assert browser.status == 422 and "That doesn't work: A whole number, please." in browser.words
        assert 'value="a &lt;b&gt;week&lt;/b&gt;"' in browser.html and "<b>week" not in browser.html
        await browser.sends("/dashboard/settings/set", name="idle_hours", value="72")
        assert browser.status == 200 and "idle_hours is 72 now. It was 48." in browser.words
        assert "idle_hours ✎" in browser.words and "Default 48" in browser.words
        await browser.opens("/dashboard/settings")
        assert "It was 48." not in browser.words, "said once"
        ada = story.person("ada")
        await ada.uses("/settings show")
        assert "✎ idle_hours = 72" in (await ada.last_private()).body
        await browser.sends("/dashboard/settings/reset", name="idle_hours")
        assert "idle_hours is 48 now. It was 72." in browser.words and "✎" not in browser.words
        await browser.sends("/dashboard/settings/set", name="discord_token", value="x")
        assert browser.status == 422
        await browser.opens("/dashboard/audit?what=setting")
        assert "Ada changed a setting Mon, 2 Mar 2026, 10:00 idle_hours 72 -> 48" in browser.words


async def test_moderators_see_less_than_admins_by_the_same_roles_as_commands(story: Story) -> None:
    await story.person("ada").uses("/help")
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        assert "Set aside" not in browser.words and "Settings" not in browser.words
        for path in ("/dashboard/settings", "/dashboard/dead"):
            await browser.opens(path)
            assert browser.status == 403 and "Only admins can do that here." in browser.words
        await browser.opens("/dashboard")
        await browser.sends("/dashboard/settings/set", name="idle_hours", value="3")
        assert browser.status == 403
        await browser.opens("/dashboard/nothing")
        assert browser.status == 404 and "There's no such page" in browser.words
        await browser.opens("/dashboard/rights")
        assert "Admins Given by admin, admins Held by Ada" in browser.words
        assert "/settings set: Change how Trellis behaves here" in browser.words
        assert "Each role may also do what those above it may." in browser.words


async def test_rights_are_looked_up_at_each_request(story: Story) -> None:
    door = story.door
    assert isinstance(door, MemoryDoor)
    async with browser_of(story) as browser, another(browser) as other:
        await browser.signs_in("ada")
        door.platform.people["ada"] = _with_roles(door.platform.people["ada"], "moderator")
        await browser.opens("/dashboard/settings")
        assert browser.status == 403
        door.platform.people["ada"] = _with_roles(door.platform.people["ada"])
        await browser.opens("/dashboard/audit")
        assert browser.status == 401
        door.platform.people["ada"] = _with_roles(door.platform.people["ada"], "admin")
        await browser.opens("/dashboard")
        assert browser.status == 401, "who is let in again signs in again"

        await other.signs_in("liam")
        await story.person("liam").leaves()
        await other.opens("/dashboard")
        assert other.status == 401


async def test_who_is_signed_in_stays_so_when_trellis_starts_again(begin: Begin) -> None:
    story = await begin()
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        (cookie,) = browser.client.session.cookie_jar
    await story.app.stop()
    again = await begin()
    async with browser_of(again) as browser:
        await browser.opens("/dashboard/audit", Cookie=f"{cookie.key}={cookie.value}")
        assert browser.status == 200 and "Liam signed in to the dashboard" in browser.words


async def test_while_the_platform_is_away_what_is_known_counts(story: Story) -> None:
    door = story.door
    assert isinstance(door, MemoryDoor)
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        door.platform.down = True
        await browser.opens("/dashboard/audit")
        assert browser.status == 200
        door.platform.down = False


async def test_who_is_forgotten_is_signed_out_and_may_read_it_before(story: Story) -> None:
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        liam, member = story.person("liam"), await story.member("liam")
        await liam.uses("/privacy export")
        assert b"dashboard_sessions" in (await liam.last_private()).files["your-data.json"]
        await liam.uses("/privacy erase")
        await liam.presses("Forget me for good")
        await browser.opens("/dashboard")
        assert browser.status == 401
        assert not await DashboardStore(story.app.database).of(member.id)


async def test_what_members_wrote_is_data(story: Story) -> None:
    mia = story.person("mia")
    await mia.uses("/ask", question="Why <script>alert(1)</script> & {{ 7*7 }}?")
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        assert "Why <script>alert(1)</script> & {{ 7*7 }}?" in browser.words
        assert "<script>alert" not in browser.html and "49" not in browser.words
        await browser.opens("/dashboard/questions")
        assert "Without an answer 1" in browser.words and "by Mia" in browser.words
        assert "On duty: Nobody" in browser.words


async def test_who_asked_anonymously_stays_unknown(story: Story) -> None:
    await story.person("mia").uses("/ask", question="How do I say no?", anonymous="yes")
    async with browser_of(story) as browser:
        await browser.signs_in("ada")
        await browser.opens("/dashboard/questions")
        assert "How do I say no?" in browser.words and "by Someone" in browser.words and "Mia" not in browser.words


async def test_a_channel_that_is_missing_is_named_with_what_mends_it(begin: Begin) -> None:
    story = await begin(TRELLIS_EVENTS_CHANNELS="meetups")
    async with browser_of(story) as browser:
        await browser.signs_in("liam")
        assert "Channels that are missing 1 #meetups in" in browser.words
        assert "name another one with TRELLIS_EVENTS_CHANNELS." in browser.words
        await browser.opens("/dashboard/channels")
        assert "Questions are asked ✓ #help" in browser.words
        assert "Events are posted ✗ There's no #meetups. Make a channel of this name there" in browser.words
        await story.makes_channel("meetups")
        await browser.opens("/dashboard/channels")
        assert "Events are posted ✓ #meetups" in browser.words and "✗" not in browser.words


async def test_what_waits_for_a_platform_is_told_to_admins(story: Story) -> None:
    await story.keeps_out("ideas")
    await story.person("mia").uses("/idea add", title="Dark mode for the board")
    await story.passes(hours=2)
    async with browser_of(story) as browser:
        await browser.signs_in("ada")
        assert "Messages that wait I may not speak in #ideas: 1 message has been waiting since" in browser.words


@pytest.mark.parametrize(
    "settings, served",
    [
        ({"TRELLIS_WEB_HOST": "0.0.0.0"}, False),
        ({"TRELLIS_WEB_URL": "https://trellis.example.org"}, False),
        ({"TRELLIS_WEB_HOST": "::1"}, True),
        ({"TRELLIS_WEB_HOST": "0.0.0.0", "TRELLIS_DASHBOARD": "on", "TRELLIS_WEB_URL": "https://t.example"}, True),
        ({"TRELLIS_WEB_HOST": "0.0.0.0", "TRELLIS_DASHBOARD": "on"}, None),
        ({"TRELLIS_DASHBOARD": "on", "TRELLIS_WEB_URL": "https://t.example/trellis"}, None),
    ],
)
async def test_where_it_is_served(begin: Begin, settings: dict[str, str], served: bool | None) -> None:
    if served is None:
        with pytest.raises(ValueError, match=r"TRELLIS_DASHBOARD=on needs"):
            await begin(**settings)
        return
    assert bool((await begin(**settings)).app.dashboard) is served


@pytest.mark.parametrize(
    "body, kind",
    [
        (b"token=%ff%fe&name=\xff", "application/x-www-form-urlencoded"),
        (b"--x\r\nContent-Disposition: form-data; name=token\r\n\r\n1", "multipart/form-data; boundary=y"),
        (b"{}", "application/json"),
        (b"a" * 2_000_000, "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_form_changes_nothing(story: Story, body: bytes, kind: str) -> None:
    async with browser_of(story) as browser:
        await browser.signs_in("ada")
        headers = {"Origin": browser.origin, "Content-Type": kind}
        async with browser.client.post("/dashboard/settings/set", data=io.BytesIO(body), headers=headers) as answer:
            assert answer.status in {403, 413} and "Traceback" not in await answer.text()
        await browser.opens("/dashboard")
        assert browser.status == 200


async def test_it_is_in_the_viewers_language(story: Story) -> None:
    ada = story.person("ada")
    await ada.speaks("de")
    async with browser_of(story) as browser:
        await browser.opens("/dashboard", **{"Accept-Language": "de-AT,de;q=0.9"})
        assert '<html lang="de">' in browser.html and "Du bist nicht angemeldet" in browser.words
        await ada.uses("/dashboard")
        card = await ada.last_private()
        await browser.enters(card.links["Dashboard öffnen"])
        assert '<html lang="de">' in browser.html and "Übersicht" in browser.words and "Abmelden" in browser.words
        await browser.opens("/dashboard/audit")
        assert "Ada hat sich am Dashboard angemeldet" in browser.words and "Mo., 2. März 2026" in browser.words


async def test_where_it_is_off_nobody_is_offered_it(begin: Begin) -> None:
    story = await begin(TRELLIS_DASHBOARD="off")
    assert story.app.dashboard is None
    assert not [route for route in story.app.routes if "dashboard" in route.path]
    assert "dashboard" not in {command.name for command in story.app.router.commands}


async def test_two_at_once_with_one_link_are_one_session(story: Story) -> None:
    await story.person("ada").uses("/help")
    store, ada = DashboardStore(story.app.database), await story.member("ada")
    now = story.clock.now()
    key = await store.make_link(ada.community_id, ada.id, ada.accounts[0], now)
    first, second = await store.begin(key, now), await store.begin(key, now)
    assert first and second is None
    assert await store.find(first[0], now + timedelta(hours=7)) and not await store.find(first[1].digest, now)


def _with_roles(person: Profile, *roles: str) -> Profile:
    return replace(person, roles=frozenset(roles))
