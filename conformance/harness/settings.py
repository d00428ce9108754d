"""What the harness reads before it runs: its configuration, and what it says of the server under test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TESTS = "https://github.com/solid-contrib/specification-tests/blob/main"
"""Where the tests say that they are; they are read from a clone."""
SPECIFICATIONS = {"protocol": "https://solidproject.org/TR/protocol", "wac": "https://solidproject.org/TR/wac"}
MANIFESTS = (
    "protocol/solid-protocol-test-manifest.ttl",
    "protocol/requirement-comments.ttl",
    "web-access-control/web-access-control-test-manifest.ttl",
    "web-access-control/requirement-comments.ttl",
    "web-access-control/wac-spec-additions.ttl",
)
CONVERTED = "protocol/converted.ttl"
"""Tests that are in no default run: they are older, and say much the same as those of Web Access Control."""
SKIPPED = ("acp", "http-redirect")
SUBJECT = "https://github.com/solid/conformance-test-harness/rhizome"


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the harness finds what it reads."""

    tests: Path
    specifications: Path | None = None
    """A directory with `protocol.html` and `wac.html`; without it they come from the web."""
    converted: bool = False


def write(directory: Path, sources: Sources, skipped: Sequence[str] = SKIPPED) -> Path:
    """Write the files below the directory, in which the harness has to be started; the description of the subject."""
    config = directory / "config"
    config.mkdir(exist_ok=True)
    (config / "application.yaml").write_text(application(sources))
    subject = config / "test-subjects.ttl"
    subject.write_text(described(skipped))
    return subject


def variables(text: str) -> Mapping[str, str]:
    """The variables of an env file, as the harness documents them: `NAME=value` on each line."""
    lines = [line.strip() for line in text.splitlines()]
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name.strip(): value.strip() for name, _, value in pairs}


def application(sources: Sources) -> str:
    """The configuration: what to read, and where copies of it are."""
    manifests = [*MANIFESTS, CONVERTED] if sources.converted else MANIFESTS
    places = {TESTS: sources.tests}
    if sources.specifications is not None:
        places |= {url: sources.specifications / f"{name}.html" for name, url in SPECIFICATIONS.items()}
    lines = ["sources:", *(f"  - {url}" for url in SPECIFICATIONS.values())]
    lines += [f"  - {TESTS}/{one}" for one in manifests]
    lines.append("mappings:")
    for prefix, path in places.items():
        lines += [f"  - prefix: {prefix}", f"    path: {path.resolve()}"]
    return "\n".join(lines) + "\n"


def described(skipped: Sequence[str]) -> str:
    """The server as the report names it, in Turtle, with the tags of tests that do not apply."""
    tags = ", ".join(f'"{tag}"' for tag in skipped)
    return f"""\
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix earl: <http://www.w3.org/ns/earl#> .
@prefix solid-test: <https://github.com/solid/conformance-test-harness/vocab#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<{SUBJECT}>
    a earl:Software, earl:TestSubject ;
    doap:name "Rhizome"@en ;
    doap:description "A personal data pod."@en ;
    doap:programming-language "Python"@en ;
    doap:release <{SUBJECT}#release> ;
    solid-test:skip {tags} .

<{SUBJECT}#release> doap:revision "under test" .
"""
