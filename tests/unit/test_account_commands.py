"""`rhizome account` and `rhizome token`, on the data of a server that need not run."""

import io
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pod import cli

BASE = "https://pods.example/"
EMAIL = "alice@mail.example"
WEBID = f"{BASE}alice/profile/card#me"
PASSWORD = "correct horse battery staple"

Told = Callable[..., dict[str, object]]
Refused = Callable[..., str]


@pytest.fixture
def place(tmp_path: Path) -> list[str]:
    return ["--data", str(tmp_path / "data"), "--base-url", BASE]


@pytest.fixture
def told(place: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Told:
    """What a command that must succeed prints as JSON."""

    def run(*words: str, given: str = "") -> dict[str, object]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{given}\n"))
        assert cli.main([*words, *place, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        return found if isinstance(found, dict) else {"rows": found}

    return run


@pytest.fixture
def refused(place: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Refused:
    """What a command that must fail says, where nothing is on standard input."""

    def run(*words: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(""))
        assert cli.main([*words, *place]) in {1, 2}
        said = capsys.readouterr()
        assert said.out == ""
        return said.err

    return run


@pytest.fixture
def alice(told: Told) -> str:
    """The id of an account that has a pod."""
    told("pod", "create", "alice", "--email", EMAIL)
    return str(told("account", "show", EMAIL)["id"])


def test_an_account_is_made_by_hand_and_counts_as_verified(told: Told, refused: Refused) -> None:
    made = told("account", "create", EMAIL, "--name", "Alice", "--password-stdin", given=PASSWORD)
    bare = told("account", "create", "bob@mail.example")

    assert (made["email"], made["verified"], made["webids"]) == (EMAIL, True, [])
    shown = told("account", "show", str(made["id"]))
    assert [shown[one] for one in ("name", "password", "pods", "deleting")] == ["Alice", True, [], None]
    assert told("account", "show", str(bare["id"]))["password"] is False
    assert "already" in refused("account", "create", EMAIL)
    assert "There is no account carol" in refused("account", "show", "carol")


def test_a_password_is_read_from_standard_input_alone(refused: Refused) -> None:
    assert "there is no password" in refused("account", "create", EMAIL, "--password-stdin")
    assert "add --password-stdin" in refused("account", "set-password", EMAIL)


def test_too_short_a_password_makes_no_account(
    place: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, told: Told
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))

    assert cli.main(["account", "create", EMAIL, "--password-stdin", *place]) == 1

    assert "too short" in capsys.readouterr().err
    assert told("account", "list") == {"rows": []}


def test_accounts_are_listed_in_order_for_people_and_scripts(
    told: Told, alice: str, place: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told("account", "create", "aaron@mail.example")

    assert cli.main(["account", "list", *place]) == 0

    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["aaron@mail.example", EMAIL]
    assert [line[-1] for line in lines] == ["-", WEBID]
    assert lines[1][1:3] == [alice, "no"]


def test_an_account_is_shown_with_what_it_takes_up(told: Told, alice: str) -> None:
    for name in (EMAIL, alice, WEBID):
        shown = told("account", "show", name)
        assert (shown["id"], shown["pods"], shown["webids"]) == (alice, [f"{BASE}alice/"], [WEBID])
        assert int(str(shown["bytes"])) > 1000
        assert int(str(shown["resources"])) > 3


def test_an_invitation_comes_with_its_link(told: Told) -> None:
    made = told("account", "invite", "--note", "for Bob", "--days", "3")

    assert made["link"] == f"{BASE}.account/sign-up?invitation={made['invitation']}"
    assert made["days"] == 3


@pytest.mark.parametrize("days", ["0", "366", "-1", "soon"])
def test_an_invitation_is_for_some_days(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["account", "invite", f"--days={days}"])

    assert ended.value.code == 2
    assert "--days" in capsys.readouterr().err


def test_a_password_is_set_and_an_address_vouched_for(told: Told, alice: str) -> None:
    told("account", "set-password", EMAIL, "--password-stdin", given=PASSWORD)
    verified = told("account", "verify", EMAIL)

    assert (verified["id"], verified["verified"]) == (alice, True)
    assert told("account", "show", EMAIL)["password"] is True


def test_a_deletion_is_taken_back_or_made_good(told: Told, refused: Refused, alice: str) -> None:
    assert str(told("account", "delete", EMAIL)["deleting"]).endswith("Z")
    assert told("account", "undelete", EMAIL)["deleting"] is None
    assert "add --yes" in refused("account", "purge", EMAIL)

    receipt = told("account", "purge", alice, "--yes")

    assert (receipt["pods"], receipt["server"]) == (1, BASE)
    assert "There is no account" in refused("account", "show", EMAIL)


def test_an_export_is_for_its_owner_alone_and_replaces_nothing(
    told: Told, refused: Refused, alice: str, tmp_path: Path
) -> None:
    path = tmp_path / "alice.zip"

    facts = told("account", "export", WEBID, "--to", str(path))

    assert facts == {"file": str(path), "bytes": path.stat().st_size}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "pods/alice/profile/card" in "".join(zipfile.ZipFile(path).namelist())
    assert "cannot be made" in refused("account", "export", EMAIL, "--to", str(path))
    assert "There is no account" in refused("account", "export", "bob", "--to", str(tmp_path / "bob.zip"))
    assert not (tmp_path / "bob.zip").exists()


def test_an_export_can_go_to_standard_output(place: list[str], capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert cli.main(["pod", "create", "alice", "--email", EMAIL, *place]) == 0
    capsysbinary.readouterr()

    assert cli.main(["account", "export", EMAIL, "--to", "-", *place]) == 0

    archive = zipfile.ZipFile(io.BytesIO(capsysbinary.readouterr().out))
    assert archive.testzip() is None
    assert "pods/alice/profile/card" in "".join(archive.namelist())


def test_a_token_is_made_listed_and_taken_back(told: Told, refused: Refused, alice: str) -> None:
    token = told("token", "create", "--webid", WEBID, "--name", "backup")
    assert list(token) == ["client_id", "client_secret", "issuer", "webid"]
    assert (token["issuer"], token["webid"]) == (BASE, WEBID)

    rows = told("token", "list", EMAIL)["rows"]
    assert isinstance(rows, list)
    (row,) = rows
    assert (row["client_id"], row["name"], row["webid"]) == (token["client_id"], "backup", WEBID)
    assert str(token["client_secret"]) not in json.dumps(row)

    client = str(token["client_id"])
    assert told("token", "revoke", client) == {"client_id": client, "revoked": True}
    assert told("token", "list", EMAIL) == {"rows": []}
    assert f"There is no token {client}" in refused("token", "revoke", client)
    assert "is not a WebID of an account here" in refused(
        "token", "create", "--webid", "https://elsewhere.example/#me", "--name", "backup"
    )
