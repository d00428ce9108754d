"""What all tests share: coroutine functions run as tests, each in an event loop of its own.

A fixture that is an async context manager is entered in that loop, and its value is what the test gets.
"""

import asyncio
import contextlib
import inspect

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test that is a coroutine function; leave all others to pytest."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    asyncio.run(_run(pyfuncitem))
    return True


async def _run(test: pytest.Function) -> None:
    async with contextlib.AsyncExitStack() as stack:
        arguments = {}
        for name in test._fixtureinfo.argnames:
            value = test.funcargs[name]
            if isinstance(value, contextlib.AbstractAsyncContextManager):
                value = await stack.enter_async_context(value)
            arguments[name] = value
        await test.obj(**arguments)
