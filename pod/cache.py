"""A bounded cache in memory for what can always be made again."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def _one(_value: object) -> int:
    return 1


class Cache(Generic[K, V]):
    """Keeps what was used last, while the weights of all values add up to at most `limit`.

    A value weighs at least 1, and must not change its weight. One heavier than a quarter of
    the limit is not kept, so that it cannot push out the rest.
    """

    __slots__ = ("_heaviest", "_limit", "_values", "_weigh", "_weight")

    def __init__(self, limit: int, weigh: Callable[[V], int] = _one) -> None:
        self._limit = limit
        self._heaviest = max(1, limit // 4)
        self._weigh = weigh
        self._weight = 0
        self._values: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value, which counts as used now; None when it is not kept."""
        values = self._values
        if key not in values:
            return None
        # A dict keeps the order of insertion: what is put back last is used last.
        value = values[key] = values.pop(key)
        return value

    def put(self, key: K, value: V) -> None:
        """Keep the value, if it is not too heavy, instead of an earlier one."""
        self.drop(key)
        weight = self._weight_of(value)
        if weight > self._heaviest:
            return
        self._values[key] = value
        self._weight += weight
        while self._weight > self._limit:
            self.drop(next(iter(self._values)))

    def drop(self, key: K) -> None:
        """Forget the value, if it is kept."""
        if key in self._values:
            self._weight -= self._weight_of(self._values.pop(key))

    def drop_if(self, unwanted: Callable[[K], bool]) -> None:
        """Forget the values whose key is unwanted."""
        for key in [key for key in self._values if unwanted(key)]:
            self.drop(key)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._weight = 0

    def _weight_of(self, value: V) -> int:
        return max(1, self._weigh(value))

    def __len__(self) -> int:
        return len(self._values)
