"""The pools as a JobHost reaches them: Serve handles behind the ports, and Ray's failures told in our terms."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

from ray import serve
from ray.exceptions import RayActorError, RayTaskError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError, ReplicaUnavailableError

from actors.content.arranging import in_plain_order
from actors.job.grouped_calls import GroupedCalls
from actors.job.ports import ReplicaLost
from actors.ocr.protocol import RecognizeRequest
from actors.render.protocol import (
    ArrangeAnswer,
    ArrangeRequest,
    AssembleRequest,
    DocumentRef,
    OpenedDocument,
    RenderAnswer,
    RenderRequest,
)
from cluster.clock import Clock, SystemClock
from cluster.errors import (
    BlobError,
    BlobUnavailable,
    DocumentError,
    EngineFailed,
    GnosisError,
    PageError,
    RenderFailed,
    ReplicaRetiring,
)
from cluster.page_text import PageText
from serve_app.ray_plain_calls import call_plainly

log = logging.getLogger(__name__)

APP = "gnosis-ocr"
RENDERER = "Renderer"
WAIT_S = 1.0
"""Between tries while the blob store does not answer a replica, or no replica is deployed."""

RETIRING_S = 0.25
"""Between tries while the chosen replica is about to be replaced."""

SMALL_BYTES = 8 << 20
FEW_PAGES = 8
"""Documents up to so large, and of so few pages, share calls: none keeps the others waiting for long."""

A = TypeVar("A")
R = TypeVar("R")


def ocr_deployment(engine: str) -> str:
    """The Serve deployment of one engine's pool."""
    kind, _, argument = engine.partition(":")
    if not argument:
        return f"OCRActor-{kind}"
    # Serve's names go into paths and metrics, where an address or a folder would do harm.
    return f"OCRActor-{kind}-{hashlib.sha256(argument.encode()).hexdigest()[:8]}"


class _Pool:
    """One deployment's handle. It is made at the first call, since hosts may be up before the deployment is."""

    def __init__(self, deployment: str) -> None:
        self._deployment = deployment
        self._handle: Any = None
        self._plain = False

    async def call(self, method: str, argument: object) -> Any:
        """Raises ReplicaLost, or what the replica raised. While the blob store is away from it, waits and repeats.

        Who is cancelled cancels the call in its replica.
        """
        while True:
            try:
                if self._handle is None:
                    self._handle = serve.get_deployment_handle(self._deployment, APP, _check_exists=False)
                response = getattr(self._handle, method).remote(argument)
                try:
                    answer = await response
                    if not self._plain:
                        self._plain = True
                        call_plainly(self._handle)
                    return answer
                except asyncio.CancelledError as error:
                    response.cancel()
                    task = asyncio.current_task()
                    if task is None or task.cancelling():
                        raise
                    # It was not we who were cancelled, but the call in its replica: nobody will answer it.
                    raise ReplicaLost("The call was cancelled in its replica.", announced=True) from error
            except RayActorError as error:
                raise ReplicaLost(str(error), announced=bool(getattr(error, "preempted", False))) from error
            except ReplicaRetiring:
                await asyncio.sleep(RETIRING_S)
            except (BlobUnavailable, BackPressureError, DeploymentUnavailableError, ReplicaUnavailableError) as error:
                log.warning("%s.%s waits: %s", self._deployment, method, error)
                await asyncio.sleep(WAIT_S)


class RayRenderPool:
    """replicas: the most that there may be. Short documents are opened, and assembled, several in a call where that is
    quick; each gets an answer of its own."""

    def __init__(self, replicas: int = 1, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        self._pool = _Pool(RENDERER)
        self._opens: _Each[DocumentRef, OpenedDocument | DocumentError] = _Each(self._pool, "open", replicas, clock)
        self._assemblies: _Each[AssembleRequest, dict[str, GnosisError]] = _Each(
            self._pool, "assemble", replicas, clock
        )

    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        quick = document.source_uri is None and document.size <= SMALL_BYTES
        return await self._opens.ask(document, "The document could not be opened here", shared=quick)

    async def render(self, requests: list[RenderRequest]) -> list[RenderAnswer]:
        return await _answers(self._pool.call("render", requests), len(requests), RenderFailed)

    async def arrange(self, requests: list[ArrangeRequest]) -> list[ArrangeAnswer]:
        try:
            answers: list[ArrangeAnswer] = await self._pool.call("arrange", requests)
        except RayTaskError:
            log.exception("a replica failed")
            why = "the replica failed"
            return [in_plain_order(request.read, request.width, request.height, why) for request in requests]
        return answers

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        quick = len(request.pages) + len(request.failed) <= FEW_PAGES
        return await self._assemblies.ask(request, "The outputs could not be assembled", shared=quick)


class _LostTogether(Exception):
    """The replica died under a call of several items: which of them ended it, if one did, nobody knows."""


class _Each(Generic[A, R]):
    """Calls of a method that takes several items and answers each, or with the GnosisError that was raised for it.

    Items under which a replica died together are asked for again, each alone: only who is lost alone is told so, since
    that may be held against it.
    """

    def __init__(self, pool: _Pool, method: str, replicas: int, clock: Clock) -> None:
        self._pool = pool
        self._method = method
        self._shared: GroupedCalls[A, R | GnosisError] = GroupedCalls(self._call, replicas, clock)

    async def ask(self, item: A, failure: str, *, shared: bool) -> R:
        """Raises what was raised for the item; ``failure`` where the replica's own code is wrong.

        shared: in one call with others of the moment.
        """
        alone = False
        while True:
            try:
                answer = await self._shared.submit(item, alone=alone) if shared else (await self._call([item]))[0]
            except _LostTogether as lost:
                log.warning("%s is asked for again: %s", self._method, lost.__cause__)
                alone = True
                continue
            except RayTaskError as error:
                raise GnosisError(f"{failure}: {error.cause!r}") from error
            if isinstance(answer, BlobUnavailable):
                log.warning("%s waits: %s", self._method, answer)
                await asyncio.sleep(WAIT_S)
            elif isinstance(answer, BlobError):
                raise GnosisError(f"{failure}: {answer!r}") from answer
            elif isinstance(answer, GnosisError) and not isinstance(answer, DocumentError):
                raise answer
            else:
                return cast(R, answer)

    async def _call(self, items: list[A]) -> list[R | GnosisError]:
        try:
            answers: list[R | GnosisError] = await self._pool.call(self._method, items)
        except ReplicaLost as lost:
            if len(items) == 1:
                raise
            raise _LostTogether from lost
        return answers


class RayOcrPool:
    def __init__(self, engine: str) -> None:
        self._pool = _Pool(ocr_deployment(engine))

    async def recognize(self, requests: list[RecognizeRequest]) -> list[PageText | PageError]:
        return await _answers(self._pool.call("recognize", requests), len(requests), EngineFailed)


async def _answers(call: Any, count: int, failure: Callable[[str], PageError]) -> list[Any]:
    """The answers; an error of the replica's own code fails these pages, not their job.

    What it says is for the log: it may name machines, paths and accounts, and a page's error is shown to its user.
    """
    try:
        answers: list[Any] = await call
    except ReplicaLost:
        raise
    except RayTaskError as error:
        log.exception("a replica failed")
        return [failure(f"The replica failed ({type(error.cause).__name__}).") for _ in range(count)]
    return answers
