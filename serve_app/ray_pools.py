"""The pools as a JobHost reaches them: Serve handles behind the ports, and Ray's failures told in our terms."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from ray import serve
from ray.exceptions import RayActorError, RayTaskError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError, ReplicaUnavailableError

from actors.content.arranging import in_plain_order
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
from cluster.errors import (
    BlobUnavailable,
    DocumentError,
    EngineFailed,
    GnosisError,
    PageError,
    RenderFailed,
    ReplicaRetiring,
)
from cluster.page_text import PageText

log = logging.getLogger(__name__)

APP = "gnosis-ocr"
RENDERER = "Renderer"
WAIT_S = 1.0
"""Between tries while the blob store does not answer a replica, or no replica is deployed."""

RETIRING_S = 0.25
"""Between tries while the chosen replica is about to be replaced."""

T = TypeVar("T")


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
                    return await response
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
    def __init__(self) -> None:
        self._pool = _Pool(RENDERER)

    async def open(self, document: DocumentRef) -> OpenedDocument | DocumentError:
        try:
            answer: OpenedDocument | DocumentError = await self._pool.call("open", document)
        except RayTaskError as error:
            raise GnosisError(f"The document could not be opened here: {error.cause!r}") from error
        return answer

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
        try:
            failed: dict[str, GnosisError] = await self._pool.call("assemble", request)
        except RayTaskError as error:
            raise GnosisError(f"The outputs could not be assembled: {error.cause!r}") from error
        return failed


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
