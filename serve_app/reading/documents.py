"""The documents that a command line names: files, folders and globs, each document once, in order."""

from __future__ import annotations

import glob
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.file_type import HEAD_BYTES, detect

MADE_BEFORE = "there are only results of an earlier reading"


@dataclass(frozen=True, slots=True)
class Gathered:
    """documents: files, as they were named. nothing: what was named and led to no document, and why."""

    documents: tuple[Path, ...]
    nothing: tuple[tuple[str, str], ...]


def gather(names: Sequence[str], results: Path | None = None, made: Collection[str] = ()) -> Gathered:
    """names: of files, folders (with all that lies in them) and globs (``**`` goes through folders).

    A file that is named is taken whatever it is, and the server judges it; in a folder documents are told by their
    content. What is hidden is taken only where it is named itself. So is what lies in the folder ``results``, unless
    that is where to look, or above it; and what has one of the names ``made`` in it is never taken there.
    """
    place = None if results is None else os.path.realpath(results)
    found: dict[str, Path] = {}
    nothing = []
    for name in names:
        paths = list(_named(os.path.expanduser(name), place))
        taken = [path for path in paths if os.path.realpath(path.parent) != place or path.name not in made]
        for path in taken:
            found.setdefault(os.path.realpath(path), path)
        if not taken:
            nothing.append((name, MADE_BEFORE if paths else _why_nothing(os.path.expanduser(name))))
    return Gathered(tuple(found.values()), tuple(nothing))


def _named(name: str, results: str | None) -> Iterator[Path]:
    if os.path.isdir(name):
        yield from _inside(Path(name), results)
    elif os.path.isfile(name):
        yield Path(name)
    elif glob.has_magic(name) and not os.path.exists(name):
        asked_for = _lies_in(_fixed_part(name), results)
        for each in sorted(glob.glob(name, recursive=True)):
            if os.path.isdir(each):
                yield from _inside(Path(each), results)
            elif os.path.isfile(each) and (asked_for or not _lies_in(os.path.dirname(each), results)):
                yield Path(each)


def _inside(folder: Path, results: str | None) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in _shown(folders) if os.path.realpath(os.path.join(place, name)) != results]
        yield from (path for name in _shown(files) if _is_document(path := Path(place, name)))


def _fixed_part(pattern: str) -> str:
    """The folder from which a glob looks."""
    folder = os.path.dirname(pattern)
    while glob.has_magic(folder):
        folder = os.path.dirname(folder)
    return folder


def _lies_in(folder: str, above: str | None) -> bool:
    """Whether it is that folder, or one below it."""
    if above is None:
        return False
    real = os.path.realpath(folder)
    return real == above or real.startswith(above.rstrip(os.sep) + os.sep)


def _shown(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if not name.startswith("."))


def _is_document(path: Path) -> bool:
    """By its first bytes. One that can't be read is let through, so that it is told of."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return detect(file.read(HEAD_BYTES)) is not None
    except OSError:
        return True


def _why_nothing(name: str) -> str:
    if os.path.isdir(name):
        return "the folder holds no document"
    if os.path.exists(name):
        return "it is no file"
    return "no file fits it" if glob.has_magic(name) else "there is no such file or folder"
