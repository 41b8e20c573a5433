// The client's side of RFC 6455, seen by a server of raw frames: what the bots send and answer.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { closePayload, frame, masked, BINARY, CLOSE, PING, PONG } from '../conformance/frames.mjs';
import { acceptOf } from '../conformance/peer.mjs';
import { spawnProgram } from '../lib/server.mjs';

const unmasked = (opcode, payload, options) => frame(opcode, payload, { key: null, ...options });

/* What one connection has sent so far: its request, and the frames behind it. */
class Accepted {
    constructor(socket) {
        this.socket = socket;
        this.bytes = Buffer.alloc(0);
        socket.on('error', () => {});
        socket.on('data', (bytes) => {
            this.bytes = Buffer.concat([this.bytes, bytes]);
            this.wake?.();
        });
        socket.on('close', () => this.wake?.());
    }

    async until(find) {
        const deadline = setTimeout(() => this.socket.destroy(), 10000);

        for (let found; ; await new Promise((fulfil) => (this.wake = fulfil))) {
            if ((found = find(this.bytes)) !== undefined) {
                clearTimeout(deadline);
                return found;
            }
            assert.ok(!this.socket.destroyed, 'the client has gone, or says nothing');
        }
    }

    take(count) {
        const taken = this.bytes.subarray(0, count);

        this.bytes = this.bytes.subarray(count);
        return taken;
    }

    /* Takes the request and answers 101, after a while in which the client may say too much. */
    async upgrade(waitMs = 0) {
        const end = await this.until((bytes) =>
            (bytes.includes('\r\n\r\n') ? bytes.indexOf('\r\n\r\n') + 4 : undefined));

        this.request = this.take(end).toString('latin1');
        if (waitMs > 0) await sleep(waitMs);
        this.saidEarly = this.bytes.length;
        this.key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(this.request)[1];
        this.socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
            `Sec-WebSocket-Accept: ${acceptOf(this.key)}\r\nSec-WebSocket-Protocol: tickwire.v1\r\n\r\n`);
    }

    /* The next frame: {fin, opcode, key, payload}. Throws unless it is masked. */
    async frame() {
        const head = await this.until((bytes) => (bytes.length >= 2 ? bytes.subarray(0, 2) : undefined));
        const field = (head[1] & 0x7f) === 126 ? 2 : 0;
        const length = field
            ? (await this.until((bytes) => (bytes.length >= 4 ? bytes.subarray(2, 4) : undefined))).readUInt16BE()
            : head[1] & 0x7f;
        const total = 2 + field + 4 + length;

        assert.ok(head[1] & 0x80, '§5.1: a frame of the client without a mask');
        await this.until((bytes) => (bytes.length >= total ? true : undefined));
        const bytes = this.take(total), key = bytes.subarray(2 + field, 6 + field);
        return { fin: head[0] >= 0x80, opcode: head[0] & 15, key, payload: masked(bytes.subarray(6 + field), key) };
    }

    /* The next frame of that opcode. */
    async frameOf(opcode) {
        for (;;) {
            const found = await this.frame();
            if (found.opcode === opcode) return found;
        }
    }
}

/* Answers `count` bots, upgraded. A connection that only looks whether someone is there is none. */
async function acceptBots(t, count, waitMs) {
    const accepted = [];
    const server = createServer((socket) => {
        const one = new Accepted(socket);

        t.after(() => socket.destroy());
        socket.once('data', () => {
            accepted.push(one);
            server.emit('bot');
        });
    });

    t.after(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `ws://127.0.0.1:${server.address().port}/ws/updates`;
    const bots = spawnProgram('tickwire-bots', ['--url', url, '--count', String(count), '--seconds', '20']);

    t.after(() => bots.kill('SIGKILL'));
    while (accepted.length < count) await once(server, 'bot');
    await Promise.all(accepted.map((one) => one.upgrade(waitMs)));
    return accepted;
}

test('§4.1: the request of each connection has a key of its own', async (t) => {
    const bots = await acceptBots(t, 4);

    assert.equal(new Set(bots.map(({ key }) => key)).size, 4);
    for (const { request, key } of bots) {
        assert.equal(Buffer.from(key, 'base64').length, 16);
        assert.match(request, /^GET \/ws\/updates HTTP\/1\.1\r\n/);
        for (const line of ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
            'Host: 127.0.0.1:'])
            assert.ok(request.includes(`\r\n${line}`), line);
    }
});

test('§4.1: behind its request the client waits for the answer', async (t) => {
    const [bot] = await acceptBots(t, 1, 300);

    assert.equal(bot.saidEarly, 0);
    assert.equal((await bot.frame()).opcode, BINARY);
});

test('§5.3: each frame is masked, by a key of its own', async (t) => {
    const [bot] = await acceptBots(t, 1);
    const keys = [(await bot.frame()).key.toString('hex')];

    for (let i = 0; i < 20; i++) {
        bot.socket.write(unmasked(PING, `${i}`));
        keys.push((await bot.frameOf(PONG)).key.toString('hex'));
    }
    assert.equal(new Set(keys).size, keys.length);
});

test('§5.5.2: a ping is answered with its payload', async (t) => {
    const [bot] = await acceptBots(t, 1);

    for (const payload of ['', 'ping', Buffer.alloc(125, 0xff)]) {
        bot.socket.write(unmasked(PING, payload));
        assert.deepEqual((await bot.frameOf(PONG)).payload, Buffer.from(payload));
    }
});

test('§5.5.1: the server closes, and the client answers', async (t) => {
    for (const [sent, answer] of [[closePayload(1012, 'restart'), closePayload(1012)], ['', Buffer.alloc(0)]]) {
        const [bot] = await acceptBots(t, 1);

        bot.socket.write(unmasked(CLOSE, sent));
        assert.deepEqual((await bot.frameOf(CLOSE)).payload, answer);
    }
});

const breaches = {
    '§5.1: a masked frame of the server is answered by 1002': [frame(BINARY, 'x'), 1002],
    '§5.2: a reserved bit of the server is answered by 1002': [unmasked(BINARY, 'x', { rsv: 2 }), 1002],
    '§5.2: a long form of a length is answered by 1002': [unmasked(BINARY, 'x', { form: 2 }), 1002],
    '§5.5: a ping in fragments is answered by 1002': [unmasked(PING, 'x', { fin: false }), 1002],
    '§5.6: text on the binary flavour is answered by 1003': [unmasked(1, 'x'), 1003],
};

for (const [title, [bytes, code]] of Object.entries(breaches))
    test(title, async (t) => {
        const [bot] = await acceptBots(t, 1);

        bot.socket.write(bytes);
        assert.equal((await bot.frameOf(CLOSE)).payload.readUInt16BE(), code);
    });
