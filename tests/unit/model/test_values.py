"""The few things that values say about themselves."""

import pytest

from pod.model.access import Grants, Mode
from pod.model.representation import Document
from pod.model.resource import Blob
from tests.unit import facts


def test_grants_allow_what_is_among_them_and_nothing_else() -> None:
    grants = Grants({Mode.READ: "#rule"}, "No rule gives this")

    assert grants.allows(Mode.READ)
    assert not any(grants.allows(mode) for mode in Mode if mode is not Mode.READ)


@pytest.mark.parametrize(("content", "size"), [(b"abc", 3), (b"", 0), (Blob("0" * 64, 5_000_000_000), 5_000_000_000)])
def test_a_document_knows_its_size_whether_it_is_at_hand_or_not(content: bytes | Blob, size: int) -> None:
    nothing = Grants({}, "")
    view = facts.view("a", "a")
    assert view.target is not None

    document = Document(view, view.target, "text/turtle", '"x"', content, nothing, nothing)

    assert document.size == size
