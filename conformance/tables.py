"""The requirements of the specifications, one row each, as kept in `requirements/`."""

import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLES = (
    "protocol", "wac", "acp", "solid-oidc", "notifications", "webid-profile", "type-indexes", "ldp", "ldn",
)  # fmt: skip
"""The tables, in the order in which reports list them."""
DIRECTORY = Path(__file__).parent / "requirements"
REFERENCED = frozenset({"ldp", "ldn"})
"""What the other specifications refer to; Solid takes only parts of them."""
_SERVERS = frozenset(
    {
        "server", "resource server", "subscription server", "notification sender", "authorization server",
        "patch document", "WebID host", "all", "issuer", "receiver", "ACP engine", "ACP server", "matcher", "policy",
    }
)  # fmt: skip
"""Who has to do it where a server or an issuer has to, or has to see that others did."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that somebody must, should or may do."""

    id: str
    table: str
    url: str
    """Where to read it."""
    level: str
    subject: str
    text: str
    explicit: str

    @property
    def binding(self) -> bool:
        """Whether it is a MUST or MUST NOT."""
        return self.level.startswith("MUST")

    @property
    def of_servers(self) -> bool:
        """Whether servers or issuers have to do it, in the present edition of a specification that Solid has made."""
        return self.of_any(_SERVERS)

    def of_any(self, subjects: Collection[str]) -> bool:
        """Whether any of these has to do it, in the present edition of a specification that Solid has made."""
        named = {one.partition("(")[0].strip() for one in re.split(r"[,/]", self.subject)}
        present = self.table not in REFERENCED and self.explicit != "withdrawn"
        return present and not named.isdisjoint(subjects)


@cache
def requirements() -> Mapping[str, Requirement]:
    """Every requirement by its id, in the order of the tables; ValueError when an id stands twice."""
    found: dict[str, Requirement] = {}
    for one in (one for table in TABLES for one in _rows(table)):
        if one.id in found:
            raise ValueError(f"The requirement {one.id} stands in {found[one.id].table} and in {one.table}.")
        found[one.id] = one
    return found


def _rows(table: str) -> Iterator[Requirement]:
    with (DIRECTORY / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Requirement(
                row["id"], table, row["spec_url"], row["level"], row["subject"], row["requirement"], row["explicit"]
            )
