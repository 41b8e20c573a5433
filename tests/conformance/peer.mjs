// peer.mjs - one raw connection to the server under test, by plain sockets.
//
//     const peer = await connectPeer({ port: 8080, path: '/ws/echo' });
//     await peer.open();
//     await peer.send([text('a')], 'bytes');
//     await peer.expect({ kind: 'text', payload: Buffer.from('a') });

import { createHash } from 'node:crypto';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Codec, readTerms } from './deflate.mjs';
import { EventReader } from './frames.mjs';

const SALT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // §1.3
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const HEAD_BYTES_MAX = 8192;
const SHOWN_BYTES = 40;

export class Failure extends Error {}

/* The value that answers a Sec-WebSocket-Key (§4.2.2). */
export const acceptOf = (key) => createHash('sha1').update(key + SALT).digest('base64');

/* A request that opens a WebSocket. `headers` adds, replaces, takes away (undefined) or repeats
 * (an array); `line` and `end` replace the first line's and the lines' end. */
export function handshake(path, headers = {}, { line = `GET ${path} HTTP/1.1`, end = '\r\n' } = {}) {
    const all = {
        'Host': 'game.example.com',
        'Upgrade': 'websocket',
        'Connection': 'Upgrade',
        'Sec-WebSocket-Key': KEY,
        'Sec-WebSocket-Version': '13',
        ...headers,
    };
    const lines = Object.entries(all).flatMap(([name, value]) =>
        value === undefined ? [] : [value].flat().map((one) => `${name}: ${one}`),
    );

    return Buffer.from([line, ...lines, '', ''].join(end), 'latin1');
}

/* Parses the head of an answer: {status, headers}, the names in lower case. */
function parseHead(head) {
    const [line, ...rest] = head.slice(0, -4).split('\r\n');
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(`${line} `);
    const headers = {};

    if (!status) throw new Failure(`no status line: ${JSON.stringify(line)}`);
    for (const field of rest) {
        const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(field) ?? [];
        if (!name) throw new Failure(`no header: ${JSON.stringify(field)}`);
        (headers[name.toLowerCase()] ??= []).push(value);
    }
    return { status: Number(status[1]), headers };
}

const hasToken = (values, token) =>
    (values ?? []).join(',').toLowerCase().split(',').some((one) => one.trim() === token);

/* Throws unless a 101 says exactly what §4.2.2 asks for. `protocol` and `extensions` are what the
 * server is to choose, undefined if nothing. */
function check101({ status, headers }, key, { protocol, extensions } = {}) {
    const expected = {
        'sec-websocket-accept': acceptOf(key),
        'sec-websocket-protocol': protocol,
        'sec-websocket-extensions': extensions,
    };

    if (status !== 101) throw new Failure(`status ${status}, not 101`);
    if (!hasToken(headers.upgrade, 'websocket')) throw new Failure('§4.2.2: no Upgrade: websocket');
    if (!hasToken(headers.connection, 'upgrade')) throw new Failure('§4.2.2: no Connection: Upgrade');
    for (const [name, value] of Object.entries(expected)) {
        const found = headers[name]?.join(', ');
        if (value instanceof RegExp ? !value.test(found) : found !== value)
            throw new Failure(`§4.2.2: ${name}: ${found}, not ${value}`);
    }
}

/* How the bytes of one send leave: `whole` in one write, `frames` in one each, `bytes` one by one, a
 * number in pieces of that many. */
export function piecesOf(frames, delivery) {
    if (delivery === 'frames') return frames;
    const bytes = frames.length === 1 ? frames[0] : Buffer.concat(frames);
    const step = delivery === 'whole' ? bytes.length : delivery === 'bytes' ? 1 : delivery;
    const pieces = [];

    for (let at = 0; at < bytes.length; at += step) pieces.push(bytes.subarray(at, at + step));
    return pieces;
}

const shortened = (bytes) =>
    `${bytes.subarray(0, SHOWN_BYTES).toString('hex')}${bytes.length > SHOWN_BYTES ? '…' : ''}`;

export function describe(event) {
    if (event === null) return 'the end of the stream';
    if (event.kind === 'close') return `close ${event.code} ${JSON.stringify(event.reason ?? '')}`;
    return `${event.kind} of ${event.payload.length} bytes ${shortened(event.payload)}`;
}

function isSame(found, expected) {
    if (found === null || expected === null) return found === expected;
    if (found.kind !== expected.kind) return false;
    if (expected.kind !== 'close') return found.payload.equals(expected.payload);
    return found.code === expected.code && (expected.reason ?? found.reason) === found.reason;
}

export class Peer {
    constructor(socket, target) {
        this.socket = socket;
        this.target = target;
        this.chunks = [];
        this.bytes = 0; // in `chunks`
        this.hasEnded = false;
        this.events = new EventReader((count, inside) => this.take(count, inside));
        socket.setNoDelay(true);
        socket.on('data', (chunk) => {
            this.chunks.push(chunk);
            this.bytes += chunk.length;
            this.wake?.();
        });
        for (const event of ['end', 'close', 'error'])
            socket.on(event, (error) => {
                this.hasEnded = true;
                this.error ??= error instanceof Error ? error : undefined;
                this.wake?.();
                this.wakeWriter?.();
            });
        socket.on('drain', () => this.wakeWriter?.());
    }

    /* Waits until something came, or the stream ended. */
    async wait() {
        let timer;

        await new Promise((fulfil, reject) => {
            this.wake = fulfil;
            timer = setTimeout(() => reject(new Failure(this.waitedFor ?? 'no answer')), this.target.stepMs);
        }).finally(() => clearTimeout(timer));
        this.wake = undefined;
    }

    /* The next `count` bytes; null if the stream ends before the first and that is no breach. */
    async take(count, inside = false) {
        while (this.bytes < count && !this.hasEnded) await this.wait();
        if (this.bytes < count) {
            if (this.bytes === 0 && !inside && !this.error) return null;
            throw new Failure(this.error ? `the stream broke: ${this.error.code}` : 'the stream ends in a frame');
        }
        const all = this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks);

        this.bytes -= count;
        this.chunks = this.bytes > 0 ? [all.subarray(count)] : [];
        return all.subarray(0, count);
    }

    /* The head of an HTTP answer. */
    async head() {
        this.waitedFor = 'no HTTP answer';
        for (let all; ; await this.wait()) {
            all = Buffer.concat(this.chunks);
            const end = all.indexOf('\r\n\r\n');
            if (end >= 0) return parseHead((await this.take(end + 4)).toString('latin1'));
            if (this.hasEnded || all.length > HEAD_BYTES_MAX) throw new Failure('no whole HTTP answer');
        }
    }

    async expect101(key, expected) {
        const head = await this.head();

        check101(head, key ?? KEY, expected);
        return head;
    }

    async expectStatus(expected) {
        const { status, headers } = await this.head();

        if (status !== expected) throw new Failure(`status ${status}, not ${expected}`);
        return headers;
    }

    async open() {
        this.socket.write(handshake(this.target.path));
        await this.expect101();
    }

    /* Opens with these offers of permessage-deflate, the best first, of which one must be taken. */
    async openDeflated(offers) {
        this.socket.write(handshake(this.target.path, { 'Sec-WebSocket-Extensions': offers.join(', ') }));
        const { headers } = await this.expect101(undefined, { extensions: /^permessage-deflate\b/ });

        this.codec = new Codec(readTerms(headers['sec-websocket-extensions'].join(', '), offers));
        this.events.inflate = (bytes) => this.codec.inflate(bytes);
    }

    async send(frames, delivery) {
        const pieces = piecesOf(frames, delivery);

        for (const piece of pieces) {
            if (this.hasEnded) return; // what the server has ended, it has judged
            if (!this.socket.write(piece)) await new Promise((fulfil) => (this.wakeWriter = fulfil));
            if (pieces.length > 1) await new Promise(setImmediate);
        }
    }

    /* Throws unless this event comes next; null is the end of the stream. */
    async expect(expected) {
        this.waitedFor = `nothing came, not ${describe(expected)}`;
        const found = await this.events.next();

        if (!isSame(found, expected)) throw new Failure(`${describe(found)}, not ${describe(expected)}`);
    }

    /* Throws if anything comes within that time. */
    async expectQuiet(ms) {
        await new Promise((passed) => setTimeout(passed, ms));
        if (this.bytes > 0 || this.hasEnded) throw new Failure('the server spoke before it was its turn');
    }
}

/* Connects to `target`: {port, path, stepMs}, with `ca` for TLS. */
export async function connectPeer(target) {
    const socket = target.ca
        ? connectTls({ port: target.port, host: '127.0.0.1', servername: 'localhost', ca: target.ca })
        : connectTcp(target.port, '127.0.0.1');
    const peer = new Peer(socket, target);

    await new Promise((fulfil, reject) => {
        socket.once(target.ca ? 'secureConnect' : 'connect', fulfil);
        socket.once('error', reject);
    });
    return peer;
}
