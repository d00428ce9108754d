"""Mail to people: composed in their language, kept until the mail server took it, and shown in development."""

import asyncio
import contextlib
import json
import secrets
import smtplib
import ssl
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import cache
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from pod import config, events
from pod.config import Settings, is_loopback
from pod.errors import PodError
from pod.idp.accounts import Now
from pod.idp.letters import PAGES, Letter, Letters
from pod.idp.sessions import DAY
from pod.storage.ports import Records, Swap

QUEUE, SHOWN = "mail", "mail-shown"
"""Mail that the server of mail has not taken, and, in development, mail that would have been sent."""
TEXTS = Path(__file__).parent.parent / "texts"
LANGUAGES = ("en", "de", "fr")
TIMEOUT = 20
"""Seconds that the server of mail may take for each answer."""
CLAIMED = 300 * 1_000_000
"""How long a worker may take to send a mail before another tries, in microseconds."""
PAUSE, LONGEST_PAUSE = 30 * 1_000_000, 3600 * 1_000_000
KEPT = 3 * DAY
"""How long sending is tried."""
LOOK = 30.0
"""Seconds after which mail is looked for that other workers left."""
LONGEST = 500
"""Characters of a fact."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail to be sent. The token of its link comes to be when it is sent, so that no link lies in the queue."""

    to: str | None
    """None: a mail that is not sent, so that who asks for one cannot tell by the time it takes."""
    key: str
    facts: Mapping[str, str]
    language: str | None
    letter: Mapping[str, object] | None
    created: int
    due: int
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail as a person would get it."""

    to: str
    subject: str
    text: str


class Mail:
    """Sends mail by SMTP. In development, with a server on loopback and no SMTP server, mail is shown there."""

    def __init__(
        self, records: Records, letters: Letters, settings: Settings, now: Now, context: ssl.SSLContext | None = None
    ) -> None:
        """`context` says which certificates of the SMTP server are trusted, by default as the machine does."""
        self._records = records
        self._letters = letters
        self._smtp = settings.mail
        self._account_url = settings.account_url
        self._host = urlsplit(settings.base_url).hostname or ""
        self._now = now
        self._context = context
        self._news = asyncio.Event()
        self.delivers = bool(settings.mail.host)
        """Whether mail reaches people."""
        self.is_shown = not self.delivers and is_loopback(settings.base_url)
        """Whether mail is shown at the server instead."""

    @property
    def works(self) -> bool:
        """Whether a mail gets to its reader in any way."""
        return self.delivers or self.is_shown

    async def send(
        self,
        to: str | None,
        key: str,
        facts: Mapping[str, str] = MappingProxyType({}),
        language: str | None = None,
        letter: Letter | None = None,
    ) -> None:
        """Send the mail with the key in the catalogue of texts, soon; keep it until then.

        With a letter, its text has the link that the letter is for as `link`. To None nothing is
        sent, with the same work. Without an SMTP server nothing happens, unless mail is shown.
        """
        if not self.works:
            return
        entry = self._entry(to, key, facts, language, letter)
        if self.is_shown:
            await self._show(entry)
            return
        await self._records.swap(_queued(entry))
        self._news.set()

    async def send_with(
        self, swaps: Sequence[Swap], to: str, key: str, facts: Mapping[str, str], language: str | None
    ) -> bool:
        """Make the swaps, and in the same moment have the mail sent as `send` does; whether they could be made.

        If they cannot, no mail is sent. If no mail can be sent, they are made all the same.
        """
        entry = self._entry(to, key, facts, language)
        made = await self._records.swap(*swaps, *([_queued(entry)] if self.delivers else []))
        if made and self.is_shown:
            await self._show(entry)
        self._news.set()
        return made

    def _entry(
        self, to: str | None, key: str, facts: Mapping[str, str], language: str | None, letter: Letter | None = None
    ) -> Entry:
        now = self._now()
        kept = {name: _line(value) for name, value in facts.items()}
        return Entry(to, key, kept, language, None if letter is None else asdict(letter), now, now)

    async def _show(self, entry: Entry) -> None:
        if entry.to is None:
            return
        mail = await self._composed(entry, entry.to)
        events.mail(mail.to, mail.subject, mail.text)
        name = f"{entry.created:020}-{secrets.token_hex(8)}"
        await self._records.put(SHOWN, name, json.dumps(asdict(mail)).encode(), entry.created + DAY)

    async def shown(self) -> Sequence[Shown]:
        """Mail that was shown in the last day, the latest first; nothing unless this is development."""
        if not self.is_shown:
            return []
        found = [await self._records.get(SHOWN, name) for name in await self._records.keys(SHOWN)]
        return [Shown(**json.loads(one)) for one in reversed(found) if one is not None]

    async def run(self) -> None:
        """Send what is due, soon after it was given, until cancelled."""
        while True:
            self._news.clear()
            try:
                await self.deliver()
            except PodError as error:
                events.failed("mail", error)  # what was not sent is kept
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK)

    async def deliver(self) -> None:
        """Send everything that is due, whichever worker it was given to."""
        for name in await self._records.keys(QUEUE):
            record = await self._records.get(QUEUE, name)
            if record is None:
                continue
            entry = _decoded(record)
            if entry.due <= self._now():
                await self._try(name, record, entry)

    async def _try(self, name: str, record: bytes, entry: Entry) -> None:
        expires = entry.created + KEPT
        claimed = replace(entry, due=self._now() + CLAIMED, tries=entry.tries + 1)
        if not await self._records.swap(Swap(QUEUE, name, record, _encoded(claimed), expires)):
            return  # another worker sends it
        if entry.to is not None:
            try:
                await asyncio.to_thread(self._deliver, await self._composed(entry, entry.to))
            except (smtplib.SMTPException, OSError) as error:
                if not _is_final(error):
                    events.mail_delayed(_reason(error), claimed.tries)
                    pause = min(PAUSE * 2**entry.tries, LONGEST_PAUSE)
                    later = replace(claimed, due=self._now() + pause)
                    await self._records.swap(Swap(QUEUE, name, _encoded(claimed), _encoded(later), expires))
                    return
                events.mail_refused(_reason(error))
        await self._records.replace(QUEUE, name, _encoded(claimed), None)

    async def _composed(self, entry: Entry, to: str) -> Shown:
        facts = {"server": self._host, "email": to, "account": f"{self._account_url}.account/", **entry.facts}
        if entry.letter is not None:
            letter = Letter(**entry.letter)  # type: ignore[arg-type]  # as asdict gave it
            token = await self._letters.token(letter)
            facts["link"] = f"{self._account_url}.account/{PAGES[letter.kind]}/{token}"
        return composed(to, entry.key, facts, entry.language)

    def _deliver(self, mail: Shown) -> None:
        message = EmailMessage()
        message["From"] = self._smtp.sender or f"no-reply@{self._host}"
        message["To"] = mail.to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(datetime.fromtimestamp(self._now() / 1_000_000, UTC))
        message["Message-ID"] = make_msgid(domain=self._host)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        with _connected(self._smtp, self._context) as smtp:
            if self._smtp.user:
                smtp.login(self._smtp.user, self._smtp.password)
            smtp.send_message(message)


def composed(to: str, key: str, facts: Mapping[str, str], language: str | None) -> Shown:
    """The mail in the language, or in English where there is no text in it."""
    text = _texts(language if language in LANGUAGES else "en")[key]
    return Shown(to, text["subject"].format(**facts), text["text"].format(**facts).strip() + "\n")


@cache
def _texts(language: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((TEXTS / f"mail.{language}.toml").read_text("utf-8"))


def _connected(settings: config.Mail, context: ssl.SSLContext | None) -> smtplib.SMTP:
    """A connection whose other end is the server that its certificate says, unless the setting asks for none."""
    trusted = context or ssl.create_default_context()
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=TIMEOUT, context=trusted)
    smtp = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT)
    try:
        if settings.security == "starttls":
            smtp.starttls(context=trusted)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _is_final(error: Exception) -> bool:
    """Whether it will be no better later: the receiver is refused for good, or the address cannot be sent to."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _ in error.recipients.values())
        case smtplib.SMTPDataError():
            return error.smtp_code >= 500
        case smtplib.SMTPNotSupportedError():
            # Also said when the server offers no STARTTLS or no sign-in, which its operator can mend.
            return "SMTPUTF8" in str(error)
        case _:
            return False


def _reason(error: Exception) -> str:
    """What happened, without addresses."""
    code = getattr(error, "smtp_code", None)
    return type(error).__name__ if code is None else f"{type(error).__name__} {code}"


def _queued(entry: Entry) -> Swap:
    name = f"{entry.created:020}-{secrets.token_hex(8)}"
    return Swap(QUEUE, name, None, _encoded(entry), entry.created + KEPT)


def _line(value: str) -> str:
    """A fact on one line, since what it says may come from a stranger."""
    return "".join(one if one.isprintable() else " " for one in value)[:LONGEST]


def _encoded(entry: Entry) -> bytes:
    return json.dumps(asdict(entry)).encode()


def _decoded(record: bytes) -> Entry:
    return Entry(**json.loads(record))
