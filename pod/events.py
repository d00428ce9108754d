"""What is worth telling the operator: one function for each kind of event.

Above the level `debug` no line holds a WebID, the path of a URI or a token, so that logs
can be kept and passed on without revealing who keeps what.
"""

import json
import logging
import sys
import traceback

_log = logging.getLogger("pod")


def configure(level: str = "INFO") -> None:
    """Write events to standard error, a line for each, with its facts as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.handlers = [handler]
    _log.setLevel(level)
    _log.propagate = False


def started(base_url: str, storage: str) -> None:
    """A worker is about to answer requests."""
    _tell(logging.INFO, "started", base_url=base_url, storage=storage)


def abandoned() -> None:
    """A request was still in flight when the server could wait no longer to end."""
    _tell(logging.WARNING, "abandoned")


def stopped() -> None:
    """A worker has finished its last request and closed its storage."""
    _tell(logging.INFO, "stopped")


def unsubscribed(channel: str) -> None:
    """A subscription was ended, since its messages were not taken for a day."""
    _tell(logging.WARNING, "unsubscribed", channel=channel)


def failed(instance: str, error: BaseException) -> None:
    """A request met a fault of the server; `instance` is what its client was told.

    Messages of exceptions may quote what people keep, so they are told at the level `debug` alone.
    """
    whole = _log.isEnabledFor(logging.DEBUG)
    where = "".join(traceback.format_exception(error)) if whole else _where(error)
    _tell(logging.ERROR, "failed", instance=instance, traceback=where)


def refused(instance: str, status: int, reason: str) -> None:
    """A request was refused; for finding out why, at the level `debug`."""
    if _log.isEnabledFor(logging.DEBUG):
        _tell(logging.DEBUG, "refused", instance=instance, status=status, reason=reason)


def mail(to: str, subject: str, text: str) -> None:
    """A mail is shown to whoever develops on this machine, as nothing would deliver it."""
    _log.info("mail to %s: %s\n\n%s", to, subject, text)


def mail_delayed(reason: str, tries: int) -> None:
    """The mail server did not take a mail; it will be asked again."""
    _tell(logging.WARNING, "mail_delayed", reason=reason, tries=tries)


def mail_refused(reason: str) -> None:
    """The mail server will never take a mail; it is given up."""
    _tell(logging.WARNING, "mail_refused", reason=reason)


def _where(error: BaseException) -> str:
    """The types and lines of code of an exception and of those that led to it, the first one first."""
    found = []
    one: BaseException | None = error
    while one is not None:
        lines = "".join(traceback.format_tb(one.__traceback__))
        found.append(f"Traceback (most recent call last):\n{lines}{type(one).__name__}\n")
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n".join(reversed(found))


def _tell(level: int, event: str, **facts: object) -> None:
    _log.log(level, "%s %s", event, json.dumps(facts, ensure_ascii=False))
