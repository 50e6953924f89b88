"""`trellis dead`: what failed by our own fault and was set aside, for whoever runs Trellis to look at and try again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, TypeAlias

import typer
from rich.markup import escape

from bot.kernel.dashboard.dead import KINDS
from bot.kernel.redacting import brief, redacted
from storage.dead_letters import DeadLetter, DeadLetters, is_id
from storage.members import Member, MemberStore

from .console import chosen_community, err, guarded, opened_database, out, read_settings
from .logs import visible

dead = typer.Typer(no_args_is_help=True, help="What failed by our own fault and was set aside.")

ALL = "all"
WHAT_TO_DO = (
    "`trellis dead show ID` shows one with all that was kept of it. Once its cause is mended, `trellis dead retry ID` "
    "has it tried again, `trellis dead retry all` all of them. `trellis dead drop ID` forgets what is of no use any "
    "more."
)


def _known_form(ids: list[str]) -> list[str]:
    """Return ids. Raises the error of wrong usage for what is none."""
    for one in ids:
        if not is_id(one):
            raise typer.BadParameter(f"{one!r} is no id: they look like job:12, outbox:7 or inbox:slack/T1/Ev1")
    return ids


def _known_form_or_all(ids: list[str]) -> list[str]:
    return ids if ids == [ALL] else _known_form(ids)


Id: TypeAlias = Annotated[
    str,
    typer.Argument(metavar="ID", help="As `trellis dead list` names it.", callback=lambda id_: _known_form([id_])[0]),
]
Ids: TypeAlias = Annotated[
    list[str], typer.Argument(metavar="ID...", help="As `trellis dead list` names them.", callback=_known_form)
]
IdsOrAll: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="ID...|all", help="As `trellis dead list` names them.", callback=_known_form_or_all),
]


@dead.command("list")
def list_(
    community: Annotated[str, typer.Option(help="Only what is of this community, by its name or its key.")] = "",
) -> None:
    """List what was set aside: what it was, for whom, since when, and what went wrong. It shows nobody's words."""

    async def work() -> None:
        async with _opened() as (letters, members):
            found = await letters.all((await chosen_community(members, community)).id if community else None)
            people = await members.get_many({letter.member_id for letter in found if letter.member_id})
            names = {one.id: one.name for one in await members.communities()}
        for letter in found:
            _print_head(letter, people, names if len(names) > 1 else {})
            _print(f"  {since(letter)}: {shown_error(letter.error)}")
        _print(f"{len(found)} set aside. {WHAT_TO_DO}" if found else "Nothing is set aside.")

    guarded(work)


@dead.command()
def show(id_: Id) -> None:
    """Show one with all that was kept of it, members' words included. Secrets are hidden."""

    async def work() -> None:
        async with _opened() as (letters, members):
            letter = await letters.find(id_)
            if letter is None:
                raise _missing([id_])
            people = await members.get_many([letter.member_id] if letter.member_id else [])
            names = {one.id: one.name for one in await members.communities()}
        _print_head(letter, people, names)
        _print(f"{since(letter)}: {redacted(letter.error)}")
        _print(json.dumps(redacted(letter.content), ensure_ascii=False, indent=2))

    guarded(work)


@dead.command()
def retry(ids: IdsOrAll) -> None:
    """Have some tried again, or `all`. A running Trellis does so within a minute, else it does when it starts."""

    async def work() -> None:
        async with _opened() as (letters, _):
            some = [letter.id for letter in await letters.all()] if ids == [ALL] else ids
            if not some:
                _print("Nothing is set aside.")
            await _each(some, letters.retry, "is tried again: within a minute if Trellis runs, else when it starts.")

    guarded(work)


@dead.command()
def drop(ids: Ids) -> None:
    """Forget some for good, with all that was kept of them."""

    async def work() -> None:
        async with _opened() as (letters, _):
            await _each(ids, letters.drop, "is forgotten.")

    guarded(work)


@asynccontextmanager
async def _opened() -> AsyncIterator[tuple[DeadLetters, MemberStore]]:
    """Open the database beside a Trellis that may be running. Raises `Unready` where its tables are not up to date."""
    async with opened_database(read_settings().database_url) as database:
        yield DeadLetters(database), MemberStore(database)


async def _each(ids: Sequence[str], act: Callable[[str], Awaitable[bool]], done: str) -> None:
    """Do something with each, saying so, and end with an error where some are not there."""
    missing = []
    for id_ in dict.fromkeys(ids):
        if await act(id_):
            _print(f"{id_} {done}")
        else:
            missing.append(id_)
    if missing:
        raise _missing(missing)


def _missing(ids: Sequence[str]) -> typer.Exit:
    """Say that some are not there, and return how to end."""
    for id_ in ids:
        err.print(
            f"[red]✗[/] {escape(visible(id_))} is not set aside. `trellis dead list` shows what is.", soft_wrap=True
        )
    return typer.Exit(1)


def _print_head(letter: DeadLetter, people: Mapping[int, Member], communities: Mapping[int, str]) -> None:
    said = [KINDS.get(letter.what, f"the job {letter.what}")]
    if letter.member_id:
        name = people[letter.member_id].name if letter.member_id in people else "someone"
        said.append(f"for {name} (member {letter.member_id})")
    if letter.place:
        said.append(f"in {letter.place}")
    if letter.about:
        said.append(f"about {letter.about}")
    if letter.community_id and letter.community_id in communities:
        said.append(f"of {communities[letter.community_id]}")
    out.print(f"[bold]{escape(visible(letter.id))}[/]  {escape(visible(', '.join(said)))}", soft_wrap=True)


def _print(words: str) -> None:
    out.print(escape(visible(words, lines=True)), soft_wrap=True)


def since(letter: DeadLetter) -> str:
    """Return since when something is set aside, and how often it was tried."""
    tries = "1 try" if letter.attempts == 1 else f"{letter.attempts} tries"
    return f"set aside {letter.failed_at:%Y-%m-%d %H:%M} UTC after {tries}"


def shown_error(error: str) -> str:
    """Return an error in one line without what a member may have written."""
    return brief(visible(error)) or "no error was kept"
