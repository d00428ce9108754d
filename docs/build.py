"""Writes the parts of the documentation that follow from the code.

Such a part stands between `<!-- generated: NAME -->` and `<!-- end -->` in a page, where NAME
is in PARTS. `python docs/build.py` writes them, `--check` fails when one is not up to date.
"""

import contextlib
import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from conformance import tables  # noqa: E402 - as below
from docs import clients, requirements  # noqa: E402 - found by the line above, from wherever this is run
from docs.requirements import Mention  # noqa: E402 - as above
from pod import cli, config, errors  # noqa: E402 - as above
from pod.auth.keys import ALGORITHMS  # noqa: E402 - as above
from pod.http import cors, problem  # noqa: E402 - as above
from pod.http.texts import catalogue  # noqa: E402 - as above
from pod.model.resource import Uri  # noqa: E402 - as above
from pod.rdf import contexts, edit, formats  # noqa: E402 - as above
from pod.rules import links, methods  # noqa: E402 - as above
from pod.web.routes import PAGES  # noqa: E402 - as above

PART = re.compile(r"(?<=<!-- generated: )(?P<name>[a-z-]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
ROOT = Uri("https://pods.example/alice/")
KINDS: Mapping[str, Uri] = MappingProxyType(
    {
        "document": Uri(f"{ROOT}notes/today.ttl"),
        "container": Uri(f"{ROOT}notes/"),
        "description": Uri(f"{ROOT}notes/today.ttl.meta"),
        "policy": Uri(f"{ROOT}notes/today.ttl.acl"),
        "root of a pod": ROOT,
        "policy of the root": Uri(f"{ROOT}.acl"),
    }
)
NAMES: Mapping[str, str] = MappingProxyType(
    {"/": "home", "/.account/": "home", "/.account/requests/new": "ask", "/.account/authorize/{id}": "authorize"}
)
"""The pages that are called otherwise than their address says."""
_FACT = re.compile(r"\{(\w+)\}")
_ENTRY = re.compile(r" {2,4}(?P<name>\S(?:.*?\S)?)(?: {2,}(?P<text>\S.*))?")


def table(heads: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def code(*words: str) -> str:
    """The words as code, one after the other."""
    return ", ".join(f"`{word}`" for word in words)


def settings() -> str:
    """A table of settings for each group."""
    rows: dict[str, list[Sequence[str]]] = {}
    for group, name, kind, default, sentence in config.describe():
        shown = "" if default is None else str(default).lower() if isinstance(default, bool) else str(default)
        cells = (code(name), code(f"POD_{group}_{name}".upper()), kind.removesuffix(" | None"), shown, sentence)
        rows.setdefault(group, []).append(cells)
    heads = ("setting", "variable", "type", "default", "what it does")
    return "\n".join(f"## [{group}]\n\n{table(heads, found)}" for group, found in rows.items())


def helped(words: Sequence[str]) -> str:
    """What a command says about itself, each entry on one line however long it is."""
    output = io.StringIO()
    width = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = "1000"
    try:
        with contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
            cli.main([*words, "--help"])
    finally:
        os.environ.pop("COLUMNS")
        if width is not None:
            os.environ["COLUMNS"] = width
    return output.getvalue()


def entries(text: str) -> Iterator[tuple[str, str, str]]:
    """Each entry of a command's help: the heading it stands under, its name, its sentence."""
    heading = name = ""
    for line in text.splitlines():
        if line.endswith(":") and not line.startswith(" "):
            heading, name = line.removesuffix(":"), ""
            continue
        entry = _ENTRY.fullmatch(line)
        if entry and entry["text"]:
            yield heading, entry["name"], entry["text"]
        elif entry:
            name = entry["name"]
        elif name and line.strip():
            yield heading, name, line.strip()
            name = ""


def command_names(words: Sequence[str] = ()) -> Iterator[Sequence[str]]:
    """Every command that does something, as its words."""
    found = [name for heading, name, _ in entries(helped(words)) if heading == "commands"]
    if words and not found:
        yield words
    for name in found:
        yield from command_names((*words, name))


def commands() -> str:
    """A section for each command."""
    sections = []
    for words in command_names():
        text = helped(words)
        usage, described = text.split("\n\n")[:2]
        rows = [(code(name), said) for heading, name, said in entries(text) if heading != "for every command"]
        sections.append(
            f"## rhizome {' '.join(words)}\n\n{' '.join(described.split())}\n\n"
            f"```text\n{usage.removeprefix('usage: ')}\n```\n\n{table(('argument', 'what it does'), rows)}"
        )
    return "\n".join(sections)


def common_options() -> str:
    """The options that every command has."""
    first = next(command_names())
    rows = [(code(name), said) for heading, name, said in entries(helped(first)) if heading == "for every command"]
    return table(("option", "what it does"), rows)


def failures() -> Iterator[type[errors.PodError]]:
    """Every kind of failure, in the order in which they are defined."""
    for one in vars(errors).values():
        if isinstance(one, type) and issubclass(one, errors.PodError) and one is not errors.PodError:
            yield one


def error_table() -> str:
    """A row for each failure."""
    rows = []
    for one in failures():
        status = problem.STATUS[one]
        rows.append((code(one.__name__), str(status), problem.TITLES[status], " ".join((one.__doc__ or "").split())))
    return table(("error", "status", "title", "when"), sorted(rows, key=lambda row: row[1]))


def method_table() -> str:
    """Which methods each kind of resource takes."""
    rows = [(kind, code(*methods.allowed(uri, ROOT))) for kind, uri in KINDS.items()]
    return table(("resource", "methods"), rows)


def content_table() -> str:
    """What each kind of resource takes as content."""
    rows = []
    for kind, uri in list(KINDS.items())[:4]:
        accepted = dict(methods.accepted(uri))
        heads = ("Accept-Put", "Accept-Post", "Accept-Patch")
        rows.append((kind, *(code(accepted[head]) if head in accepted else "none" for head in heads)))
    return table(("resource", "`Accept-Put`", "`Accept-Post`", "`Accept-Patch`"), rows)


def link_table() -> str:
    """The Link header of each kind of resource."""
    rows = []
    for kind, uri in list(KINDS.items())[:5]:
        shown = [f'`<{target}>; rel="{relation}"`' for target, relation in links.of(uri, ROOT)]
        rows.append((kind, code(uri), "<br>".join(shown)))
    return table(("resource", "for example", "`Link`"), rows)


def media_types() -> str:
    """The media types of RDF, and those of patches."""
    rdf = table(("RDF", "name"), [(code(one), kind.name) for one, kind in formats.FORMATS.items()])
    return f"{rdf}\n{table(('patch',), [(code(one),) for one in edit.ACCEPTED])}"


def shipped() -> str:
    """The JSON-LD contexts that need no fetching."""
    return "".join(f"- {code(url)}\n" for url in contexts.SHIPPED)


def exposed() -> str:
    """The headers that apps of other origins may read."""
    return f"{code(*cors.EXPOSED.split(', '))}\n"


def algorithms() -> str:
    """The algorithms that tokens and proofs may be signed with."""
    return f"{code(*ALGORITHMS)}\n"


def conformance() -> str:
    """A table for each specification: what applies to this server, and which tests prove it."""
    found = requirements.proofs()
    sections = []
    for name in requirements.TABLES:
        rows = [one for one in tables.requirements().values() if one.table == name and requirements.applies(one)]
        cells = [(f"[{one.id}]({one.url})", one.level, _proved(found.get(one.id, ()))) for one in rows]
        sections.append(f"## {name}\n\n{table(('requirement', 'level', 'tests'), cells)}")
    return "\n".join(sections)


def _proved(mentions: Sequence[Mention]) -> str:
    shown = [f"[{one.place.removeprefix('test_').replace('_', ' ')}](../../{one.file})" for one in mentions]
    return "<br>".join(shown)


def unproved() -> str:
    """What must be and no test proves: first what is not met or met elsewhere, then what lacks a test."""
    known = requirements.known()
    lacking = [one for one in _binding() if one.id not in requirements.proofs() and one.id not in known]
    reasons = [(f"[{name}]({tables.requirements()[name].url})", why) for name, why in known.items()]
    parts = [table(("not met, or not here", "why"), reasons)]
    if lacking:
        parts.append(
            table(
                ("without a test", "what it asks"),
                [(f"[{one.id}]({one.url})", one.text.replace("<", r"\<")) for one in lacking],
            )
        )
    return "\n".join(parts)


def summary() -> str:
    """How many requirements there are, and how many are proved."""
    rows = []
    for name in requirements.TABLES:
        binding = [one for one in _binding() if one.table == name]
        proved = sum(one.id in requirements.proofs() for one in binding)
        rows.append((name, str(len(binding)), str(proved), str(sum(one.id in requirements.known() for one in binding))))
    return table(("specification", "MUST and MUST NOT", "proved by a test", "not met, or not here"), rows)


def _binding() -> Iterator[tables.Requirement]:
    return (one for one in tables.requirements().values() if requirements.applies(one) and one.binding)


def page_table() -> str:
    """The pages for people, with what stands above them."""
    texts = catalogue("en")
    rows = []
    for path in sorted(PAGES):
        name = NAMES.get(path) or path.removeprefix("/.account/").partition("/")[0]
        rows.append((code(path), texts.get(f"{name}.title") or texts[f"links.{name}"]))
    return table(("address", "page"), [(path, _FACT.sub(lambda fact: fact[1].upper(), title)) for path, title in rows])


def client_table() -> str:
    """Every client with its version, what it does, and the tests that show it."""
    rows = []
    for one in clients.clients():
        marks = ["✓" if action in one.does else "" for action in clients.ACTIONS]
        proofs = "<br>".join(f"[{Path(path).name}](../../{path})" for path in one.tests)
        rows.append((code(one.library), one.version, one.language, ", ".join(one.runs), *marks, proofs))
    return table(("library", "version", "language", "runs in", *clients.ACTIONS, "tests"), rows)


def client_notes() -> str:
    """What is to be said of a client besides what it does."""
    return "".join(f"- {code(one.library)}: {one.note}.\n" for one in clients.clients() if one.note)


def client_summary() -> str:
    """Every client with what it does, in few words."""
    rows = [(code(one.library), one.version, one.language, ", ".join(one.does)) for one in clients.clients()]
    return table(("library", "version", "language", "does here"), rows)


PARTS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "algorithms": algorithms,
        "client-notes": client_notes,
        "client-summary": client_summary,
        "clients": client_table,
        "commands": commands,
        "common-options": common_options,
        "conformance": conformance,
        "content": content_table,
        "contexts": shipped,
        "errors": error_table,
        "exposed": exposed,
        "links": link_table,
        "media-types": media_types,
        "methods": method_table,
        "pages": page_table,
        "settings": settings,
        "summary": summary,
        "unproved": unproved,
    }
)


def renewed(page: str) -> str:
    """The page with every generated part written anew."""
    return PART.sub(lambda part: f"{part['name']}{part[2]}{PARTS[part['name']]()}", page)


def stale() -> Iterator[tuple[Path, str]]:
    """Every page that is not up to date, with the text that it should have."""
    for path in (HERE.parent / "README.md", *sorted(HERE.rglob("*.md"))):
        page = path.read_text("utf-8")
        if page != (fresh := renewed(page)):
            yield path, fresh


def main() -> int:
    """Write or compare; the exit code is 1 when a page is not up to date."""
    found = list(stale())
    if "--check" in sys.argv[1:]:
        for path, _ in found:
            sys.stderr.write(f"{path.relative_to(HERE.parent)} is not up to date; run python docs/build.py\n")
        return 1 if found else 0
    for path, fresh in found:
        path.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
