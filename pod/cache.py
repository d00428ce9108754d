"""A bounded cache in memory for what can always be made again."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def _one(_value: object) -> int:
    return 1


class Cache(Generic[K, V]):
    """Keeps what was used last, while the weights of all values add up to at most `limit`.

    A value heavier than a quarter of the limit is not kept, so that one cannot push out the rest.
    """

    __slots__ = ("_limit", "_values", "_weigh", "_weight")

    def __init__(self, limit: int, weigh: Callable[[V], int] = _one) -> None:
        self._limit = limit
        self._weigh = weigh
        self._weight = 0
        self._values: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value, which counts as used now; None when it is not kept."""
        # A dict keeps the order of insertion: what is put back last is used last.
        value = self._values.pop(key, None)
        if value is not None:
            self._values[key] = value
        return value

    def put(self, key: K, value: V) -> None:
        """Keep the value, if it is not too heavy, instead of an earlier one."""
        self.drop(key)
        weight = self._weigh(value)
        if weight * 4 > self._limit:
            return
        self._values[key] = value
        self._weight += weight
        while self._weight > self._limit:
            self._weight -= self._weigh(self._values.pop(next(iter(self._values))))

    def drop(self, key: K) -> None:
        """Forget the value, if it is kept."""
        value = self._values.pop(key, None)
        if value is not None:
            self._weight -= self._weigh(value)

    def drop_if(self, unwanted: Callable[[K], bool]) -> None:
        """Forget the values whose key is unwanted."""
        for key in [key for key in self._values if unwanted(key)]:
            self.drop(key)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
        self._weight = 0

    def __len__(self) -> int:
        return len(self._values)
