// socketio.js - Socket.IO in the place of a WebSocket, for where that is blocked: what tickwire.js needs
// of a WebSocket, over the official client and its long polling.
//
//     const socket = new SocketIoWire('wss://host/ws/updates?room=main');
//
// The official client is copied next to the page when it is built, if npm has it (tests/node_modules);
// without it the wire closes, as a WebSocket does that does not get through, and says so.

const BUNDLE = '/vendor/socket.io.esm.min.js';
const MESSAGES = ['welcome', 'map', 'update', 'lines', 'pace', 'bye'];
const LOST = 1006;
const NOT_FOUND = 404;
const NO_BUNDLE = 'WebSockets do not get through here, and this server has nothing in their place.';
const NO_ROOM = 4004; // told in Socket.IO's own words, which say nothing to a player

/* What stands for the room and the rest of a WebSocket's address. */
function placeOf(address) {
    const url = new URL(address);
    const room = url.searchParams.get('room');
    const origin = url.origin.replace(/^ws/, 'http');

    return {
        url: room ? `${origin}/room-${room}` : `${origin}/`,
        auth: { format: 'binary', spectate: url.searchParams.get('spectate') === '1' },
    };
}

export class SocketIoWire {
    /* Whether a server's address can be reached so at all: recordings cannot. */
    static carries(address) {
        return new URL(address).pathname === '/ws/updates';
    }

    constructor(address) {
        this.place = placeOf(address);
        this.readyState = WebSocket.OPEN; // for the hello, which is said while we connect
        this.bundle = import(BUNDLE);
        queueMicrotask(() => this.onopen?.());
        this.bundle.catch(() => this.#endWithoutBundle());
    }

    /* Whether what was sent before is still here. */
    get bufferedAmount() {
        const engine = this.socket?.io.engine;

        if (!this.hasSaidHello) return 0;
        if (!this.socket?.connected) return 1;
        return engine.writeBuffer.length > 0 || !engine.transport.writable ? 1 : 0;
    }

    /* The first message is the hello, and goes with the connect. */
    send(bytes) {
        if (this.hasSaidHello) this.socket?.emit('input', bytes);
        else this.#connect(bytes);
        this.hasSaidHello = true;
    }

    close() {
        this.onclose = null;
        this.#end(LOST, '');
    }

    async #connect(hello) {
        const { io } = await this.bundle.catch(() => ({}));

        if (!io || this.readyState !== WebSocket.OPEN) return;
        this.socket = io(this.place.url, {
            auth: { ...this.place.auth, hello: btoa(String.fromCharCode(...hello)) },
            forceNew: true,
            reconnection: false,
        });
        for (const name of MESSAGES) this.socket.on(name, (data) => this.onmessage?.({ data }));
        this.socket.on('disconnect', () => this.#end(LOST, ''));
        this.socket.on('connect_error', ({ message, data, type }) =>
            this.#end(data?.code ?? LOST, data?.code === NO_ROOM || type === 'TransportError' ? '' : message));
    }

    /* A server that is there and has no bundle is told from one that is not there. */
    async #endWithoutBundle() {
        const answer = await fetch(BUNDLE, { method: 'HEAD' }).catch(() => null);

        this.#end(LOST, answer?.status === NOT_FOUND ? NO_BUNDLE : '');
    }

    #end(code, reason) {
        if (this.readyState === WebSocket.CLOSED) return;
        this.readyState = WebSocket.CLOSED;
        this.socket?.disconnect();
        this.onclose?.({ code, reason });
    }
}
