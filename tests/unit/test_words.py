"""What pages call grants, apps and places."""

from collections.abc import Mapping, Sequence

import pytest

from pod.http.texts import Texts
from pod.idp.asking import Ask
from pod.idp.clients import Client
from pod.model.access import Mode
from pod.model.resource import Child, Kind, Pod, Uri
from pod.web import places, words

BASE = "https://pods.example/"
READ = frozenset({Mode.READ})
EN = Texts("en")


@pytest.mark.parametrize(
    ("modes", "told"),
    [
        (set(Mode), "do everything you can, also decide who may see it,"),
        ({Mode.READ, Mode.WRITE}, "look at and change"),
        ({Mode.READ, Mode.CONTROL}, "decide who may see, look at"),
        ({Mode.CONTROL}, "decide who may see"),
    ],
)
def test_modes_are_told_in_a_phrase_or_one_by_one(modes: set[Mode], told: str) -> None:
    assert words.modes(modes, EN) == told


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (Ask(READ, target=Uri(f"{BASE}alice/caf%C3%A9/")), "alice/café/"),
        (Ask(READ, target=Uri("https://elsewhere.example/x")), "https://elsewhere.example/x"),
        (Ask(READ, path="my%20notes/"), "my notes/ in your pod"),
        (Ask(READ, of_class="http://schema.org/Note"), "your things of the kind “Note”"),
        (Ask(READ, of_class="https://voc.example/terms#Recipe"), "your things of the kind “Recipe”"),
    ],
)
def test_what_an_app_asks_for_is_called_by_what_people_know(ask: Ask, told: str) -> None:
    assert words.thing(ask, BASE, EN) == told


def test_all_of_a_server_is_called_what_one_can_reach() -> None:
    assert words.place(BASE, BASE, EN) == "all that you can reach here"


def test_an_app_of_which_nothing_is_known_is_called_by_its_id_and_one_without_a_name_so() -> None:
    unknown = words.app(None, "https://app.example/id", EN)
    nameless = words.app(Client("x", "", "registered", "app.example"), "x", EN)

    assert (unknown["name"], unknown["verified"], unknown["kind"]) == ("https://app.example/id", False, "unknown")
    assert (nameless["name"], nameless["host"]) == ("An app without a name", "app.example")


class Tree:
    """A store of which only what lies in containers is asked."""

    def __init__(self, members: Mapping[str, Sequence[str]]) -> None:
        self._members = members

    async def children(self, container: Uri) -> Sequence[Child]:
        found = [Uri(f"{container}{name}") for name in self._members.get(container.removeprefix(BASE), ())]
        kinds = [Kind.CONTAINER if one.endswith("/") else Kind.DOCUMENT for one in found]
        return [Child(one, kind, "text/turtle", 1, 1) for one, kind in zip(found, kinds, strict=True)]


POD = Pod(Uri(f"{BASE}alice/"), "alice", (f"{BASE}alice/profile/card#me",), "an account", 1)


async def test_folders_to_pick_are_shown_down_to_some_depth_and_documents_are_not() -> None:
    tree = Tree({"alice/": ("a%20b/", "note"), "alice/a%20b/": ("c/",), "alice/a%20b/c/": ("d/",)})

    found = await places.tree(tree, [POD])  # type: ignore[arg-type]  # asks for nothing else

    assert [(one.label, one.depth) for one in found] == [("alice/", 0), ("a b/", 1), ("c/", 2)]


async def test_folders_to_pick_are_not_more_than_anyone_looks_through() -> None:
    tree = Tree({"alice/": [f"{number}/" for number in range(places.MOST + 50)]})

    assert len(await places.tree(tree, [POD])) == places.MOST  # type: ignore[arg-type]  # asks for nothing else
