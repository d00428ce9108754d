"""Real Solid clients from npm, unmodified, on Node against a real server and issuer.

The tests themselves are in tests/clients/node; here they get a pod, people and tokens.
"""

import fcntl
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.issuer import LocalIssuer, Person
from tests.system.conftest import Serve
from tests.system.servers import ROOT, environment, rhizome

pytestmark = [pytest.mark.system, pytest.mark.node]

PLACE = ROOT / "tests" / "clients" / "node"
MINUTES = 600


@pytest.fixture(scope="session")
def node(npm: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Node.js, once the packages of the tests are installed."""
    lock, installed = PLACE / "package-lock.json", PLACE / "node_modules" / ".installed"
    # Tests may run in several processes, of which one installs.
    with (tmp_path_factory.getbasetemp().parent / "npm.lock").open("w") as turn:
        fcntl.lockf(turn, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_text() != lock.read_text():
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=PLACE, check=True, timeout=MINUTES, stdout=subprocess.DEVNULL)
            installed.write_text(lock.read_text())
    return Path(npm).with_name("node")


def identity(prefix: str, person: Person) -> dict[str, str]:
    return {f"{prefix}_CLIENT_ID": person.client_id, f"{prefix}_CLIENT_SECRET": person.secret}


@pytest.mark.parametrize(("name", "count"), [("solid-client", 18), ("rdflib", 12), ("live", 3)])
def test_clients_from_npm_work(node: Path, serve: Serve, issuer: LocalIssuer, name: str, count: int) -> None:
    server = serve()
    webid = f"{server.url}alice/profile/card#me"
    facts = ("alice", "--email", "alice@pods.example", "--issuer", issuer.url, "--data", server.data)
    assert rhizome("pod", "create", *facts).returncode == 0
    owner, other = issuer.person("alice", webid=webid), issuer.person("bob")
    settings = environment(
        POD=f"{server.url}alice/",
        WEBID=owner.webid,
        OTHER_WEBID=other.webid,
        ISSUER=issuer.url,
        **identity("OWNER", owner),
        **identity("OTHER", other),
    )

    require_passing(node, name, count, settings)


def require_passing(node: Path, name: str, count: int, settings: dict[str, str]) -> None:
    ended = subprocess.run(
        [node, "--test", "--test-force-exit", "--test-reporter=tap", f"{name}.test.mjs"],
        cwd=PLACE,
        env=settings,
        capture_output=True,
        text=True,
        timeout=MINUTES,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    counts = dict(re.findall(r"^# (pass|fail|skipped|todo) (\d+)$", ended.stdout, re.MULTILINE))
    assert counts == {"pass": str(count), "fail": "0", "skipped": "0", "todo": "0"}


@pytest.mark.spec("tokens-op-return", "client-credentials", "access-token-jwt", "refresh-rotation")
def test_clients_from_npm_sign_in_here(node: Path, serve: Serve) -> None:
    server = serve()
    email, password = "alice@pods.example", "a long passphrase 42"
    facts = ("alice", "--email", email, "--password-stdin", "--data", server.data)
    assert rhizome("pod", "create", *facts, given=f"{password}\n").returncode == 0
    webid = f"{server.url}alice/profile/card#me"
    made = rhizome("token", "create", "--webid", webid, "--name", "test", "--json", "--data", server.data)
    script = json.loads(made.stdout)
    settings = environment(
        POD=f"{server.url}alice/",
        WEBID=webid,
        ISSUER=script["issuer"],
        EMAIL=email,
        PASSWORD=password,
        SCRIPT_ID=script["client_id"],
        SCRIPT_SECRET=script["client_secret"],
    )

    require_passing(node, "provider", 8, settings)


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (PLACE / "package-lock.json").read_text()
