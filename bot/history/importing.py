"""Reads an export and writes what is worth keeping of it: the same rows, however often it is begun and broken off."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from adapters.contract.models import Account, Channel, MessageRef, Space
from bot.cogs.questions.policy import Topic
from bot.cogs.questions.trusted import told_by
from storage.database import Database
from storage.imports import Import, ImportStore
from storage.past import PastStore
from storage.past_people import PastPeopleStore
from storage.past_things import PastAnswer, PastPerson, PastQuestion
from storage.search import SearchStore
from storage.undoing import UndoStore

from .archive import Archive, File
from .reader import Reader
from .reading import Found, read
from .said import Conversation, Said, Unreadable
from .staging import Staging, moment

AT_ONCE = 100
"""So many questions are written in one transaction."""
PEOPLE_AT_ONCE = 200
SAMPLES = 5

Progress = Callable[[str, float, float], None]
"""Is told what is being done, how much of it is done, and of how much."""


@dataclass(slots=True)
class Report:
    """What an export holds, and what came of it. `skipped` and `private` say what was left out, by why."""

    messages: int = 0
    people: int = 0
    days: int = 0
    questions: int = 0
    solved: int = 0
    answers: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    private: Counter[str] = field(default_factory=Counter)
    samples: list[Found] = field(default_factory=list)
    erased: int = 0
    """How many people of it were erased here: nothing of theirs is brought back."""
    new: Counter[str] = field(default_factory=Counter)
    """What was written that was not there."""

    def count(self, found: Found) -> None:
        """Count a question."""
        self.questions += 1
        self.answers += len(found.answers)
        self.solved += found.solution is not None
        if len(self.samples) < SAMPLES:
            self.samples.append(found)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read of an export, and how."""

    channels: tuple[str, ...] = ()
    topics: tuple[Topic, ...] = ()
    credit: bool = False


def fingerprint(archive: Archive, wanted: Wanted) -> str:
    """Return what tells this export, read in this way, from any other."""
    digest = hashlib.sha256()
    for file in archive.files:
        digest.update(f"{file.name}\0{file.size}\0{file.checksum}\n".encode("utf-8", "surrogateescape"))
    digest.update(repr((sorted(wanted.channels), wanted.credit)).encode())
    return digest.hexdigest()


class Importer:
    """Reads one export, with what is read put in order on disk."""

    def __init__(self, reader: Reader, staging: Staging, wanted: Wanted, erased: frozenset[str]) -> None:
        self._reader = reader
        self._staging = staging
        self._wanted = wanted
        self._erased = erased
        self._begun: dict[tuple[str, str], Conversation] = {}
        self.report = Report(private=reader.private)

    @property
    def space(self) -> Space:
        return self._reader.space

    def stage(self, size: int, now: datetime, progress: Progress) -> None:
        """Read all files."""
        for done in self._reader.read(self._staging, self._erased, now, self._wanted.channels):
            progress("Reading", done, size)
        self._staging.sort()
        report = self.report
        report.messages, report.people, report.days = self._staging.totals()
        if self._erased:
            keys = (Account(self.space, id_).key for id_, *_ in self._staging.people())
            report.erased = sum(hashlib.sha256(key.encode()).hexdigest() in self._erased for key in keys)

    async def recall(self, database: Database) -> None:
        """Look up what an earlier export told of the threads of which this one has only what was said later."""
        past = PastStore(database, SearchStore(database), told_by)
        unbegun = self._staging.unbegun()
        while some := [*islice(unbegun, AT_ONCE)]:
            posts = [MessageRef(Channel(self.space, channel), thread).key for channel, thread in some]
            known = await past.begun(self.space.key, posts)
            found = zip(some, map(known.get, posts), strict=True)
            self._begun |= {thread: _conversation(*thread, question) for thread, question in found if question}

    def found(self, progress: Progress) -> Iterator[Found]:
        """Return the questions one by one, in an order that is the same each time; the report grows meanwhile."""
        done, skipped = 0, Counter[str]()
        for conversation in self._staging.conversations(self._begun):
            done += 1 + len(conversation.rest)
            progress("Looking for questions", done, self.report.messages)
            found = read(conversation, self._wanted.topics)
            if isinstance(found, str):
                skipped[found] += 1
                continue
            self.report.count(found)
            yield found
        self.report.skipped = self._staging.skipped + skipped

    async def write(self, import_: Import, database: Database, progress: Progress) -> None:
        """Write what is new, from where it was broken off."""
        past = PastStore(database, SearchStore(database), told_by)
        people = self._people()
        waiting, since = enumerate(self.found(progress), 1), import_.reached
        while batch := [*islice(waiting, AT_ONCE)]:
            reached = batch[-1][0]
            if reached > import_.reached:
                some = [self._question(found) for number, found in batch if number > import_.reached]
                known = {key: people[key] for one in some for key in people.keys() & one.accounts}
                try:
                    written = await past.write(import_, some, known, since, reached, credit=self._wanted.credit)
                except LookupError as error:
                    raise Unreadable("This import is undone or run by somebody else at this moment.") from error
                self.report.new += written
                since = reached
        everyone = iter(people.values())
        hours = self._staging.hours()
        while some_people := [*islice(everyone, PEOPLE_AT_ONCE)]:
            when = {Account(self.space, id_).key: found for id_, found in islice(hours, PEOPLE_AT_ONCE)}
            await PastPeopleStore(database).write_hours(import_, some_people, when)

    def _people(self) -> dict[str, PastPerson]:
        """Return everyone who wrote, by their account."""
        people = {}
        for id_, name, timezone, first, last in self._staging.people():
            key = Account(self.space, id_).key
            people[key] = PastPerson(key, name or "someone", _zone(timezone), moment(first), moment(last))
        return people

    def _question(self, found: Found) -> PastQuestion:
        answers = {said.id: self._answer(said) for said in found.answers}
        return PastQuestion(
            origin=self._key(found.root),
            account=Account(self.space, found.root.author).key,
            title=found.title,
            details=found.details,
            topic=found.topic,
            at=moment(found.root.at),
            answers=tuple(answers.values()),
            solution=answers[found.solution.id] if found.solution else None,
            solution_text=found.solution_text,
            solved_at=moment(found.solved_at) if found.solution else None,
        )

    def _answer(self, said: Said) -> PastAnswer:
        return PastAnswer(self._key(said), Account(self.space, said.author).key, said.text, moment(said.at))

    def _key(self, said: Said) -> str:
        return MessageRef(Channel(self.space, said.place), said.id).key


async def import_export(
    reader: Reader,
    archive: Archive,
    wanted: Wanted,
    community_id: int,
    database: Database,
    now: datetime,
    progress: Progress = lambda *_: None,
) -> tuple[Import, Report | None]:
    """Import an export; without a report if all of it had been imported before."""
    store = ImportStore(database)
    print_ = fingerprint(archive, wanted)
    name = archive.path.name
    import_ = await store.begin(community_id, reader.space.key, reader.platform, name, print_, now)
    if import_.finished_at:
        return import_, None
    with Staging() as staging:
        importer = Importer(reader, staging, wanted, await store.erased())
        importer.stage(size_of(archive.files), now, progress)
        await importer.recall(database)
        await importer.write(import_, database, progress)
    await store.finish(import_.id, counts_of(importer.report), now)
    return import_, importer.report


async def undo_import(number: int, database: Database) -> tuple[Counter[str], int]:
    """Take away what an import wrote; return how much, and how many questions are kept since people used them.

    Raises `LookupError` where there is no such import.
    """
    store = ImportStore(database)
    import_ = await store.get(number)
    if import_ is None:
        raise LookupError(f"no import {number}")
    await store.restart(number)
    await store.reopen_others(number)
    gone, kept = await UndoStore(database, SearchStore(database), told_by).undo(import_)
    if not kept:
        await store.forget(number)
    return gone, kept


def _conversation(channel: str, thread: str, known: PastQuestion) -> Conversation:
    """Return what is known of a thread, as an export would tell it."""
    root = Said(
        channel,
        thread="",
        place=channel,
        id=thread,
        at=known.at.timestamp(),
        author=Account.of(known.account).id,
        text=known.details,
        title=known.title,
    )
    rest = []
    for answer in known.answers:
        ref, author = MessageRef.of(answer.message), Account.of(answer.account).id
        rest.append(Said(channel, thread, ref.channel.id, ref.id, answer.at.timestamp(), author, answer.text))
    return Conversation(root, rest)


def counts_of(report: Report) -> dict[str, int]:
    """Return what is kept to be shown in the list of imports."""
    names = ("messages", "people", "days", "questions", "solved", "answers")
    return {**{name: getattr(report, name) for name in names}, "here already": report.new["here already"]}


def size_of(files: Sequence[File]) -> int:
    """Return how many bytes there are to read."""
    return sum(file.size for file in files)


def _zone(name: str | None) -> str | None:
    """Return the name of a time zone that there is."""
    try:
        return name if name and ZoneInfo(name) else None
    except (ValueError, OSError, LookupError):
        return None
