"""OpenVINO, imported so that it tells nobody: by itself its import sends an event to Google Analytics.

The event goes out of a fork of the importing process, under an id that is kept in the home folder. It comes from the
model converter, which nothing here uses: without the two packages the import is silent, and quicker.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

UNWANTED = ("openvino_telemetry", "openvino.tools.ovc")


def silent_openvino() -> ModuleType:
    """The package. ImportError where it is not installed."""
    for name in UNWANTED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # by which an import of it fails
    return importlib.import_module("openvino")
