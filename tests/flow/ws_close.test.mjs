// The close handshake of a player's WebSocket, both ways, by raw frames: codes, silence behind a close,
// and deadlines for peers that never come to an end.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { close, frame, fragments, more, ping, text, TEXT, BINARY } from '../conformance/frames.mjs';
import { connectPeer, handshake } from '../conformance/peer.mjs';
import { startServer } from '../lib/server.mjs';

const STEP_MS = 10000;
const CHAT = JSON.stringify({ type: 'chat', text: 'late' });

/* An open WebSocket of the flavour, seen from its frames. */
async function open(t, server, { path = '/ws/updates', protocol } = {}) {
    const peer = await connectPeer({ port: server.port, path, stepMs: STEP_MS });

    t.after(() => peer.socket.destroy());
    peer.socket.write(handshake(path, protocol ? { 'Sec-WebSocket-Protocol': protocol } : {}));
    await peer.expect101(undefined, { protocol });
    return peer;
}

/* Reads on to the server's close; answers {code, reason}. */
async function closeOf(peer) {
    for (let event; (event = await peer.events.next()) !== null; ) if (event.kind === 'close') return event;
    throw new Error('the stream ended without a close');
}

/* Reads on to the end of the stream; answers what the close said. A frame behind it throws. */
async function endOf(peer) {
    const { code, reason } = await closeOf(peer);

    assert.equal(await peer.events.next(), null);
    return { code, reason };
}

async function timeOf(promise) {
    const started = performance.now();

    await promise;
    return performance.now() - started;
}

const flavours = [undefined, 'tickwire.json.v1', 'tickwire.v1'];

test('§5.5.1: the client closes, and its code comes back, in each flavour', async (t) => {
    const server = await startServer(t);

    for (const protocol of flavours)
        for (const code of [1000, 1001, 1011, 3000, 4321, undefined]) {
            const peer = await open(t, server, { protocol });

            await peer.send([close(code)], 'whole');
            assert.equal((await endOf(peer)).code, code ?? 1005, `${protocol} ${code}`);
        }
});

test('§5.5.1: nothing is delivered behind the client\'s close', async (t) => {
    const server = await startServer(t);
    const watcher = await open(t, server);
    const peer = await open(t, server);

    await peer.send([close(1000), text(CHAT), ping('late')], 'whole');
    assert.equal((await endOf(peer)).code, 1000);
    await sleep(200);
    await watcher.send([close(1000)], 'whole');
    for (let event; (event = await watcher.events.next()) !== null; )
        if (event.kind === 'text') assert.ok(!event.payload.includes('late'), 'the chat was delivered');
});

test('§7.1.7: a breach is answered by its code, and then by silence', async (t) => {
    const server = await startServer(t);
    const breaches = {
        'unmasked': [1002, text('{}', { key: null })],
        'a reserved bit': [1002, text('{}', { rsv: 2 })],
        'RSV1 without the extension': [1002, text('{}', { rsv: 4 })],
        'a reserved opcode': [1002, frame(4, '')],
        'a fragmented ping': [1002, frame(9, '', { fin: false })],
        'a long ping': [1002, ping(Buffer.alloc(126))],
        'a length in too many bytes': [1002, text('{}', { form: 8 })],
        'a length of 64 bits': [1002, text('', { form: 8, length: 1n << 63n })],
        'a continuation of nothing': [1002, more('{}')],
        'a message inside another': [1002, frame(TEXT, '{', { fin: false }), text('{}')],
        'a close of one byte': [1002, frame(8, 'x')],
        'a close code of nobody': [1002, close(1005)],
        'text that is no UTF-8': [1007, text([0xff], { length: 100 })],
        'a reason that is no UTF-8': [1007, frame(8, [3, 232, 0xff])],
        'a message over the limit': [1009, text('', { length: 5000 })],
        '17 fragments': [1009, ...fragments(TEXT, Array(17).fill(''))],
    };

    for (const [what, [code, ...frames]] of Object.entries(breaches)) {
        const peer = await open(t, server);

        await peer.send([...frames, text(CHAT)], 'whole');
        assert.equal((await endOf(peer)).code, code, what);
    }
});

test('§7.4.1: what a flavour does not speak is answered by 1003', async (t) => {
    const server = await startServer(t);

    for (const [protocol, wrong] of [[undefined, frame(BINARY, 'x')], ['tickwire.v1', text('{}')]]) {
        const peer = await open(t, server, { protocol });

        await peer.send([wrong], 'whole');
        assert.equal((await closeOf(peer)).code, 1003);
        await peer.send([close(1000)], 'whole');
        await peer.expect(null);
    }
});

test('§7.1.1: the server closes, the client answers, and the server ends the stream at once', async (t) => {
    const server = await startServer(t, { args: ['--close-ms', '60000'] });

    for (const protocol of flavours.slice(0, 2)) {
        const peer = await open(t, server, { path: '/ws/updates?room=none-such', protocol });
        const { code, reason } = await closeOf(peer);

        assert.equal(code, 4004);
        assert.match(reason, /no such room/);
        await peer.send([close(code)], 'whole');
        assert.ok((await timeOf(peer.expect(null))) < 2000);
    }
});

test('§5.5.1: both close at the same time, and each sends one close frame', async (t) => {
    const server = await startServer(t, { args: ['--close-ms', '60000'] });
    const path = '/ws/updates?room=none-such';
    const peer = await connectPeer({ port: server.port, path, stepMs: STEP_MS });

    t.after(() => peer.socket.destroy());
    await peer.send([handshake(path), close(1000)], 'whole');
    await peer.expect101();
    assert.equal((await endOf(peer)).code, 4004);
});

test('§5.5.1: behind the server\'s close nothing is answered, not even a ping', async (t) => {
    const server = await startServer(t, { args: ['--close-ms', '60000'] });
    const peer = await open(t, server, { path: '/ws/updates?room=none-such' });

    await closeOf(peer);
    await peer.send([text(CHAT), ping('late'), frame(BINARY, 'x'), close(4004)], 'frames');
    await peer.expect(null);
});

test('§7.1.1: a client that never answers the server\'s close is cut after close_ms', async (t) => {
    const server = await startServer(t, { args: ['--close-ms', '400'] });
    const peer = await open(t, server, { path: '/ws/updates?room=none-such' });

    await closeOf(peer);
    const ms = await timeOf(peer.expect(null));
    assert.ok(ms > 200 && ms < 3000, `${ms} ms`);
});

test('a client in the middle of a message is cut all the same', async (t) => {
    const server = await startServer(t, {
        args: ['--message-ms', '500', '--close-ms', '1200', '--drain-ms', '30000'],
    });
    const peer = await open(t, server);

    await peer.send([text('{"type"').subarray(0, 5)], 'whole');
    await sleep(100);
    server.kill('SIGTERM');
    assert.equal((await closeOf(peer)).code, 1012);
    const ms = await timeOf(peer.expect(null));
    assert.ok(ms < 4000, `${ms} ms`);
    await server.stop();
});

test('a client that goes on talking behind the server\'s close is cut all the same', async (t) => {
    const server = await startServer(t, { args: ['--close-ms', '400'] });
    const peer = await open(t, server, { path: '/ws/updates?room=none-such' });

    await closeOf(peer);
    const talking = setInterval(() => peer.socket.write(ping('still here')), 50);
    t.after(() => clearInterval(talking));
    const ms = await timeOf(peer.expect(null).catch(() => {})); // its last ping may meet a closed socket
    assert.ok(ms < 3000, `${ms} ms`);
});

test('a message must end within message_ms, whatever pings stand between its fragments', async (t) => {
    const server = await startServer(t, { args: ['--message-ms', '600'] });
    const peer = await open(t, server);
    const started = performance.now();

    await peer.send([frame(TEXT, '{', { fin: false })], 'whole');
    const pinging = setInterval(() => peer.socket.write(ping('wait')), 150);
    t.after(() => clearInterval(pinging));
    const { code, reason } = await closeOf(peer);
    clearInterval(pinging);
    assert.equal(code, 1008);
    assert.match(reason, /took too long/);
    assert.ok(performance.now() - started < 3000);
});
