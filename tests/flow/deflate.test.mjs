// permessage-deflate (RFC 7692) from outside: what is agreed on, what is compressed, and bombs.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import WebSocket from 'ws';
import { joinBinary, joinJson } from '../lib/clients.mjs';
import { startServer } from '../lib/server.mjs';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const NO_TAKEOVER = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
const TEXT = JSON.stringify(Array.from({ length: 60 }, (_, i) => ({ x: i * 1.5, y: i % 7, kind: 'craft' })));

const startEcho = (t, ...args) => startServer(t, { args: ['--echo', ...args] });

/* A socket behind its 101; `head` is the answer. */
async function open(t, server, offers, path = '/ws/echo', protocol) {
    const socket = connect(server.port, '127.0.0.1');
    const lines = [
        `GET ${path} HTTP/1.1`, 'Host: a', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${KEY}`, ...[offers ?? []].flat().map((line) => `Sec-WebSocket-Extensions: ${line}`),
        ...(protocol ? [`Sec-WebSocket-Protocol: ${protocol}`] : []), '', '',
    ];

    t.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.write(lines.join('\r\n'));
    let bytes = Buffer.alloc(0);
    for await (const [data] of readsOf(socket)) {
        bytes = Buffer.concat([bytes, data]);
        if (bytes.includes('\r\n\r\n')) break;
    }
    const head = bytes.subarray(0, bytes.indexOf('\r\n\r\n')).toString();
    return { socket, head, status: Number(head.slice(9, 12)), agreed: /Sec-WebSocket-Extensions: (.*)/.exec(head)?.[1] };
}

async function* readsOf(socket) {
    for (;;) yield once(socket, 'data');
}

/* A masked frame whose mask is zero. */
function frame(firstByte, payload) {
    const length = payload.length;
    const size = length < 126 ? [0x80 | length] : length < 65536 ? [0xfe, length >> 8, length & 255]
        : [0xff, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];

    return Buffer.concat([Buffer.from([firstByte, ...size, 0, 0, 0, 0]), payload]);
}

const deflated = (bytes, more) =>
    deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, ...more }).subarray(0, -4);

/* The first frame that comes back: {first, payload}. */
async function frameFrom(socket) {
    let bytes = Buffer.alloc(0);

    for await (const [data] of readsOf(socket)) {
        bytes = Buffer.concat([bytes, data]);
        const short = bytes[1] < 126;
        const start = short ? 2 : 4;
        if (bytes.length < start) continue;
        const length = short ? bytes[1] : bytes.readUInt16BE(2);
        if (bytes.length >= start + length) return { first: bytes[0], payload: bytes.subarray(start, start + length) };
    }
}

test('offers are answered by their terms, the first that can be granted', async (t) => {
    const server = await startEcho(t);
    const answers = [
        [undefined, undefined],
        ['permessage-deflate', `${NO_TAKEOVER}; server_max_window_bits=12`],
        ['permessage-deflate; client_max_window_bits',
            `${NO_TAKEOVER}; server_max_window_bits=12; client_max_window_bits=12`],
        ['permessage-deflate; server_max_window_bits=8', undefined],
        ['permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=10',
            `${NO_TAKEOVER}; server_max_window_bits=10`],
        [['permessage-deflate; nonsense', 'permessage-deflate'], `${NO_TAKEOVER}; server_max_window_bits=12`],
        ['x-webkit-deflate-frame', undefined],
    ];

    for (const [offers, agreed] of answers)
        assert.equal((await open(t, server, offers)).agreed, agreed, String(offers));
    assert.equal((await open(t, server, 'permessage-deflate; =')).status, 400);
});

test('one key turns it off, and the binary flavour never has it', async (t) => {
    const off = await startEcho(t, '--deflate=false');
    const on = await startEcho(t);

    assert.equal((await open(t, off, 'permessage-deflate')).agreed, undefined);
    assert.equal((await open(t, on, 'permessage-deflate', '/ws/updates', 'tickwire.v1')).agreed, undefined);
    assert.match((await open(t, on, 'permessage-deflate', '/ws/updates', 'tickwire.json.v1')).agreed, /^permessage-/);
    assert.match((await open(t, on, 'permessage-deflate', '/ws/updates')).agreed, /^permessage-/);
});

async function metric(server, name) {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();

    return Number(new RegExp(`^tickwire_${name} (\\d+)$`, 'm').exec(metrics)[1]);
}

test('beyond the budget it is declined, and has a place again when someone leaves', async (t) => {
    const takeover = ['--deflate-context-takeover', '--deflate-state-bytes-max', '200000'];
    const server = await startEcho(t, ...takeover);
    const offer = 'permessage-deflate; client_max_window_bits';
    const peers = [];

    for (let i = 0; i < 12; i++) peers.push(await open(t, server, offer));
    const agreed = peers.filter((peer) => peer.agreed);
    assert.ok(agreed.length >= 2 && agreed.length < 12, `${agreed.length} of 12 at 60 KB each`);
    assert.ok(peers.slice(0, agreed.length).every((peer) => peer.agreed), 'who comes first is served first');
    assert.equal(await metric(server, 'websockets_deflate_declined_total'), 12 - agreed.length);

    // Who was declined is served all the same, plain.
    peers.at(-1).socket.write(frame(0x81, Buffer.from(TEXT)));
    assert.equal((await frameFrom(peers.at(-1).socket)).first, 0x81);
    agreed[0].socket.destroy();
    while ((await metric(server, 'websockets')) > 11) await sleep(20);
    assert.match((await open(t, server, offer)).agreed, /^permessage-deflate/);
    // What holds no state of its own is never declined.
    const frugal = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
    assert.match((await open(t, server, frugal)).agreed, /^permessage-deflate/);
});

for (const [name, args] of [['without', []], ['with', ['--deflate-context-takeover', '--deflate-window-bits', '15']]]) {
    test(`npm ws sends and gets everything, ${name} context takeover`, async (t) => {
        const server = await startEcho(t, ...args);
        const socket = new WebSocket(`${server.wsUrl}/ws/echo`, {
            perMessageDeflate: { threshold: 0 }, maxPayload: 2 ** 25,
        });

        t.after(() => socket.terminate());
        await once(socket, 'open');
        assert.equal(socket.extensions, 'permessage-deflate');
        for (const length of [0, 1, 125, 126, 127, 128, 4096, 16384, 65536, 300000, 2 ** 24]) {
            const text = TEXT.repeat(Math.ceil(length / TEXT.length)).slice(0, length);
            const answer = once(socket, 'message');
            socket.send(text);
            const [data, isBinary] = await answer;
            assert.equal(isBinary, false);
            assert.ok(data.equals(Buffer.from(text)), `${length} bytes`);
        }
        socket.send(Buffer.alloc(70000, 7));
        const [data, isBinary] = await once(socket, 'message');
        assert.ok(isBinary && data.equals(Buffer.alloc(70000, 7)));
    });
}

test('what is long comes back compressed, what is short as it is', async (t) => {
    const server = await startEcho(t);
    const { socket } = await open(t, server, 'permessage-deflate');

    socket.write(frame(0xc1, deflated(Buffer.from(TEXT))));
    const long = await frameFrom(socket);
    assert.equal(long.first, 0xc1);
    assert.ok(long.payload.length < TEXT.length / 2);
    const back = inflateRawSync(Buffer.concat([long.payload, Buffer.from([0, 0, 255, 255])]), {
        windowBits: 12, finishFlush: constants.Z_SYNC_FLUSH,
    });
    assert.equal(back.toString(), TEXT);
    socket.write(frame(0xc1, deflated(Buffer.from('short'))));
    assert.deepEqual(await frameFrom(socket), { first: 0x81, payload: Buffer.from('short') });
});

test('compressed fragments with a ping between them', async (t) => {
    const server = await startEcho(t);
    const { socket } = await open(t, server, 'permessage-deflate');
    const payload = deflated(Buffer.from('grüße 🎮'));

    socket.write(frame(0x41, payload.subarray(0, 3)));
    socket.write(frame(0x89, Buffer.from('p')));
    assert.equal((await frameFrom(socket)).first, 0x8a);
    socket.write(frame(0x00, payload.subarray(3, 5)));
    socket.write(frame(0x80, payload.subarray(5)));
    assert.deepEqual(await frameFrom(socket), { first: 0x81, payload: Buffer.from('grüße 🎮') });
});

test('bombs and broken data end with their codes', async (t) => {
    const server = await startEcho(t);
    const breaches = [
        ['RSV1 without the extension', undefined, frame(0xc1, deflated(Buffer.from('a'))), 1002],
        ['RSV1 on a continuation', 'permessage-deflate',
            Buffer.concat([frame(0x01, Buffer.from('a')), frame(0xc0, Buffer.from('b'))]), 1002],
        ['RSV1 on a ping', 'permessage-deflate', frame(0xc9, Buffer.from('a')), 1002],
        ['no deflated data', 'permessage-deflate', frame(0xc1, Buffer.from([0xff, 0xff])), 1007],
        ['cut data', 'permessage-deflate', frame(0xc1, deflated(Buffer.from(TEXT)).subarray(0, 40)), 1007],
        ['no UTF-8', 'permessage-deflate', frame(0xc1, deflated(Buffer.from([0xc3, 0x28]))), 1007],
        ['17 MiB of zeros in 17 KB', 'permessage-deflate', frame(0xc1, deflated(Buffer.alloc(17 * 2 ** 20))), 1009],
    ];

    for (const [what, offers, bytes, code] of breaches) {
        const { socket } = await open(t, server, offers);
        socket.write(bytes);
        const { first, payload } = await frameFrom(socket);
        assert.deepEqual([first, payload.readUInt16BE(0)], [0x88, code], what);
    }
});

test("a player's bomb is stopped at a player's limit", async (t) => {
    const server = await startServer(t);
    const { socket } = await open(t, server, 'permessage-deflate', '/ws/updates');
    socket.write(frame(0xc1, deflated(Buffer.alloc(2 ** 20))));
    const end = await new Promise((fulfil) => {
        let got = Buffer.alloc(0);
        socket.on('data', (data) => (got = Buffer.concat([got, data])));
        socket.on('close', () => fulfil(got));
    });
    assert.ok(end.includes(Buffer.from([0x03, 0xf1])), 'a close with 1009');
});

test('players of both flavours are served, JSON compressed', async (t) => {
    const server = await startServer(t, { args: ['--room', 'main,bots=8'] });
    const json = await joinJson(t, `${server.wsUrl}/ws/updates?name=Ann`, { perMessageDeflate: true });
    const binary = await joinBinary(t, `${server.wsUrl}/ws/updates?name=Bob`, { perMessageDeflate: true });

    assert.equal(json.socket.extensions, 'permessage-deflate');
    assert.equal(binary.socket.extensions, '');
    await json.until((c) => c.updates > 40, 'forty updates');
    assert.equal(await metric(server, 'websockets_deflate_total'), 1);
    assert.ok((await metric(server, 'deflate_out_bytes_total')) < 0.8 * (await metric(server, 'deflate_in_bytes_total')));
});
