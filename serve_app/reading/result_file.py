"""Result files, written whole: under another name first, synced, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX, _SUFFIX = ".gnosis-ocr-", ".part"


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """An empty file in the same folder, to be written or replaced. It takes ``path``'s place where the block ends well,
    and is gone where it does not. OSError."""
    part = path.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    try:
        part.touch(exist_ok=False)
        mode = part.stat().st_mode
        yield part
        with part.open("rb") as file:
            os.fchmod(file.fileno(), mode & 0o777)  # whoever wrote it may have kept it to himself
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """What sittings that were killed have left. Only for whoever has the folder to himself."""
    for pattern in (f"{_PREFIX}*{_SUFFIX}", f".{_PREFIX}*{_SUFFIX}"):  # the client downloads beside what it is given
        for path in folder.glob(pattern):
            with suppress(OSError):
                path.unlink()
