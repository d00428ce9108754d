"""Which hosts are asked, and which never."""

import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pod import fetch
from pod.fetch import Fetcher
from tests.unit.web import Names, Page, Site, get, refusal


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://a.example/", "urn:x:y", "data:text/turtle,", "//a.example/", "a", "",
        "https://", "https:///a", "https://me@a.example/", "https://me:secret@a.example/", "https://@a.example/",
        "https://a.example:99999/", "https://a.example:x/", "https://[::1/", "https://a..example/",
        "https://" + "a" * 64 + ".example/", "https://a.example/\ud800", "https://evil.example\\@127.0.0.1/",
        "http://a.example/", "http://10.0.0.1/", "https://a.example/" + "a" * fetch.LONGEST,
    ],
)  # fmt: skip
async def test_what_is_no_url_to_ask_is_not_asked(url: str) -> None:
    names = Names()
    fetcher = Fetcher(allow_loopback=True, resolve=names)

    await refusal(fetcher, url)
    assert names.asked == []
    await fetcher.aclose()


@pytest.mark.parametrize(
    ("loopback", "private", "asked"),
    [
        (False, False, []),
        (True, False, ["localhost"]),
        (False, True, ["a", "localhost"]),
        (True, True, ["a", "localhost"]),
    ],
)
async def test_plain_http_is_for_this_machine_or_private_networks(
    loopback: bool, private: bool, asked: list[str]
) -> None:
    names = Names(a=["192.0.2.1"], localhost=["192.0.2.1"])
    fetcher = Fetcher(allow_loopback=loopback, allow_private=private, resolve=names)

    await refusal(fetcher, "http://a/")
    await refusal(fetcher, "http://localhost/")
    assert names.asked == asked
    await fetcher.aclose()


LOOPBACK = ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"]
PRIVATE = [
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "198.18.0.1",
    "fc00::1", "fdff::1", "::ffff:10.0.0.1", "::ffff:192.168.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2002:c0a8:101::1",
]  # fmt: skip
NOBODYS = [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::2", "::7f00:1", "::ffff:0:7f00:1",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:7f00:1::1",
    "2001:db8::1", "2002:a9fe:a9fe::", "3fff::1", "5f00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1",
    "172.15.0.1",
    "172.32.0.1",
    "100.128.0.1",
    "198.20.0.1",
    "2606:4700::1111",
    "2a00::1",
    "2002:101:101::",
]


@pytest.mark.parametrize(
    ("addresses", "loopback", "private", "allowed"),
    [
        (LOOPBACK, False, False, False), (LOOPBACK, True, False, True), (LOOPBACK, False, True, False),
        (PRIVATE, False, False, False), (PRIVATE, True, False, False), (PRIVATE, False, True, True),
        (NOBODYS, True, True, False), (PUBLIC, False, False, True),
    ],
)  # fmt: skip
def test_every_kind_of_address_is_told_apart(
    addresses: list[str], loopback: bool, private: bool, allowed: bool
) -> None:
    rules = fetch._Rules(allow_loopback=loopback, allow_private=private)

    assert [address for address in addresses if rules.allows(address) is not allowed] == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "LOCALHOST", "a.localhost",
        "[::1]", "[::ffff:127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]", "①②⑦.0.0.1", "0", "0.0.0.0", "[::]",
        "10.1", "0xa000001", "169.254.169.254", "[fe80::1]",
    ],
)  # fmt: skip
async def test_no_spelling_of_a_host_gets_around_the_rules(host: str) -> None:
    fetcher = Fetcher()

    message = await refusal(fetcher, f"https://{host}/")
    assert "must not be asked" in message or "is not known" in message
    await fetcher.aclose()


async def test_a_host_that_nobody_knows_cannot_be_asked() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, f"{host}:{port}")

    fetcher = Fetcher(resolve=resolve)

    assert await refusal(fetcher, "https://nobody.example/") == "nobody.example is not known."
    await fetcher.aclose()


async def test_a_host_that_is_no_text_for_a_name_service_cannot_be_asked() -> None:
    fetcher = Fetcher()

    await refusal(fetcher, "https://a\0b.example/")
    await fetcher.aclose()


async def test_of_many_addresses_only_those_that_are_allowed_are_asked(site: Site) -> None:
    site.pages["/"] = Page(b"here")
    names = Names(mixed=["10.0.0.1", "169.254.169.254", "127.0.0.1"], wrong=["10.0.0.1", "fe80::1"])
    fetcher = Fetcher(allow_loopback=True, resolve=names)

    assert (await get(fetcher, f"http://mixed.localhost:{site.port}/")).body == b"here"
    assert "must not be asked" in await refusal(fetcher, f"http://wrong.localhost:{site.port}/")
    await fetcher.aclose()


async def test_each_connection_goes_to_the_address_that_was_checked_for_it(site: Site) -> None:
    site.pages["/one"] = site.pages["/two"] = Page(b"here", headers={"Connection": "close"})
    names = Names(shifty=["127.0.0.1"])
    fetcher = Fetcher(allow_loopback=True, resolve=names)
    base = f"http://shifty.localhost:{site.port}"

    assert (await get(fetcher, f"{base}/one")).body == b"here"
    names.known["shifty"] = ["10.0.0.1"]

    assert "must not be asked" in await refusal(fetcher, f"{base}/two")
    assert len(names.asked) == 2
    await fetcher.aclose()


async def test_an_address_that_does_not_answer_leaves_the_next(site: Site) -> None:
    site.pages["/"] = Page(b"here")
    fetcher = Fetcher(allow_loopback=True, resolve=Names(two=["127.0.0.2", "127.0.0.1"], none=["127.0.0.2"]))

    assert (await get(fetcher, f"http://two.localhost:{site.port}/")).body == b"here"
    assert "does not answer" in await refusal(fetcher, f"http://none.localhost:{site.port}/")
    await fetcher.aclose()


def certificate(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows that is `host`, and what trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    file = folder / "server.pem"
    file.write_bytes(private + public)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=public.decode())


async def test_a_host_must_prove_its_name_whatever_its_address(tmp_path: Path) -> None:
    shown, trusted = certificate(tmp_path, "a.example")
    async with Site(shown) as site:
        site.pages["/"] = Page(b"proved")
        fetcher = Fetcher(allow_loopback=True, resolve=Names(), verify=trusted)

        assert (await get(fetcher, f"https://a.example:{site.port}/")).body == b"proved"
        assert "could not be asked" in await refusal(fetcher, f"https://b.example:{site.port}/")
        assert "could not be asked" in await refusal(fetcher, f"https://127.0.0.1:{site.port}/")
        assert "could not be asked" in await refusal(fetcher, f"http://localhost:{site.port}/")
        await fetcher.aclose()

        stranger = Fetcher(allow_loopback=True, resolve=Names())
        assert "could not be asked" in await refusal(stranger, f"https://a.example:{site.port}/")
        await stranger.aclose()
