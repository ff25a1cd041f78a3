"""Outputs as a job gets them: what is made, what is missing and why. Opening is tested with the JobHost."""

from __future__ import annotations

import orjson
import pytest

from actors.job.ports import ReplicaLost
from actors.render.null_renderer import NullRenderer
from actors.render.protocol import AssembleRequest
from cluster.errors import AssemblyTimeout, BlobForbidden, GnosisError, RenderTimeout
from cluster.record import JobStatus
from tests.actors.job.host_world import HostWorld


async def test_a_format_that_the_pages_do_not_give_is_told_of_and_tried_once() -> None:
    """Their engine gives text without boxes."""
    world = HostWorld()
    host = world.host(formats=("txt", "json", "alto"))
    await host.start()
    marker = await world.accept(3)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, set(record.outputs)) == (JobStatus.COMPLETED, {"txt", "json"})
    assert "page 1-3." in record.outputs_missing["alto"]
    assert sum(done.operation == "list" and "result-" in done.name for done in world.store.log) == 1
    made = orjson.loads((await world.store.read(marker.prefix + record.outputs["json"])).data)
    assert made["document"] == {"filename": "book.pdf", "file_type": "pdf", "total_pages": 3}
    assert [page["text"] for page in made["pages"]] == ["page 1", "page 2", "page 3"]
    await host.drain()


class FailingAssembly(NullRenderer):
    """No output can be made."""

    failure: GnosisError

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        if isinstance(self.failure, (ReplicaLost, AssemblyTimeout)):
            raise self.failure
        return {name: self.failure for name, _ in request.outputs}


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (ReplicaLost("The actor died on node 10.0.0.7, /tmp/ray."), "It could not be made (ReplicaLost)."),
        (BlobForbidden("result-1-1.pdf: account x@y may not write"), "It could not be made (BlobForbidden)."),
        (GnosisError("OSError [Errno 5] '/tmp/scratch/searchable-1.pdf'"), "It could not be made (GnosisError)."),
        (RenderTimeout("Rendering took longer than 60 s."), "Rendering took longer than 60 s."),
        (AssemblyTimeout(), AssemblyTimeout().detail),
    ],
)
async def test_why_an_output_is_missing_tells_nothing_of_the_cluster(
    failure: GnosisError, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    world = HostWorld()
    world.renderer = FailingAssembly(world.store)
    world.renderer.failure = failure
    host = world.host(formats=("pdf",))
    await host.start()
    marker = await world.accept(1)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, record.outputs, record.outputs_missing) == (JobStatus.COMPLETED, {}, {"pdf": told})
    assert failure.detail in caplog.text
    await host.drain()


class AssemblyAfterLosses(NullRenderer):
    """Each call loses its replica while there are losses left."""

    losses: list[ReplicaLost]

    async def assemble(self, request: AssembleRequest) -> dict[str, GnosisError]:
        if self.losses:
            raise self.losses.pop()
        return await super().assemble(request)


async def test_announced_losses_cost_the_outputs_no_attempt() -> None:
    world = HostWorld()
    renderer = AssemblyAfterLosses(world.store)
    renderer.losses = [ReplicaLost("preempted", announced=True) for _ in range(5)]
    world.renderer = renderer
    host = world.host(formats=("txt",))
    await host.start()
    marker = await world.accept(1)
    await host.adopt(marker.job_id)
    record = await world.ended(marker)
    assert (record.status, set(record.outputs), renderer.losses) == (JobStatus.COMPLETED, {"txt"}, [])
    await host.drain()
