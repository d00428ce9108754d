"""A mail server for tests, on loopback: it takes mail, or refuses it, as it is told."""

import asyncio
import base64
import datetime as dt
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail as it came."""

    receiver: str
    message: EmailMessage
    encrypted: bool
    user: str | None

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return cast("str", self.message.get_content())

    @property
    def link(self) -> str:
        """The one link in the text."""
        (found,) = (line for line in self.text.splitlines() if line.startswith("http"))
        return found

    @property
    def token(self) -> str:
        return self.link.rpartition("/")[2]


@dataclass
class MailServer:
    """Open from `async with` to its end."""

    security: str = "none"
    refusals: dict[str, str] = field(default_factory=dict)
    """What is answered to a command, by its verb, instead of success."""
    taken: list[Taken] = field(default_factory=list)
    port: int = 0

    async def __aenter__(self) -> Self:
        self.certificate, self._context = _certified()
        context = self._context if self.security == "tls" else None
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        await self._server.wait_closed()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._tasks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.append(writer)
        try:
            await self._talk(reader, writer)
        except (ConnectionError, ssl.SSLError):
            pass  # the client does not like our certificate
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        receiver, user, encrypted = "", None, self.security == "tls"

        def say(answer: str) -> None:
            writer.write(answer.encode() + b"\r\n")

        say(self.refusals.get("HELLO", "220 ready"))
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            offered = "250-STARTTLS\r\n" if self.security == "starttls" and not encrypted else ""
            say(self.refusals.get(verb) or _answer(verb, offered))
            if verb in self.refusals:
                continue
            if verb == "STARTTLS":
                await writer.start_tls(self._context)
                encrypted = True
            elif verb == "AUTH":
                user = base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip()
            elif verb == "RCPT":
                receiver = line.partition("<")[2].partition(">")[0]
            elif verb == "DATA":
                message = await _message(reader)
                say(self.refusals.get("CONTENT", "250 taken"))
                if "CONTENT" not in self.refusals:
                    self.taken.append(Taken(receiver, message, encrypted, user))
                    self._news.set()

    async def arrival(self) -> None:
        """Return when another mail has come since this was last called."""
        await self._news.wait()
        self._news.clear()

    def trusting(self) -> ssl.SSLContext:
        """What trusts this server's certificate, for 127.0.0.1."""
        return ssl.create_default_context(cadata=self.certificate)


def _answer(verb: str, offered: str) -> str:
    answers = {
        "EHLO": f"250-here\r\n{offered}250-AUTH PLAIN\r\n250 8BITMIME",
        "STARTTLS": "220 go on",
        "AUTH": "235 welcome",
        "DATA": "354 go on",
        "QUIT": "221 bye",
    }
    return answers.get(verb, "250 ok")


async def _message(reader: asyncio.StreamReader) -> EmailMessage:
    content = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
    return message_from_bytes(content, policy=policy.default)


def _certified() -> tuple[str, ssl.SSLContext]:
    """A certificate for this machine, and the context of a server that has it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "both.pem"
        file.write_bytes(pem + secret)
        context.load_cert_chain(file)
    return pem.decode(), context
