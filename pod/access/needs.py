"""Operations and the modes they need (WAC, 5; Solid Protocol, 5.3)."""

from pod.model.access import Mode, Need
from pod.model.operation import UNCONDITIONAL, Conditions, Delete, Operation, Patch, Post
from pod.model.resource import Kind, View
from pod.rules import names


def for_read(view: View) -> tuple[Need, ...]:
    """What GET and HEAD need."""
    # server-control-operation: reading a policy takes control of its subject, and nothing else.
    if names.kind(view.uri) is Kind.POLICY:
        return (Need(view.uri, Mode.CONTROL),)
    return (Need(view.uri, Mode.READ),)


def for_write(view: View, operation: Operation, conditions: Conditions = UNCONDITIONAL) -> tuple[Need, ...]:
    """What the operation needs under the conditions, given what is at its target; on the target first."""
    if names.kind(view.uri) is Kind.POLICY:
        return (Need(view.uri, Mode.CONTROL),)
    match operation:
        case Post():
            return (Need(view.uri, Mode.APPEND),)
        case Delete():
            return _for_delete(view)
        case Patch(edit=edit):
            # server-create-operation: to come to be is to be appended to, whatever the patch does.
            modes = edit.modes if view.target is not None else edit.modes | {Mode.APPEND}
            if _asks(conditions):
                # consider-append-read-diff: the answer could tell whether a patch before changed anything.
                modes |= {Mode.READ}
            return (*(Need(view.uri, mode) for mode in Mode if mode in modes), *_for_creation(view))
        case _:
            if view.target is not None:
                return (Need(view.uri, Mode.WRITE),)
            return (Need(view.uri, Mode.APPEND), *_for_creation(view))


def _asks(conditions: Conditions) -> bool:
    """Whether the answer tells more than that something is there."""
    tags = (conditions.if_match, conditions.if_none_match)
    dates = (conditions.if_modified_since, conditions.if_unmodified_since)
    return any(one not in {None, ("*",)} for one in tags) or dates != (None, None)


def _for_creation(view: View) -> tuple[Need, ...]:
    """Creating also adds to the container, and to each one that has to be made (server-create-operation).

    The nearest container that exists is asked. Those below it, which lack, inherit just as the
    target does, on which this is needed anyway (container-permissions).
    """
    if view.target is not None or names.kind(view.uri) is Kind.DESCRIPTION or not view.ancestors:
        return ()
    return (Need(view.ancestors[0].uri, Mode.APPEND),)


def _for_delete(view: View) -> tuple[Need, ...]:
    """Write on the resource and on what lists it; for a container read too, as 409 tells whether it is empty.

    Who may read learns that there is nothing (404); who may not is refused either way.
    """
    needs = [Need(view.uri, Mode.READ)] if view.target is None else [Need(view.uri, Mode.WRITE)]
    if view.target is not None and view.target.kind is Kind.CONTAINER:
        needs.append(Need(view.uri, Mode.READ))
    container = names.parent(view.uri)
    at_root = view.pod is not None and view.uri == view.pod.root
    if view.target is not None and container is not None and not at_root:
        needs.append(Need(container, Mode.WRITE))
    return tuple(needs)
