"""Draws the dashboard: one template for all pages, in the reader's language and zone. What members wrote is data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from adapters.contract.text import (
    Code,
    Link,
    Mention,
    Span,
    Strong,
    Time,
    TimeStyle,
    Translations,
    Words,
    plain_span,
    text,
)

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

FOLDER = Path(__file__).parent
_WRITTEN_AS = {"en": "en-GB"}
"""In which country's way a language writes a date: "2 Mar" is read right everywhere."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever looks at a page: their language, their zone, and when it is."""

    language: str
    translations: Translations
    zone: ZoneInfo
    now: datetime


def drawn(template: str, reader: Reader, **values: Any) -> str:
    """Return a page as HTML. In a template `t` says words of ours, which are given as `Words`."""
    said = _saying(reader)
    return _environment().get_template(f"{template}.html").render(t=said, language=reader.language, **values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _saying(reader: Reader) -> Callable[[Words], Markup]:
    from markupsafe import Markup

    def said(words: Words) -> Markup:
        spans = text(words).localized(reader.translations).apart()
        return Markup().join(_span(span, reader) for span in spans)

    return said


def _span(span: Span, reader: Reader) -> Markup:
    """Draw one span, escaped."""
    from markupsafe import Markup, escape

    match span:
        case Strong(words):
            return Markup("<strong>{}</strong>").format(words)
        case Code(words, block=True):
            return Markup("<pre>{}</pre>").format(words)
        case Code(words):
            return Markup("<code>{}</code>").format(words)
        case Link(label, url) if url.startswith(("https://", "http://")):
            return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, label)
        case Time(at, style):
            return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), shown_time(at, style, reader))
        case Mention(name):
            return escape(name)
    return escape(plain_span(span))


def shown_time(at: datetime, style: TimeStyle, reader: Reader) -> str:
    """Return a moment as the reader writes it, on their clock."""
    from babel import Locale
    from babel.dates import format_date, format_skeleton, format_timedelta

    locale, local = Locale.parse(_WRITTEN_AS.get(reader.language, reader.language), sep="-"), at.astimezone(reader.zone)
    match style:
        case TimeStyle.DATE:
            return format_date(local, "medium", locale)
        case TimeStyle.RELATIVE:
            return format_timedelta(at - reader.now, add_direction=True, locale=locale)
    return f"{format_skeleton('yMMMEd', local, locale=locale)}, {local:%H:%M}"
