"""The matrix of clients names what the tests run, and leaves nothing out."""

import json

import pytest

from docs import clients
from docs.clients import Client

NO_CLIENTS = {"axe-core", "ws", "esbuild", "soukai", "@ldo/ldo", "@ldo/connected"}
"""What the tests need besides, or what a client is made of."""


@pytest.mark.parametrize("client", clients.clients(), ids=lambda one: one.library)
def test_a_row_has_a_version_and_tests_that_name_the_library(client: Client) -> None:
    texts = [(clients.ROOT / path).read_text("utf-8") for path in client.tests]

    assert client.version[0].isdigit()
    assert any(client.library in text for text in texts)
    assert client.does
    assert set(client.does) <= set(clients.ACTIONS)


def test_every_library_from_npm_is_in_the_matrix() -> None:
    places = (clients.ROOT / "tests" / "clients").glob("*/package.json")
    found = {name for place in places for name in json.loads(place.read_text("utf-8"))["dependencies"]}

    assert found - {one.library for one in clients.clients()} == NO_CLIENTS


def test_a_library_that_several_folders_ask_for_is_the_same_in_all() -> None:
    for place in (clients.ROOT / "tests" / "clients").glob("*/package.json"):
        asked = json.loads(place.read_text("utf-8"))["dependencies"]
        for client in clients.clients():
            assert asked.get(client.library, client.version) == client.version


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("package-lock.json", '"node_modules/x.y": {\n      "version": "1.2.3",'),
        ("constraints.txt", "ax.y==0.1\nx.y==1.2.3\nx-y==4"),
        ("go.mod", "require (\n\tother v0.1.0\n\tx.y v1.2.3 // indirect\n)"),
        ("pom.xml", "<dependency><artifactId>x.y</artifactId>\n  <version>1.2.3</version></dependency>"),
    ],
)
def test_a_version_is_read_from_what_pins_it_in_each_language(kind: str, text: str) -> None:
    assert clients.pinned("x.y", kind, text) == "1.2.3"
    with pytest.raises(LookupError):
        clients.pinned("x.z", kind, text)
