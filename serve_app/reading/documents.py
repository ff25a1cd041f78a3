"""The documents that a command line names: files, folders and globs, each document once, in order."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.file_type import HEAD_BYTES, detect


@dataclass(frozen=True, slots=True)
class Gathered:
    """documents: files, as they were named. nothing: what was named and led to no document, and why."""

    documents: tuple[Path, ...]
    nothing: tuple[tuple[str, str], ...]


def gather(names: Sequence[str], leave_out: Path | None = None) -> Gathered:
    """names: of files, folders (with all that lies in them) and globs (``**`` goes through folders).

    A file that is named is taken whatever it is, and the server judges it; in a folder documents are told by their
    content. What is hidden, and what lies in the folder ``leave_out``, is taken only where it is named itself.
    """
    left_out = None if leave_out is None else os.path.realpath(leave_out)
    found: dict[str, Path] = {}
    nothing = []
    for name in names:
        paths = list(_named(os.path.expanduser(name), left_out))
        for path in paths:
            found.setdefault(os.path.realpath(path), path)
        if not paths:
            nothing.append((name, _why_nothing(os.path.expanduser(name))))
    return Gathered(tuple(found.values()), tuple(nothing))


def _named(name: str, left_out: str | None) -> Iterator[Path]:
    if os.path.isdir(name):
        yield from _inside(Path(name), left_out)
    elif os.path.isfile(name):
        yield Path(name)
    elif glob.has_magic(name) and not os.path.exists(name):
        for each in sorted(glob.glob(name, recursive=True)):
            if os.path.isdir(each):
                yield from _inside(Path(each), left_out)
            elif os.path.isfile(each) and not _below(os.path.dirname(each), left_out):
                yield Path(each)


def _inside(folder: Path, left_out: str | None) -> Iterator[Path]:
    if _below(str(folder), left_out):
        return
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in _shown(folders) if os.path.realpath(os.path.join(place, name)) != left_out]
        yield from (path for name in _shown(files) if _is_document(path := Path(place, name)))


def _below(folder: str, left_out: str | None) -> bool:
    """Whether it lies in the folder that is left out; that folder itself, where it was named, does not."""
    return left_out is not None and os.path.realpath(folder).startswith(left_out.rstrip(os.sep) + os.sep)


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
