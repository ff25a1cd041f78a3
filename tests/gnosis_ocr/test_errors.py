from __future__ import annotations

import pickle
import re
from typing import Any

import cluster.errors
from gnosis_ocr import errors
from gnosis_ocr.errors import REFUSALS, FileTooLarge, GnosisError, JobCancelled, JobFailed, RequestRefused, WaitTimeout
from gnosis_ocr.records import Job
from tests.conftest import REPOSITORY

JOB = Job.read({"job_id": "j", "status": "failed", "percent": 40, "error": {"code": "ocr_failed", "message": "No."}})


def below(cls: type[Any]) -> set[type[Any]]:
    found = {cls}
    for each in cls.__subclasses__():
        found |= below(each)
    return found


def test_every_code_of_the_server_has_its_class() -> None:
    codes = {cls.__dict__["code"] for cls in below(cluster.errors.RequestError) if "code" in cls.__dict__}
    known_by_their_family_alone = {"body_malformed", "method_not_allowed", "tus_version_unsupported"}  # our own faults
    assert codes - known_by_their_family_alone == set(REFUSALS) - {"unexpected_answer"}


def test_no_code_has_two_classes() -> None:
    told = [code for cls in below(RequestRefused) for code in cls.__dict__.get("codes", ())]
    assert len(told) == len(set(told))


def test_every_class_stands_in_the_drawing() -> None:
    drawing = (errors.__doc__ or "").replace(",", " ").split()
    assert {cls.__name__ for cls in below(GnosisError)} <= set(drawing)


def test_every_class_stands_on_the_page_about_the_client_and_no_other() -> None:
    page = (REPOSITORY / "docs" / "client.md").read_text("utf-8")
    table = re.findall(r"^\| (`[^|]*) \|", page.partition("## Errors")[2], re.M)
    told = {name for row in table for name in re.findall(r"`(\w+)`", row)}
    assert told | {"GnosisError", "RequestRefused"} == {cls.__name__ for cls in below(GnosisError)}


def test_errors_travel_between_processes() -> None:
    refused = FileTooLarge("Too large.", status=413, code="file_too_large", retry_after=2.0, request_id="r")
    again = pickle.loads(pickle.dumps(refused))
    assert type(again) is FileTooLarge
    assert again.__dict__ == refused.__dict__
    for error in (JobFailed(JOB), JobCancelled(JOB), WaitTimeout(JOB)):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), again.job, str(again)) == (type(error), JOB, str(error))


def test_what_is_said_of_a_job() -> None:
    assert str(JobFailed(JOB)) == "ocr_failed: No."
    assert str(JobFailed(Job.read({"job_id": "j", "status": "failed"}))) == "The job j has failed."
    assert str(JobCancelled(JOB)) == "The job j was cancelled."
    assert str(WaitTimeout(JOB)) == "The job j has not ended yet: failed, 40 %."
