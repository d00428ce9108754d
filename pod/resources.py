"""The door: every read and every write of resources goes through here.

View, decide, commit: one read collects the facts, pure rules decide, the store applies the
change whole or not at all.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from pod.access import decide, needs, wac
from pod.access.wac import Policy
from pod.cache import Cache
from pod.contexts import Contexts
from pod.errors import Busy, NotFound, PreconditionFailed, Stale, TooLarge
from pod.groups import Groups
from pod.model.access import Grants, Mode, Need
from pod.model.agent import ANYONE, Agent
from pod.model.change import Change, Commit, Entry
from pod.model.operation import Conditions, Delete, Operation, Patch, Post, Put, Wish
from pod.model.representation import Body, Document, Outcome, Staged
from pod.model.resource import Blob, Kind, Pod, Resource, Uri, View
from pod.rdf import formats, negotiate
from pod.rules import conditions, containers, names, plan
from pod.storage.ports import INLINE_LIMIT, Blobs, Store

ATTEMPTS = 8
"""How often a write is planned anew when the facts moved."""
WHOLE = 1024 * 1024
"""Content up to this many bytes is answered from memory, beyond it streamed."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One agent's grants on one URI, with what the public has there."""

    user: Grants
    public: Grants
