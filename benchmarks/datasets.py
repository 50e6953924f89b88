"""What benchmarks over real data share: reading it, a database to tell it to, and a fit of coefficients."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.database import Database
from tests.databases import Databases, postgresql_server

from .report import Row, print_table

Matrix = NDArray[np.float64]


def rows_of(path: Path) -> Iterable[Any]:
    """Return the rows of a compressed file with JSON in each line."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


@asynccontextmanager
async def empty_database(store: str) -> AsyncIterator[Database]:
    """Yield a database with all its tables and nothing in them: "sqlite", or "postgres" on a server of its own."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = stack.enter_context(postgresql_server()) if store == "postgres" else None
        databases = Databases(Path(folder), server)
        async with databases.migrated("postgresql" if server else "sqlite") as database:
            yield database
        if server:
            await databases.drop_template()


def logistic(table: Matrix, told: Matrix, ridge: Matrix, weighed: Matrix | float = 1.0) -> Matrix:
    """Return the coefficients of a logistic regression with a ridge for each, by Newton's method."""
    coefficients = np.zeros(table.shape[1])
    for _ in range(30):
        likely = 1 / (1 + np.exp(-np.clip(table @ coefficients, -30, 30)))
        slope = table.T @ (weighed * (likely - told)) + ridge * coefficients
        curve = (table.T * (weighed * likely * (1 - likely))) @ table + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        coefficients -= step
        if np.abs(step).max() < 1e-8:
            break
    return coefficients


def print_measured(
    title: str, measured: Sequence[Mapping[str, Any]], goals: Mapping[str, str], *, as_json: bool
) -> None:
    """Print what was measured of each `set`, as JSON or as tables. `goals` are by "set: figure"."""
    if as_json:
        print(json.dumps([*map(dict, measured)], indent=1))
        return
    for row in measured:
        figures = [Row(name, str(value), goals.get(f"{row['set']}: {name}", "")) for name, value in row.items()]
        print_table(f"{title}: {row['set']}", figures)
