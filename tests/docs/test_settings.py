"""Every setting stands in the example and in the documentation, with its default; nothing else does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from config.settings import Settings

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "config/example.env").read_text("utf-8")
PAGE = (ROOT / "docs/configuration.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
FIELDS = {field.alias: field for field in Settings.model_fields.values() if field.alias}
COMPOSE = {"POSTGRES_PASSWORD"}
"""What compose.yaml asks for and Trellis does not know."""

in_example = {name: (value, mark) for mark, name, value in re.findall(r"^(# )?([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE)}
on_page: dict[str, str] = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", PAGE, re.MULTILINE))


def default(field: FieldInfo) -> str:
    """Return a setting's default as one would write it."""
    match field.default:
        case bool(value):
            return str(value).lower()
        case tuple(names):
            return ",".join(names)
        case Path() as path:
            return path.relative_to(ROOT).as_posix()
        case value if hasattr(value, "get_secret_value"):
            return str(value.get_secret_value())
        case value:
            return str(value)


def test_all_settings_have_an_alias() -> None:
    assert len(FIELDS) == len(Settings.model_fields)


@pytest.mark.parametrize("name", FIELDS)
def test_a_setting_stands_in_the_example_with_its_default_and_a_line(name: str) -> None:
    value, mark = in_example[name]
    assert value == default(FIELDS[name])
    assert mark or not value, "a default need not be set"
    assert re.search(rf"^# \S.*\.\n(?:# )?{name}=", EXAMPLE, re.MULTILINE), "a sentence above says what it does"


@pytest.mark.parametrize("name", FIELDS)
def test_a_setting_stands_on_the_page_with_its_default(name: str) -> None:
    value = default(FIELDS[name])
    assert on_page[name] == (f"`{value}`" if value else "(empty)")


def test_nothing_else_is_named() -> None:
    assert in_example.keys() - FIELDS.keys() == COMPOSE
    assert on_page.keys() <= FIELDS.keys()
    named = re.findall(r"`((?:TRELLIS|SLACK|DISCORD|DATABASE)_[A-Z_]+)[=`]", README + PAGE)
    assert set(named) <= FIELDS.keys()


def test_the_example_is_a_file_that_trellis_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in FIELDS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(ROOT)
    everything = tmp_path / "everything.env"
    everything.write_text(re.sub(r"^# ([A-Z_]+=)", r"\1", EXAMPLE, flags=re.MULTILINE), "utf-8")
    untouched = Settings(_env_file=None)
    for file in (ROOT / "config/example.env", everything):
        read = Settings(_env_file=file)
        assert read.model_dump(exclude={"community_file"}) == untouched.model_dump(exclude={"community_file"})
        assert read.community() == untouched.community()
