// server_ws.mjs - the world by the `ws` package: each client's changes as JSON.

import { WebSocketServer } from 'ws';
import { giveSeat, http, listen, makeDelta, run, stats, takeSeat, world } from './serve.mjs';

const clients = new Set();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });

server.on('connection', (socket) => {
    const id = takeSeat();
    const client = { socket, id, known: new Map(), ack: 0 };

    if (id < 0) {
        socket.close(1013);
        return;
    }
    clients.add(client);
    socket.on('message', (data) => {
        const input = JSON.parse(data);
        client.ack = input.ack;
        world.steer(id, input.turn);
    });
    socket.on('close', () => {
        clients.delete(client);
        giveSeat(id);
    });
    socket.on('error', () => {});
});

run(() => {
    for (const client of clients) {
        client.socket.send(JSON.stringify(makeDelta(client.id, client.known)));
        stats.updates++;
    }
});
listen();
