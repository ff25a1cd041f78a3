"""Logging of every process: one line an event, to stderr, where Ray collects it."""

from __future__ import annotations

import logging
import os

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def start_logging() -> None:
    """GNOSIS_LOG_LEVEL (default INFO) decides what is shown."""
    level = os.environ.get("GNOSIS_LOG_LEVEL", "INFO").upper()
    root = logging.getLogger()
    if not any(getattr(handler, "gnosis", False) for handler in root.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(FORMAT))
        handler.gnosis = True  # type: ignore[attr-defined]
        root.addHandler(handler)
    for name in ("cluster", "actors", "serve_app"):
        logging.getLogger(name).setLevel(level)
