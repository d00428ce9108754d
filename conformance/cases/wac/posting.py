"""POST: it needs acl:Append on the container, for which acl:Write will do (WAC, 5.3.1)."""

from conformance.access import denied, there
from conformance.case import case
from conformance.cases.wac._policies import EVERYONE, SIGNED_IN, box, note
from conformance.exchange import TURTLE
from conformance.expect import require, status
from conformance.people import Anyone
from conformance.world import BASIC_CONTAINER, NOTE, World


async def _posts(w: World, who: Anyone, url: str) -> None:
    """Failed unless they can make a member."""
    answer = await who.post(url, TURTLE, NOTE)
    status(answer, 201)
    await there(w, answer.location)
    require(answer.location in await w.members(url), "the container lists what was posted")


async def _posts_nothing(w: World, who: Anyone, url: str) -> None:
    """Failed when they can make a member."""
    before = await w.members(url)
    denied(await who.post(url, TURTLE, NOTE))
    denied(await who.post(url, TURTLE, NOTE, slug="a-name"))
    require(await w.members(url) == before, "the container is as it was")


@case("http-post", "acl-mode-append", "server-create-operation", needs=("wac",))
async def who_may_append_may_post(w: World) -> None:
    await _posts(w, w.bob, await box(w, "append", "append"))


@case("http-post", "access-mode-classes", "authorization-evaluation-acl-mode-entailment", needs=("wac",))
async def who_may_write_may_post(w: World) -> None:
    """acl:Append is a subclass of acl:Write, so that who is given the one has the other."""
    await _posts(w, w.bob, await box(w, "write", "write"))


@case("http-post", "acl-mode-append", needs=("wac",))
async def who_may_read_and_append_may_post(w: World) -> None:
    await _posts(w, w.bob, await box(w, "read append", "read append"))


@case("http-post", "acl-agentclass-foaf-agent", needs=("wac",))
async def everyone_may_post_where_everyone_may_append(w: World) -> None:
    url = await box(w, "append", "append", EVERYONE)
    await _posts(w, w.anyone, url)
    await _posts(w, w.bob, url)


@case("http-post", "acl-agentclass-authenticated-agent", needs=("wac",))
async def who_is_known_may_post_where_those_may_append(w: World) -> None:
    url = await box(w, "append", "append", SIGNED_IN)
    await _posts(w, w.bob, url)
    await _posts_nothing(w, w.anyone, url)


@case("http-post", "server-create-operation", needs=("wac",), level="SHOULD")
async def posting_needs_nothing_on_what_is_in_the_container(w: World) -> None:
    """Which URL the member gets is not known before, so known servers ask of the container alone (WAC, 5.3.1, POST)."""
    await _posts(w, w.bob, await box(w, "append", "read"))


@case("http-post", "server-create-operation", needs=("wac",))
async def who_may_nothing_may_not_post(w: World) -> None:
    await _posts_nothing(w, w.bob, await box(w, "", ""))


@case("http-post", "server-create-operation", needs=("wac",))
async def who_may_read_may_not_post(w: World) -> None:
    await _posts_nothing(w, w.bob, await box(w, "read", "read"))


@case("http-post", "acl-mode-control", "http-acl-resource", needs=("wac",))
async def who_has_control_may_not_therefore_post(w: World) -> None:
    await _posts_nothing(w, w.bob, await box(w, "control", "control"))


@case("http-post", needs=("wac",))
async def who_is_not_known_may_not_post_where_somebody_may(w: World) -> None:
    await _posts_nothing(w, w.anyone, await box(w, "read append write", "read append write"))


@case("http-post", needs=("wac",))
async def posting_needs_append_on_the_container_itself(w: World) -> None:
    """What is given on the members by acl:default is not given on the container."""
    url = await box(w, "read", "read append write")
    await note(w, url)
    await _posts_nothing(w, w.bob, url)


@case("http-post", "acl-mode-append", needs=("wac",))
async def who_may_append_may_post_a_container(w: World) -> None:
    url = await box(w, "append", "append")
    answer = await w.bob.post(url, TURTLE, "", link=BASIC_CONTAINER)
    status(answer, 201)
    await there(w, answer.location)


@case("http-post", needs=("wac",))
async def who_may_read_may_not_post_a_container(w: World) -> None:
    url = await box(w, "read", "read")
    denied(await w.bob.post(url, TURTLE, "", link=BASIC_CONTAINER))
    require(await w.members(url) == frozenset(), "the container is as it was")


@case("acl-mode-append", "server-create-operation", needs=("wac",))
async def what_is_appended_is_not_given_to_who_appended_it(w: World) -> None:
    """No right comes from having made something: what one posted can be read, replaced and deleted as all there."""
    url = await box(w, "append", "append")
    made = w.prepared(await w.bob.post(url, TURTLE, NOTE), "post as Bob").location
    denied(await w.bob.get(made))
    denied(await w.bob.put(made, TURTLE, "<#it> <https://voc.example/is> 2 ."))
    denied(await w.bob.delete(made))
    await there(w, made)
