// server_socketio.mjs - the world by Socket.IO on WebSockets: each client's changes as an event.

import { Server } from 'socket.io';
import { giveSeat, http, listen, makeDelta, run, stats, takeSeat, world } from './serve.mjs';

const clients = new Set();
const server = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });

server.on('connection', (socket) => {
    const id = takeSeat();
    const client = { socket, id, known: new Map(), ack: 0 };

    if (id < 0) {
        socket.disconnect(true);
        return;
    }
    clients.add(client);
    socket.on('input', (input) => {
        client.ack = input.ack;
        world.steer(id, input.turn);
    });
    socket.on('disconnect', () => {
        clients.delete(client);
        giveSeat(id);
    });
});

run(() => {
    for (const client of clients) {
        client.socket.emit('update', makeDelta(client.id, client.known));
        stats.updates++;
    }
});
listen();
