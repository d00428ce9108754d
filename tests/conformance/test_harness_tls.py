"""The certificates and the proxy that stand before a server while the harness looks at it."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from conformance.harness.certificates import PASSWORD, Certificates, issue
from conformance.harness.proxy import terminating_tls
from tests.system.servers import LONG, free_port

HOST = "pods.localhost"


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return issue(HOST, tmp_path)


def trusting(certificates: Certificates) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates.authority)


@contextlib.asynccontextmanager
async def shouting() -> AsyncIterator[int]:
    """A server that says each line again, louder; its port. It ends a connection when it is told to go."""

    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (line := await reader.readline()) and line != b"go\n":
            writer.write(line.upper())
        writer.close()

    server = await asyncio.start_server(shout, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def connected(
    port: int, context: ssl.SSLContext, name: str = HOST
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)


async def test_bytes_go_both_ways_and_an_end_is_passed_on(certificates: Certificates) -> None:
    port = free_port()

    async with shouting() as behind, terminating_tls(certificates.context(), "127.0.0.1", port, behind):
        reader, writer = await connected(port, trusting(certificates))
        writer.write(b"hello\n" * 50_000 + b"go\n")
        received = await asyncio.wait_for(reader.read(), LONG)
        writer.close()

    assert received == b"HELLO\n" * 50_000


async def test_connections_that_are_open_end_with_the_proxy(certificates: Certificates) -> None:
    port = free_port()

    async with shouting() as behind:
        async with terminating_tls(certificates.context(), "127.0.0.1", port, behind):
            reader, writer = await connected(port, trusting(certificates))
            writer.write(b"hello\n")
            assert await asyncio.wait_for(reader.readline(), LONG) == b"HELLO\n"

        assert await asyncio.wait_for(reader.read(), LONG) == b""
        writer.close()


async def test_where_nobody_is_behind_the_connection_ends(certificates: Certificates) -> None:
    port = free_port()

    async with terminating_tls(certificates.context(), "127.0.0.1", port, free_port()):
        reader, writer = await connected(port, trusting(certificates))
        assert await asyncio.wait_for(reader.read(), LONG) == b""
        writer.close()


@pytest.mark.parametrize("name", ["localhost", "other.localhost"])
async def test_the_certificate_is_for_one_name(certificates: Certificates, name: str) -> None:
    port = free_port()

    async with shouting() as behind, terminating_tls(certificates.context(), "127.0.0.1", port, behind):
        with pytest.raises(ssl.SSLCertVerificationError):
            await connected(port, trusting(certificates), name)


async def test_nobody_else_trusts_the_authority(certificates: Certificates) -> None:
    port = free_port()

    async with shouting() as behind, terminating_tls(certificates.context(), "127.0.0.1", port, behind):
        with pytest.raises(ssl.SSLCertVerificationError):
            await connected(port, ssl.create_default_context())


def test_java_trusts_just_the_authority(certificates: Certificates) -> None:
    authority = x509.load_pem_x509_certificate(certificates.authority.read_bytes())

    kept = pkcs12.load_pkcs12(certificates.truststore.read_bytes(), PASSWORD.encode())

    assert [one.certificate for one in kept.additional_certs] == [authority]
    assert f"-Djavax.net.ssl.trustStore={certificates.truststore}" in certificates.java()


def test_only_who_runs_it_can_read_the_key(certificates: Certificates) -> None:
    assert certificates.server.stat().st_mode & 0o077 == 0
