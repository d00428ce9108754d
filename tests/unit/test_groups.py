"""Who is in a group, as far as a policy may know."""

import json
from collections.abc import Iterable

import pytest

from pod import fetch, groups
from pod.contexts import FAMILY, Contexts
from pod.errors import Busy
from pod.fetch import Fetcher
from pod.groups import Groups
from pod.model.resource import Pod, Uri
from pod.storage.memory import MemoryRecords
from tests.unit.facts import ALICE, BOB, POD
from tests.unit.web import Clock, Page, Site, redirect

BASE = "https://pods.example/"
HAS_MEMBER = "<http://www.w3.org/2006/vcard/ns#hasMember>"


@pytest.fixture
def site() -> Site:
    return Site()


def listing(*members: str, group: str = "#friends") -> bytes:
    return "".join(f"<{group}> {HAS_MEMBER} <{member}>.\n" for member in members).encode()


class Asked:
    """Groups whose documents in this server are `here`, and which of them were asked for."""

    def __init__(self, **here: tuple[bytes, str] | Exception) -> None:
        self.here = here
        self.asked: list[tuple[Uri, Pod | None]] = []
        self.clock = Clock()
        self.records = MemoryRecords()
        self.fetcher = Fetcher(allow_loopback=True, clock=self.clock)
        self.groups = Groups(BASE, self.fetcher, Contexts(self.fetcher, self.records), self._local)

    async def _local(self, uri: Uri, pod: Pod | None) -> tuple[bytes, str] | None:
        self.asked.append((uri, pod))
        found = self.here.get(uri.rpartition("/")[2])
        if isinstance(found, Exception):
            raise found
        return found

    async def of(self, webid: str, groups: Iterable[str]) -> set[str]:
        return set(await self.groups.memberships(webid, groups, POD))


@pytest.mark.spec("acl-agentgroup")
async def test_a_group_elsewhere_lists_its_members(site: Site) -> None:
    site.pages["/groups"] = Page(listing(BOB, ALICE) + listing(ALICE, group="#family"))
    asked = Asked()
    friends, family = f"{site.url}groups#friends", f"{site.url}groups#family"

    assert await asked.of(ALICE, [friends, family]) == {friends, family}
    assert await asked.of(BOB, [friends, family]) == {friends}
    assert await asked.of("https://carol.example/#me", [friends, family]) == set()
    assert site.asked == ["/groups"]
    assert asked.asked == []
    await asked.fetcher.aclose()


async def test_no_groups_are_asked_when_there_are_none() -> None:
    asked = Asked()

    assert await asked.of(BOB, []) == set()
    await asked.fetcher.aclose()


async def test_a_group_here_is_read_as_the_policy_of_its_pod_may_read_it() -> None:
    asked = Asked(groups=(listing(BOB), "text/turtle"))
    group = f"{BASE}alice/groups#friends"

    assert await asked.of(BOB, [group]) == {group}
    assert asked.asked == [(f"{BASE}alice/groups", POD)]
    await asked.fetcher.aclose()


async def test_a_group_here_may_be_spelled_in_another_way() -> None:
    group = "HTTPS://pods.example:443/alice/groups#friends"
    asked = Asked(groups=(listing(BOB, group=group), "text/turtle"))

    assert await asked.of(BOB, [group]) == {group}
    assert asked.asked == [(f"{BASE}alice/groups", POD)]
    await asked.fetcher.aclose()


async def test_a_group_here_that_the_policy_may_not_read_has_no_members() -> None:
    asked = Asked()

    assert await asked.of(BOB, [f"{BASE}bob/secret#friends"]) == set()
    await asked.fetcher.aclose()


@pytest.mark.parametrize(
    "page",
    [
        Page(status=404),
        Page(b"<#friends> <"),
        Page(listing(BOB), "text/plain"),
        Page(b"<p>", "text/html"),
        Page(f'<#friends> {HAS_MEMBER} "{BOB}", [], <https://bob.example/>.'.encode()),
        Page(f"[] {HAS_MEMBER} <{BOB}>. <> {HAS_MEMBER} <{BOB}>.".encode()),
        Page(f"<#friends> <http://example.org/hasMember> <{BOB}>.".encode()),
        redirect("https://10.0.0.1/"),
    ],
)
async def test_a_group_that_cannot_be_had_or_understood_has_no_members(site: Site, page: Page) -> None:
    site.pages["/groups"] = page
    asked = Asked()

    assert await asked.of(BOB, [f"{site.url}groups#friends"]) == set()
    await asked.fetcher.aclose()


@pytest.mark.parametrize("group", ["urn:x:friends", "", "#friends", "file:///etc/group", "https://10.0.0.1/#friends"])
async def test_what_cannot_be_asked_has_no_members(group: str) -> None:
    asked = Asked()

    assert await asked.of(BOB, [group]) == set()
    assert asked.asked == []
    await asked.fetcher.aclose()


async def test_one_group_that_fails_leaves_the_others(site: Site) -> None:
    site.pages["/good"] = Page(listing(BOB))
    asked = Asked()

    assert await asked.of(BOB, [f"{site.url}bad#friends", f"{site.url}good#friends"]) == {f"{site.url}good#friends"}
    await asked.fetcher.aclose()


async def test_a_server_that_is_busy_says_so_instead_of_refusing() -> None:
    asked = Asked(groups=Busy("Try again."))

    with pytest.raises(Busy):
        await asked.of(BOB, [f"{BASE}alice/groups#friends"])
    await asked.fetcher.aclose()


async def test_who_leaves_a_group_here_has_left_it_at_once() -> None:
    asked = Asked(groups=(listing(BOB), "text/turtle"))
    group = f"{BASE}alice/groups#friends"
    assert await asked.of(BOB, [group]) == {group}

    asked.here["groups"] = (listing(ALICE), "text/turtle")

    assert await asked.of(BOB, [group]) == set()
    await asked.fetcher.aclose()


async def test_who_leaves_a_group_elsewhere_has_left_it_soon(site: Site) -> None:
    site.pages["/groups"] = Page(listing(BOB))
    asked = Asked()
    group = f"{site.url}groups#friends"
    assert await asked.of(BOB, [group]) == {group}
    site.pages["/groups"] = Page(listing(ALICE))

    asked.clock.now += fetch.FRESH[1]

    assert await asked.of(BOB, [group]) == set()
    await asked.fetcher.aclose()


async def test_a_policy_cannot_make_the_server_ask_half_the_world(site: Site) -> None:
    many = [f"{site.url}{number:03}#friends" for number in range(groups.REMOTE * 2)]
    site.pages |= {f"/{number:03}": Page(listing(BOB)) for number in range(groups.REMOTE * 2)}
    asked = Asked(groups=(listing(BOB), "text/turtle"))
    here = f"{BASE}alice/groups#friends"

    assert await asked.of(BOB, [*reversed(many), here]) == {here, *many[: groups.REMOTE]}
    assert len(site.asked) == groups.REMOTE
    await asked.fetcher.aclose()


def json_listing(context: str, *members: str) -> bytes:
    return json.dumps({"@context": context, "@id": "#friends", "hasMember": members}).encode()


CONTEXT = json.dumps(
    {"@context": {"hasMember": {"@id": "http://www.w3.org/2006/vcard/ns#hasMember", "@type": "@id"}}}
).encode()


async def test_a_group_in_json_may_say_elsewhere_what_its_words_mean(site: Site) -> None:
    context = f"{site.url}context"
    site.pages["/context"] = Page(CONTEXT, "application/ld+json")
    site.pages["/groups"] = Page(json_listing(context, BOB), "application/ld+json")
    asked = Asked(groups=(json_listing(context, ALICE), "application/ld+json"))
    there, here = f"{site.url}groups#friends", f"{BASE}alice/groups#friends"

    assert await asked.of(BOB, [there, here]) == {there}
    assert await asked.of(ALICE, [there, here]) == {here}
    assert await asked.records.get(FAMILY, context) is None
    await asked.fetcher.aclose()


async def test_a_group_whose_words_cannot_be_had_has_no_members_until_they_can(site: Site) -> None:
    site.pages["/groups"] = Page(json_listing(f"{site.url}context", BOB), "application/ld+json")
    asked = Asked()
    group = f"{site.url}groups#friends"
    assert await asked.of(BOB, [group]) == set()

    site.pages["/context"] = Page(CONTEXT, "application/ld+json")
    asked.clock.now += fetch.FRESH[1]

    assert await asked.of(BOB, [group]) == {group}
    await asked.fetcher.aclose()
