"""The journal of a folder of results: which document each result was made of, with which options, and how far it is.

A file of JSON lines, hidden in the folder. The first line has the salt of the folder's Idempotency-Keys, each of the
others the latest that is known of one result: a later line takes the place of an earlier one. Lines are added as things
happen, so that a sitting that was broken off leaves what the next one needs; a last line that was cut off counts as not
written. One sitting at a time has the folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

from cluster.errors import FolderUnusable
from serve_app.reading.order import Format
from serve_app.reading.result_file import remove_unfinished

NAME = ".gnosis-ocr.jsonl"
VERSION = 1


class State(StrEnum):
    """BEGUN: a job was asked for, or is about to be. DONE: the whole result stands in the folder. PARTIAL: it stands
    there without the pages that failed. FAILED: there is none, since the job or the request failed, or was cancelled.
    """

    BEGUN = "begun"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """result: a file's name in the folder. source: the document's path, absolute. content: its SHA-256, hex. asked: the
    options, see ReadingOrder."""

    result: str
    source: str
    format: str
    content: str
    asked: str
    state: State
    job_id: str | None = None


class Journal:
    """Made by ``open_journal``."""

    def __init__(self, folder: Path, file: TextIO, salt: str, entries: dict[str, Entry]) -> None:
        self.folder = folder
        self._file = file
        self._salt = salt
        self._entries = {(entry.source, entry.format): entry for entry in entries.values()}
        self._reserved: dict[tuple[str, str], str] = {}
        self._taken = {entry.result.casefold() for entry in entries.values()}

    def finished(self, source: Path, output: Format, content: str, asked: str) -> Entry | None:
        """The entry of a result that stands there whole, made of this content with these options; None: to be read."""
        entry = self._entries.get((str(source), output.value))
        if entry is None or entry.state is not State.DONE or (entry.content, entry.asked) != (content, asked):
            return None
        return entry if (self.folder / entry.result).is_file() else None

    def result_name(self, source: Path, output: Format) -> str:
        """The result's file name: that of before, else the first free: ``scan.md``, ``scan.pdf.md``, ``scan-2.md`` ….

        Free is a name that no other document has, and under which no file stands that is not ours.
        """
        entry = self._entries.get((str(source), output.value))
        if entry is not None:
            return entry.result
        key = str(source), output.value
        if key not in self._reserved:
            name = next(each for each in _names(source, output) if self._is_free(each))
            self._taken.add(name.casefold())
            self._reserved[key] = name
        return self._reserved[key]

    def key(self, content: str, asked: str) -> str:
        """The Idempotency-Key of a document's job: the same for the same content and options in this folder."""
        return hashlib.sha256(f"{self._salt}\n{content}\n{asked}".encode()).hexdigest()

    def begin_anew(self, sources: Iterable[Path], output: Format) -> None:
        """These documents count as not read, and their jobs of before are not asked for."""
        self._salt = secrets.token_hex(16)
        self._add(_head(self._salt))
        for source in sources:
            entry = self._entries.get((str(source), output.value))
            if entry is not None:
                self.note(replace(entry, state=State.FAILED))

    def note(self, entry: Entry) -> None:
        """From now on this is what is known of the result. FolderUnusable."""
        self._entries[entry.source, entry.format] = entry
        self._add(asdict(entry))

    def _add(self, line: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        except OSError as error:
            raise _unusable(self.folder, error) from error

    def _is_free(self, name: str) -> bool:
        return name.casefold() not in self._taken and not (self.folder / name).exists()


@contextmanager
def open_journal(folder: Path) -> Iterator[Journal]:
    """Has the folder, which is made where it is missing, for the block's time. FolderUnusable: it can't be used,
    another sitting has it, or a later version wrote it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / NAME).open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise _unusable(folder, error) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderUnusable(f"Another `gnosis-ocr read` is writing into {folder}.") from None
        except OSError as error:
            raise _unusable(folder, error) from error
        remove_unfinished(folder)
        file.seek(0)
        salt, entries, ends = _read(file.read(), folder)
        journal = Journal(folder, file, salt or secrets.token_hex(16), entries)
        if not ends:
            file.write("\n")
        if salt is None:
            journal._add(_head(journal._salt))
        yield journal


def results_in(folder: Path) -> frozenset[str]:
    """The names of files in the folder that earlier sittings have made, as far as can be told without having it."""
    try:
        return frozenset(_read((folder / NAME).read_text("ascii", "replace"), folder)[1])
    except (OSError, FolderUnusable):  # whoever is to write there is told
        return frozenset()


def _read(text: str, folder: Path) -> tuple[str | None, dict[str, Entry], bool]:
    """The salt, the entries by their result, and whether the last line is whole. What can't be read is not there."""
    salt: str | None = None
    entries: dict[str, Entry] = {}
    for line in text.split("\n"):
        try:
            fields = json.loads(line)
            if "salt" in fields:
                if fields["version"] > VERSION:
                    raise FolderUnusable(f"A later version of gnosis-ocr has written into {folder}: {NAME}.")
                salt = str(fields["salt"])
            else:
                known = {name: fields[name] for name in Entry.__slots__ if name in fields}
                entry = Entry(**{**known, "state": State(fields["state"])})
                entries[entry.result] = entry
        except (ValueError, KeyError, TypeError):
            continue
    return salt, entries, not text or text.endswith("\n")


def _head(salt: str) -> dict[str, Any]:
    return {"version": VERSION, "salt": salt}


def _names(source: Path, output: Format) -> Iterator[str]:
    yield f"{source.stem}.{output.extension}"
    yield f"{source.name}.{output.extension}"
    number = 2
    while True:
        yield f"{source.stem}-{number}.{output.extension}"
        number += 1


def _unusable(folder: Path, error: OSError) -> FolderUnusable:
    return FolderUnusable(f"The folder {os.fspath(folder)} can't be used: {error.strerror}.")
