"""Checks of the engines that are configured: each can load here; and of the GPU where one of them is meant for it."""

from __future__ import annotations

from pathlib import Path

from actors.ocr.engines import check_engine, engine_spec
from cluster.errors import StartupError
from cluster.settings import Settings
from serve_app.doctor.finding import Finding, fault, ok, warning
from serve_app.engine_settings import engine_chains, engine_names, engine_options, pool_shape

DEVICE_FILES = "/dev/nvidia[0-9]*"


def check_engines(settings: Settings) -> list[Finding]:
    """One for each engine. Takes seconds: their packages are imported, small networks run."""
    try:
        names = engine_names(settings)
        engine_chains(settings)
        for name in names:
            pool_shape(name, settings)
    except StartupError as error:
        return [fault("engines", error.detail, "Correct GNOSIS_ENGINES and GNOSIS_FALLBACKS.")]
    return [_engine(name, settings) for name in names]


def _engine(name: str, settings: Settings) -> Finding:
    try:
        return ok(f"engine {name}", check_engine(name, engine_options(settings)))
    except StartupError as error:
        return fault(f"engine {name}", error.detail, "Mend that, or take the engine out of GNOSIS_ENGINES.")


def check_gpu(settings: Settings, machine_has_one: bool | None = None) -> Finding:
    """machine_has_one: default: by the driver's device files."""
    if machine_has_one is None:
        machine_has_one = any(Path("/dev").glob(DEVICE_FILES.removeprefix("/dev/")))
    try:
        meant = [name for name in engine_names(settings) if engine_spec(name).gpu]
    except StartupError:
        meant = []
    if not meant:
        found = "one is there, no engine uses it" if machine_has_one else "none, and no engine needs one"
        return ok("gpu", found)
    try:
        from actors.ocr.gpu import gpu_names

        names = gpu_names()
    except ImportError:
        return fault("gpu", f"{meant[0]} needs torch, which is not installed", "make setup-torch")
    if names:
        return ok("gpu", ", ".join(names))
    if machine_has_one:
        mend = "Install a torch that fits the driver: https://pytorch.org/get-started/locally."
        return warning("gpu", "one is there, but torch can't use it", mend)
    return warning(
        "gpu", f"none; {', '.join(meant)} reads on the processor, slowly", "Use rapidocr, or a machine with a GPU."
    )
