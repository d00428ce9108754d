"""The commands beside the server, as people and scripts run them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.issuer import LocalIssuer
from tests.system.conftest import Serve
from tests.system.servers import LONG, ROOT, Server, rhizome

pytestmark = pytest.mark.system

ALICE = ("pod", "create", "alice", "--email", "alice@pods.example")


def made(*arguments: str, data: Path, given: str | None = None) -> dict[str, str]:
    """The facts that a command which must succeed prints as JSON."""
    ended = rhizome(*arguments, "--data", data, "--json", given=given)
    assert (ended.returncode, ended.stderr) == (0, ""), ended
    facts = json.loads(ended.stdout)
    assert isinstance(facts, dict)
    return facts


def refused(*arguments: str | Path, given: str | None = None) -> str:
    """The sentence of a command that must be refused."""
    ended = rhizome(*arguments, given=given)
    assert (ended.returncode, ended.stdout) == (1, ""), ended
    assert ended.stderr.startswith("rhizome: ")
    return ended.stderr


def test_a_pod_is_made_while_the_server_runs(serve: Serve) -> None:
    server = serve()
    assert server.get("/alice/profile/card").status_code == 401

    facts = made(*ALICE, data=server.data)

    assert list(facts) == ["account", "webid", "storage", "issuer"]
    assert facts["webid"] == f"{server.url}alice/profile/card#me"
    assert facts["storage"] == f"{server.url}alice/"
    assert facts["issuer"] == server.url
    assert server.get("/alice/profile/card").status_code == 200


def test_a_pod_is_made_while_no_server_runs(serve: Serve) -> None:
    server = serve()
    server.stop()

    facts = made(*ALICE, data=server.data)

    assert server.start().get("/alice/profile/card").status_code == 200
    assert facts["storage"] == f"{server.url}alice/"


def test_a_pod_is_made_before_the_first_start(serve: Serve, tmp_path: Path) -> None:
    data = tmp_path / "new"
    server = Server(data, tmp_path / "log")

    facts = made(*ALICE, "--base-url", server.url, data=data)

    assert facts["storage"] == f"{server.url}alice/"
    assert serve(data=data, port=server.port).get("/alice/profile/card").status_code == 200
    server.close()


def test_the_owner_of_a_new_pod_may_do_everything_in_it_and_others_nothing(serve: Serve, issuer: LocalIssuer) -> None:
    server = serve()
    facts = made(*ALICE, "--issuer", issuer.url, data=server.data)
    alice, other = issuer.person("alice", webid=facts["webid"]), issuer.person("other")

    assert server.request("PUT", "/alice/a.ttl", "<> a <#A>.", "text/turtle", by=alice).status_code == 201
    assert server.request("GET", "/alice/", by=alice).status_code == 200
    assert server.request("GET", "/alice/.acl", by=alice).status_code == 200
    assert server.request("GET", "/alice/", by=other).status_code == 403
    assert server.request("GET", "/alice/").status_code == 401


def test_the_owner_of_a_pod_may_have_a_webid_elsewhere(serve: Serve, issuer: LocalIssuer) -> None:
    server = serve()
    owner = issuer.person("owner")

    facts = made(*ALICE, "--webid", owner.webid, data=server.data)

    assert facts["webid"] == owner.webid
    assert server.request("GET", "/alice/", by=owner).status_code == 200
    assert server.request("GET", "/alice/profile/card", by=owner).status_code == 404


def test_a_person_can_have_two_pods_in_one_account(serve: Serve) -> None:
    server = serve()

    first = made(*ALICE, "--password-stdin", data=server.data, given="correct horse battery\n")
    second = made("pod", "create", "work", "--email", "Alice@Pods.example", data=server.data)

    assert first["account"] == second["account"]


def test_the_facts_are_also_printed_for_people(serve: Serve) -> None:
    server = serve()

    ended = rhizome(*ALICE, "--data", server.data)

    assert f"storage  {server.url}alice/\n" in ended.stdout


def test_a_password_is_not_kept_as_it_is(serve: Serve) -> None:
    server = serve()

    made(*ALICE, "--password-stdin", data=server.data, given="correct horse battery staple\n")
    server.stop()

    kept = b"".join(one.read_bytes() for one in server.data.rglob("*") if one.is_file())
    assert b"alice@pods.example" in kept
    assert b"correct horse" not in kept


def test_what_cannot_be_made_is_refused_with_a_reason(serve: Serve) -> None:
    server = serve()
    made(*ALICE, "--password-stdin", data=server.data, given="secret of alice\n")
    place = ("--data", server.data)

    assert "There is a pod named alice already" in refused(*ALICE, *place)
    assert "'a/b' cannot be the name of a pod" in refused("pod", "create", "a/b", "--email", "a@b.example", *place)
    assert "is not an e-mail address" in refused("pod", "create", "bob", "--email", "bob", *place)
    webid = ("--webid", "bob")
    assert "'bob' is not an http or https address" in refused(
        "pod", "create", "bob", "--email", "b@b.example", *webid, *place
    )
    again = ("pod", "create", "other", "--email", "alice@pods.example", "--password-stdin")
    assert "has an account and a password; leave the password out" in refused(*again, *place, given="another secret\n")


def test_a_password_that_is_not_there_is_told(tmp_path: Path) -> None:
    ended = rhizome(*ALICE, "--password-stdin", "--data", tmp_path / "data", given="")

    assert ended.returncode == 2
    assert "there is no password on standard input" in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_pod_is_not_made_for_another_base_url(serve: Serve) -> None:
    server = serve()

    ended = rhizome(*ALICE, "--data", server.data, "--base-url", "https://pods.example/")

    assert ended.returncode == 2
    assert f"the data was made for {server.url}" in ended.stderr


@pytest.mark.parametrize("arguments", [ALICE, ("check",)])
def test_a_command_cannot_reach_what_is_in_the_memory_of_a_server(arguments: tuple[str, ...], tmp_path: Path) -> None:
    ended = rhizome(*arguments, "--data", tmp_path / "data", settings={"POD_STORAGE_KIND": "memory"})

    assert ended.returncode == 2
    assert ended.stderr.startswith("rhizome: storage.kind: ")


def test_a_check_of_nothing_is_wrong_usage_and_makes_nothing(tmp_path: Path) -> None:
    ended = rhizome("check", "--data", tmp_path / "data")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "no server has kept anything in" in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_check_finds_nothing_wrong_while_the_server_runs(serve: Serve) -> None:
    server = serve("--demo")
    server.put("/demo/playground/a/b/c.ttl", "<> a <#C>.")
    server.put("/demo/playground/large", b"x" * 100_000, "text/plain")

    plain = rhizome("check", "--data", server.data)
    as_json = rhizome("check", "--data", server.data, "--json", "--repair")

    assert (plain.returncode, plain.stdout) == (0, "Everything is as it should be.\n")
    assert (as_json.returncode, as_json.stdout) == (0, "[]\n")


def test_the_package_runs_as_the_command() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pod", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=LONG, check=False
    )

    assert ended.returncode == 0
    assert ended.stdout == rhizome("--help").stdout
