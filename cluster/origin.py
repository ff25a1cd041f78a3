"""The origin of a piece of work: what every process names in log lines and traces, beside job and page."""

from __future__ import annotations

from dataclasses import dataclass

from cluster.message import message


@message
@dataclass(frozen=True, slots=True)
class Origin:
    """request_id: of the request by which the job was submitted; empty where it is not known. epoch: of the claim under
    which the work is done; 0 where it is nobody's. trace: the W3C traceparent of what ordered it, empty without one."""

    request_id: str = ""
    epoch: int = 0
    trace: str = ""


UNKNOWN = Origin()
