"""The double as a process of its own, steered over HTTP."""

from __future__ import annotations

import httpx
import pytest

from tests.cloud_storage.double import Outage
from tests.cloud_storage.faults import FaultKind
from tests.cloud_storage.remote import double_process
from tests.cloud_storage.write_limit import WriteCount


def test_a_process_is_steered_and_asked() -> None:
    with double_process("--bucket", "one", "--bucket", "two") as double:

        def write(bucket: str = "one") -> int:
            path = f"/upload/storage/v1/b/{bucket}/o?uploadType=media&name=a/b"
            return httpx.post(double.url + path, content=b"x", trust_env=False).status_code

        assert double.about()["buckets"] == ["one", "two"]
        assert [write(), write("two"), write("three")] == [200, 200, 404]
        double.fail("upload", "a/*", FaultKind.FORBIDDEN, None)
        assert write() == 403
        double.forget_faults()
        double.break_down()
        assert write() == 503
        double.break_down(Outage.RESET)
        with pytest.raises(httpx.NetworkError):
            write()
        double.mend()
        answers = [write()]
        while answers[-1] == 200 and len(answers) < 50:  # a busy machine writes less than the burst in a second
            answers.append(write())
        assert answers[-1] == 429
        assert len(answers) >= 3
        assert double.writes("one/*") == {"one/a/b": WriteCount(written=len(answers), refused=1)}
        assert double.writes("*/a/b").keys() == {"one/a/b", "two/a/b"}
        log = double.log()
        assert [entry.status for entry in log] == [200, 200, 404, 403, 503, 0, *answers]
        assert double.log(log[-2].number) == log[-1:]
        with pytest.raises(ValueError, match="operation"):
            double.fail("write", "*", FaultKind.SLOW)


def test_a_wrong_order_is_refused() -> None:
    with double_process("--unlimited") as double:
        assert not double.about()["enforced"]
        for order in ({}, {"operation": "x", "name": "*", "kind": "slow"}, {"kind": "unheard of"}):
            answer = httpx.post(f"{double.url}/_control/faults", json=order, trust_env=False)
            assert answer.status_code == 400
