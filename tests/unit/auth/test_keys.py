"""JSON Web Keys, signatures and strict JSON."""

import warnings

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey

from pod.auth import keys
from pod.auth.keys import Key, KeyFault
from tests import tokens
from tests.tokens import encode

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


def foreign(algorithm: str) -> tuple[dict[str, object], bytes, bytes]:
    """A public key, what another library signed with it, and the signature."""
    key: ECKey | OKPKey | RSAKey
    if algorithm in CURVES:
        key = ECKey.generate_key(CURVES[algorithm])
    elif algorithm.startswith("Ed"):
        key = OKPKey.generate_key("Ed25519")
    else:
        key = RSAKey.generate_key(2048)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library thinks less of some algorithms than others do
        text = jws.serialize_compact({"alg": algorithm}, b"{}", key, algorithms=[algorithm])
    signed, _, signature = text.rpartition(".")
    return dict(key.as_dict(private=False)), signed.encode(), keys.decode(signature)


@pytest.mark.spec("dpop-alg")
@pytest.mark.parametrize("algorithm", keys.ALGORITHMS)
def test_what_others_sign_is_accepted_with_every_algorithm(algorithm: str) -> None:
    jwk, signed, signature = foreign(algorithm)

    key = Key(jwk)

    key.verify(signed, signature, algorithm)
    for wrong in (signature[:-1] + bytes([signature[-1] ^ 1]), signature[:-1], signature + b"\0", b""):
        with pytest.raises(KeyFault):
            key.verify(signed, wrong, algorithm)
    with pytest.raises(KeyFault):
        key.verify(signed + b"x", signature, algorithm)


def test_no_algorithm_without_a_key_pair_is_accepted() -> None:
    assert {"ES256", "RS256", "EdDSA"} < set(keys.ALGORITHMS)
    assert not any(one == "none" or one.startswith("HS") for one in keys.ALGORITHMS)


@pytest.mark.parametrize(
    ("algorithm", "fitting"),
    [
        ("ES256", {"ES256"}),
        ("ES384", {"ES384"}),
        ("ES512", {"ES512"}),
        ("RS256", {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
        ("EdDSA", {"EdDSA", "Ed25519"}),
    ],
)
def test_a_key_fits_the_algorithms_of_its_kind_alone(algorithm: str, fitting: set[str]) -> None:
    key = tokens.Key(algorithm)

    assert set(Key(key.jwk()).algorithms) == fitting
    for other in {"none", "HS256", *keys.ALGORITHMS} - fitting:
        with pytest.raises(KeyFault):
            Key(key.jwk()).verify(b"x", key.sign(b"x"), other)


def test_a_signature_by_one_algorithm_is_none_by_another_of_the_same_key() -> None:
    key = tokens.Key("RS256")

    for other in ("RS384", "RS512", "PS256", "PS384", "PS512"):
        with pytest.raises(KeyFault):
            Key(key.jwk()).verify(b"x", key.sign(b"x"), other)


def test_a_key_may_be_for_one_algorithm_alone() -> None:
    key = tokens.Key("RS256")

    assert Key(key.jwk(alg="RS256")).algorithms == ("RS256",)
    assert Key(key.jwk(alg="HS256")).algorithms == Key(key.jwk(alg=5)).algorithms == ()


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512", "RS256", "EdDSA"])
def test_the_thumbprint_is_that_of_the_standard(algorithm: str) -> None:
    key = tokens.Key(algorithm)

    assert Key(key.jwk(kid="x", use="sig", alg=key.algorithm)).thumbprint == key.thumbprint


def test_the_thumbprint_of_a_known_key_is_known() -> None:
    # RFC 7638, 3.1
    jwk = {
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
        "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
        "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
        "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB",
    }

    assert Key(jwk).thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


EC = tokens.Key("ES256").jwk()
RSA = tokens.Key("RS256").jwk()
OKP = tokens.Key("EdDSA").jwk()


@pytest.mark.parametrize(
    "jwk",
    [
        {}, {"kty": "oct", "k": "c2VjcmV0"}, {"kty": 5}, {"kty": ["EC"]},
        EC | {"x": None}, EC | {"x": "!!"}, EC | {"x": ""}, EC | {"crv": "secp256k1"}, EC | {"crv": "P-384"},
        EC | {"x": encode(b"\1" * 32)}, EC | {"x": encode(b"\xff" * 40)}, {**EC, "kty": "RSA"},
        {name: value for name, value in EC.items() if name != "y"},
        OKP | {"crv": "X25519"}, OKP | {"x": encode(b"short")}, OKP | {"crv": "Ed448"},
        RSA | {"e": encode(b"\0")}, RSA | {"e": encode(b"\xff" * 9)}, RSA | {"e": encode(b"\2")},
        RSA | {"n": encode(b"\xff" * 128)}, RSA | {"n": encode(b"\xff" * 1025)}, RSA | {"n": 5},
    ],
)  # fmt: skip
def test_what_is_no_good_key_is_refused(jwk: dict[str, object]) -> None:
    with pytest.raises(KeyFault):
        Key(jwk)


@pytest.mark.spec("dpop-jwk-public")
@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_a_private_key_that_somebody_sends_is_refused(member: str) -> None:
    with pytest.raises(KeyFault, match="private"):
        Key(EC | {member: "x"}, published=False)


@pytest.mark.parametrize("text", ["", "a", "abcde", "a=", "ab==", "a b", "a+b/", "é", "a\n"])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with pytest.raises(KeyFault):
        keys.decode(text)


@pytest.mark.parametrize("data", [b"", b"\0", b"ab", b"abc", bytes(range(256))])
def test_bytes_survive_base64url(data: bytes) -> None:
    assert keys.encode(data) == encode(data)
    assert not data or keys.decode(keys.encode(data)) == data


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"5", b"null", b'"x"', b"{", b"{}x", b"{'a':1}", b"\xff", b'{"a":1,"a":1}', b'{"a":{"b":1,"b":2}}',
        b'[{"a":1,"a":2}]', b'{"a":NaN}', b'{"a":Infinity}', b'{"a":-Infinity}', b'{"a":' + b"[" * 100_000,
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_json_object_with_one_meaning_is_refused(text: bytes) -> None:
    with pytest.raises(KeyFault):
        keys.json_object(text)


def test_a_json_object_is_read() -> None:
    assert keys.json_object(b'{"a":{"a":1},"b":[{"a":1},{"a":2}]}') == {"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}


@pytest.mark.parametrize("value", [None, "5", True, False, [], float("nan"), float("inf"), -1, 2**53, 10**400])
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(KeyFault):
        keys.date({"iat": value}, "iat")


@pytest.mark.parametrize("value", [0, 1_700_000_000, 1_700_000_000.5])
def test_a_date_is_a_number_of_seconds(value: float) -> None:
    assert keys.date({"iat": value}, "iat") == value
