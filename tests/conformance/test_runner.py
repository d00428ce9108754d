"""How the runner reads what it is given, what it keeps secret, and how it ends."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.__main__ import main, tell
from conformance.case import CannotTell, Case, Failed, Look, NotOffered, Outcome
from conformance.client import Client, redacted
from conformance.exchange import Answer
from conformance.expect import refused, require
from conformance.people import BadCredentials, Credentials, Person
from conformance.run import Options, Report, Result, run
from conformance.tables import requirements
from conformance.target import Target
from conformance.world import World
from tests.mutants import Rhizome
from tests.world import TURTLE

ISSUER = "https://issuer.example/"


def made(name: str, look: Look, *, level: str = "MUST", needs: Sequence[str] = ()) -> Case:
    """A case that is in no list."""
    asked = (requirements()["server-http"],)
    return Case(f"protocol/made/{name}", "protocol", name, "", asked, level, needs, look)


async def nothing(_: World) -> None:
    """A case that passes."""


async def fails(w: World) -> None:
    refused(await w.alice.get(w.place))


def options(rhizome: Rhizome) -> Options:
    alice, bob = rhizome.people
    return Options(rhizome.url, Credentials.of(alice), Credentials.of(bob), reach="")


def come(rhizome: Rhizome, *cases: Case) -> Report:
    return asyncio.run(run(options(rhizome), cases))


def report(*results: Result) -> Report:
    return Report(Target("http://pod.example/"), "A server", datetime(2026, 1, 2, tzinfo=UTC), results)


def test_credentials_come_from_json_a_file_or_one_word(tmp_path: Path) -> None:
    value = {"issuer": ISSUER, "client_id": "me", "client_secret": "s:e@c"}
    file = tmp_path / "alice.json"
    file.write_text(json.dumps(value))
    expected = Credentials(issuer=ISSUER, id="me", secret="s:e@c")
    assert Credentials.read(json.dumps(value)) == expected
    assert Credentials.read(str(file)) == expected
    assert Credentials.read(f"me:s:e@c@{ISSUER}") == expected


@pytest.mark.parametrize("given", ["", "nothing", "{}", "[]", "{", '{"issuer": "https://issuer.example/"}', "a@b"])
def test_credentials_with_which_nobody_can_sign_in_are_refused(given: str) -> None:
    with pytest.raises(BadCredentials):
        Credentials.read(given)


def test_a_report_has_nothing_to_sign_in_with() -> None:
    shown = redacted([("Authorization", "DPoP very-secret"), ("dpop", "proof"), ("cookie", "a=b"), ("accept", "*/*")])
    assert shown == [("Authorization", "DPoP …"), ("dpop", "…"), ("cookie", "…"), ("accept", "*/*")]


@pytest.mark.parametrize(
    ("value", "relation", "target"),
    [
        ('<b>; rel="acl"', "acl", "http://pod.example/a/b"),
        ("<b>; rel=acl", "acl", "http://pod.example/a/b"),
        ('<http://x.example/,;x>; rel="type"', "type", "http://x.example/,;x"),
        ('<b>; title="a, <c>; rel=\\"no\\""; rel="one acl"', "acl", "http://pod.example/a/b"),
        ('<x>; rel="y", <b>;rel=ACL', "acl", "http://pod.example/a/b"),
    ],
)
def test_link_headers_are_read_in_all_their_forms(value: str, relation: str, target: str) -> None:
    answer = Answer("GET", "http://pod.example/a/c", [], b"", 200, [("Link", value)], b"")
    assert target in answer.linked(relation)


def test_the_outcome_of_a_case_is_what_it_raises(rhizome: Rhizome) -> None:
    async def cannot(_: World) -> None:
        raise CannotTell("No.")

    async def offers_nothing(_: World) -> None:
        raise NotOffered("It has none.")

    async def stumbles(w: World) -> None:
        require(int((await w.alice.get(w.place)).header("x-no-such")), "there is a number")

    found = come(
        rhizome,
        made("passes", nothing),
        made("fails", fails),
        made("cannot", cannot),
        made("offers-nothing", offers_nothing),
        made("stumbles", stumbles),
        made("does-not-apply", fails, needs=["channel:NoChannel2023"]),
    )
    assert [one.outcome.value for one in found.results] == [
        *("passed", "failed", "cantTell", "inapplicable", "cantTell", "inapplicable")
    ]
    assert found.results[1].record.answers[0].status == 200
    assert "ValueError" in found.results[4].why
    assert found.results[5].why == "The server offers no NoChannel2023."
    assert (found.passed, found.failed) == (1, 3)


def test_nothing_of_a_run_is_left_behind(rhizome: Rhizome) -> None:
    async def leaves(w: World) -> None:
        await w.folder("a/b/")
        await w.share(await w.document("a/b/c.ttl"), (w.bob, "read"))
        raise Failed("It ends here.")

    async def listed() -> frozenset[str]:
        """The places of runs; servers that were broken before may have left some."""
        async with Client() as client:
            alice = Person(client, "alice", Credentials.of(rhizome.people[0]))
            answer = await alice.get(f"{rhizome.url}alice/", TURTLE)
            assert answer.status == 200
            return frozenset(re.findall(r"conformance-\w+", answer.text))

    before = asyncio.run(listed())
    come(rhizome, made("leaves", leaves))

    assert asyncio.run(listed()) == before


def test_who_has_no_storage_there_is_told_so(rhizome: Rhizome, capsys: pytest.CaptureFixture[str]) -> None:
    alice, bob = rhizome.people
    elsewhere = {**alice, "webid": f"{rhizome.url}alice/nothing#me"}
    given = ["--alice", json.dumps(elsewhere), "--bob", json.dumps(bob), "--only", "protocol/reading"]
    assert main(["--target", rhizome.url, *given]) == 2
    assert "cannot be looked at" in capsys.readouterr().err


def test_wrong_arguments_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "no-such-area"]) == 2
    assert main(["--only", "protocol"]) == 2
    assert "--target, --alice and --bob" in capsys.readouterr().err


def test_the_last_line_counts_and_the_exit_code_says_whether_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = Result(made("a", nothing), Outcome.PASSED), Result(made("b", fails), Outcome.FAILED, "Wrong.")
    lax = Result(made("c", fails, level="SHOULD"), Outcome.FAILED, "Lax.")
    assert tell(report(good, lax), {}, None, whole=True) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == "1 passed, 0 failed"
    assert "SHOULD: 0 met, 1 not met" in told
    assert tell(report(good, bad), {}, None, whole=True) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 passed, 1 failed"


def test_what_is_known_to_fail_does_not_fail_the_run_until_it_passes_again(capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = Result(made("b", fails), Outcome.FAILED, "Wrong."), Result(made("b", nothing), Outcome.PASSED)
    known = {"protocol/made/b": "It has its reason."}
    assert tell(report(bad), known, None, whole=True) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 0 failed"
    assert tell(report(good), known, None, whole=True) == 1
    assert "take it out" in capsys.readouterr().out
    assert tell(report(), known, None, whole=True) == 1
    assert tell(report(), known, None, whole=False) == 0
