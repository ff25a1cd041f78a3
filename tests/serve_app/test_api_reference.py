"""docs/api.md names every address that the description has, with its methods."""

from __future__ import annotations

import re
from pathlib import Path

from serve_app.openapi.document import openapi_document

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text("utf-8")
METHODS = {"get", "post", "put", "patch", "delete", "head"}
LEFT_OUT = {("get", "/docs/{file}")}  # what the page at /docs is made of


def test_every_operation_is_in_the_table_and_no_other() -> None:
    table = re.search(r"^## Addresses\n(.*?)^## ", PAGE, re.M | re.S)
    assert table is not None
    told = set()
    for first in re.findall(r"^\| (`.*?) \| ", table[1], re.M):
        methods: list[str] = []
        for method, path in re.findall(r"`([A-Z]+)(?: ([^`?]+)[^`]*)?`", first):
            methods.append(method.lower())
            if path:
                told |= {(each, path) for each in methods}
                methods = []
    paths = openapi_document(("rapidocr",), "1")["paths"]
    described = {
        (method, path.replace("{job_id}", "{id}").replace("{page}", "{n}"))
        for path, operations in [*paths.items(), ("/", {"get": {}})]  # the web page is no part of the description
        for method in METHODS & operations.keys()
    }
    assert told == described - LEFT_OUT
