"""What a person lets a client do at a place."""

from pod.model.access import Mode
from pod.model.consent import Consent
from pod.model.resource import Uri
from pod.rules import names

ALL = frozenset(Mode)


def modes(consent: Consent, uri: Uri) -> frozenset[Mode]:
    """The modes that the client may use at the URI, as far as its person has them.

    A container stands for all that lies in it, by whole segments of the path. Policies and descriptions
    count with their subject; control is only there when it was agreed to.
    """
    subject = names.subject(uri)
    found: frozenset[Mode] = frozenset()
    for grant in consent.grants:
        target = grant.target
        if subject == target or (target.endswith("/") and subject.startswith(target)):
            found |= grant.modes
    return found | {Mode.APPEND} if Mode.WRITE in found else found
