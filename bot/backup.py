"""`trellis backup`, `verify` and `restore`: the whole database in one file, which only its keeper can read.

The file is encrypted in the format of age (age-encryption.org), for public keys that the settings name: the machine on
which Trellis runs cannot read its own backups. Inside is a tar archive of a manifest and the copy.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pyrage
import typer
from pyrage import x25519

from bot.clock import SystemClock
from config.settings import Settings
from storage.backup import BackupFailed, copy_in, copy_out, problems_of, require_database, rows_of, sync
from storage.database import Database
from storage.erasures import ErasureJournal, Tombstones
from storage.tables import newest

from .bootstrap import build_application, journal_of
from .console import guarded, out, plain_errors, read_settings

MANIFEST, COPY = "manifest.json", "database"
_AGE = b"age-encryption.org/"

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
Identity = Annotated[
    Path | None,
    typer.Option("--key", metavar="KEY", help="The file of the key that it was encrypted for.", exists=True),
]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `rows` are those of each table; PostgreSQL's tools do not count them."""

    made_at: str
    dialect: str
    revision: str
    size: int
    sha256: str
    rows: Mapping[str, int]


def backup_key(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the key goes.")]) -> None:
    """Make a key for backups: FILE stays with you, what is printed goes into TRELLIS_BACKUP_RECIPIENTS."""
    with plain_errors():
        if file.exists():
            raise BackupFailed(f"{file} is there already.")
        identity = x25519.Identity.generate()
        file.touch(0o600)
        file.write_text(f"# public key: {identity.to_public()}\n{identity}\n", "utf-8")
    out.print(f"TRELLIS_BACKUP_RECIPIENTS={identity.to_public()}", soft_wrap=True)
    out.print(f"Keep {file} where this machine's disk cannot take it along. Without it, no backup can be read.")


def backup(
    file: File,
    plain: Annotated[bool, typer.Option("--plain", help="Do not encrypt it.")] = False,
) -> None:
    """Copy the whole database into FILE, while Trellis runs or not, and check the copy."""
    settings = read_settings()
    with plain_errors():
        if file.exists():
            raise BackupFailed(f"{file} is there already.")
        recipients = [_recipient(name) for name in settings.backup_recipients]
        if not recipients and not plain:
            raise BackupFailed(
                "Everything that members wrote is in a backup. Set TRELLIS_BACKUP_RECIPIENTS (`trellis backup-key` "
                "makes a key), or say `--plain`."
            )
        _backup(settings.database_url, file, [] if plain else recipients)


def _backup(database_url: str, file: Path, recipients: list[x25519.Recipient]) -> None:
    with _folder_beside(file, "backup") as folder:
        copy = Path(folder) / COPY
        out.print("Copying the database ...")
        require_database(database_url)
        before = asyncio.run(_described(database_url))
        copy_out(database_url, copy)
        dialect, revision = asyncio.run(_described(database_url))
        if (dialect, revision) != before:
            raise BackupFailed("The tables were brought up to date meanwhile. Make the backup again.")
        out.print(f"Checking the copy ({_megabytes(copy)}) ...")
        manifest = _manifest_of(copy, dialect, revision)
        (Path(folder) / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), "utf-8")
        packed = Path(folder) / "packed"
        with tarfile.open(packed, "w:gz", compresslevel=3) as archive:
            for name in (MANIFEST, COPY):
                archive.add(Path(folder) / name, name)
        ready = Path(folder) / "ready"
        if recipients:
            out.print("Encrypting it ...")
            with packed.open("rb") as source, ready.open("wb") as target:
                pyrage.encrypt_io(source, target, recipients)
        else:
            packed.rename(ready)
        ready.chmod(0o600)
        sync(ready)
        ready.rename(file)
        sync(file.absolute().parent)
    out.print(f"{file} is the whole database as of {manifest.made_at} ({_megabytes(file)}).", soft_wrap=True)
    out.print("Not in it, so keep copies of them: .env, the secret of anonymous polls, the journal of erasures.")


async def _described(database_url: str) -> tuple[str, str]:
    """Return the dialect of a database and the revision of its tables."""
    database = Database(database_url)
    try:
        revision, _ = await database.revision()
        return database.dialect, revision or ""
    finally:
        await database.close()


def verify(file: File, key: Identity = None) -> None:
    """Read a backup to its end, and say whether it can be restored."""
    with plain_errors(), _opened(file, key) as (manifest, _):
        rows = f", {sum(manifest.rows.values())} rows" if manifest.rows else ""
        out.print(
            f"{file} is whole: {manifest.dialect}, revision {manifest.revision}, as of {manifest.made_at}{rows}.",
            soft_wrap=True,
        )


def restore(
    file: File,
    key: Identity = None,
    journal: Annotated[
        list[Path] | None,
        typer.Option(help="Where it is noted who was erased, if not where settings say; repeatable.", exists=True),
    ] = None,
    without_journal: Annotated[
        bool, typer.Option("--without-journal", help="Restore also whoever was erased since.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Set the database that is there aside.")] = False,
) -> None:
    """Put a backup in the database's place while Trellis does not run, and forget again who was erased since."""
    settings = read_settings()
    with plain_errors():
        own = journal_of(settings, Database(settings.database_url))
        journals = [ErasureJournal(path) for path in journal or ()]
        if not journals and not own.path.exists() and not without_journal:
            raise BackupFailed(
                f"There is no journal of erasures at {own.path}, so nobody knows who was erased since this backup. "
                "Name it with `--journal FILE`, or say `--without-journal`."
            )
        with _opened(file, key) as (manifest, copy):
            if manifest.dialect != Database(settings.database_url).dialect:
                raise BackupFailed(f"This is a backup of {manifest.dialect}; DATABASE_URL names another kind.")
            if manifest.revision > newest():
                raise BackupFailed(f"This backup is of a newer Trellis: revision {manifest.revision}, here {newest()}.")
            if not without_journal:
                for other in journals:
                    own.note_missing(other.read())
            guarded(lambda: _restore(settings, copy, own, everybody=without_journal, replace=replace))


async def _restore(settings: Settings, copy: Path, own: ErasureJournal, *, everybody: bool, replace: bool) -> None:
    """Put a copy in place; cut off after that, the next start of Trellis does what is left.

    With `everybody`, those come back too whom our own journal knows to be erased, and stay.
    """
    database = Database(settings.database_url)
    app = build_application(settings, database, [], SystemClock())
    try:
        database.claim()
        aside = copy_in(settings.database_url, copy, datetime.now(UTC), replace=replace)
        if aside:
            out.print(f"What was there is now {aside}.", soft_wrap=True)
        await app.upgrade()
        if everybody:
            await Tombstones(database).know(own.read())
        again = await app.forgetting.again()
    finally:
        await app.stop()
    out.print(f"Restored. {again} accounts were erased after the backup, and are erased again.", soft_wrap=True)
    out.print("Start Trellis: it reads what was written since, as far as the platforms show it.")


def _folder_beside(file: Path, use: str) -> tempfile.TemporaryDirectory[str]:
    """Make a folder in which a backup is packed or unpacked: what is as large as the database has room there."""
    place = file.absolute().parent
    if not place.is_dir():
        raise BackupFailed(f"There is no folder {place}.")
    return tempfile.TemporaryDirectory(prefix=f".trellis-{use}-", dir=place)


@contextmanager
def _opened(file: Path, key: Path | None) -> Iterator[tuple[Manifest, Path]]:
    """Unpack a backup for as long as it is looked at, and check it whole. Raises `BackupFailed`."""
    with _folder_beside(file, "restore") as folder:
        try:
            _unpack(_decrypted(file, key, Path(folder) / "packed"), folder)
            manifest = Manifest(**json.loads((Path(folder) / MANIFEST).read_text("utf-8")))
        except (tarfile.TarError, zlib.error, KeyError, TypeError, ValueError, OSError, EOFError) as wrong:
            if isinstance(wrong, OSError) and wrong.errno:  # the machine's trouble, such as a full disk
                raise
            raise BackupFailed(f"{file} is no backup of Trellis, or is damaged: {wrong}") from None
        copy = Path(folder) / COPY
        if _sha256(copy) != manifest.sha256:
            raise BackupFailed(f"{file} is damaged: its copy is not what was put into it.")
        if problems := problems_of(copy, manifest.dialect):
            raise BackupFailed(f"{file} is damaged: {'; '.join(problems)}")
        yield manifest, copy


def _unpack(packed: Path, folder: str) -> None:
    """Unpack an archive, and read on to the sum at its very end."""
    missing = {MANIFEST, COPY}
    with gzip.open(packed) as stream:
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for member in archive:
                if member.name in missing:
                    archive.extract(member, folder, filter="data")
                    missing.remove(member.name)
        while stream.read(1_000_000):
            pass
    if missing:
        raise KeyError(*missing)


def _decrypted(file: Path, key: Path | None, target: Path) -> Path:
    """Return a file with what is in a backup: `target`, unless it is not encrypted."""
    with file.open("rb") as source:
        if source.read(len(_AGE)) != _AGE:
            return file
        source.seek(0)
        if key is None:
            raise BackupFailed(f"{file} is encrypted: name the file of its key with `--key`.")
        lines = [line.strip() for line in key.read_text("utf-8", "replace").splitlines()]
        try:
            identities = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
        except pyrage.IdentityError:
            raise BackupFailed(f"{key} is no key of `trellis backup-key` or of age.") from None
        with target.open("wb") as written:
            try:
                pyrage.decrypt_io(source, written, identities)
            except pyrage.DecryptError as refused:
                raise BackupFailed(f"{file} cannot be decrypted with {key}: {refused}") from None
    return target


def _manifest_of(copy: Path, dialect: str, revision: str) -> Manifest:
    if problems := problems_of(copy, dialect):
        raise BackupFailed(f"The copy is damaged, and so the database may be: {'; '.join(problems)}")
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    rows = rows_of(copy) if dialect == "sqlite" else {}
    return Manifest(made_at, dialect, revision, copy.stat().st_size, _sha256(copy), rows)


def _recipient(name: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(name)
    except pyrage.RecipientError:
        wrong = f"{name} in TRELLIS_BACKUP_RECIPIENTS is no public key of age: they begin with age1."
        raise BackupFailed(wrong) from None


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _megabytes(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.1f} MB"
