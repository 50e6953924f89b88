"""Questions that were asked, answered and solved in the weeks before the visitor came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from .stage import Act, Pass


@dataclass(frozen=True, slots=True)
class Scene:
    """Someone asked, someone answered, and that solved it. Others may have said something before."""

    asker: str
    question: str
    details: str
    helper: str
    answer: str
    before: tuple[tuple[str, str], ...] = ()


GREETINGS = (
    ("liam", "introductions", "Welcome, everyone! Say who you are and what you are growing with Fernway."),
    ("mia", "introductions", "Hi, I am Mia. I run the shop of a seed bank and I am new to all of this."),
    ("kenji", "introductions", "Kenji from Osaka. I look after pipelines and, at weekends, after bonsai."),
    ("sofia", "introductions", "Olá! Sofia, São Paulo. I write the mobile app of a co-operative of growers."),
    ("noah", "general", "The new release is out, and my integration did not break. Happy Monday!"),
)

KNOWS = (("noah", "webhooks"), ("kenji", "deploy"), ("sofia", "api"), ("mia", "setup"))

SCENES = (
    Scene(
        "kenji",
        "Why does the webhook signature check fail?",
        "I compute the HMAC over the parsed JSON, it never matches:\n```python\nhmac.new(key, json.dumps(body))\n```",
        "noah",
        "Sign the raw body, byte for byte, before any JSON parser touches it. Parsing and dumping changes the spaces.",
        (("sofia", "I had that once, it was something about whitespace."),),
    ),
    Scene(
        "noah",
        "How do I page through the list of all users?",
        "The API only gives me the first 100.",
        "sofia",
        "Follow the `next` link of each page until there is none. Do not count pages yourself: they move.",
    ),
    Scene(
        "sofia",
        "How do I roll back a deploy that went wrong?",
        "The health check is red since the last release.",
        "kenji",
        "`fernway deploy rollback --to previous`. It keeps the database; migrations are undone by hand.",
    ),
    Scene(
        "kenji",
        "Which Docker image do I install on a machine with ARM?",
        "",
        "mia",
        "The ordinary one: since 2.4 every image is built for both. Just leave the tag suffix out.",
    ),
    Scene(
        "mia",
        "Are events delivered in order when retries happen?",
        "I see an `order.paid` callback before its `order.created`.",
        "noah",
        "No, retries overtake. Keep the sequence number of each payload and ignore what is older than what you have.",
    ),
    Scene(
        "noah",
        "Why do I get status 429 with only ten requests a minute?",
        "",
        "sofia",
        "The rate limit counts per token and endpoint, and uploads cost ten each. Read the `Retry-After` header.",
        (("kenji", "Is someone else using the same token?"),),
    ),
    Scene(
        "sofia",
        "Can I download last year's figures as PDF?",
        "Our accountant needs it.",
        "ava",
        "Yes: Account, Reports, History, then the arrow beside the year. I have also mailed it to you.",
    ),
    Scene(
        "mia",
        "How do I release to production only on weekdays?",
        "",
        "kenji",
        "Set `window: mon-fri` in the pipeline's deploy step; outside of it releases wait.",
    ),
)


async def tell(act: Act, passes: Pass, pause: timedelta) -> None:
    """Live through them, with a pause after each."""
    for who, channel, words in GREETINGS:
        await act({"as": who, "do": "message", "channel": channel, "text": words})
        await passes(timedelta(minutes=7))
    for who, topic in KNOWS:
        await act(
            {"as": who, "do": "command", "channel": "general", "name": "expertise add", "options": {"topic": topic}}
        )
    for scene in SCENES:
        await _play(scene, act, passes)
        await passes(pause)


async def _play(scene: Scene, act: Act, passes: Pass) -> None:
    asked = {"question": scene.question, "details": scene.details}
    result = await act({"as": scene.asker, "do": "command", "channel": "general", "name": "ask", "options": asked})
    card = next(message for message in result["posted"] if message["channel"] == "help")
    for who, words in scene.before:
        await passes(timedelta(minutes=4))
        await act({"as": who, "do": "message", "channel": card["thread"], "text": words})
    await passes(timedelta(minutes=9))
    result = await act({"as": scene.helper, "do": "message", "channel": card["thread"], "text": scene.answer})
    answer = result["posted"][0]
    await passes(timedelta(minutes=20))
    await act({"as": scene.asker, "do": "react", "message": answer["id"], "emoji": "✅"})
