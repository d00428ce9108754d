"""Accounts and tokens from the command line, beside a server that runs."""

import asyncio
import json
import random
import signal
import subprocess
import zipfile
from pathlib import Path

import httpx
import pytest

from pod.model.change import Change, Write
from pod.model.resource import Kind, Uri
from pod.storage.stores import open_sqlite
from tests.contract.making import in_chunks, large, staged
from tests.system.conftest import Serve
from tests.system.servers import RHIZOME, Server, environment, rhizome
from tests.system.test_commands import ALICE, made, refused

pytestmark = pytest.mark.system

PASSWORD = "correct horse battery staple"
EMAIL = ALICE[-1]
HUNDREDS = 8


def told(*arguments: str, data: Path) -> list[dict[str, object]]:
    """The table that a command which must succeed prints as JSON."""
    ended = rhizome(*arguments, "--data", data, "--json")
    assert (ended.returncode, ended.stderr) == (0, ""), ended
    rows = json.loads(ended.stdout)
    assert isinstance(rows, list)
    return rows


def access_token(server: Server, token: dict[str, str]) -> httpx.Response:
    """What the token endpoint answers to a script with the token."""
    with httpx.Client(trust_env=False) as client:
        found = client.get(f"{server.url}.well-known/openid-configuration").json()
        form = {"grant_type": "client_credentials", "scope": "webid"}
        return client.post(found["token_endpoint"], data=form, auth=(token["client_id"], token["client_secret"]))


def test_an_account_is_made_shown_and_given_a_password_while_the_server_runs(serve: Serve) -> None:
    server = serve()

    account = made("account", "create", EMAIL, "--name", "Alice", "--password-stdin", data=server.data, given=PASSWORD)
    pod = made(*ALICE, data=server.data)
    made("account", "set-password", EMAIL, "--password-stdin", data=server.data, given="another long password")

    shown = made("account", "show", pod["webid"], data=server.data)
    assert [shown[one] for one in ("email", "id", "name")] == [EMAIL, account["id"], "Alice"]
    assert shown["verified"]
    assert list(shown["pods"]) == [pod["storage"]]
    assert int(shown["bytes"]) > 1000
    assert [one["email"] for one in told("account", "list", data=server.data)] == [EMAIL]
    assert "already" in refused("account", "create", EMAIL, "--data", server.data)
    assert "There is no account bob" in refused("account", "show", "bob", "--data", server.data)


def test_an_invitation_is_made_with_its_link(serve: Serve) -> None:
    server = serve(POD_IDENTITY_SIGN_UP="invitation")

    facts = made("account", "invite", "--days", "3", data=server.data)

    assert facts["link"] == f"{server.url}.account/sign-up?invitation={facts['invitation']}"


def test_a_token_made_beside_the_server_works_by_http_basic_until_it_is_revoked(serve: Serve) -> None:
    server = serve()
    pod = made(*ALICE, data=server.data)

    token = made("token", "create", "--webid", pod["webid"], "--name", "backup", data=server.data)

    assert list(token) == ["client_id", "client_secret", "issuer", "webid"]
    assert (token["issuer"], token["webid"]) == (server.url, pod["webid"])
    # It is a token for a key, so that the provider first of all asks for a proof of one, and not for another secret.
    answer = access_token(server, token)
    assert answer.json()["error"] in {"invalid_dpop_proof", "use_dpop_nonce"}, answer.text
    wrong = access_token(server, token | {"client_secret": "wrong"})
    assert wrong.json()["error"] == "invalid_client"
    (listed,) = told("token", "list", EMAIL, data=server.data)
    assert (listed["client_id"], listed["name"]) == (token["client_id"], "backup")

    made("token", "revoke", token["client_id"], data=server.data)

    assert access_token(server, token).json()["error"] == "invalid_client"
    assert told("token", "list", EMAIL, data=server.data) == []
    assert "There is no token" in refused("token", "revoke", token["client_id"], "--data", server.data)
    assert "is not a WebID of an account here" in refused(
        "token", "create", "--webid", "https://else.example/#me", "--name", "x", "--data", server.data
    )


def test_an_account_is_deleted_taken_back_and_removed_while_the_server_runs(serve: Serve, tmp_path: Path) -> None:
    server = serve()
    facts = made(*ALICE, data=server.data)
    assert server.get("/alice/profile/card").status_code == 200
    archive = tmp_path / "alice.zip"

    made("account", "export", EMAIL, "--to", str(archive), data=server.data)
    assert "pods/alice/profile/card" in zipfile.ZipFile(archive).namelist()
    assert "cannot be made" in refused("account", "export", EMAIL, "--to", str(archive), "--data", server.data)
    assert made("account", "delete", EMAIL, data=server.data)["deleting"]
    assert server.get("/alice/profile/card").status_code == 404
    made("account", "undelete", EMAIL, data=server.data)
    assert server.get("/alice/profile/card").status_code == 200
    assert rhizome("account", "purge", EMAIL, "--data", server.data).returncode == 2
    receipt = made("account", "purge", EMAIL, "--yes", data=server.data)

    assert int(receipt["resources"]) == 12
    kept = b"".join(one.read_bytes() for one in server.data.rglob("*") if one.is_file())
    assert facts["account"].encode() not in kept
    assert b"profile/card" not in kept
    assert server.get("/alice/profile/card").status_code == 404
    assert server.get("/alice/").status_code == 404
    assert told("account", "list", data=server.data) == []
    assert "There is a pod named alice already" in refused(*ALICE, "--data", server.data)
    assert rhizome("check", "--data", server.data).returncode == 0


def test_a_removal_that_is_killed_again_and_again_leaves_all_well_and_goes_on(serve: Serve) -> None:
    server = serve()
    pod = made(*ALICE, data=server.data)
    made("pod", "create", "bob", "--email", "bob@pods.example", data=server.data)
    server.stop()
    asyncio.run(fill(server.data, Uri(pod["storage"])))
    chance, kills = random.Random(11), 0

    while told_of_alice := [one for one in told("account", "list", data=server.data) if one["email"] == EMAIL]:
        assert len(told_of_alice) == 1
        process = subprocess.Popen(
            [RHIZOME, "account", "purge", EMAIL, "--yes", "--data", server.data],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
        )  # fmt: skip
        try:
            # Starting takes most of a second; then come many steps of a few milliseconds.
            process.communicate(timeout=0.4 + kills / 8 + chance.random() / 8)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
        checked = rhizome("check", "--data", server.data)
        assert checked.returncode == 0, checked.stdout

    assert kills > 1
    assert server.start().get("/alice/profile/card").status_code == 404
    assert server.get("/bob/profile/card").status_code == 200
    assert not [one for one in (server.data / "blobs").rglob("*") if one.is_file()]
    assert not any(b"marker" in one.read_bytes() for one in server.data.rglob("*") if one.is_file())


async def fill(data: Path, root: Uri) -> None:
    """Some thousand resources in a pod, small and large."""
    stores = await open_sqlite(data)
    for hundred in range(HUNDREDS):
        writes = [
            Write(Uri(f"{root}{hundred}-{one}"), Kind.DOCUMENT, "text/plain", staged(f"marker {hundred} {one}"), root)
            for one in range(100)
        ]
        blob = await stores.blobs.save(in_chunks(large()))
        writes.append(Write(Uri(f"{root}{hundred}-large"), Kind.DOCUMENT, "text/plain", blob, root))
        await stores.store.commit(Change((), tuple(writes)))
    await stores.close()
