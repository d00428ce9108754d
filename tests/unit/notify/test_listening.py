"""A stream that ends leaves the connection in order."""

import asyncio

from pod.model.agent import ANYONE
from pod.model.resource import Uri
from pod.notify.listening import Ending, Listener


class Loop(asyncio.SelectorEventLoop):
    """An event loop in which time passes when it is told to."""

    passed = 0.0

    def time(self) -> float:
        return super().time() + self.passed


def aborted_after_a_while(*, let_go: bool) -> bool:
    ended = asyncio.Event()

    async def run(loop: Loop) -> bool:
        listener = Listener(ANYONE, Uri("https://pod.example/a"), abort=ended.set)
        listener.finish(Ending.REVOKED)
        if let_go:
            listener.let_go()
        loop.passed = 3600
        # A timer that is due has run before what was asked for after it.
        await asyncio.sleep(0.001)
        return ended.is_set()

    loop = Loop()
    try:
        return loop.run_until_complete(run(loop))
    finally:
        loop.close()


def test_a_client_that_does_not_take_the_end_of_a_stream_is_cut_off() -> None:
    assert aborted_after_a_while(let_go=False)


def test_a_connection_that_a_client_uses_again_after_a_stream_is_not_cut_off() -> None:
    assert not aborted_after_a_while(let_go=True)
