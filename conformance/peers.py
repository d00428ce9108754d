"""Looks at other servers in the same way, and puts all side by side.

    python -m conformance.peers --report DIR [--packages DIR] [--only AREA] [SERVER …]

Community Solid Server comes from npm, as released, and runs on this machine with two people who have pods on it.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from conformance.case import Case, cases
from conformance.local import PASSWORD, free_port, started
from conformance.people import Credentials
from conformance.report import write
from conformance.report.data import Data
from conformance.report.pages import side_by_side
from conformance.run import Options, Result, run

VERSION = "7.2.0"
PACKAGE = f"@solid/community-server@{VERSION}"
PEOPLE = ("alice", "bob")
LONG = 120
"""Seconds after which a server that does not answer is stuck."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to run the server: a configuration that it comes with."""

    name: str
    configuration: str


PEERS: Mapping[str, Peer] = {
    "css-file": Peer(f"Community Solid Server {VERSION}, files", "@css:config/file.json"),
    "css-memory": Peer(f"Community Solid Server {VERSION}, memory", "@css:config/default.json"),
    "css-acp": Peer(f"Community Solid Server {VERSION}, files and ACP", "@css:config/file-acp.json"),
}


def installed(packages: Path) -> Path:
    """The start file of Community Solid Server, which is installed there unless it is already."""
    start = packages / "node_modules" / "@solid" / "community-server" / "bin" / "server.js"
    if not start.is_file():
        print(f"Installing {PACKAGE} in {packages} …", file=sys.stderr, flush=True)
        packages.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--silent"]
        subprocess.run(["npm", "install", *quiet, "--prefix", str(packages), PACKAGE], check=True)
    return start


@contextlib.contextmanager
def serving(start: Path, peer: Peer) -> Iterator[tuple[str, Sequence[Credentials]]]:
    """The server's URL and its people, from here to the end of the block. RuntimeError when it does not come up."""
    with tempfile.TemporaryDirectory() as directory:
        url = f"http://localhost:{free_port()}/"
        seeds = [{"email": _email(name), "password": PASSWORD, "pods": [{"name": name}]} for name in PEOPLE]
        seed = Path(directory, "seed.json")
        seed.write_text(json.dumps(seeds))
        data, log = Path(directory, "data"), Path(directory, "log.txt")
        command = [
            *("node", str(start), "-c", peer.configuration, "-f", str(data), "-l", "warn"),
            *("-p", url.rpartition(":")[2].rstrip("/"), "-b", url, "--seedConfig", str(seed)),
        ]
        with log.open("w") as written:
            process = subprocess.Popen(
                command,
                stdout=written,
                stderr=written,
                cwd=start.parents[3],
                env={**os.environ, "NODE_ENV": "production"},
            )
        try:
            _wait(url, process, log)
            yield url, [_credentials(url, name) for name in PEOPLE]
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _email(name: str) -> str:
    return f"{name}@mail.example"


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The server ended: {log.read_text()}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}{PEOPLE[-1]}/profile/card", trust_env=False).status_code == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"The server does not answer: {log.read_text()}")


def _credentials(url: str, name: str) -> Credentials:
    """Client credentials for a person whom the server was started with, by its account API."""
    with httpx.Client(trust_env=False, timeout=LONG) as client:
        controls = _controls(client, url, None)
        signed_in = client.post(
            controls["password"]["login"], json={"email": _email(name), "password": PASSWORD}
        ).raise_for_status()
        token = signed_in.json()["authorization"]
        controls = _controls(client, url, token)
        webid = f"{url}{name}/profile/card#me"
        made = client.post(
            controls["account"]["clientCredentials"],
            json={"name": "conformance", "webId": webid},
            headers={"authorization": f"CSS-Account-Token {token}"},
        ).raise_for_status()
    told = {"issuer": url, "webid": webid, "email": _email(name), "password": PASSWORD}
    return Credentials.of({"client_id": made.json()["id"], "client_secret": made.json()["secret"], **told})


def _controls(client: httpx.Client, url: str, token: str | None) -> Mapping[str, Any]:
    headers = {"authorization": f"CSS-Account-Token {token}"} if token else {}
    found: Mapping[str, Any] = client.get(f"{url}.account/", headers=headers).raise_for_status().json()["controls"]
    return found


def _tell(result: Result) -> None:
    if result.wrong:
        print(f"{result.outcome.value:<9} {result.case.id}\n          {result.why}", flush=True)


def look(options: Options, chosen: Sequence[Case], directory: Path) -> Data:
    """Put the cases to a server, write its report, and give it as data."""
    report = asyncio.run(run(options, chosen, _tell))
    write(report, directory)
    print(f"{options.name}: {report.passed} passed, {report.failed} failed", flush=True)
    found: Data = json.loads((directory / "report.json").read_text())
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0 unless a server could not be looked at."""
    parser = argparse.ArgumentParser(prog="python -m conformance.peers", description=__doc__)
    parser.add_argument("--report", metavar="DIR", type=Path, required=True, help="where the reports go")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rhizome" / f"community-server-{VERSION}"
    parser.add_argument("--packages", metavar="DIR", type=Path, default=cache, help=f"where npm installs it ({cache})")
    parser.add_argument("--only", metavar="AREA", action="append", default=[], help="an area, or a case or file of one")
    parser.add_argument("servers", metavar="SERVER", nargs="*", help=f"rhizome, {', '.join(PEERS)} (all)")
    options = parser.parse_args(arguments)
    chosen = cases(*options.only)
    found = []
    for name in options.servers or ["rhizome", *PEERS]:
        directory = options.report / name
        if name == "rhizome":
            with started() as server:
                people = Credentials.of(server.alice), Credentials.of(server.bob)
                found.append(look(Options(server.url, *people, name="Rhizome", reach=""), chosen, directory))
            continue
        with serving(installed(options.packages), PEERS[name]) as (url, (alice, bob)):
            asked = Options(url, alice, bob, name=PEERS[name].name, reach="", at_once=4, patience=3.0)
            found.append(look(asked, chosen, directory))
    (options.report / "index.html").write_text(side_by_side(found), encoding="utf-8")
    print(f"Side by side: {options.report / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
