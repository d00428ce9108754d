"""A cache keeps what was used last, within its limit."""

import pytest

from pod.cache import Cache


def test_what_was_put_is_there() -> None:
    cache: Cache[str, str] = Cache(10)

    cache.put("a", "one")

    assert cache.get("a") == "one"
    assert cache.get("b") is None
    assert len(cache) == 1


@pytest.mark.parametrize("value", [0, "", b"", (), False])
def test_a_value_that_counts_as_false_is_a_value(value: object) -> None:
    cache: Cache[str, object] = Cache(10)

    cache.put("a", value)

    assert cache.get("a") == value
    assert cache.get("a") == value


def test_the_value_put_last_holds() -> None:
    cache: Cache[str, int] = Cache(10)

    cache.put("a", 1)
    cache.put("a", 2)

    assert cache.get("a") == 2
    assert len(cache) == 1


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 100])
def test_as_many_values_as_the_limit_are_kept(limit: int) -> None:
    cache: Cache[int, int] = Cache(limit)

    for number in range(200):
        cache.put(number, number)

    assert len(cache) == limit
    assert [cache.get(number) for number in range(200 - limit, 200)] == list(range(200 - limit, 200))


def test_what_was_used_longest_ago_goes_first() -> None:
    cache: Cache[str, int] = Cache(3)
    for key in "abc":
        cache.put(key, 1)

    cache.get("a")
    cache.put("d", 1)
    cache.put("c", 1)
    cache.put("e", 1)

    assert [key for key in "abcde" if cache.get(key)] == ["c", "d", "e"]


def test_weights_count() -> None:
    cache: Cache[str, bytes] = Cache(100, len)
    for key in "abcdefgh":
        cache.put(key, b"x" * 20)

    assert [key for key in "abcdefgh" if cache.get(key)] == ["d", "e", "f", "g", "h"]

    cache.put("d", b"x")
    cache.put("i", b"x" * 19)

    assert len(cache) == 6


def test_a_value_too_heavy_is_not_kept_and_pushes_nothing_out() -> None:
    cache: Cache[str, bytes] = Cache(100, len)
    cache.put("a", b"x" * 25)
    cache.put("b", b"x" * 25)

    cache.put("c", b"x" * 26)
    cache.put("a", b"x" * 26)

    assert cache.get("a") is None
    assert cache.get("b") == b"x" * 25
    assert cache.get("c") is None


def test_values_without_weight_do_not_grow_without_limit() -> None:
    cache: Cache[int, bytes] = Cache(100, len)

    for number in range(1000):
        cache.put(number, b"")

    assert len(cache) == 100


def test_what_is_dropped_makes_room() -> None:
    cache: Cache[str, bytes] = Cache(100, len)
    for key in "abcd":
        cache.put(key, b"x" * 25)

    cache.drop("b")
    cache.drop("never")
    cache.put("e", b"x" * 25)

    assert [key for key in "abcde" if cache.get(key)] == ["a", "c", "d", "e"]


def test_values_are_dropped_by_their_keys() -> None:
    cache: Cache[str, int] = Cache(10)
    for key in ("a/1", "a/2", "b/1"):
        cache.put(key, 1)

    cache.drop_if(lambda key: key.startswith("a/"))

    assert [key for key in ("a/1", "a/2", "b/1") if cache.get(key)] == ["b/1"]


def test_clearing_forgets_everything_and_makes_room() -> None:
    cache: Cache[str, bytes] = Cache(100, len)
    for key in "abcd":
        cache.put(key, b"x" * 25)

    cache.clear()
    for key in "efgh":
        cache.put(key, b"x" * 25)

    assert [key for key in "abcdefgh" if cache.get(key)] == ["e", "f", "g", "h"]
