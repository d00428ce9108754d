"""Open pages served by several processes: what one of them is told to change, the pages of all others learn."""

import html
import http.client
import json
import re
from collections.abc import Mapping

import pytest

from tests.system.conftest import Serve
from tests.system.servers import Server
from tests.system.test_workers import Worker, each_worker, wait_for_workers

pytestmark = pytest.mark.system

JSON = {"Content-Type": "application/json", "Accept": "application/json"}


@pytest.fixture
def server(serve: Serve) -> Server:
    server = serve("--workers", "2")
    wait_for_workers(server, 2)
    return server


def post(worker: Worker, path: str, token: str, **fields: str) -> Mapping[str, str]:
    """What a page answers to a program with the token, if there is one."""
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    answer = worker.request("POST", path, json.dumps(fields), JSON | bearer)
    assert answer.status == 200, answer.text
    told: Mapping[str, str] = json.loads(answer.text)
    return told


def follow(worker: Worker, path: str, token: str) -> http.client.HTTPResponse:
    """The stream of the page there, over the worker's connection, once it is open."""
    cookie = {"Cookie": f"rhizome={token}"}
    page = worker.request("GET", path, headers=cookie | {"Accept": "text/html"})
    found = re.search(r'data-live="([^"]+)"', page.text)
    assert found is not None, page.text
    headers = {"Host": worker._host, "Accept": "text/event-stream", **cookie}
    worker._connection.request("GET", html.unescape(found[1]), headers=headers)
    stream = worker._connection.getresponse()
    assert next_event(stream) == "opened"
    return stream


def next_event(stream: http.client.HTTPResponse) -> str:
    """The name of the next event; empty when the stream has ended."""
    while line := stream.readline():
        if line.startswith(b"event: "):
            return line.removeprefix(b"event: ").decode().strip()
    return ""


def test_a_pod_that_is_made_by_one_worker_comes_to_the_pages_of_the_other(server: Server) -> None:
    with each_worker(server) as (one, other):
        token = post(one, "/.account/sign-up", "", email="ada@example.org", password="seven green umbrellas")["token"]
        stream = follow(other, "/", token)

        post(one, "/.account/pods", token, pod_name="ada")

        assert next_event(stream) == "changed"


def test_who_signs_out_at_one_worker_is_told_nothing_more_by_the_other(server: Server) -> None:
    with each_worker(server) as (one, other):
        token = post(one, "/.account/sign-up", "", email="ada@example.org", password="seven green umbrellas")["token"]
        stream = follow(other, "/.account/apps", token)

        post(one, "/.account/sign-out", token)

        assert [next_event(stream), next_event(stream)] == ["changed", ""]


def test_a_server_with_open_pages_ends_in_order(server: Server) -> None:
    with each_worker(server) as (one, other):
        token = post(one, "/.account/sign-up", "", email="ada@example.org", password="seven green umbrellas")["token"]
        stream = follow(other, "/.account/apps", token)

        assert server.stop() == 0

        assert next_event(stream) == ""
