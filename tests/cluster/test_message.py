"""Messages between two versions of the code: what one of them does not know has its default, or is passed over."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, get_args, get_type_hints

import pytest

import actors.ocr.protocol
import actors.render.protocol
from actors.job.demand import Demand
from actors.job.shown import Shown
from cluster.message import message
from cluster.origin import Origin
from cluster.page_text import PageText

ASKED = Origin("asked")


@message
@dataclass(frozen=True, slots=True)
class Older:
    page: int
    image: str = ""


@message
@dataclass(frozen=True, slots=True)
class Newer:
    page: int
    image: str = ""
    origin: Origin = ASKED
    languages: list[str] = field(default_factory=list)


@message
@dataclass(frozen=True, slots=True)
class Broken:
    page: int
    image: str
    size: int


def received(sent: object, receiver: type, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What of a message arrives where its class is that of another version."""
    data = pickle.dumps(sent)
    monkeypatch.setitem(globals(), type(sent).__name__, receiver)
    return pickle.loads(data)


def test_who_is_told_less_than_it_knows_has_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    found = received(Older(3, "page.png"), Newer, monkeypatch)
    assert found == Newer(3, "page.png")
    assert found.languages is not received(Older(3), Newer, monkeypatch).languages


def test_who_is_told_more_passes_over_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    assert received(Newer(3, "page.png", Origin("other"), ["de"]), Older, monkeypatch) == Older(3, "page.png")


def test_among_equals_nothing_changes() -> None:
    sent = Newer(3, "page.png", Origin("other", 2, "trace"), ["de"])
    assert pickle.loads(pickle.dumps(sent)) == sent
    with pytest.raises(dataclasses.FrozenInstanceError):
        pickle.loads(pickle.dumps(sent)).page = 4


def test_a_field_without_a_default_can_not_be_added(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="Broken came without size, which has no default"):
        received(Older(3, "page.png"), Broken, monkeypatch)


CROSSING = (*vars(actors.ocr.protocol).values(), *vars(actors.render.protocol).values(), Demand, Shown, PageText)


def crossing() -> Iterator[type]:
    """The dataclasses of the protocols between processes, and those that their fields may hold."""
    seen: set[Any] = set()
    ahead: list[Any] = [each for each in CROSSING if isinstance(each, type)]
    while ahead:
        one = ahead.pop()
        if one in seen:
            continue
        seen.add(one)
        ahead += get_args(one)
        if isinstance(one, type) and dataclasses.is_dataclass(one):
            ahead += get_type_hints(one).values()
            yield one


def test_whatever_crosses_processes_is_a_message() -> None:
    found = set(crossing())
    assert {each.__name__ for each in found} == set(FIRST_FIELDS)
    for each in found:
        assert each.__setstate__.__module__ == "cluster.message", each  # type: ignore[attr-defined]


def test_fields_are_added_at_the_end_with_defaults() -> None:
    for each in crossing():
        fields = dataclasses.fields(each)
        known = FIRST_FIELDS[each.__name__].split()
        assert [one.name for one in fields[: len(known)]] == known, each
        for one in fields[len(known) :]:
            assert one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING, one.name


FIRST_FIELDS = {
    "ArrangeRequest": "job_id page image width height read pixels origin",
    "AssembleRequest": "job_id prefix pages failed outputs filename total_pages document dpi",
    "Block": "kind bbox lines text markdown level cells",
    "Cell": "row column text bbox row_span column_span",
    "Demand": "render reads",
    "DocumentRef": "job_id prefix raw file_type max_pages password source_uri source_limit size origin",
    "ErrorInfo": "code message",
    "FetchedFile": "raw_file file_type file_size",
    "Line": "text bbox confidence quad",
    "OpenedDocument": "total_pages fetched",
    "Origin": "request_id epoch trace",
    "PageText": "text lines markdown engine engine_version source rotation "
    "confidence duration_ms reason attempts skew blocks layout layout_ms",
    "RecognizeRequest": "job_id page image width height pixels alone rank languages origin",
    "RenderRequest": "document page dpi max_megapixels mode layout wait_s",
    "RenderedPage": "page image width height page_width page_height dpi reason pixels",
    "Shown": "data etag terminal ahead",
    "TextPage": "page page_width page_height width height read image",
}
"""The fields of each message when it became one. What was added later may be added here, and nothing taken away."""
