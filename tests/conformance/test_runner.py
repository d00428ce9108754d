"""How the runner reads what it is given, what it keeps secret, and how it ends."""

import asyncio
import json
import re
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path

import pytest

from conformance.__main__ import main, tell
from conformance.case import CannotTell, Case, Failed, Look, NotOffered, Outcome
from conformance.client import Client, pause, redacted
from conformance.exchange import Answer
from conformance.expect import refused, require
from conformance.people import BadCredentials, Credentials, Person
from conformance.run import Options, Report, Result, run
from conformance.tables import requirements
from conformance.target import Target
from conformance.world import World
from tests.mutants import Mutant, Rhizome, answers, replaced
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


async def listed(rhizome: Rhizome) -> frozenset[str]:
    """The places of runs; servers that were broken before may have left some."""
    async with Client() as client:
        alice = Person(client, "alice", Credentials.of(rhizome.people[0]))
        answer = await alice.get(f"{rhizome.url}alice/", TURTLE)
        assert answer.status == 200
        return frozenset(re.findall(r"conformance-\w+", answer.text))


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

    before = asyncio.run(listed(rhizome))
    come(rhizome, made("leaves", leaves))

    assert asyncio.run(listed(rhizome)) == before


def test_what_was_found_out_is_kept_when_the_server_ends(rhizome: Rhizome, monkeypatch: pytest.MonkeyPatch) -> None:
    async def breaks(_: World) -> None:
        async def ended(*_: object, **__: object) -> Answer:
            raise Failed("The server should have answered.")

        monkeypatch.setattr(Client, "send", ended)
        raise Failed("It ends here.")

    assert [one.why for one in come(rhizome, made("breaks", breaks)).results] == ["It ends here."]


def test_sentences_have_no_secrets(rhizome: Rhizome) -> None:
    async def tells(_: World) -> None:
        raise CannotTell('To register an app: it answered 200: {"client_secret": "a secret"}')

    assert come(rhizome, made("tells", tells)).results[0].why.endswith('{"client_secret": "…"}')


def test_an_issuer_may_be_named_without_the_slash_at_its_end(rhizome: Rhizome) -> None:
    async def offered(w: World) -> None:
        require("issuer" in w.target.offers, "the server is the issuer of Alice")

    alice, bob = ({**one, "issuer": rhizome.url.rstrip("/")} for one in rhizome.people)
    asked = Options(rhizome.url, Credentials.of(alice), Credentials.of(bob))
    assert asyncio.run(run(asked, [made("offered", offered)])).results[0].why == ""


def test_a_description_that_cannot_be_read_ends_no_run(rhizome: Rhizome) -> None:
    change = answers(replaced("^", "<"), method="GET", when=lambda told: told.path.endswith(".well-known/solid"))
    with rhizome.broken(Mutant("the description is no RDF", "", change)):
        assert come(rhizome, made("passes", nothing)).passed == 1


def test_an_issuer_that_gives_no_token_is_told(rhizome: Rhizome, capsys: pytest.CaptureFixture[str]) -> None:
    alice, bob = (json.dumps(one) for one in rhizome.people)
    change = answers(replaced("access_token", "other"), method="POST")
    with rhizome.broken(Mutant("there is no token", "", change)):
        assert main(["--target", rhizome.url, "--alice", alice, "--bob", bob, "--only", "protocol/live"]) == 2
    assert "there is no access_token" in capsys.readouterr().err


@pytest.mark.parametrize("date", [False, True])
def test_a_server_may_ask_to_wait_in_seconds_or_until_a_date(date: bool) -> None:
    said = formatdate(time.time() + 20, usegmt=True) if date else "20"
    answer = Answer("GET", "http://pod.example/", [], b"", 503, [("retry-after", said)], b"")
    found = pause(answer)
    assert found is not None
    assert 15 < found <= 20
    assert pause(replace(answer, headers=[("retry-after", "soon")])) is None
    assert pause(replace(answer, status=500)) is None


def test_a_file_of_known_failures_that_is_not_there_is_told_first(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--alice", "a:b@http://pod.invalid/", "--bob", "a:b@http://pod.invalid/", "--known", "no-such-file.toml"]
    assert main(["--target", "http://pod.invalid/", *given]) == 2
    assert "no-such-file.toml" in capsys.readouterr().err


def test_who_interrupts_a_run_leaves_nothing_behind(
    rhizome: Rhizome, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def interrupted(w: World) -> None:
        await w.document()
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(60)

    before = asyncio.run(listed(rhizome))
    monkeypatch.setattr("conformance.__main__.cases", lambda *_: [made("interrupted", interrupted)])
    alice, bob = (json.dumps(one) for one in rhizome.people)
    # What runs in the background of a shell ignores the signal, and so do its children.
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert main(["--target", rhizome.url, "--alice", alice, "--bob", bob]) == 2
    finally:
        signal.signal(signal.SIGINT, ignored)
    assert "interrupted" in capsys.readouterr().err
    assert asyncio.run(listed(rhizome)) == before


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
    with pytest.raises(SystemExit, match="2"):
        main(["--serve", "localhost"])
    assert "HOST:PORT" in capsys.readouterr().err


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
