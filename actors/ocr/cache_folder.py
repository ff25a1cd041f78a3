"""Where programs keep what they can make again, by the habit of the system, and how something is kept there."""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_log = logging.getLogger(__name__)


def default_cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gnosis-ocr"


def keep(path: Path, data: bytes) -> None:
    """Puts a whole file there, over what stands. Where that can't be done it is told in the log."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{path.stem}.")
        with open(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError as error:
        _log.warning("%s could not be kept: %s", path, error)
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)
