"""Cogs of one's own: what the setting `TRELLIS_COGS` names is imported and asked for its cogs."""

from __future__ import annotations

import importlib
import inspect
import logging
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.kernel.cog import Cog
from storage.database import Database

log = logging.getLogger(__name__)


def load_cogs(paths: Iterable[str], database: Database) -> tuple[Cog, ...]:
    """Return the cogs of these factories, in this order.

    A path is `package.module:factory`. The factory is a function or a cog's class; one that has a parameter without a
    default is called with the database. It returns a cog, or several. Modules are looked for where Python looks, and
    then in the folder where Trellis starts. Raises `ValueError` with one sentence for what cannot be had.
    """
    return tuple(cog for path in paths for cog in _load(path, database))


def _load(path: str, database: Database) -> tuple[Cog, ...]:
    module_name, _, name = path.partition(":")
    if not all(part.isidentifier() for part in (*module_name.split("."), name)):
        raise ValueError(f"TRELLIS_COGS: {path!r} is not of the form package.module:factory.")
    factory = getattr(_import(module_name, path), name, None)
    if not callable(factory):
        raise ValueError(f"TRELLIS_COGS: {module_name} has no function or class {name!r}.")
    try:
        made = _call(factory, database)
        cogs = tuple(made) if isinstance(made, Iterable) else (made,)
    except Exception as error:
        raise _failed(f"{path} failed", error) from error
    for cog in cogs:
        if not isinstance(cog, Cog):
            raise ValueError(f"TRELLIS_COGS: {path} returned {cog!r:.80}, which is no cog.")
        if not getattr(cog, "name", ""):
            raise ValueError(f"TRELLIS_COGS: {path} returned a cog without a name.")
    return cogs


def _import(module_name: str, path: str) -> object:
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.append(here)
    try:
        return importlib.import_module(module_name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{module_name}.".startswith(f"{error.name}."):
            raise ValueError(f"TRELLIS_COGS: there is no module {error.name!r} for {path}.") from None
        raise _failed(f"{module_name} cannot be imported", error) from error


def _call(factory: Callable[..., object], database: Database) -> object:
    """Call a factory with what it needs: nothing, or the database."""
    needed = [
        parameter
        for parameter in inspect.signature(factory).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    return factory(database) if needed else factory()


def _failed(what: str, error: Exception) -> ValueError:
    """Return the one line for an error in code that is not ours; where it comes from is logged for its author."""
    log.debug("TRELLIS_COGS: %s", what, exc_info=error)
    said = " ".join(str(error).split())
    return ValueError(f"TRELLIS_COGS: {what}: {type(error).__name__}{': ' if said else ''}{said}")
