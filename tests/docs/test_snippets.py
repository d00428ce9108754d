"""Code in the documentation that is not typed at a terminal: it runs, or is what it says it is."""

import asyncio
import datetime as dt
import itertools
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pod.access import wac
from pod.access.conditions import NO_GROUPS
from pod.auth.proofs import Proofs
from pod.config import load
from pod.model.access import Mode
from pod.model.agent import Agent
from pod.model.resource import Uri
from pod.rdf import formats
from pod.storage.replays import MemoryReplays
from tests.docs import pages
from tests.docs.console import Console
from tests.docs.pages import Block, Example

DOCS = pages.ROOT / "docs"
APPS = DOCS / "guide" / "apps.md"
SHARING = DOCS / "guide" / "sharing.md"
MODULES = pages.ROOT / "tests" / "clients" / "node" / "node_modules"
URL = "http://localhost:3000/demo/playground/books/dune"


def _blocks(language: str) -> list[tuple[Path, Block]]:
    return [(page, block) for page in pages.PAGES for block in pages.blocks(page, language)]


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """A terminal where the examples of the page for apps have been run, so that the book is there."""
    console = Console(tmp_path)
    for example in itertools.islice(pages.examples(APPS), 2):
        console.run(example)
    yield console
    console.close()


def run(console: Console, directory: Path, name: str, code: str, command: str) -> str:
    (directory / name).write_text(code.replace("localhost:3000", f"localhost:{console.port}"))
    return console.run(Example(f"{command} {name}", "", 0))


@pytest.mark.system
def test_the_app_in_python_reads_changes_and_lists(console: Console, tmp_path: Path) -> None:
    code = next(pages.blocks(APPS, "python")).text

    printed = run(console, tmp_path, "app.py", code, sys.executable)

    assert printed == f"{URL}\n"
    assert '"1965"' in console.run(Example(f"curl {URL}", "", 0))


@pytest.mark.system
@pytest.mark.node
def test_the_app_in_javascript_reads_and_changes(node: Path, console: Console, tmp_path: Path) -> None:
    code = next(pages.blocks(APPS, "js")).text
    (tmp_path / "node_modules").symlink_to(MODULES)

    printed = run(console, tmp_path, "app.mjs", code, str(node))

    assert printed == "Chilton\n"
    assert '"Chilton"' in console.run(Example(f"curl {URL}", "", 0))


def test_the_proof_is_one_that_the_server_takes() -> None:
    code = list(pages.blocks(APPS, "python"))[1].text
    names: dict[str, object] = {}
    exec(compile(code, "apps.md", "exec"), names)
    proof, key = names["proof"], names["KEY"]
    assert callable(proof)

    proofs = Proofs(MemoryReplays(), time.time)
    thumbprint = asyncio.run(proofs.check(proof("GET", URL), "GET", f"{URL}?page=2", "any token"))

    assert thumbprint == getattr(key, "thumbprint", lambda: None)()


@pytest.mark.parametrize(("page", "block"), _blocks("toml"))
def test_settings_are_what_the_server_reads(page: Path, block: Block, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(block.text)

    settings = load(file)

    assert settings != load(), f"{pages.name(page)}:{block.line}"


@pytest.mark.parametrize(("page", "block"), _blocks("turtle"))
def test_turtle_is_turtle(page: Path, block: Block) -> None:
    graph = formats.parse(block.text.encode(), "text/turtle", "https://pods.example/alice/travel/.acl")

    assert graph, f"{pages.name(page)}:{block.line}"


def test_the_policy_gives_what_the_page_says() -> None:
    uri = Uri("https://pods.example/alice/travel/.acl")
    subject = Uri("https://pods.example/alice/travel/")
    policy = wac.parse(formats.parse(next(pages.blocks(SHARING, "turtle")).text.encode(), "text/turtle", uri), uri)

    def modes(webid: str | None) -> set[Mode]:
        return set(wac.granted(policy, subject, Agent(webid), NO_GROUPS, inherited=True, origin=None))

    assert modes("https://pods.example/alice/profile/card#me") == set(Mode)
    assert modes("https://bob.example/profile#me") == {Mode.READ}
    assert modes(None) == set()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    unit = next(pages.blocks(DOCS / "operate" / "install.md", "ini")).text
    (tmp_path / "rhizome.service").write_text(unit.replace("/opt/rhizome/bin/rhizome", "/bin/true"))

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / "rhizome.service")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "rhizome.service" not in done.stderr.replace(f"{tmp_path}/rhizome.service", "rhizome.service")


def certificate(directory: Path) -> None:
    """A certificate that nobody trusts, where the page says that one is."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "pods.example")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    (directory / "pods.example.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (directory / "pods.example.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_the_configuration_is_one_that_nginx_understands(tmp_path: Path) -> None:
    servers = next(pages.blocks(DOCS / "operate" / "secure.md", "nginx")).text
    certificate(tmp_path)
    servers = servers.replace("/etc/ssl/", f"{tmp_path}/")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{servers}}}\n"
    )

    done = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", "nginx.conf"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
