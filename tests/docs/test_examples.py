"""Every example at a terminal is run, from top to bottom of its page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.console import Console, fits

WITH_EXAMPLES = [page for page in pages.PAGES if any(pages.blocks(page, "console"))]


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    console = Console(tmp_path)
    yield console
    console.close()


@pytest.mark.system
@pytest.mark.spec("server-http-11")
@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=pages.name)
def test_a_page_shows_what_its_commands_print(page: Path, console: Console) -> None:
    for example in pages.examples(page):
        printed = console.run(example)

        assert fits(example.output, printed), f"{pages.name(page)}:{example.line} {example.command}\n{printed}"


def test_the_first_pages_have_examples() -> None:
    assert {"README.md", "docs/start.md"} <= {pages.name(page) for page in WITH_EXAMPLES}


@pytest.mark.parametrize(
    ("shown", "printed", "fit"),
    [
        ("200", "200\n", True),
        ("200", "201\n", False),
        ("first\n…", "first\nsecond\nthird", True),
        ("…\nlast", "first\nlast", True),
        ("…\nlast", "first\nlast\nmore", False),
        ("allow: …", "allow: GET, PUT", True),
        ("allow: …", "vary: Accept", False),
        ('etag: "abcd1234-0"', 'etag: "zzzz99-1.2"', True),
        ("a.b", "axb", False),
    ],
)
def test_a_page_may_leave_out_and_not_make_up(shown: str, printed: str, fit: bool) -> None:
    assert fits(shown, printed) is fit
