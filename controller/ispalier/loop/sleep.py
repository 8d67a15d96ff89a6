"""Sleep that ends with the work."""

import asyncio


async def sleep_until(stop: asyncio.Event, seconds: float) -> bool:
    """Sleep, but not beyond the end; tells whether the end has come."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return False
    return True
