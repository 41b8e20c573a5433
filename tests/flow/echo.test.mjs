// The WebSocket below the sessions, seen through the echo: handshake, frames, close, deadlines.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import WebSocket from 'ws';
import { startServer } from '../lib/server.mjs';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='; // RFC 6455 §1.3

async function startEcho(t, ...args) {
    return startServer(t, { args: ['--echo', ...args] });
}

async function open(t, url, ...more) {
    const socket = new WebSocket(url, ...more);

    t.after(() => socket.terminate());
    await once(socket, 'open');
    return socket;
}

async function echoOf(socket, message, options) {
    const answer = once(socket, 'message');

    socket.send(message, options);
    const [data, isBinary] = await answer;
    return isBinary ? data : data.toString();
}

function handshake(extra = {}) {
    const headers = {
        'Host': 'a', 'Upgrade': 'websocket', 'Connection': 'Upgrade', 'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': KEY, ...extra,
    };
    const lines = Object.entries(headers).filter(([, value]) => value !== undefined);

    return `GET /ws/echo HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/* A masked frame whose mask is zero. */
function frame(firstByte, payload = '') {
    const bytes = Buffer.from(payload);

    assert.ok(bytes.length < 126);
    return Buffer.concat([Buffer.from([firstByte, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}

/* Sends bytes behind a handshake and answers what comes back behind the 101 until the stream ends. */
async function exchange(server, ...pieces) {
    const socket = connect(server.port, '127.0.0.1');
    const closed = new Promise((fulfil) => socket.on('close', fulfil));
    const answer = [];

    socket.on('error', () => {});
    socket.on('data', (bytes) => answer.push(bytes));
    socket.setTimeout(10000, () => socket.destroy());
    for (const piece of pieces) {
        socket.write(piece);
        if (pieces.length > 1) await new Promise((passed) => setTimeout(passed, 2));
    }
    await closed;
    const all = Buffer.concat(answer);
    const end = all.indexOf('\r\n\r\n') + 4;
    return { head: all.subarray(0, end).toString('latin1'), frames: all.subarray(end) };
}

test('what is sent comes back, text and binary, at every length that changes the header', async (t) => {
    const server = await startEcho(t);
    const socket = await open(t, `${server.wsUrl}/ws/echo`);

    for (const length of [0, 1, 125, 126, 127, 4096, 16383, 16384, 16385, 65535, 65536, 300000, 3000000]) {
        const bytes = Buffer.alloc(length, 'b');
        assert.ok(bytes.equals(await echoOf(socket, bytes)), `${length} bytes`);
    }
    assert.equal(await echoOf(socket, 'grüße 🎮'), 'grüße 🎮');
});

test('16 MiB come back, one byte more is too big', async (t) => {
    const server = await startEcho(t);
    const socket = await open(t, `${server.wsUrl}/ws/echo`, { maxPayload: 2 ** 25 });
    const bytes = Buffer.alloc(2 ** 24, 'm');

    assert.ok(bytes.equals(await echoOf(socket, bytes)));
    socket.send(Buffer.alloc(2 ** 24 + 1));
    const [code] = await once(socket, 'close');
    assert.equal(code, 1009);
});

test('a peer that does not read is not stored up, and then gets everything', async (t) => {
    const server = await startEcho(t);
    const socket = await open(t, `${server.wsUrl}/ws/echo`);
    const count = 300;
    let received = 0;

    socket.on('message', (data) => {
        assert.equal(data.readUInt32LE(0), received++);
    });
    socket.pause();
    for (let i = 0; i < count; i++) {
        const message = Buffer.alloc(60000);
        message.writeUInt32LE(i);
        socket.send(message);
    }
    await new Promise((passed) => setTimeout(passed, 500));
    socket.resume();
    while (received < count) await once(socket, 'message');
});

test('fragments, pings between them, and bytes one by one', async (t) => {
    const server = await startEcho(t);
    const bytes = Buffer.concat([
        Buffer.from(handshake()), frame(0x01, 'in '), frame(0x89, 'ping'), frame(0x00, 'two '), frame(0x80, 'pieces'),
        frame(0x88, Buffer.from([3, 232])),
    ]);
    const expected = Buffer.concat([
        Buffer.from([0x8a, 4]), Buffer.from('ping'), Buffer.from([0x81, 13]), Buffer.from('in two pieces'),
        Buffer.from([0x88, 2, 3, 232]),
    ]);

    const whole = await exchange(server, bytes);
    assert.match(whole.head, /^HTTP\/1\.1 101 /);
    assert.match(whole.head, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
    assert.deepEqual(whole.frames, expected);
    assert.deepEqual((await exchange(server, ...[...bytes].map((byte) => Buffer.from([byte])))).frames, expected);
});

const closing = (frames) => (frames[0] === 0x88 && frames.length >= 4 ? frames.readUInt16BE(2) : undefined);

test('a broken rule is answered by its close code', async (t) => {
    const server = await startEcho(t);
    const breaches = {
        'an unmasked frame': [Buffer.from([0x81, 1, 97]), 1002],
        'a reserved bit': [frame(0xc1, 'a'), 1002],
        'a reserved opcode': [frame(0x83, 'a'), 1002],
        'a lone continuation': [frame(0x80, 'a'), 1002],
        'a ping in fragments': [frame(0x09, 'a'), 1002],
        'text that is no UTF-8': [frame(0x81, Buffer.from([0xc3, 0x28])), 1007],
        'a close code of nobody': [frame(0x88, Buffer.from([3, 237])), 1002],
    };

    for (const [what, [bytes, code]] of Object.entries(breaches)) {
        const { frames } = await exchange(server, Buffer.concat([Buffer.from(handshake()), bytes]));
        assert.equal(closing(frames), code, what);
    }
});

test('the close handshake echoes the code, and nothing is delivered after it', async (t) => {
    const server = await startEcho(t);
    const socket = await open(t, `${server.wsUrl}/ws/echo`);

    socket.close(4321, 'done');
    const [code] = await once(socket, 'close');
    assert.equal(code, 4321);

    const behind = Buffer.concat([Buffer.from(handshake()), frame(0x88), frame(0x81, 'late')]);
    assert.deepEqual((await exchange(server, behind)).frames, Buffer.from([0x88, 0]));
});

test('requests that are no handshake are told so', async (t) => {
    const server = await startEcho(t);
    const plain = await fetch(`${server.url}/ws/echo`);

    assert.equal(plain.status, 426);
    assert.equal(plain.headers.get('upgrade'), 'websocket');
    assert.equal(plain.headers.get('sec-websocket-version'), '13');
    for (const [extra, status] of [
        [{ 'Sec-WebSocket-Version': '8' }, 426],
        [{ Upgrade: 'h2c' }, 426],
        [{ 'Sec-WebSocket-Key': undefined }, 400],
        [{ 'Sec-WebSocket-Key': 'c2hvcnQ=' }, 400],
        [{ Connection: 'keep-alive' }, 400],
        [{ Origin: 'https://evil.example' }, 403],
        [{ Origin: 'null' }, 403],
    ]) {
        const { head } = await exchange(server, handshake({ ...extra }), 'GET / HTTP/1.0\r\n\r\n');
        assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), JSON.stringify(extra));
    }
    assert.equal((await fetch(`${server.url}/ws/echo`, { method: 'POST' })).status, 405);
    const closed = await startServer(t);
    assert.equal((await fetch(`${closed.url}/ws/echo`)).status, 404);
});

test('origins: the same host, or those of the list', async (t) => {
    const same = await startEcho(t);
    const listed = await startEcho(t, '--origins', 'https://a.example,https://b.example:8443');
    const anyone = await startEcho(t, '--origins', '*', '--origin-required');
    const opens = (server, origin) =>
        new Promise((fulfil) => {
            const socket = new WebSocket(`${server.wsUrl}/ws/echo`, origin ? { origin } : {});
            socket.on('open', () => fulfil(socket.terminate() ?? true));
            socket.on('error', () => fulfil(false));
        });

    assert.ok(await opens(same));
    assert.ok(await opens(same, `http://127.0.0.1:${same.port}`));
    assert.ok(!(await opens(same, `http://127.0.0.1:${same.port + 1}`)));
    assert.ok(!(await opens(same, `http://127.0.0.1:${same.port}.evil.example`)));
    assert.ok(await opens(listed, 'https://b.example:8443'));
    assert.ok(!(await opens(listed, 'https://b.example')));
    assert.ok(!(await opens(listed, 'https://a.example.evil')));
    assert.ok(!(await opens(listed, `http://127.0.0.1:${listed.port}`)));
    assert.ok(await opens(anyone, 'https://any.example'));
    assert.ok(!(await opens(anyone)));
});

test('who is silent is pinged, and closed if that brings nothing', async (t) => {
    const server = await startEcho(t, '--ping-ms', '200', '--pong-ms', '200');
    const alive = await open(t, `${server.wsUrl}/ws/echo`);
    const silent = await exchange(server, handshake());

    assert.deepEqual(silent.frames, Buffer.from([0x89, 0]));
    assert.equal(await echoOf(alive, 'still here'), 'still here');
});

test('who answers pings is pinged again after the same silence, however long answers may take', async (t) => {
    const server = await startEcho(t, '--ping-ms', '200', '--pong-ms', '600000');
    const alive = await open(t, `${server.wsUrl}/ws/echo`);

    for (let i = 0; i < 3; i++) await once(alive, 'ping');
});

test('a peer that never answers a close is cut', async (t) => {
    const server = await startEcho(t, '--drain-ms', '3000', '--close-ms', '300');
    const mute = exchange(server, handshake());

    await new Promise((passed) => setTimeout(passed, 200));
    const started = Date.now();
    await server.stop();
    const { frames } = await mute;
    assert.equal(closing(frames), 1012);
    assert.ok(Date.now() - started < 2500);
});

test('at SIGTERM everyone gets 1012', async (t) => {
    const server = await startEcho(t, '--workers', '2');
    const sockets = await Promise.all([1, 2, 3, 4, 5, 6].map(() => open(t, `${server.wsUrl}/ws/echo`)));
    const codes = Promise.all(sockets.map(async (socket) => (await once(socket, 'close'))[0]));

    await server.stop();
    assert.deepEqual(await codes, Array(6).fill(1012));
});
