"""How a setting is told: once, as a field of a section, with its name, type, default, bounds and meaning."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode


def setting(
    default: object,
    text: str,
    *,
    more: str = "",
    example: str = "",
    live: bool = False,
    people: bool = False,
    **bounds: Any,
) -> Any:
    """Declare a setting. The environment's name of it is made from the field's.

    `text` is the one line of `config/example.env`, to which docs/configuration.md adds `more` and an `example`. What is
    `live` admins change by `/settings set`; the others count when Trellis starts. `people` names members.
    """
    told: JsonDict = {"more": more, "example": example, "live": live, "people": people}
    return Field(default, description=text, json_schema_extra=told, **bounds)


def env_name(name: str) -> str:
    """Return the environment's name of a setting."""
    return f"{'' if name.startswith(('database_', 'discord_', 'slack_')) else 'TRELLIS_'}{name.upper()}"


def meaning_of(field: FieldInfo) -> tuple[str, str]:
    """Return what a setting means, in one line, and what there is to add."""
    told = field.json_schema_extra
    return field.description or "", str(told.get("more", "")) if isinstance(told, dict) else ""


def written(value: object, separator: str = ",") -> str:
    """Return a value as one would write it in the environment."""
    if isinstance(value, tuple):
        return separator.join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Several values, separated by commas."""
