// clients.mjs - players for flow tests: one that speaks JSON, one that speaks the binary flavour.
//
//     const ann = await joinJson(t, `${server.wsUrl}/ws/updates?name=Ann`);
//     ann.hold({ buttons: 1 });
//     await ann.until((c) => c.tick > 40, 'forty ticks');

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { buildDir } from './server.mjs';

const INPUT_MS = 50;
const WAIT_MS = 15000;
const ROOT = new URL('../..', import.meta.url).pathname;

/* What all clients of this file have: a socket, and waiting for something to become true. */
class Client {
    constructor(t, url, protocols, options = {}) {
        this.closed = null; // {code, reason} once it is
        this.listeners = new Set();
        this.socket = new WebSocket(url, protocols, options);
        this.socket.binaryType = 'arraybuffer';
        this.socket.on('message', (data, isBinary) => {
            this.take(data, isBinary);
            this.notify();
        });
        this.socket.on('close', (code, reason) => {
            clearInterval(this.timer);
            this.closed = { code, reason: reason.toString() };
            this.notify();
        });
        this.socket.on('error', (error) => {
            this.error = error;
        });
        t.after(() => {
            clearInterval(this.timer);
            this.socket.terminate();
        });
    }

    notify() {
        for (const listener of this.listeners) listener();
    }

    /* Waits until find(this) is true; an error with `what` after 15 s or when the socket closes first. */
    until(find, what, timeoutMs = WAIT_MS) {
        return new Promise((fulfil, reject) => {
            const finish = (settle, value) => {
                clearTimeout(timer);
                this.listeners.delete(check);
                settle(value);
            };
            const check = () => {
                if (find(this)) finish(fulfil, this);
                else if (this.closed)
                    finish(reject, new Error(`closed ${JSON.stringify(this.closed)} before ${what}`));
            };
            const timer = setTimeout(
                () => finish(reject, new Error(`no ${what} in ${timeoutMs} ms`)),
                timeoutMs,
            );
            this.listeners.add(check);
            check();
        });
    }

    /* Waits for the end: {code, reason}. */
    async end(timeoutMs = WAIT_MS) {
        await this.until((c) => c.closed, 'close', timeoutMs);
        return this.closed;
    }
}

/* Applies updates as PROTOCOL.md shows it; sends what it holds every 50 ms. */
export class JsonClient extends Client {
    constructor(t, url, { protocols = [], ...options } = {}) {
        super(t, url, protocols, options);
        Object.assign(this, { entities: {}, you: {}, names: {}, colours: {}, events: [], errors: [] });
        Object.assign(this, { tick: 0, updates: 0, fulls: 0, welcome: null, bye: null, seq: 0 });
        this.bytes = [];
    }

    take(data) {
        const message = JSON.parse(data.toString());

        this.bytes.push(data.length);
        if (message.type === 'welcome') this.welcome = message;
        if (message.type === 'bye') this.bye = message;
        if (message.type === 'error') this.errors.push(message.reason);
        if (message.type === 'pong') this.pong = message;
        if (message.names) Object.assign(this.names, message.names);
        for (const seat in message.names) this.colours[seat] = message.colours?.[seat] ?? 0;
        if (message.events) this.events.push(...message.events);
        if (message.type === 'update') this.apply(message);
    }

    apply(update) {
        if (update.full) this.entities = {};
        for (const [id, changed] of Object.entries(update.put ?? {}))
            this.entities[id] = changed.kind ? changed : Object.assign(this.entities[id], changed);
        for (const id of update.del ?? []) delete this.entities[id];
        Object.assign(this.you, update.you ?? {});
        this.tick = update.tick;
        this.updates += 1;
        this.fulls += update.full ? 1 : 0;
    }

    get own() {
        return this.entities[this.you.id];
    }

    say(message) {
        this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    }

    /* From now on: an input with these fields every 50 ms, as long as nothing is unsent. */
    hold(fields, { acks = true } = {}) {
        clearInterval(this.timer);
        this.timer = setInterval(() => {
            if (this.socket.readyState !== WebSocket.OPEN || this.socket.bufferedAmount) return;
            this.say({ type: 'input', seq: ++this.seq, ...(acks && { ack: this.tick }), ...fields });
        }, INPUT_MS);
    }
}

/* Says hello, as only the impatient need to: who says nothing joins after a second. */
export async function joinJson(t, url, options) {
    const client = new JsonClient(t, url, options);

    client.socket.on('open', () => client.say({ type: 'hello' }));
    await client.until((c) => c.welcome && c.updates > 0, 'welcome and update');
    return client;
}

function wasmFile() {
    const beside = join(buildDir, 'web/tickwire.wasm');

    return existsSync(beside) ? beside : join(ROOT, 'build/web/tickwire.wasm');
}

/* The page's own client, the same C as WebAssembly, behind a socket of node's. */
export class BinaryClient extends Client {
    constructor(t, url, { name = '', colour, hello = true, wasm = wasmFile(), ...options } = {}) {
        super(t, url, ['tickwire.v1'], options);
        this.wasm = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm))).exports;
        this.wasm.init(512, 4, 1024, 1 << 20, 640, 400);
        this.messages = 0;
        this.setName(name);
        if (colour !== undefined) this.wasm.set_colour(colour);
        if (hello) this.socket.on('open', () => this.start());
    }

    now() {
        return performance.now() * 1000;
    }

    area(at, length) {
        return new Uint8Array(this.wasm.memory.buffer, at, length);
    }

    setName(name) {
        const text = this.area(this.wasm.text_at(), 64);

        text.fill(0);
        text.set(new TextEncoder().encode(name));
        this.wasm.set_name();
    }

    start() {
        this.wasm.connect();
        this.poll();
        this.timer = setInterval(() => this.poll(), INPUT_MS / 2);
    }

    poll() {
        let length;

        while ((length = this.wasm.poll(this.now(), this.socket.bufferedAmount)) > 0)
            this.socket.send(this.area(this.wasm.out_at(), length).slice());
        this.wasm.frame(this.now());
        this.notify();
    }

    take(data) {
        this.messages += 1;
        this.area(this.wasm.in_at(), data.byteLength).set(new Uint8Array(data));
        this.result = this.wasm.receive(data.byteLength, this.now());
    }

    get seat() {
        return this.wasm.own_seat();
    }

    get token() {
        return Buffer.from(this.area(this.wasm.token_at(), 16));
    }

    /* Frames drawn so far hold its own body at [x, y], in units of 1/256. */
    get place() {
        const index = this.wasm.own_index();

        if (index < 0) return null;
        const drawn = new Int32Array(this.wasm.memory.buffer, this.wasm.drawn_at(), this.wasm.drawn_count() * 26);

        return [drawn[index * 26 + 2], drawn[index * 26 + 3]];
    }

    get isPlaying() {
        return this.wasm.frame(this.now()) === 2;
    }

    input(words) {
        new Int32Array(this.wasm.memory.buffer, this.wasm.input_at(), 4).set(words);
        this.wasm.set_input();
    }
}

export async function joinBinary(t, url, options) {
    const client = new BinaryClient(t, url, options);

    await client.until((c) => c.isPlaying && c.place, 'first frame with its own body');
    return client;
}
