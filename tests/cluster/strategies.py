"""What hypothesis draws for tests of stored data: records, markers, page results, and JSON of any shape."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cluster.marker import Marker, Operation
from cluster.page_text import Block, BlockKind, Cell, Line, PageResult, PageText
from cluster.record import ErrorInfo, FileInfo, JobRecord, JobStatus, PageRecord, PageStatus, Step

words = st.text(max_size=12)
counts = st.integers(0, 2**40)
shares = st.floats(0, 1)
coordinates = st.floats(-1e6, 1e6)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)

file_infos = st.builds(FileInfo, words, words, counts, words, counts)
error_infos = st.builds(ErrorInfo, words, words)
page_records = st.builds(
    PageRecord,
    status=st.sampled_from(PageStatus),
    image=st.none() | words,
    error=st.none() | error_infos,
    attempts=counts,
    confidence=st.none() | shares,
    rotation=st.none() | st.sampled_from((0, 90, 180, 270)),
    duration_ms=st.none() | counts,
    run=st.none() | counts,
)
records = st.builds(
    JobRecord,
    job_id=words,
    session_id=words,
    status=st.sampled_from([status for status in JobStatus if status is not JobStatus.DELETED]),
    current_step=st.sampled_from(Step),
    message=words,
    percent=st.integers(0, 100),
    file_info=file_infos,
    user_email=words,
    created_at=words,
    updated_at=words,
    pages=st.dictionaries(st.integers(1, 99_999), page_records, max_size=3),
    owner=words,
    epoch=counts,
    revision=counts,
    run=counts,
    recoveries=counts,
    options=st.dictionaries(words, json_values, max_size=3),
    outputs=st.dictionaries(words, words, max_size=3),
    pages_extracted=counts,
    error=st.none() | error_infos,
    source_uri=st.none() | words,
    source_limit=st.none() | counts,
)
markers = st.builds(
    Marker,
    job_id=words,
    operation=st.sampled_from(Operation),
    run=counts,
    user_email=words,
    prefix=words,
    document=file_infos,
    created_at=words,
    options=st.dictionaries(words, json_values, max_size=3),
    password=st.none() | words,
    idempotency=st.none() | words,
    reason=st.none() | words,
    deliverer=words,
    source_uri=st.none() | words,
    source_limit=st.none() | counts,
)
lines = st.builds(
    Line,
    words,
    st.tuples(*[coordinates] * 4),
    shares,
    st.none() | st.tuples(*[coordinates] * 8),
)
boxes = st.tuples(*[coordinates] * 4)
cells = st.builds(Cell, counts, counts, words, boxes, row_span=counts, column_span=counts)
blocks = st.builds(
    Block,
    st.sampled_from(BlockKind),
    boxes,
    st.lists(counts, max_size=3).map(tuple),
    words,
    words,
    counts,
    st.lists(cells, max_size=2).map(tuple),
)
page_texts = st.builds(
    PageText,
    text=words,
    lines=st.lists(lines, max_size=3).map(tuple),
    markdown=st.none() | words,
    engine=words,
    confidence=st.none() | shares,
    duration_ms=counts,
    reason=st.none() | words,
    skew=coordinates,
    blocks=st.lists(blocks, max_size=2).map(tuple),
    layout=st.none() | words,
    layout_ms=counts,
)
page_results = st.builds(
    PageResult,
    words,
    counts,
    counts,
    counts,
    counts,
    coordinates,
    coordinates,
    st.none() | words,
    counts,
    counts,
    page_texts,
)
