"""Whatever is done to storage, memory and SQLite tell the same, also to who opens it anew.

A machine does the same random steps to three stacks: memory, and two on the same SQLite
files, between which the writes alternate as between two workers.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pod.errors import Stale
from pod.model.change import Change, Entry, Expect, Expectation, Write
from pod.model.resource import Kind, Pod, Resource, Uri
from pod.storage.stores import Stores, open_memory, open_sqlite
from tests.contract.making import ALICE, NOON, SECOND, Clock, Step, change, expect, make_pod, staged, uri, write

T = TypeVar("T")

CONTAINERS = ("a/", "a/b/", "c/")
DOCUMENTS = ("a/x", "a/b/x", "a/b", "x", "c/y")
AUXILIARY = ("a/.acl", "a/b/.acl", "a/x.acl", "a/.meta", ".acl")
PATHS = (*CONTAINERS, *DOCUMENTS, *AUXILIARY)
ASKED = ("", *PATHS, "a", "c", "a/x/y/z", "never/", "never/x")

paths = st.sampled_from(PATHS)
contents = st.sampled_from(("", "one", "two", "three"))
steps = st.lists(
    st.one_of(paths, st.builds(write, paths, contents, st.sampled_from(("text/turtle", "text/plain")))),
    max_size=3,
    unique_by=lambda step: step if isinstance(step, str) else step.uri,
)
expectations = st.lists(
    st.builds(expect, st.sampled_from(ASKED), st.one_of(st.sampled_from(Expect), st.integers(1, 12))), max_size=1
)


def told(one: Resource) -> tuple[object, ...]:
    """All of a resource but what is drawn at random."""
    return (one.uri, one.kind, one.media_type, one.blob, one.revision, one.created, one.modified, one.shared_second)


class SameStores(RuleBasedStateMachine):
    """The stacks, and the steps."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(NOON)
        self.directory = Path(tempfile.mkdtemp())
        self.runner = asyncio.Runner()
        self.memory = self.run(open_memory(self.clock))
        self.workers = [self.run(open_sqlite(self.directory, self.clock)) for _ in range(2)]
        self.stamps: set[int] = set()
        self.pods = 1

    def run(self, step: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await step

        return self.runner.run(awaited())

    def teardown(self) -> None:
        for stores in self.workers:
            self.run(stores.close())
        self.runner.close()
        shutil.rmtree(self.directory)

    def same(self, ask: Callable[[Stores], Awaitable[T]]) -> T:
        """What memory and both workers answer."""
        answer = self.run(ask(self.memory))
        for stores in self.workers:
            assert self.run(ask(stores)) == answer
        return answer

    @initialize()
    def begin(self) -> None:
        self.run(make_pod(self.memory, *CONTAINERS))
        self.run(make_pod(self.workers[0], *CONTAINERS))

    @rule(path=paths, content=contents)
    def put(self, path: str, content: str) -> None:
        """As clients do: with the containers that lack."""
        above = [path[: n + 1] for n in range(len(path) - 1) if path[n] == "/"]
        self.commit([*(write(one) for one in above if not self.has(one)), write(path, content)], [])

    @rule(path=st.sampled_from((*CONTAINERS, *DOCUMENTS)))
    def remove(self, path: str) -> None:
        """With all that lies in it or belongs to it."""
        self.commit([one for one in PATHS if one.startswith(path)], [])

    def has(self, path: str) -> bool:
        return self.run(self.memory.store.view(uri(path))).target is not None

    @rule(steps=steps, expects=expectations)
    def commit(self, steps: list[Step], expects: list[Expectation]) -> None:
        """Anything, be it possible or not."""
        wanted = change(*expects, *steps)
        self.workers.reverse()

        first, second = (self.outcome(stores, wanted) for stores in (self.memory, self.workers[0]))

        assert first == second

    def outcome(self, stores: Stores, wanted: Change) -> tuple[object, ...]:
        try:
            commit = self.run(stores.store.commit(wanted))
        except Stale:
            return ("stale",)
        for one in commit.resources:
            assert one.stamp not in self.stamps
            self.stamps.add(one.stamp)
            assert self.run(stores.store.view(one.uri)).target == one
        return (commit.seq, commit.time, commit.entries, [told(one) for one in commit.resources])

    @rule(path=paths)
    def look(self, path: str) -> None:
        """So that some views are kept, and others not."""
        for stores in (self.memory, *self.workers):
            self.run(stores.store.view(uri(path)))

    @rule(move=st.sampled_from((1, SECOND - 1, SECOND, -SECOND, 90 * SECOND)))
    def pass_time(self, move: int) -> None:
        self.clock.now += move

    @rule()
    def restart(self) -> None:
        """One worker ends, and a new one begins, which knows nothing."""
        self.run(self.workers.pop().close())
        self.workers.append(self.run(open_sqlite(self.directory, self.clock)))

    @rule()
    def sweep(self) -> None:
        self.same(lambda stores: stores.blobs.sweep(2 * NOON))

    @rule(content=contents)
    def put_elsewhere(self, content: str) -> None:
        """A document of another pod, which comes to be by that; its content may be the same as here."""
        root = Uri(f"https://pods.example/other{self.pods}/")
        pod = Pod(root, f"other{self.pods}", (ALICE,), "account-2", 2)
        note = Write(Uri(f"{root}note"), Kind.DOCUMENT, "text/turtle", staged(content), root)
        writes = (Write(root, Kind.CONTAINER, "text/turtle", staged(""), None), note)
        for stores in (self.memory, self.workers[0]):
            known = self.run(stores.store.pods_of("account-2"))
            wanted = Change((), writes if not known else (note,), pod=None if known else pod)
            self.run(stores.store.commit(wanted))

    @rule()
    def purge_elsewhere(self) -> None:
        root = Uri(f"https://pods.example/other{self.pods}/")
        if self.run(self.memory.store.pods_of("account-2")):
            first, second = (self.run(stores.store.purge(root)) for stores in (self.memory, self.workers[1]))
            assert first == second
            self.pods += 1

    @rule(closed=st.booleans())
    def close(self, closed: bool) -> None:
        for stores in (self.memory, self.workers[1]):
            self.run(stores.store.close(uri(), closed))

    @invariant()
    def views_are_the_same(self) -> None:
        for path in ASKED:

            async def asked(stores: Stores, path: str = path) -> tuple[object, ...]:
                found = await stores.store.view(uri(path))
                target = None if found.target is None else told(found.target)
                above = [one.uri for one in found.ancestors]
                return (target, above, [told(one) for one in found.policies], found.sibling, found.blocking, found.pod)

            self.same(asked)

    @invariant()
    def children_are_the_same(self) -> None:
        for path in ("", *CONTAINERS):
            self.same(lambda stores, path=path: stores.store.children(uri(path)))  # type: ignore[misc]  # binds early

    @invariant()
    def logs_are_the_same(self) -> None:
        log: list[Entry] = list(self.same(lambda stores: stores.store.log()))
        numbers = [entry.seq for entry in log]
        assert numbers == sorted(set(numbers))

    @invariant()
    def every_version_can_be_read(self) -> None:
        async def versions(stores: Stores) -> list[bytes]:
            log = await stores.store.log()
            return [await stores.blobs.read(entry.after) for entry in log if entry.after is not None]

        self.same(versions)


SameStores.TestCase.settings = settings(
    max_examples=40, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
test_memory_and_sqlite_tell_the_same = SameStores.TestCase
