"""with_aiohttp.py URL [CAFILE] - plays with the library `aiohttp`, and compression asked for."""

import asyncio

import aiohttp
from player import INPUT_S, Player, arguments


async def send_inputs(socket, player):
    while True:
        await socket.send_str(player.say())
        await asyncio.sleep(INPUT_S)


async def main():
    url, context = arguments()
    player = Player()
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url, ssl=context, compress=15) as socket:
            sending = asyncio.create_task(send_inputs(socket, player))
            async for message in socket:
                player.take(message.data)
                if player.is_done:
                    break
            sending.cancel()
            await socket.close(code=1000)
            player.report(socket.close_code)


asyncio.run(main())
