"""The page of what is kept names every table that there is, and no other."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import storage
from storage.columns import metadata

PAGE = (Path(__file__).parents[2] / "docs/data.md").read_text("utf-8")


def test_every_table_is_told_and_no_other() -> None:
    for module in pkgutil.walk_packages(storage.__path__, "storage."):
        if ".migrations" not in module.name and ".encoders" not in module.name:
            importlib.import_module(module.name)
    rows = [line for line in PAGE.partition("## In memory")[0].splitlines() if line.startswith("| `")]
    told = [name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(told) == sorted(metadata.tables)
