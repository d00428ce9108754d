"""Who is at the other end of a request."""

import ipaddress

import pytest

from pod.http import peers

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8:ffff::/48"))


def address(client: str | None, *forwarded: str, trusted: peers.Networks = PROXIES) -> str:
    headers = [(b"host", b"pods.example"), *((b"x-forwarded-for", one.encode("latin-1")) for one in forwarded)]
    return peers.address({"client": None if client is None else (client, 1234), "headers": headers}, trusted)


def test_nobody_is_believed_unless_they_are_a_trusted_proxy() -> None:
    assert address("192.0.2.1", "203.0.113.9") == "192.0.2.1"
    assert address("10.0.0.1", "203.0.113.9", trusted=()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9:4711"], "203.0.113.9"),
        (["[2001:db8::9]:4711"], "2001:db8::9"),
        (["2001:db8::9"], "2001:db8::9"),
        (["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        (["203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        (["10.0.0.8, 203.0.113.9, 2001:db8:ffff::1, 10.0.0.7"], "203.0.113.9"),
        (["10.0.0.8"], "10.0.0.8"),
        (["made up"], "10.0.0.1"),
        (["203.0.113.9, made up, 10.0.0.7"], "10.0.0.7"),
        (["\xff"], "10.0.0.1"),
        ([""], "10.0.0.1"),
        ([], "10.0.0.1"),
    ],
    ids=str,
)
def test_a_proxy_says_whom_it_talks_to_and_what_stands_before_is_made_up(forwarded: list[str], client: str) -> None:
    assert address("10.0.0.1", *forwarded) == client


def test_a_proxy_may_be_reached_by_an_address_of_the_other_kind() -> None:
    assert address("::ffff:10.0.0.1", "203.0.113.9") == "203.0.113.9"


def test_who_is_not_known_has_no_address() -> None:
    assert address(None, "203.0.113.9") == ""
    assert address("a socket", "203.0.113.9") == "a socket"
