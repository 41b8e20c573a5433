"""with_websockets.py URL [CAFILE] - plays with the library `websockets`, which offers compression."""

import asyncio

import websockets
from player import INPUT_S, Player, arguments


async def send_inputs(socket, player):
    while True:
        await socket.send(player.say())
        await asyncio.sleep(INPUT_S)


async def main():
    url, context = arguments()
    player = Player()
    async with websockets.connect(url, ssl=context, subprotocols=["tickwire.json.v1"]) as socket:
        sending = asyncio.create_task(send_inputs(socket, player))
        async for text in socket:
            player.take(text)
            if player.is_done:
                break
        sending.cancel()
        await socket.close(1000)
        player.report(socket.close_code)


asyncio.run(main())
