from __future__ import annotations

import pytest

from actors.ocr.model_markdown import page_markdown

PROMPT = "Transcribe all text on this page as Markdown, in reading order.\nWrite nothing else."


@pytest.mark.parametrize(
    ("reply", "page"),
    [
        ("```markdown\n# Title\n\ntext\n```", "# Title\n\ntext"),
        ("```\ntext\n```\n", "text"),
        ("~~~html\n<table></table>\n~~~", "<table></table>"),
        ("````md\na\n```python\nx = 1\n```\nb\n````", "a\n```python\nx = 1\n```\nb"),
        ("```markdown\na\n```\ncode\n```\nb\n```", "a\n```\ncode\n```\nb"),
        ("Here is the text of the page:\n\n```markdown\n# Title\n```", "# Title"),
        ("```markdown\nbroken off", "broken off"),
        ("```markdown\n```", ""),
        ("<|im_start|>\ntext<|im_end|>\n", "text"),
        ("  text \n", "text"),
        ("", ""),
    ],
)
def test_what_stands_around_the_page_goes(reply: str, page: str) -> None:
    assert page_markdown(reply) == page


@pytest.mark.timeout(5)
def test_a_model_that_lost_its_way_holds_nobody_up() -> None:
    page = f"a{chr(10) * 50_000}b"
    assert page_markdown(f"<s>{page} \n<|im_end|></s>\n<|end|>", PROMPT) == page


@pytest.mark.parametrize(
    "page",
    [
        "# Title\n\n```python\nx = 1\n```",
        "```python\nx = 1\n```",
        "```python\nx = 1\n```\ntext\n```python\ny\n```",
        "```\na\n```\nbetween\n```\nb\n```",
        "Ingredients:\n\nflour",
        "The following holds:\n\n```\na\n```",
        "```\nnever closed",
        "user\nassistant\nThese are roles in a play.",
        "Transcribe all text by Friday.",
    ],
)
def test_what_may_be_the_pages_own_stays(page: str) -> None:
    assert page_markdown(page, PROMPT) == page


@pytest.mark.parametrize(
    "echo",
    [
        f"{PROMPT}\n\n# Title",
        f"user\n{PROMPT}\nassistant\n# Title",
        f"{PROMPT.replace(chr(10), ' ')} # Title",
        f"User: \n{PROMPT}\nAssistant:\n```markdown\n# Title\n```",
    ],
)
def test_a_prompt_that_comes_back_goes(echo: str) -> None:
    assert page_markdown(echo, PROMPT) == "# Title"
