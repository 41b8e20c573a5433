// clients.mjs - one client of each peer: connect(port, viewer) answers {send, close, bytesRead} once it is in.

import { Client } from 'colyseus.js';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { State } from './colyseus_schema.mjs';

/* The view that deltas of changed fields make, by id. */
class DeltaView {
    constructor(viewer) {
        this.viewer = viewer;
        this.entities = new Map();
    }

    take(update) {
        for (const changed of update.put) {
            const e = this.entities.get(changed.id);
            if (e) Object.assign(e, changed);
            else this.entities.set(changed.id, changed);
        }
        for (const id of update.del ?? []) this.entities.delete(id);
        this.viewer.updated(update.t);
        if (update.hash !== undefined) this.viewer.check(update.hash, this.entities.values());
    }
}

function connectWs(port, viewer) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
    const view = new DeltaView(viewer);

    return new Promise((fulfil, reject) => {
        socket.on('error', reject);
        socket.on('message', (data) => view.take(JSON.parse(data)));
        socket.on('close', () => viewer.closed());
        socket.on('open', () =>
            fulfil({
                send: (input) => socket.send(JSON.stringify(input)),
                close: () => socket.terminate(),
                bytesRead: () => socket._socket?.bytesRead ?? 0,
            }),
        );
    });
}

function connectSocketIo(port, viewer) {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true, reconnection: false });
    const view = new DeltaView(viewer);

    return new Promise((fulfil, reject) => {
        socket.on('connect_error', reject);
        socket.on('update', (update) => view.take(update));
        socket.on('disconnect', () => viewer.closed());
        socket.on('connect', () =>
            fulfil({
                send: (input) => socket.emit('input', input),
                close: () => socket.disconnect(),
                bytesRead: () => socket.io.engine.transport.ws?._socket?.bytesRead ?? 0,
            }),
        );
    });
}

async function connectColyseus(port, viewer) {
    const room = await new Client(`ws://127.0.0.1:${port}`).joinOrCreate('drift', {}, State);

    room.onStateChange((state) => viewer.updated(state.t));
    room.onMessage('check', ({ hash }) => {
        const seen = [...(room.state.things?.entries() ?? [])];
        viewer.check(hash, seen.map(([id, { x, y, a, h, k }]) => ({ id: Number(id), x, y, a, h, k })));
    });
    room.onLeave(() => viewer.closed());
    return {
        send: (input) => room.send('input', input),
        close: () => room.leave(false),
        bytesRead: () => room.connection.transport.ws?._socket?.bytesRead ?? 0,
    };
}

export const connectors = { ws: connectWs, socketio: connectSocketIo, colyseus: connectColyseus };
