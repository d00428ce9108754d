"""`rhizome why`: the decision in one sentence, for the data of a server that need not run."""

import json
from pathlib import Path

import pytest

from pod import cli

BASE = "https://pods.example/"


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The options of a command on the data of a server with a pod."""
    options = ["--data", str(tmp_path / "data"), "--base-url", BASE]
    assert cli.main(["pod", "create", "alice", "--email", "alice@mail.example", *options]) == 0
    capsys.readouterr()
    return options


def test_every_mode_is_explained(place: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    webid = f"{BASE}alice/profile/card#me"

    assert cli.main(["why", f"{BASE}alice/notes", "--agent", webid, *place]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        f"{mode} is allowed" for mode in ("Read", "Append", "Write", "Control")
    ]
    assert f"of the policy {BASE}alice/.acl, inherited from {BASE}alice/, gives it." in lines[0]


def test_one_mode_is_told_by_the_exit_code_and_as_json(place: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    webid = f"{BASE}alice/profile/card#me"
    app = ["--agent", webid, "--client", "https://app.example/id", "--mode", "write", "--json"]

    assert cli.main(["why", f"{BASE}alice/notes", *app, *place]) == 1

    (found,) = json.loads(capsys.readouterr().out)
    assert (found["mode"], found["allowed"], found["consent"]) == ("write", False, False)
    assert found["sentence"].endswith(", but the agent does not let the client do it.")
    assert cli.main(["why", f"{BASE}alice/notes", *app, "--issuer", "https://login.example/", *place]) == 0


@pytest.mark.parametrize("uri", ["https://elsewhere.example/", "no url"])
def test_only_what_is_kept_here_is_explained(place: list[str], uri: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["why", uri, *place]) == 2
    assert "is not one of this server" in capsys.readouterr().err
