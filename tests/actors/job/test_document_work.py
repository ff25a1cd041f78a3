"""Outputs as a job gets them: what is made, what is missing and why. Opening is tested with the JobHost."""

from __future__ import annotations

import orjson

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
