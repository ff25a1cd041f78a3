"""Logging of every process: one line an event, to stderr, where Ray collects it; the audit log apart from it.

GNOSIS_LOG_LEVEL (default INFO) decides what is shown. GNOSIS_AUDIT_LOG names a file to which the audit log
(cluster/audit.py) is appended; without it, audit lines go to stdout, where nothing else goes. GNOSIS_LOG_FORMAT is text
(default) or json (log_lines.py).
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable

from cluster.audit import LOGGER as AUDIT
from cluster.errors import StartupError
from cluster.log_lines import JsonLines

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def start_logging() -> None:
    """Safe to call again. OSError where the audit log's file can't be opened, StartupError for an unknown format."""
    form = os.environ.get("GNOSIS_LOG_FORMAT", "text")
    if form not in ("text", "json"):
        raise StartupError(f"GNOSIS_LOG_FORMAT is {form!r}; it must be text or json.")
    level = os.environ.get("GNOSIS_LOG_LEVEL", "INFO").upper()
    if form == "json":
        # Past Serve, which puts what comes on sys.stderr into lines of its own.
        _handle(logging.getLogger(), lambda: logging.StreamHandler(sys.__stderr__), JsonLines())
    else:
        _handle(logging.getLogger(), logging.StreamHandler, logging.Formatter(FORMAT))
    for name in ("cluster", "actors", "serve_app"):
        logging.getLogger(name).setLevel(level)
    audit = logging.getLogger(AUDIT)
    audit.setLevel(logging.INFO)
    audit.propagate = False
    _handle(audit, _audit_handler, logging.Formatter("%(message)s"))


def _audit_handler() -> logging.Handler:
    path = os.environ.get("GNOSIS_AUDIT_LOG")
    if path:
        return logging.FileHandler(path, encoding="utf-8")  # appending, so that several processes may write to it
    return logging.StreamHandler(sys.__stdout__)  # Serve replaces sys.stdout by its own log


def _handle(logger: logging.Logger, make: Callable[[], logging.Handler], line: logging.Formatter) -> None:
    if any(getattr(handler, "gnosis", False) for handler in logger.handlers):
        return
    handler = make()
    handler.setFormatter(line)
    handler.gnosis = True  # type: ignore[attr-defined]
    logger.addHandler(handler)
