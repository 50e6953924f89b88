"""Rich text of Slack's own, as people write it in a form: into words, and out of them. Pure.

What is read becomes what Slack would send of a message with these words: so it is read on as one, with its mentions.
Of the formatting only code means something to us, and comes through to the letter; bold and the like are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from adapters.contract.text import Code, written

from .markup import seen

JSON: TypeAlias = dict[str, Any]


def raw_of(rich: Mapping[str, Any] | None) -> str:
    """Return a block of rich text as Slack writes messages: what stands for something in `<>`, the rest escaped."""
    return "\n".join(_line(element) for element in (rich or {}).get("elements") or ())


def rich_of(words: str) -> JSON:
    """Return words as a block of rich text, with their code as code."""
    elements: list[JSON] = []
    for part in written(seen(words)).spans:
        if isinstance(part, Code) and part.block:
            elements.append({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": part.text}]})
            continue
        after_block = elements and elements[-1]["type"] != "rich_text_section"
        text = part.text if isinstance(part, Code) else str(part).removeprefix("\n" if after_block else "")
        style = {"style": {"code": True}} if isinstance(part, Code) else {}
        if not elements or after_block:
            elements.append({"type": "rich_text_section", "elements": []})
        if text:
            elements[-1]["elements"].append({"type": "text", "text": text, **style})
    return {"type": "rich_text", "elements": [element for element in elements if element["elements"]]}


def _line(element: Mapping[str, Any]) -> str:
    """Return a paragraph, a list, a quote or a block of code; each ends its own line."""
    match element.get("type"):
        case "rich_text_preformatted":
            code = "".join(str(part.get("text") or part.get("url") or "") for part in element.get("elements") or ())
            return f"```\n{_escape(code)}\n```" if "```" not in code else _escape(code)
        case "rich_text_list":
            return "\n".join(_items(element))
        case "rich_text_quote":
            return "\n".join(f"&gt; {line}" for line in _said(element).split("\n"))
    return _said(element).removesuffix("\n")


def _items(element: Mapping[str, Any]) -> Iterator[str]:
    first, indent = int(element.get("offset") or 0) + 1, "  " * int(element.get("indent") or 0)
    for number, item in enumerate(element.get("elements") or (), first):
        yield f"{indent}{f'{number}.' if element.get('style') == 'ordered' else '•'} {_said(item)}"


def _said(element: Mapping[str, Any]) -> str:
    return "".join(map(_part, element.get("elements") or ()))


def _part(part: Mapping[str, Any]) -> str:
    match part.get("type"):
        case "user":
            return f"<@{part['user_id']}>"
        case "channel":
            return f"<#{part['channel_id']}>"
        case "usergroup":
            return f"<!subteam^{part['usergroup_id']}>"
        case "broadcast":
            return f"<!{part['range']}>"
        case "emoji":
            return f":{part['name']}:"
        case "date":
            return f"<!date^{part['timestamp']}^{{date}}|{_escape(str(part.get('fallback') or ''))}>"
        case "link":
            label = str(part.get("text") or "")
            return f"<{part['url']}|{_escape(label)}>" if label else f"<{part['url']}>"
    words = str(part.get("text") or "")
    is_code = (part.get("style") or {}).get("code") and not set(words) & {"`", "\n"}
    return f"`{_escape(words)}`" if is_code and words.strip() else _escape(words)


def _escape(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
