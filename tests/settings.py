"""What admins read of settings, written from where these are told: `python -m tests.settings` (`make settings`).

Each setting is told once, in a section of `config/`. `config/example.env` and the tables of docs/configuration.md are
made from that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from config.field import env_name, written
from config.settings import SECTIONS, told

ROOT = Path(__file__).parent.parent
EXAMPLE, PAGE = ROOT / "config/example.env", ROOT / "docs/configuration.md"
WIDTH = 124

HEAD = """\
# Every setting of Trellis, with its default. Copy this file to .env in the folder where Trellis starts, and take the
# "#" from what you want to change. Environment variables of the same names go before this file. Several values are
# separated by commas. docs/configuration.md says more about each; "trellis check" says whether all is well.
#
# "make settings" writes this file from where settings are told, in the folder config.
"""
COMPOSE = {
    "Store": """
# Only for compose.yaml: the password of its PostgreSQL. Letters and digits, for example from: openssl rand -hex 24
POSTGRES_PASSWORD=
"""
}
"""What others read of the same file, by the section behind which it stands."""
COLUMNS = "| setting | default | meaning | example |\n| --- | --- | --- | --- |\n"
_ROWS = re.compile(r"\A(?:\|.*\n)*")


def default(field: FieldInfo) -> str:
    """Return a setting's default as one would write it."""
    match field.default:
        case SecretStr() as secret:
            return secret.get_secret_value()
        case Path() as path:
            return path.relative_to(ROOT).as_posix()
        case value:
            return written(value)


def fields_of(section: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the settings of a section by the environment's names."""
    return ((env_name(name), field) for where, name, field in told() if where is section)


def example() -> str:
    """Return all of `config/example.env`. What has a default stands behind a "#"; a secret is there to be filled in."""
    page = HEAD
    for section in SECTIONS:
        heading = vars(section)["heading"]
        page += "\n" + f"# --- {heading} ".ljust(WIDTH, "-") + "\n"
        for name, field in fields_of(section):
            mark = "" if isinstance(field.default, SecretStr) else "# "
            page += f"\n# {field.description}\n{mark}{name}={default(field)}\n"
        page += COMPOSE.get(heading, "")
    return page


def page(now: str) -> str:
    """Return docs/configuration.md with its tables written anew: what stands around them is its own."""
    for section in SECTIONS:
        before, heading, rest = now.partition(f"\n## {vars(section)['heading']}\n")
        table = COLUMNS + "".join(_row(name, field) for name, field in fields_of(section))
        above, _, below = rest.partition(COLUMNS)
        now = before + heading + above + table + _ROWS.sub("", below)
    return now


def _row(name: str, field: FieldInfo) -> str:
    more = field.json_schema_extra
    assert isinstance(more, dict)
    meaning = f"{field.description} {more['more']}".strip()
    cells = [f"`{name}`", f"`{default(field)}`" if default(field) else "(empty)", meaning, str(more["example"])]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells).rstrip() + " |\n"


if __name__ == "__main__":
    EXAMPLE.write_text(example(), "utf-8")
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
