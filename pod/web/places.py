"""The tree of containers in a person's pods, to choose from."""

from collections.abc import Sequence
from urllib.parse import unquote

from pod.model.resource import Kind, Pod, Uri
from pod.storage.ports import Store
from pod.web.page import Option

DEPTH = 2
"""Levels below the root of a pod that are shown."""
MOST = 200
"""Containers that are shown."""


async def tree(store: Store, pods: Sequence[Pod]) -> tuple[Option, ...]:
    """The containers of the pods, each pod first as a whole."""
    found: list[Option] = []
    for pod in pods:
        found.append(Option(pod.root, f"{pod.name}/", depth=0))
        await _below(store, pod.root, 1, found)
    return tuple(found)


async def _below(store: Store, container: Uri, depth: int, found: list[Option]) -> None:
    for child in await store.children(container):
        if len(found) >= MOST:
            return
        if child.kind is Kind.CONTAINER:
            name = unquote(child.uri.rstrip("/").rpartition("/")[2]) + "/"
            found.append(Option(child.uri, name, depth=depth))
            if depth < DEPTH:
                await _below(store, child.uri, depth + 1, found)
