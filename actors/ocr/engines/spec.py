"""What the module of an engine tells about it, and what engines are made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from actors.ocr.engine import BatchLimits, Engine


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What engines are made from. threads: processor cores of the replica. batch_size (pages) and batch_wait_ms: None
    for the engine's own. prompt: for engines that ask a model, "" for the engine's own. max_page_tokens, page_seconds:
    most that a model may write for a page, and how long it may take, in each of its tries. openai_capacity: pages that
    the server reads at the same time. fault_folder: where the null engine counts its crashes, on this machine.
    cache_folder: where is kept what a start took long to find out, None for the user's.
    """

    threads: int
    fault_folder: Path
    batch_size: int | None = None
    batch_wait_ms: int | None = None
    prompt: str = ""
    max_page_tokens: int = 4096
    page_seconds: float = 120
    null_delay_ms: float = 0
    null_faults: str = ""
    openai_model: str = ""
    openai_api_key: str = field(default="", repr=False)
    openai_capacity: int = 16
    cache_folder: Path | None = None


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """make: called with the argument ("" where the kind takes none), the options, and the limits to keep to.

    default_argument: None where the kind takes no argument, "" where one must be given. argument: what it is, for
    messages. gpu: whether it is meant for one. needs_pixels: False where it looks only at a page's size. pages: the
    limit of pages where it follows from the options, in place of the one in limits. languages: as in the engine's
    Capabilities, so that they are known without making it. check: looks whether all is there that it needs to load,
    and says what it found; StartupError says what is missing. None where nothing can be missing.
    """

    make: Callable[[str, EngineOptions, BatchLimits], Engine]
    limits: BatchLimits
    default_argument: str | None = None
    argument: str = ""
    gpu: bool = False
    needs_pixels: bool = True
    pages: Callable[[EngineOptions], int] | None = None
    languages: tuple[str, ...] = ()
    check: Callable[[str, EngineOptions], str] | None = None
