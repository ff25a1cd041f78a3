"""What the engines take from the settings: which pools there are, who reads what another can't, and their shape."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from actors.ocr.engine import BatchLimits
from actors.ocr.engines import batch_limits, engine_spec, full_name
from actors.ocr.engines.spec import EngineOptions
from actors.ocr.ocr_actor import places
from cluster.errors import StartupError
from cluster.settings import ReplicaRange, Settings

CHAIN = ">"


def engine_options(settings: Settings, threads: int = 1) -> EngineOptions:
    """threads: processor cores of the replica."""
    return EngineOptions(
        threads=threads,
        fault_folder=Path(settings.null_fault_folder or tempfile.gettempdir()),
        batch_size=settings.batch_size,
        batch_wait_ms=settings.batch_wait_ms,
        prompt=settings.prompt,
        max_page_tokens=settings.max_page_tokens,
        page_seconds=settings.page_seconds,
        null_delay_ms=settings.null_delay_ms,
        null_faults=settings.null_faults,
        openai_model=settings.openai_model,
        openai_api_key=settings.openai_api_key.get_secret_value(),
        openai_capacity=settings.openai_capacity,
        cache_folder=Path(settings.cache_folder).expanduser() if settings.cache_folder else None,
    )


def engine_limits(engine: str, settings: Settings) -> BatchLimits:
    return batch_limits(engine, engine_options(settings))


def engine_names(settings: Settings) -> tuple[str, ...]:
    """The pools by their engines' full names, the default first. StartupError: one is unknown, or there twice."""
    names = tuple(full_name(name) for name in settings.engine_names)
    for name in names:
        if names.count(name) > 1:
            raise StartupError(f"GNOSIS_ENGINES names the engine {name!r} twice.")
    return names


def engine_chains(settings: Settings) -> Mapping[str | None, tuple[str, ...]]:
    """For each engine, and None for the default, itself and those that read what it can't. StartupError."""
    names = engine_names(settings)
    chains: dict[str | None, tuple[str, ...]] = {name: (name,) for name in names}
    for text in settings.fallback_chains:
        chain = tuple(full_name(name) for name in text.split(CHAIN))
        if len(set(chain)) < len(chain) or len(chain) == 1:
            raise StartupError(f"GNOSIS_FALLBACKS has {text!r}; a chain is two engines or more, as in a{CHAIN}b.")
        for name in chain:
            if name not in names:
                raise StartupError(f"GNOSIS_FALLBACKS names {name!r}, which is none of GNOSIS_ENGINES.")
        chains[chain[0]] = chain
    chains[None] = chains[names[0]]
    return chains


def readable_languages(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """What each engine and those after it in its chain read; without the engines of whose chain one does not tell."""
    readable = {}
    for name, chain in engine_chains(settings).items():
        known = [engine_spec(engine).languages for engine in chain]
        if name is not None and all(known):
            readable[name] = tuple(sorted({language for languages in known for language in languages}))
    return readable


@dataclass(frozen=True, slots=True)
class PoolShape:
    """How a pool's numbers hang together; all of them follow from its batches.

    calls: that one replica takes at once. in_flight: pages that all hosts together have on their way to the pool,
    before jobs that have none start theirs. target: pages that a replica has before it when one more is wanted.
    """

    batch: int
    replicas: ReplicaRange
    calls: int
    in_flight: int
    target: int

    def check(self) -> None:
        """StartupError where a replica could not be kept full, or would never be relieved."""
        if self.calls < 2 * self.batch:
            raise StartupError(f"A replica takes {self.calls} calls, too few for two batches of {self.batch} pages.")
        if self.in_flight < 2 * self.batch * self.replicas.most:
            raise StartupError(f"{self.in_flight} pages in flight can't fill {self.replicas.most} replicas.")
        if not 1 <= self.target <= self.calls // 2:
            raise StartupError(f"Autoscaling to {self.target} pages a replica of {self.calls} would come too late.")


def pool_shape(engine: str, settings: Settings) -> PoolShape:
    """StartupError: the engine is unknown, or its numbers don't fit one another."""
    batch = engine_limits(engine, settings).pages
    most = settings.ocr_range.most
    # A call carries at least one page, so as many calls as places are never too few.
    calls = places(batch)
    shape = PoolShape(batch, settings.ocr_range, calls, IN_FLIGHT_BATCHES * batch * most, TARGET_BATCHES * batch)
    shape.check()
    return shape


TARGET_BATCHES = 2
"""The batch in the device and the next one."""

IN_FLIGHT_BATCHES = 3
"""The batch in the device, the next one, and one on its way there or back."""
