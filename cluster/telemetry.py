"""Logging of every process: one line an event, to stderr, where Ray collects it; the audit log apart from it.

GNOSIS_LOG_LEVEL (default INFO) decides what is shown. GNOSIS_AUDIT_LOG names a file to which the audit log
(cluster/audit.py) is appended; without it, audit lines go to stdout, where nothing else goes.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

from cluster.audit import LOGGER as AUDIT

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def start_logging() -> None:
    """Safe to call again. OSError where the audit log's file can't be opened."""
    level = os.environ.get("GNOSIS_LOG_LEVEL", "INFO").upper()
    _handle(logging.getLogger(), logging.StreamHandler, FORMAT)
    for name in ("cluster", "actors", "serve_app"):
        logging.getLogger(name).setLevel(level)
    audit = logging.getLogger(AUDIT)
    audit.setLevel(logging.INFO)
    audit.propagate = False
    _handle(audit, _audit_handler, "%(message)s")


def _audit_handler() -> logging.Handler:
    path = os.environ.get("GNOSIS_AUDIT_LOG")
    if path:
        return logging.FileHandler(path, encoding="utf-8")  # appending, so that several processes may write to it
    return logging.StreamHandler(sys.__stdout__)  # Serve replaces sys.stdout by its own log


def _handle(logger: logging.Logger, make: Callable[[], logging.Handler], line: str) -> None:
    if any(getattr(handler, "gnosis", False) for handler in logger.handlers):
        return
    handler = make()
    handler.setFormatter(logging.Formatter(line))
    handler.gnosis = True  # type: ignore[attr-defined]
    logger.addHandler(handler)
