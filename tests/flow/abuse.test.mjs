// Peers that are slow, greedy or lie, all at once, while bots play: the bots' updates stay on time.
// Runs alone: it measures how late bots are served.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { runProgram, startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const MAPS = new URL('../../assets/maps', import.meta.url).pathname;
const UPGRADE = [
    'GET /ws/updates HTTP/1.1', 'Host: a', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Extensions: permessage-deflate', '', '',
].join('\r\n');

/* A masked frame whose mask is zero. */
function frame(firstByte, payload = Buffer.alloc(0)) {
    const length = payload.length;
    const size = length < 126 ? [0x80 | length] : [0xfe, length >> 8, length & 255];

    return Buffer.concat([Buffer.from([firstByte, ...size, 0, 0, 0, 0]), payload]);
}

const BOMB = deflateRawSync(Buffer.alloc(2 ** 21), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const LIE = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]); // 2 GiB are to follow

/* What each kind of abuser says at once, what it goes on saying, and how many of it there are. One
 * that is closed comes again, but for the deaf, who do not notice. */
const abusers = {
    'slow heads': { count: 500, first: 'GET / HTTP/1.1\r\nHost: a\r\nX: ', next: 'y', everyMs: 500 },
    'silent sockets': { count: 100 },
    'half TLS handshakes': { count: 100, tls: true, first: Buffer.from([0x16, 3, 1, 2, 0, 1, 0]) },
    'unread downloads': { count: 20, deaf: true, first: 'GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n' },
    'unread pipelines': { count: 20, deaf: true, first: 'GET /index.html HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(300) },
    'tiny fragments': { count: 10, first: UPGRADE, next: frame(0x01, Buffer.from('{')), then: frame(0, Buffer.from(' ')) },
    'empty fragments': { count: 10, first: UPGRADE, next: frame(0x02), then: frame(0x00) },
    'ping floods': { count: 10, first: UPGRADE, next: Buffer.concat(Array(50).fill(frame(0x89, Buffer.alloc(125)))) },
    'deflate bombs': { count: 10, first: UPGRADE, next: frame(0xc1, BOMB) },
    'lying lengths': { count: 10, first: UPGRADE, next: LIE },
    'unread games': { count: 20, deaf: true, first: UPGRADE },
};

/* Keeps one abuser going until `state.isOver`; counts how often it was closed. */
async function abuse(server, { tls, deaf, first, next, then, everyMs = 20 }, state) {
    while (!state.isOver) {
        const socket = connect(tls ? server.tlsPort : server.port, '127.0.0.1');
        const closed = new Promise((fulfil) => socket.once('close', fulfil));
        let say = next;

        socket.on('error', () => {});
        if (deaf) socket.pause();
        else socket.resume();
        if (first) socket.write(first);
        const timer = setInterval(() => {
            if (say && !socket.writableNeedDrain && !socket.destroyed) socket.write(say);
            say = then ?? say;
        }, everyMs);
        await Promise.race([closed, state.over]);
        clearInterval(timer);
        socket.destroy();
        if (!state.isOver) state.closed += 1;
        await Promise.race([sleep(100), state.over]);
    }
}

async function metric(server, name) {
    const text = await (await fetch(`${server.url}/metrics`)).text();

    return Number(new RegExp(`^tickwire_${name} (\\d+)$`, 'm').exec(text)[1]);
}

async function playBots(server) {
    const { code, stdout, stderr } = await runProgram('tickwire-bots', [
        '--url', `${server.wsUrl}/ws/updates`, '--count', '10', '--seconds', '6', '--json',
    ]);

    assert.equal(code, 0, stderr);
    return JSON.parse(stdout.trim().split('\n').at(-1));
}

test('bots play on time whatever others do', async (t) => {
    const { cert, key } = makeCertificate(t);
    const root = mkdtempSync(join(tmpdir(), 'tickwire-abuse-'));

    t.after(() => rmSync(root, { recursive: true }));
    cpSync(MAPS, join(root, 'assets/maps'), { recursive: true });
    writeFileSync(join(root, 'index.html'), '<title>page</title>'.repeat(500));
    writeFileSync(join(root, 'big.bin'), randomBytes(20_000_000));
    const server = await startServer(t, {
        args: [
            '--web-root', root, '--tls-listen', '127.0.0.1:0', '--cert', cert, '--key', key, '--workers', '2',
            '--handshake-ms', '2000', '--stall-ms', '2000',
        ],
    });
    const calm = await playBots(server);
    const states = Object.entries(abusers).map(([name, kind]) => {
        const state = { name, isDeaf: kind.deaf, closed: 0, isOver: false };
        state.over = new Promise((fulfil) => (state.end = fulfil));
        state.all = Promise.all(Array.from({ length: kind.count }, () => abuse(server, kind, state)));
        return state;
    });
    await sleep(1000);
    const stormy = await playBots(server).finally(() => {
        for (const state of states) {
            state.isOver = true;
            state.end();
        }
    });
    await Promise.all(states.map(({ all }) => all));
    const stalled = await metric(server, 'stalled_closed_total');

    t.diagnostic(`calm: ${JSON.stringify(calm)}`);
    t.diagnostic(`stormy: ${JSON.stringify(stormy)}`);
    t.diagnostic(states.map(({ name, closed }) => `${name}: closed ${closed} times`).join(', '));
    for (const { name, closed } of states.filter(({ isDeaf }) => !isDeaf)) assert.ok(closed > 0, `${name} were never closed`);
    assert.ok(stalled >= 40, `${stalled} unread downloads and pipelines were closed`);
    assert.equal(stormy.connected, calm.connected);
    assert.equal(stormy.decode_errors + stormy.hash_errors, 0);
    assert.ok(stormy.updates_per_s > 0.8 * calm.updates_per_s);
    assert.ok(stormy.state_age_p50_ms < calm.state_age_p50_ms + 50);
    assert.ok(stormy.state_age_p99_ms < 2 * calm.state_age_p99_ms + 150);
    // Nobody is greeted with what the room looked like when the calm ones left it.
    assert.ok(stormy.state_age_p999_ms < 900);

    await sleep(500);
    assert.ok((await metric(server, 'connections')) < 20, 'nobody is left');
});
