"""The command's own words: usage, help and exit codes; what commands do is tested with real processes."""

import argparse
import contextlib
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from pod import __version__, cli

COMMON = ("--data", "--base-url", "--config")


def commands(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that does something, as it is typed."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield words
    for action in below:
        for name, one in action.choices.items():
            yield from commands(one, (*words, name))


COMMANDS = list(commands(cli._parser()))


def help_of(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        cli.main([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_there_are_commands_to_serve_to_check_and_for_pods_accounts_and_tokens() -> None:
    known = [("serve",), ("pod", "create"), ("check",), ("why",), ("conformance",)]

    assert [one for one in COMMANDS if len(one) == 1 or one[0] == "pod"] == known
    assert {name for word, *names in COMMANDS if word == "account" for name in names} == {
        *("list", "show", "create", "invite", "set-password", "verify", "delete", "undelete", "purge", "export")
    }
    assert {name for word, *names in COMMANDS if word == "token" for name in names} == {"create", "list", "revoke"}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_does_and_takes_the_common_options(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    text = help_of(words, capsys)

    assert text.startswith(f"usage: rhizome {' '.join(words)} ")
    for option in COMMON:
        assert f"{option} " in text
    described = [line.strip() for line in text.split("\n\n")[1].splitlines()]
    assert described[-1].endswith(".")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_of_a_command_is_described(words: tuple[str, ...]) -> None:
    parser = cli._parser()
    for word in words:
        (below,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
        parser = below.choices[word]

    assert [one.dest for one in parser._actions if not one.help] == []


@pytest.mark.parametrize("words", [(), ("pod",), ("account",), ("token",)], ids=str)
def test_help_lists_every_command_below(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    text = help_of(words, capsys)

    for one in COMMANDS:
        if one[: len(words)] == words:
            assert re.search(rf"^    {one[len(words)]}( |$)", text, re.MULTILINE)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"rhizome {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["pod"],
        ["pod", "create"],
        ["pod", "create", "alice"],
        ["grow"],
        ["serve", "--pots"],
        ["check", "--mend"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_with_its_own_exit_code(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: rhizome")


def test_wrong_settings_are_told_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["check", "--base-url", "pods.example", "--data", ""])

    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert [line.split(": ")[:2] for line in told.err.splitlines()] == [
        ["rhizome", "server.base_url"],
        ["rhizome", "storage.data"],
    ]


def test_what_a_command_finds_or_makes_is_told_to_people_and_to_scripts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--data", str(tmp_path), "--base-url", "https://pods.example/"]

    def told(*words: str) -> tuple[int, str]:
        code = cli.main([*words, *place])
        return code, capsys.readouterr().out

    create = ("pod", "create", "alice", "--email", "alice@pods.example")
    code, text = told(*create, "--json")
    assert (code, json.loads(text)["storage"]) == (0, "https://pods.example/alice/")
    assert told(*create) == (1, "")
    code, text = told("pod", "create", "bob", "--email", "bob@pods.example")
    assert (code, text.splitlines()[2]) == (0, "storage  https://pods.example/bob/")
    assert told("check") == (0, "Everything is as it should be.\n")
    assert told("check", "--json") == (0, "[]\n")


def test_a_password_is_read_from_standard_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["pod", "create", "alice", "--email", "alice@pods.example", "--password-stdin", "--data", str(tmp_path)]

    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert cli.main(words) == 2
    assert "there is no password on standard input" in capsys.readouterr().err

    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    assert cli.main(words) == 0


def test_damage_is_told_with_the_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--data", str(tmp_path)]
    assert cli.main(["pod", "create", "alice", "--email", "alice@pods.example", *place]) == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "pod.sqlite")) as connection:
        connection.execute("UPDATE content SET bytes = ? WHERE length(bytes) > 0", (b"changed",))
        connection.commit()
    capsys.readouterr()

    code = cli.main(["check", *place])

    text = capsys.readouterr().out
    assert code == 1
    assert text.splitlines()[0].startswith("damaged: ")
    assert text.splitlines()[-1].endswith(" found.")


def test_an_interruption_ends_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        def readline(self) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Interrupted())

    code = cli.main(["pod", "create", "alice", "--email", "alice@pods.example", "--password-stdin"])

    assert code == 130
    assert capsys.readouterr() == ("", "")
