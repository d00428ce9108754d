"""View and operation give the change: what will be written and removed, and what must still be true."""

from collections.abc import Iterator

from pod.errors import Conflict, Malformed, NotAllowed, NotFound, UnsupportedMediaType
from pod.model.agent import Agent
from pod.model.change import Change, Expect, Expectation, Write
from pod.model.representation import Staged
from pod.model.resource import Blob, Kind, Uri, View
from pod.rdf.formats import FORMATS, TURTLE, is_rdf
from pod.rules import methods, names

EMPTY = Staged(Blob("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0), b"")
"""No bytes: what a container that was made on the way has as its content."""


def media_type(uri: Uri, given: str | None, *, empty: bool) -> str:
    """The type that content for `uri` is kept as.

    Malformed when content came without one (server-content-type-missing), UnsupportedMediaType
    when what must be RDF is not.
    """
    kind = names.kind(uri)
    if given is None:
        if not empty:
            raise Malformed("The content has no Content-Type; say what it is.")
        given = TURTLE if kind is not Kind.DOCUMENT else "application/octet-stream"
    # auxiliary-resources-rdf-document; a container is an RDF source too.
    if kind is not Kind.DOCUMENT and not is_rdf(given):
        raise UnsupportedMediaType(f"A {kind} is RDF; send one of {', '.join(FORMATS)}.", tuple(FORMATS))
    return given


def require_writable(view: View) -> None:
    """Raise Conflict or NotFound unless something may stand at the view's URI."""
    reason = names.fault(view.uri)
    if reason is not None:
        raise Conflict(reason)
    if view.pod is None:
        raise NotFound("No pod is here.")
    if view.target is not None:
        return
    # server-uri-trailing-slash-distinct
    if view.sibling:
        other = names.sibling(view.uri)
        raise Conflict(f"{other} exists, and the two cannot both; use that one.")
    if view.blocking is not None:
        raise Conflict(f"{view.blocking} is not a container, so that nothing can lie below it.")
    if names.kind(view.uri) in {Kind.POLICY, Kind.DESCRIPTION} and view.subject is None:
        raise Conflict(f"{names.subject(view.uri)} does not exist; create it before its auxiliary resources.")


def put(view: View, media_type: str, staged: Staged, agent: Agent) -> Change:
    """The target will exist with this content; containers that lack on the way come to be."""
    require_writable(view)
    write = Write(view.uri, names.kind(view.uri), media_type, staged, _parent(view))
    if view.target is not None:
        expects: tuple[Expectation, ...] = (Expectation(view.uri, view.target.revision),)
        return Change((*expects, *_policies(view)), (write,), (), agent.webid, agent.client)
    writes = (*_intermediate(view), write)
    expects = (*_absent(*(one.uri for one in writes)), *_foundation(view), *_policies(view))
    return Change(expects, writes, (), agent.webid, agent.client)


def post(container: View, target: Uri, media_type: str, staged: Staged, agent: Agent) -> Change:
    """A new resource at `target` in the container."""
    require_container(container)
    write = Write(target, names.kind(target), media_type, staged, container.uri)
    expects = (*_absent(target), Expectation(container.uri, Expect.PRESENT), *_policies(container))
    return Change(expects, (write,), (), agent.webid, agent.client)


def require_container(view: View) -> None:
    """Raise unless a POST to the view's URI can make something there."""
    # server-post-target-not-found
    if view.target is None:
        raise NotFound("There is no container here to post to.")
    if view.target.kind is not Kind.CONTAINER:
        allowed = methods.allowed(view.uri, view.pod.root if view.pod else None)
        raise NotAllowed("Only containers take POST; use PUT or PATCH here.", allowed)


def require_deletable(view: View) -> None:
    """Raise NotAllowed where nothing is ever deleted."""
    allowed = methods.allowed(view.uri, view.pod.root if view.pod else None)
    # server-delete-protect-root-container
    if "DELETE" not in allowed:
        raise NotAllowed("The root of a pod and its policy cannot be deleted.", allowed)


def delete(view: View, agent: Agent) -> Change:
    """The target and its auxiliary resources will be gone."""
    require_deletable(view)
    if view.target is None:
        raise NotFound("Nothing is here.")
    # The policy of what it lies in was asked as well, which is the next one if it has one of its own.
    expects = [Expectation(view.uri, view.target.revision), *_policies(view, 2)]
    removes = [view.uri]
    if view.target.kind is Kind.CONTAINER:
        # server-delete-protect-nonempty-container
        expects.append(Expectation(view.uri, Expect.EMPTY))
    if view.target.kind in {Kind.CONTAINER, Kind.DOCUMENT}:
        # server-delete-remove-auxiliary-resource; the store passes over what is not there.
        removes += [names.policy_of(view.uri), names.description_of(view.uri)]
    return Change(tuple(expects), (), tuple(removes), agent.webid, agent.client)


def _parent(view: View) -> Uri | None:
    return None if view.pod is not None and view.uri == view.pod.root else names.parent(view.uri)


def _intermediate(view: View) -> Iterator[Write]:
    """server-put-patch-intermediate-containers: those that lack, outermost first."""
    if names.kind(view.uri) in {Kind.POLICY, Kind.DESCRIPTION}:
        return
    known = {one.uri for one in view.ancestors}
    root = view.pod.root if view.pod else None
    for uri in reversed(names.ancestors(view.uri)):
        if root is not None and uri.startswith(root) and uri not in known:
            yield Write(uri, Kind.CONTAINER, TURTLE, EMPTY, names.parent(uri))


def _absent(*uris: Uri) -> Iterator[Expectation]:
    """Nothing is there, with or without the trailing slash (server-uri-trailing-slash-distinct)."""
    for uri in uris:
        yield Expectation(uri, Expect.ABSENT)
        yield Expectation(names.sibling(uri), Expect.ABSENT)


def _foundation(view: View) -> Iterator[Expectation]:
    """What a new resource stands on: else a container deleted meanwhile would leave an orphan."""
    for one in view.ancestors[:1] if view.subject is None else (view.subject,):
        yield Expectation(one.uri, Expect.PRESENT)


def _policies(view: View, count: int = 1) -> Iterator[Expectation]:
    """The nearest policies still say the same, and no nearer one came, so that a revocation meanwhile counts."""
    known = {policy.uri for policy in view.policies[:count]}
    there = ((view.subject,) if view.subject is not None else ()) + view.ancestors
    for one in there:
        policy = names.policy_of(one.uri)
        if policy in known:
            known.remove(policy)
            if not known:
                break
        elif policy != view.uri:
            yield Expectation(policy, Expect.ABSENT)
    for found in view.policies[:count]:
        if found.uri != view.uri:
            yield Expectation(found.uri, found.revision)
