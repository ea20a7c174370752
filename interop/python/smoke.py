"""Debian's python3-socketio against the profile `interop`: smoke.py URL TRANSPORT[,TRANSPORT]; prints ok at the end.

Needs python3-socketio and python3-aiohttp.
"""
import asyncio
import sys

import socketio

PATIENCE = 10


async def within(awaitable):
    return await asyncio.wait_for(awaitable, PATIENCE)


async def connect(url, transports, **options):
    client = socketio.AsyncClient(reconnection=False)
    await within(client.connect(url, transports=transports, **options))
    return client


def next_event(client, name, namespace="/"):
    """A future of the arguments of the next event of that name."""
    arrival = asyncio.get_running_loop().create_future()

    async def handler(*args):
        if not arrival.done():
            arrival.set_result(args)

    client.on(name, handler, namespace=namespace)
    return arrival


async def check_events(client):
    echo = next_event(client, "echo")
    await client.emit("echo", ("é", {"bytes": b"\x01\x02", "list": [1, None, True]}))
    assert await within(echo) == ("é", {"bytes": b"\x01\x02", "list": [1, None, True]})
    answer = await client.call("echo", ("a", b"\x03"), timeout=PATIENCE)
    assert list(answer) == ["a", b"\x03"], answer

    async def question(number):
        return number + 1

    client.on("question", question)
    answer = await client.call("ask", (0, "question", 41), timeout=PATIENCE)
    assert answer == {"error": None, "answer": [42]}, answer


async def check_rooms(one, two):
    await two.call("join", "python", timeout=PATIENCE)
    news = next_event(two, "news")
    await one.emit("cast", ({"to": ["python"]}, "news", {"x": b"\x04"}))
    assert await within(news) == ({"x": b"\x04"},)


async def check_namespaces(url, transports):
    client = socketio.AsyncClient(reconnection=False)
    admitted = next_event(client, "admitted", "/guarded")
    await within(
        client.connect(url, auth={"token": "letmein"}, namespaces=["/guarded"], transports=transports)
    )
    assert await within(admitted) == ({"token": "letmein"},)
    await client.disconnect()

    refused = socketio.AsyncClient(reconnection=False)
    try:
        await within(
            refused.connect(url, auth={"token": "x"}, namespaces=["/guarded"], transports=transports)
        )
    except socketio.exceptions.ConnectionError:
        pass
    else:
        raise AssertionError("a wrong token was admitted")
    await refused.disconnect()


async def check_disconnect(client):
    ended = next_event(client, "disconnect")
    await client.emit("disconnect-me", False)
    await within(ended)


async def main(url, transports):
    one = await connect(url, transports)
    two = await connect(url, transports)
    assert one.transport() == transports[-1], one.transport()
    await check_events(one)
    await check_rooms(one, two)
    await check_namespaces(url, transports)
    await check_disconnect(one)
    await two.disconnect()
    print("ok")


asyncio.run(main(sys.argv[1], sys.argv[2].split(",")))
