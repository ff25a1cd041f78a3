from __future__ import annotations

import inspect

import pytest

from cluster.options import ALLOWED
from serve_app.command_read import read
from serve_app.command_submit import submit
from serve_app.document_options import with_document_options

OF_SUBMIT = {"session_id", "callback_url"}
"""A reading has no use for them: it waits for its jobs itself."""


def test_every_option_of_a_job_can_be_given() -> None:
    added = inspect.signature(with_document_options(lambda options: None)).parameters
    assert {*added} | OF_SUBMIT == set(ALLOWED)
    assert inspect.signature(read).parameters.keys() >= added.keys()
    assert inspect.signature(submit).parameters.keys() >= added.keys() | OF_SUBMIT


@pytest.mark.parametrize("command", [read, submit])
def test_none_is_given_by_default(command: object) -> None:
    assert callable(command)
    parameters = inspect.signature(command).parameters
    assert {parameters[name].default for name in set(ALLOWED) & set(parameters)} == {None}
