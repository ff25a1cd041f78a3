"""A resumable upload as it lies in a store that is a folder."""

from __future__ import annotations

import hashlib
from pathlib import Path


def stored_parts(store: Path, url: str) -> list[Path]:
    """Of the upload with this URL, in the order of their offsets."""
    return sorted(store.glob(f"uploads/{url.rpartition('/')[2]}/part-*"))


def digest(*paths: Path) -> str:
    """Of the files' contents, one after the other."""
    hashed = hashlib.sha256()
    for path in paths:
        hashed.update(path.read_bytes())
    return hashed.hexdigest()
