"""Several processes that serve one storage."""

import http.client
import itertools
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import psutil
import pytest

from tests.issuer import LocalIssuer
from tests.system.conftest import Serve
from tests.system.servers import LONG, Server, rhizome

pytestmark = pytest.mark.system

PLACE = "/demo/playground/"


@dataclass(frozen=True)
class Answer:
    """What a worker answered."""

    status: int
    text: str


class Worker:
    """One of a server's processes, with a connection that leads to no other."""

    def __init__(self, server: Server, others: list[psutil.Process]) -> None:
        for other in others:
            other.send_signal(signal.SIGSTOP)
        try:
            self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LONG)
            self._host = f"localhost:{server.port}"
            assert self.request("GET", "/.health/live").status == 200
        finally:
            for other in others:
                other.send_signal(signal.SIGCONT)

    def request(
        self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask this worker."""
        self._connection.request(method, path, body, {"Host": self._host, **(headers or {})})
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.read().decode())

    def put(self, path: str, turtle: str) -> Answer:
        """PUT Turtle."""
        return self.request("PUT", path, turtle, {"Content-Type": "text/turtle"})

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


@contextmanager
def each_worker(server: Server) -> Iterator[list[Worker]]:
    """A connection to each worker."""
    processes = server.workers()
    with ExitStack() as stack:
        found = []
        for one in processes:
            worker = Worker(server, [other for other in processes if other != one])
            stack.callback(worker.close)
            found.append(worker)
        yield found


@pytest.fixture
def server(serve: Serve) -> Server:
    """Two workers, with a playground."""
    server = serve("--demo", "--workers", "2")
    wait_for_workers(server, 2)
    return server


def wait_for_workers(server: Server, count: int, without: int | None = None) -> None:
    """Return when so many workers answer, none of them the process `without`; nobody who asks meanwhile is let down."""
    started = count + (without is not None)
    while (
        len([one for one in server.workers() if one.pid != without]) < count
        # Until a worker has told that it started, it may be too young to be stopped.
        or server.log.read_text().count("INFO started") < started
    ):
        with server.connect() as connection:
            connection.send(b"GET /.health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert connection.rest().startswith(b"HTTP/1.1 200 OK\r\n")


def test_what_one_worker_writes_the_other_reads_at_once(server: Server) -> None:
    with each_worker(server) as (one, other):
        for number in range(20):
            assert one.put(f"{PLACE}a{number}", f"<> <#is> {number}.").status == 201

            assert other.request("GET", f"{PLACE}a{number}").text == f"<> <#is> {number}."
            assert f"a{number}>" in other.request("GET", PLACE).text

            assert other.request("DELETE", f"{PLACE}a{number}").status == 205
            assert one.request("GET", f"{PLACE}a{number}").status == 404


def test_two_workers_that_patch_one_resource_lose_nothing(server: Server) -> None:
    server.put(f"{PLACE}shared", "<> a <#Shared>.")
    acknowledged: list[str] = []
    refused: list[Answer] = []

    def patch(worker: Worker, name: str) -> None:
        for number in range(60):
            body = (
                f"_:p a <http://www.w3.org/ns/solid/terms#InsertDeletePatch>;"
                f" <http://www.w3.org/ns/solid/terms#inserts> {{ <> <#has> <#{name}-{number}>. }}."
            )
            answer = worker.request("PATCH", f"{PLACE}shared", body, {"Content-Type": "text/n3"})
            if answer.status == 204:
                acknowledged.append(f"{name}-{number}")
            else:
                refused.append(answer)

    with each_worker(server) as workers:
        threads = [threading.Thread(target=patch, args=(one, f"w{n}")) for n, one in enumerate(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    kept = server.get(f"{PLACE}shared", accept="application/n-triples").text
    found = {line.split("#")[2].split(">")[0] for line in kept.splitlines() if "#has>" in line}
    assert found == set(acknowledged)
    # Who is refused is told to come back.
    assert {answer.status for answer in refused} <= {503}
    assert len(acknowledged) >= 60


def test_a_policy_that_changes_in_one_worker_counts_in_the_other_at_the_next_request(
    serve: Serve, issuer: LocalIssuer
) -> None:
    server = serve("--workers", "2")
    wait_for_workers(server, 2)
    owner = issuer.person("owner")
    make_pod(server, owner.webid)
    rule = f"""@prefix acl: <http://www.w3.org/ns/auth/acl#>.
        <#owner> a acl:Authorization; acl:agent <{owner.webid}>; acl:accessTo <a>;
            acl:mode acl:Read, acl:Write, acl:Control."""
    public = (
        f"{rule} <#public> a acl:Authorization; acl:agentClass <http://xmlns.com/foaf/0.1/Agent>;"
        " acl:accessTo <a>; acl:mode acl:Read."
    )
    assert server.request("PUT", "/alice/a", "<> a <#Secret>.", "text/turtle", by=owner).status_code == 201
    with each_worker(server) as workers:
        for one, other in itertools.chain.from_iterable([itertools.permutations(workers)] * 5):
            for turtle, status in ((public, 200), (rule, 401)):
                headers = {"Content-Type": "text/turtle", **owner.headers("PUT", f"{server.url}alice/a.acl")}
                assert one.request("PUT", "/alice/a.acl", turtle, headers).status in {201, 204}

                assert other.request("GET", "/alice/a").status == status


def test_a_proof_that_one_worker_has_seen_the_other_refuses(serve: Serve, issuer: LocalIssuer) -> None:
    server = serve("--workers", "2")
    wait_for_workers(server, 2)
    owner = issuer.person("owner")
    make_pod(server, owner.webid)
    with each_worker(server) as (one, other):
        headers = owner.headers("GET", f"{server.url}alice/")
        assert one.request("GET", "/alice/", headers=headers).status == 200

        assert other.request("GET", "/alice/", headers=headers).status == 401

        assert other.request("GET", "/alice/", headers=owner.headers("GET", f"{server.url}alice/")).status == 200


def make_pod(server: Server, webid: str) -> None:
    """A pod at /alice/ for the WebID."""
    arguments = ("alice", "--email", "alice@pods.example", "--webid", webid, "--data", server.data)
    made = rhizome("pod", "create", *arguments)
    assert made.returncode == 0, made.stderr


def test_a_worker_that_dies_is_missed_by_nobody_and_replaced(server: Server) -> None:
    server.put(f"{PLACE}a", "<> a <#A>.")
    dead = server.workers()[0]

    dead.kill()
    dead.wait(LONG)

    wait_for_workers(server, 2, without=dead.pid)
    with each_worker(server) as workers:
        assert [one.request("GET", f"{PLACE}a").status for one in workers] == [200, 200]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_every_worker(server: Server, number: int) -> None:
    workers = server.workers()

    server.signal(number)

    assert server.wait() == 0
    assert all(not one.is_running() for one in workers)


def test_workers_end_when_the_process_that_started_them_is_killed(server: Server) -> None:
    workers = server.workers()

    server.kill()

    _, alive = psutil.wait_procs(workers, timeout=LONG)
    assert alive == []
    assert server.start().get(PLACE).status_code == 200


def test_a_worker_that_cannot_start_ends_the_server_with_a_failure(serve: Serve) -> None:
    server = serve("--workers", "2")
    wait_for_workers(server, 2)
    victim = server.workers()[0]
    database = server.data / "pod.sqlite"
    database.rename(database.with_suffix(".away"))
    database.mkdir()

    with suppress(psutil.NoSuchProcess):
        victim.kill()

    assert server.wait() == 1
