"""The header WAC-Allow: what one may do, told with each reading (WAC, 6.1)."""

import re

from conformance.case import Failed, case
from conformance.cases.wac._policies import EVERYONE, SIGNED_IN, agent, box, govern, note, rule, shared
from conformance.exchange import Answer
from conformance.expect import require, status
from conformance.people import Anyone
from conformance.world import World

MODE = "(?:read|write|append|control)"
PARAMETER = rf'[A-Za-z]+[ \t]*=[ \t]*"[ \t]*(?:{MODE}(?:[ \t]+{MODE})*)?[ \t]*"'
WHOLE = re.compile(rf"{PARAMETER}(?:[ \t]*,[ \t]*{PARAMETER})*", re.IGNORECASE)
EACH = re.compile(r'([A-Za-z]+)[ \t]*=[ \t]*"([^"]*)"')


def allowed(answer: Answer) -> dict[str, frozenset[str]]:
    """The modes of each group that an answer tells; Failed when it is no success or does not tell."""
    status(answer, 200)
    value = answer.header("wac-allow")
    if not value:
        raise Failed(f"{answer.method} {answer.url} should have had WAC-Allow.")
    if not WHOLE.fullmatch(value.strip()):
        raise Failed(f"WAC-Allow should be written as the syntax has it, and not {value!r}.")
    return {name.lower(): frozenset(modes.lower().split()) for name, modes in EACH.findall(value)}


def tells(answer: Answer, group: str, modes: str) -> None:
    """Failed unless a group has just these modes; with write, append may be told or not, for it is there anyway."""
    found = allowed(answer).get(group, frozenset())
    expected = frozenset(modes.split())
    free = {"append"} if "write" in expected else set()
    require(
        found - free == expected - free,
        f"WAC-Allow of {answer.url} tells for {group} just {modes or 'nothing'}, and not {' '.join(sorted(found))}",
    )


async def _exactly(who: Anyone, url: str, user: str, public: str) -> None:
    for method in ("GET", "HEAD"):
        answer = await who.send(method, url)
        tells(answer, "user", user)
        tells(answer, "public", public)


@case("server-wac-allow", "wac-allow", needs=("wac",))
async def it_comes_with_a_document(w: World) -> None:
    url = await w.document()
    require("read" in allowed(await w.alice.get(url))["user"], "who reads a document is told so")
    require("read" in allowed(await w.alice.head(url))["user"], "who asks for the head of a document is told so")


@case("server-wac-allow", needs=("wac",))
async def it_comes_with_a_container(w: World) -> None:
    url = await w.folder()
    require("read" in allowed(await w.alice.get(url))["user"], "who lists a container is told so")
    require("read" in allowed(await w.alice.head(url))["user"], "who asks for the head of a container is told so")


@case("server-wac-allow", needs=("wac",))
async def it_comes_with_a_file_that_is_no_rdf(w: World) -> None:
    url = await w.document(w.fresh(".txt"), "text", "text/plain")
    require("read" in allowed(await w.alice.get(url))["user"], "who reads a file is told so")


@case("server-wac-allow", needs=("wac",))
async def it_comes_with_the_root(w: World) -> None:
    found = allowed(await w.alice.get(w.target.storage))
    require({"read", "write", "control"} <= found["user"], "who owns a storage is told of all rights at its root")


@case("server-wac-allow", "wac-allow", needs=("wac",))
async def who_may_read_is_told_of_read_alone(w: World) -> None:
    await _exactly(w.bob, await shared(w, "read"), "read", "")


@case("server-wac-allow", needs=("wac",))
async def who_may_read_and_append_is_not_told_of_write(w: World) -> None:
    await _exactly(w.bob, await shared(w, "read append"), "read append", "")


@case("server-wac-allow", "access-mode-classes", needs=("wac",))
async def who_may_read_and_write_is_told_of_both(w: World) -> None:
    await _exactly(w.bob, await shared(w, "read write"), "read write", "")


@case("server-wac-allow", needs=("wac",))
async def who_may_read_and_has_control_is_not_told_of_write(w: World) -> None:
    await _exactly(w.bob, await shared(w, "read control"), "read control", "")


@case("server-wac-allow", needs=("wac",))
async def who_has_all_modes_is_told_of_all(w: World) -> None:
    await _exactly(w.bob, await shared(w, "read append write control"), "read append write control", "")


@case("server-wac-allow", "wac-allow", needs=("wac",))
async def what_everyone_may_is_told_as_public(w: World) -> None:
    for modes in ("read", "read append", "read write"):
        await _exactly(w.anyone, await shared(w, modes, EVERYONE), modes, modes)


@case("server-wac-allow", "wac-allow", needs=("wac",))
async def who_signs_in_is_told_of_what_everyone_may_as_their_own(w: World) -> None:
    await _exactly(w.bob, await shared(w, "read append", EVERYONE), "read append", "read append")


@case("server-wac-allow", "acl-agentclass-authenticated-agent", needs=("wac",))
async def what_all_who_sign_in_may_is_not_public(w: World) -> None:
    await _exactly(w.bob, await shared(w, "read append", SIGNED_IN), "read append", "")


@case("server-wac-allow", needs=("wac",))
async def modes_of_ones_own_and_of_everyone_are_told_together(w: World) -> None:
    url = await w.document()
    await govern(w, url, rule(EVERYONE, "read", to=url), rule(agent(w.bob), "append control", to=url))
    await _exactly(w.bob, url, "read append control", "read")
    await _exactly(w.anyone, url, "read", "read")
    await _exactly(w.alice, url, "read write control", "read")


@case("server-wac-allow", "acl-default", needs=("wac",))
async def what_is_inherited_is_told(w: World) -> None:
    for modes in ("read", "read append", "read write", "read control"):
        await _exactly(w.bob, await note(w, await box(w, "", modes)), modes, "")


@case("server-wac-allow", "acl-default", needs=("wac",))
async def what_everyone_inherits_is_told(w: World) -> None:
    await _exactly(w.anyone, await note(w, await box(w, "", "read append", EVERYONE)), "read append", "read append")


@case("server-wac-allow", "acl-accessto", needs=("wac",))
async def of_a_container_the_modes_on_itself_are_told(w: World) -> None:
    await _exactly(w.bob, await box(w, "read", "read write control"), "read", "")
    await _exactly(w.bob, await box(w, "read append", "read"), "read append", "")


@case("server-wac-allow", needs=("wac",))
async def it_tells_what_holds_at_the_moment(w: World) -> None:
    url = await shared(w, "read")
    tells(await w.bob.get(url), "user", "read")
    await govern(w, url, rule(agent(w.bob), "read write", to=url))
    tells(await w.bob.get(url), "user", "read write")
    await govern(w, url, rule(agent(w.bob), "read", to=url))
    tells(await w.bob.get(url), "user", "read")


@case("server-wac-allow", "effective-acl-resource-with-representation", needs=("wac",))
async def it_tells_nothing_of_a_policy_that_does_not_count(w: World) -> None:
    url = await note(w, await box(w, "read write control", "read write control"))
    tells(await w.bob.get(url), "user", "read write control")
    await govern(w, url, rule(agent(w.bob), "read", to=url))
    tells(await w.bob.get(url), "user", "read")


@case("server-wac-allow", "extension-acl-mode.foreign", needs=("wac",))
async def a_mode_that_is_not_known_is_not_told(w: World) -> None:
    """The syntax knows four modes (WAC, 6.1)."""
    url = await w.document()
    more = "acl:mode <https://voc.example/Print>, <https://voc.example/acl#Write>"
    await govern(w, url, rule(agent(w.bob), "read", to=url, more=more))
    await _exactly(w.bob, url, "read", "")


@case("wac-allow", needs=("wac",))
async def it_is_written_by_its_syntax_for_everybody(w: World) -> None:
    url = await shared(w, "read", EVERYONE)
    for who in (w.alice, w.bob, w.anyone):
        answer = await who.get(url)
        require(set(allowed(answer)) <= {"user", "public"}, "the groups are user and public")
        require(len(answer.all("wac-allow")) == 1, "the header comes once")
