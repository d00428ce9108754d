"""Every link of the documentation leads somewhere."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.docs import pages


@pytest.mark.parametrize("page", pages.PAGES, ids=pages.name)
def test_links_lead_to_what_is_there(page: Path) -> None:
    broken = [link for link in pages.links(page) if not _leads_somewhere(page, link)]

    assert broken == []


def _leads_somewhere(page: Path, link: str) -> bool:
    """Links out of the project must be https; whether others are up to date is not ours to test."""
    parts = urlsplit(link)
    if parts.scheme:
        return parts.scheme == "https" and parts.hostname is not None
    target = (page.parent / parts.path).resolve() if parts.path else page
    if not target.exists() or not target.is_relative_to(pages.ROOT):
        return False
    return not parts.fragment or parts.fragment in pages.anchors(target)


def test_a_link_astray_is_noticed(tmp_path: Path) -> None:
    start = pages.ROOT / "docs" / "start.md"

    assert _leads_somewhere(start, "guide/apps.md#with-curl")
    assert not _leads_somewhere(start, "guide/apps.md#with-cobol")
    assert not _leads_somewhere(start, "guide/nothing.md")
    assert not _leads_somewhere(start, str(tmp_path))
    assert not _leads_somewhere(start, "http://example.org/")


def test_every_page_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [pages.ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = [urlsplit(link) for link in pages.links(page)]
        waiting += [(page.parent / parts.path).resolve() for parts in targets if not parts.scheme and parts.path]
        waiting += [page.parent / "docs" / "README.md"] if page.parent == pages.ROOT else []

    changes = {page for page in pages.PAGES if page.parent.name == "changelog.d"}
    assert set(pages.PAGES) - reached - changes == set()


def test_every_change_is_one_line_of_the_known_kinds() -> None:
    kinds = ("Added: ", "Changed: ", "Fixed: ", "Security: ", "Removed: ")
    for page in (pages.ROOT / "docs" / "changelog.d").iterdir():
        if page.name != "README.md":
            text = page.read_text("utf-8")

            assert text.startswith(kinds), page.name
            assert text.count("\n") == 1, page.name
            assert text.endswith(".\n"), page.name
