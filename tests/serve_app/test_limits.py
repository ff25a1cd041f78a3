from __future__ import annotations

import pytest

from cluster.errors import FileTooLarge
from serve_app.limits import UNLIMITED, Limits


def test_only_jobs_and_pages_are_counted_together() -> None:
    assert not UNLIMITED.counted
    assert not Limits(upload_mb=1, requests_a_second=2).counted
    assert Limits(jobs_at_once=1).counted
    assert Limits(pages_a_day=1).counted


def test_the_largest_document() -> None:
    limits = Limits(upload_mb=2)
    limits.check_size(2 << 20)
    with pytest.raises(FileTooLarge, match="larger than 2 MB, the limit of this API key"):
        limits.check_size((2 << 20) + 1)
    assert UNLIMITED.most_bytes is None
    UNLIMITED.check_size(1 << 40)
