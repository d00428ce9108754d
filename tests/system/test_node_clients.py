"""Real Solid clients from npm, unmodified, on Node against a real server and issuer.

The tests themselves are in tests/clients/node; here they get a pod, people and tokens.
"""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.issuer import LocalIssuer, Person
from tests.system.conftest import OLDEST_NODE, Serve, require_node
from tests.system.packages import MINUTES, installed
from tests.system.servers import ROOT, environment, rhizome

pytestmark = [pytest.mark.system, pytest.mark.node]

PLACE = ROOT / "tests" / "clients" / "node"
CLIENTS = [
    ("access-grants", 3),
    ("comunica", 9),
    ("contacts", 4),
    ("file-client", 8),
    ("ldo", 7),
    ("live", 3),
    ("rdflib", 14),
    ("solid-client", 18),
    ("soukai", 7),
]
"""Each file with the number of its tests, so that none is lost."""
NEWER = {"comunica": 22}
"""What does not run in every version of Node.js that the others run in."""


@pytest.fixture(scope="session")
def node(npm: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Node.js, once the packages of the tests are installed."""
    installed(npm, PLACE, tmp_path_factory.getbasetemp().parent / "npm.lock")
    return Path(npm).with_name("node")


def identity(prefix: str, person: Person) -> dict[str, str]:
    return {f"{prefix}_CLIENT_ID": person.client_id, f"{prefix}_CLIENT_SECRET": person.secret}


@pytest.mark.parametrize(("name", "count"), CLIENTS)
def test_clients_from_npm_work(node: Path, serve: Serve, issuer: LocalIssuer, name: str, count: int) -> None:
    require_node(NEWER.get(name, OLDEST_NODE))
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
