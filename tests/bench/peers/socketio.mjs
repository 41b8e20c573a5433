// socketio.mjs - the reference server to measure against: npm's socket.io with the echo of --sio-echo, and a
// game loop as its users write it. Run as: node socketio.mjs UPDATE_BYTES. Says its port on stderr.

import { Server } from 'socket.io';

const updateBytes = Number(process.argv[2] ?? 1000);
const io = new Server(0);

io.httpServer.on('listening', () =>
    console.error(`event=listening address=127.0.0.1 port=${io.httpServer.address().port} tls=0`));

io.on('connection', (socket) => {
    socket.emit('auth', socket.handshake.auth);
    socket.on('message', (...args) => socket.emit('message-back', ...args));
    if (socket.handshake.auth.plays) socket.data.plays = true;
});

/* Each player is told of the entities around: as many as make up the bytes. */
const entities = Math.max(1, Math.round(updateBytes / 32));
let tick = 0;

setInterval(() => {
    tick++;
    for (const socket of io.sockets.sockets.values()) {
        if (!socket.data.plays) continue;
        const put = {};
        for (let i = 0; i < entities; i++) put[i] = { x: (tick * 1.25 + i) % 4096, y: (tick * 2.5 + i) % 4096 };
        socket.volatile.emit('update', { type: 'update', tick, put });
    }
}, 50);
