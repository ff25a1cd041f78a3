"""Steering the double over HTTP, for tests and benchmarks of other processes.

GET    /_control                      what it is: buckets, whether the write limit is enforced, counts of operations
POST   /_control/faults               orders a fault: {operation, name, kind, count, skip, seconds}
DELETE /_control/faults               forgets all faults
PUT    /_control/outage               {"kind": "unavailable" | "reset"}: everything is refused until
DELETE /_control/outage               ... this
GET    /_control/writes?pattern=*     writes done and refused, by bucket/name
GET    /_control/log?after=N          the log's entries numbered above N
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import Any

from tests.cloud_storage.double import CloudDouble, Outage
from tests.cloud_storage.exchange import Answer, Request, json_answer
from tests.cloud_storage.faults import CloudFault, FaultKind

CONTROL = "/_control"


def answer_control(cloud: CloudDouble, request: Request) -> Answer:
    what = request.method, request.path.removeprefix(CONTROL).rstrip("/")
    act = _ACTS.get(what)
    if act is None:
        return json_answer({"error": f"there is no {' '.join(what)}"}, 404)
    try:
        return json_answer(act(cloud, request))
    except (KeyError, TypeError, ValueError) as error:
        return json_answer({"error": repr(error)}, 400)


def _about(cloud: CloudDouble, request: Request) -> Any:
    return {
        "buckets": list(cloud.buckets),
        "enforced": cloud.limit.enforced,
        "operations": dict(cloud.operations),
        "most_at_once": cloud.most_at_once,
        "outage": cloud.outage,
    }


def _order(cloud: CloudDouble, request: Request) -> Any:
    order = json.loads(request.body)
    cloud.faults.add(CloudFault(**{**order, "kind": FaultKind(order["kind"])}))
    return {}


def _forget(cloud: CloudDouble, request: Request) -> Any:
    cloud.faults.clear()
    return {}


def _break(cloud: CloudDouble, request: Request) -> Any:
    cloud.outage = Outage(json.loads(request.body)["kind"])
    return {}


def _mend(cloud: CloudDouble, request: Request) -> Any:
    cloud.outage = None
    return {}


def _writes(cloud: CloudDouble, request: Request) -> Any:
    pattern = request.query.get("pattern", "*")
    return {name: asdict(count) for name, count in list(cloud.limit.counts.items()) if fnmatchcase(name, pattern)}


def _log(cloud: CloudDouble, request: Request) -> Any:
    after = int(request.query.get("after", "0"))
    return [asdict(entry) for entry in cloud.entries() if entry.number > after]


_ACTS: dict[tuple[str, str], Callable[[CloudDouble, Request], Any]] = {
    ("GET", ""): _about,
    ("POST", "/faults"): _order,
    ("DELETE", "/faults"): _forget,
    ("PUT", "/outage"): _break,
    ("DELETE", "/outage"): _mend,
    ("GET", "/writes"): _writes,
    ("GET", "/log"): _log,
}
