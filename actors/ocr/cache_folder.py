"""Where programs keep what they can make again, by the habit of the system."""

from __future__ import annotations

import os
from pathlib import Path


def default_cache_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gnosis-ocr"
