// The native client against a real server, without a window: it joins, flies, draws, and refuses what it
// must not trust.
// Runs alone: it measures updates a second and ages.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createRelay } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { readPng } from '../lib/png.mjs';
import { buildDir, runProgram, spawnProgram, startServer } from '../lib/server.mjs';
import { dateCertificate, makeCertificate } from '../lib/tls.mjs';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/* Nobody else is there: nothing hits the craft or stands in its way. */
const QUIET = ['--room', 'quiet,bots=0'];

function headless(url, seconds, ...more) {
    return runProgram('tickwire-client', ['--url', url, '--headless', '--seconds', `${seconds}`, ...more]);
}

async function play(url, seconds, ...more) {
    const { code, stdout, stderr } = await headless(url, seconds, ...more);

    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
}

function screenshotPath(name) {
    const folder = join(buildDir, 'screenshots');

    mkdirSync(folder, { recursive: true });
    return join(folder, name);
}

/* The share of pixels, of a grid laid over the picture, that `holds` of. */
function share({ width, height, at }, holds) {
    let count = 0;
    let all = 0;

    for (let y = 0; y < height; y += 3) {
        for (let x = 0; x < width; x += 3, all++) count += holds(at(x, y)) ? 1 : 0;
    }
    return count / all;
}

const isNear = (a) => (b) => a.every((value, i) => Math.abs(value - b[i]) <= 3);
const WALL = isNear([0x26, 0x31, 0x4d]);
const FLOOR = isNear([0x0b, 0x10, 0x1b]);
const OWN = isNear([0x5f, 0xf0, 0xd0]);

test('joins, is told 20 updates a second, and draws walls, floor and itself', async (t) => {
    const server = await startServer(t, { args: QUIET });
    const path = screenshotPath('native.png');
    const report = await play(`${server.wsUrl}/ws/updates`, 3, '--name', 'Ada', '--screenshot', path);

    assert.equal(report.phase, 'playing');
    assert.equal(report.name, 'Ada');
    assert.equal(report.room, 'quiet');
    assert.ok(report.updates_per_s >= 18 && report.updates_per_s <= 22, `${report.updates_per_s} updates/s`);
    assert.ok(report.state_age_ms < 150, `state ${report.state_age_ms} ms old`);
    assert.deepEqual([report.hash_errors, report.decode_errors], [0, 0]);

    const picture = readPng(path);

    assert.deepEqual([picture.width, picture.height], [1280, 720]);
    // In a corner of the map a quarter of the picture is ground.
    assert.ok(share(picture, FLOOR) > 0.1, 'floor');
    assert.ok(share(picture, WALL) > 0.02, 'walls');
    assert.ok(share(picture, OWN) > 0.0001, 'the own craft');
});

test('a held key moves the craft, as predicted', async (t) => {
    const server = await startServer(t, { args: QUIET });
    // One of them has room, wherever the craft began.
    const reports = await Promise.all(
        ['W', 'A', 'S', 'D'].map((key) => play(`${server.wsUrl}/ws/updates`, 2.5, '--hold', key)),
    );
    const ways = reports.map(({ start_x, start_y, x, y }) => Math.hypot(x - start_x, y - start_y));

    assert.ok(Math.max(...ways) > 60, `ways ${ways}`);
    assert.ok(Math.min(...reports.map(({ corrections }) => corrections)) <= 1, 'mispredictions');
});

test('speaks TLS with the right authority, and compares the host name', async (t) => {
    const right = makeCertificate(t, ['localhost']);
    const wrong = makeCertificate(t, ['localhost']);
    const server = await startServer(t, {
        args: [...QUIET, '--tls-listen', '127.0.0.1:0', '--cert', right.cert, '--key', right.key],
    });
    const url = (host) => `wss://${host}:${server.tlsPort}/ws/updates`;

    assert.equal((await play(url('localhost'), 2, '--cafile', right.ca)).phase, 'playing');

    const stranger = await headless(url('localhost'), 20, '--cafile', wrong.ca);
    assert.equal(stranger.code, EXIT_FAILED);
    assert.match(stranger.stderr, /authority unknown to this computer/);

    const impostor = await headless(url('127.0.0.1'), 20, '--cafile', right.ca);
    assert.equal(impostor.code, EXIT_FAILED);
    assert.match(impostor.stderr, /does not cover this address/);
});

test('a certificate that is out of date is called so', async (t) => {
    const dates = [
        ['20200101000000Z', '20200201000000Z', /The certificate of localhost:\d+ has expired: its host must renew it/],
        ['20900101000000Z', '20910101000000Z', /The certificate of localhost:\d+ is not valid yet/],
    ];

    for (const [from, to, sentence] of dates) {
        const files = makeCertificate(t, ['localhost']);
        dateCertificate(files, from, to);
        const server = await startServer(t, {
            args: [...QUIET, '--tls-listen', '127.0.0.1:0', '--cert', files.cert, '--key', files.key],
        });
        const { code, stderr } = await headless(`wss://localhost:${server.tlsPort}/ws/updates`, 20, '--cafile', files.ca);

        assert.equal(code, EXIT_FAILED);
        assert.match(stderr, sentence);
    }
});

test('a server that speaks no TLS is called so', async (t) => {
    const { ca } = makeCertificate(t, ['localhost']);
    const server = await startServer(t, { args: QUIET });
    const { code, stderr } = await headless(`wss://localhost:${server.port}/ws/updates`, 5, '--cafile', ca);

    assert.equal(code, EXIT_FAILED);
    assert.match(stderr, /does not speak TLS/);
});

test('comes back by itself after the server was gone', async (t) => {
    const first = await startServer(t, { args: [...QUIET, '--listen', '127.0.0.1:0'] });
    const client = spawnProgram('tickwire-client', [
        '--url', `${first.wsUrl}/ws/updates`, '--headless', '--seconds', '9', '--name', 'Ada',
    ]);

    await sleep(2000);
    await first.stop();
    await startServer(t, { args: [...QUIET, '--listen', `127.0.0.1:${first.port}`] });
    assert.equal(await client.exitCode, 0, client.stderr);
    const report = JSON.parse(client.stdout);

    assert.equal(report.phase, 'playing');
    assert.equal(report.name, 'Ada');
    assert.equal(report.connections, 2);
});

/* Passes bytes on to `port`; cut() breaks every connection through it. */
async function startRelay(t, port) {
    const ends = new Set();
    const relay = createRelay((from) => {
        const to = connect(port, '127.0.0.1');

        for (const [end, other] of [[from, to], [to, from]]) {
            ends.add(end);
            end.on('error', () => {});
            end.on('close', () => other.destroy());
            end.pipe(other);
        }
    });

    await new Promise((resolve) => relay.listen(0, '127.0.0.1', resolve));
    const cut = () => ends.forEach((end) => end.destroy());

    t.after(() => {
        cut();
        relay.close();
    });
    return { url: `ws://127.0.0.1:${relay.address().port}/ws/updates`, cut };
}

test('a broken line leads back into the same seat', async (t) => {
    const server = await startServer(t, { args: QUIET });
    const relay = await startRelay(t, server.port);
    const running = play(relay.url, 6, '--name', 'Ada');

    await sleep(2500);
    relay.cut();
    const report = await running;

    assert.equal(report.phase, 'playing');
    assert.equal(report.connections, 2);
    assert.equal(report.resumed, true);
    assert.equal(report.name, 'Ada');
    assert.equal(report.seat, 0);
});

test('says why it could not join', async (t) => {
    const server = await startServer(t, { args: QUIET });
    const nobody = await headless('ws://127.0.0.1:1/ws/updates', 1);
    const elsewhere = await headless(`${server.wsUrl}/nothing`, 5);
    const noRoom = await headless(`${server.wsUrl}/ws/updates?room=none`, 5);

    assert.equal(nobody.code, EXIT_FAILED);
    assert.match(nobody.stderr, /No server answers at 127\.0\.0\.1:1/);
    assert.equal(elsewhere.code, EXIT_FAILED);
    assert.match(elsewhere.stderr, /404/);
    assert.equal(noRoom.code, EXIT_FAILED);
    assert.match(noRoom.stderr, /no such room/i);
});

test('bad usage is one sentence and exit code 2', async () => {
    for (const args of [['--nonsense'], ['--url', 'http://h/'], ['--headless', '--hold', 'NoSuchKey']]) {
        const { code, stderr } = await runProgram('tickwire-client', args);

        assert.equal(code, EXIT_USAGE, args.join(' '));
        assert.match(stderr, /^tickwire-client: .*\n$/);
    }
});

/* A server that greets every client with `answer(socket)`. */
async function startHostile(t, answer) {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http, handleProtocols: () => 'tickwire.v1' });

    sockets.on('connection', (socket) => {
        socket.on('error', () => {});
        answer(socket);
    });
    await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
    t.after(() => {
        sockets.clients.forEach((socket) => socket.terminate());
        http.close();
    });
    return `ws://127.0.0.1:${http.address().port}/ws/updates`;
}

test('a hostile server is left, with the reason', async (t) => {
    const random = () => Buffer.from(Array.from({ length: 300 }, () => Math.floor(Math.random() * 256)));
    const hostile = [
        [(socket) => Array.from({ length: 50 }, () => socket.send(random())), /not understood|understand/],
        [(socket) => socket.send('text'), /text where only binary/],
        [(socket) => socket.send(Buffer.alloc(70000, 1)), /longer|too|large|big/i],
        [(socket) => socket.send(Buffer.from([1, 2, 3])), /welcome is not understood/],
        [(socket) => socket._socket.write(Buffer.from([0xf2, 0x00])), /sent what no Tickwire server sends/],
        [(socket) => socket._socket.write(Buffer.from([0x82, 0x81, 1, 2, 3, 4, 5])), /mask/],
        [(socket) => socket.close(4003, 'flooding'), /kicked.*flooding/],
        [(socket) => socket.close(4004, '\u001b[31m'), /no such room/i],
    ];

    for (const [answer, reason] of hostile) {
        const { code, stderr } = await headless(await startHostile(t, answer), 8);

        assert.equal(code, EXIT_FAILED, stderr);
        assert.match(stderr, reason);
        assert.doesNotMatch(stderr, /\u001b/);
    }
});

/* Lets two clients play on a recording server. Answers the recording's path. */
async function record(t, ...args) {
    const folder = mkdtempSync(join(tmpdir(), 'tickwire-client-'));

    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const server = await startServer(t, { args: [...QUIET, '--record', folder, ...args] });
    const url = `${server.wsUrl}/ws/updates`;

    await Promise.all([
        play(url, 5, '--name', 'Ada', '--hold', 'D', '--hold', 'Mouse 1'),
        play(url, 5, '--name', 'Bob', '--hold', 'A', '--say', 'hello there'),
    ]);
    await server.stop();
    return join(folder, readdirSync(folder).find((file) => /arena|quiet/.test(file)));
}

async function watch(file, seconds, ...more) {
    const { code, stdout, stderr } = await runProgram('tickwire-client', [
        '--replay', file, '--headless', '--seconds', `${seconds}`, ...more,
    ]);

    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
}

test('a recording plays without a server, from the start and from any tick', async (t) => {
    const file = await record(t);
    const path = screenshotPath('native-replay.png');
    const fromStart = await watch(file, 2, '--screenshot', path);

    assert.equal(fromStart.phase, 'replaying');
    assert.equal(fromStart.notice, '');
    assert.match(fromStart.follows, /Ada|Bob/);
    const played = fromStart.tick - fromStart.first_tick;
    assert.ok(played >= 34 && played <= 42, `${played} ticks in 2 s`);
    assert.ok(share(readPng(path), WALL) > 0.02, 'walls');
    assert.ok(share(readPng(path), OWN) > 0.0001, 'whom one follows');

    const tick = fromStart.first_tick + 60;
    const fromThere = await watch(`${file}@${tick}`, 0.5);

    assert.ok(fromThere.tick >= tick && fromThere.tick <= tick + 14, `tick ${fromThere.tick}`);
    const beyondTheEnd = await watch(`${file}@${fromStart.last_tick - 3}`, 1);
    assert.equal(beyondTheEnd.tick, fromStart.last_tick);
    assert.ok(fromStart.markers >= 1, 'somebody joins or speaks');

    // Keys: on by three ticks and back by one, which pauses.
    const stepped = await watch(`${file}@${tick}`, 0.5, '--hold', '.', '--hold', '.', '--hold', '.', '--hold', ',');
    assert.deepEqual([stepped.tick, stepped.paused], [tick + 2, true]);
    const fast = await watch(`${file}@${fromStart.first_tick}`, 0.5, '--hold', '=', '--hold', '=');
    assert.equal(fast.speed, 4);
    assert.ok(fast.tick > fromStart.first_tick + 30, `tick ${fast.tick}`);
    const other = await watch(file, 0.3, '--hold', 'Tab');
    assert.match(other.follows, /Ada|Bob/);
    assert.notEqual(other.follows, fromStart.follows);
    const free = await watch(`${file}@${tick}`, 0.5, '--hold', 'F');
    assert.ok(free.free && free.x !== undefined);
});

test('what is no recording is refused in a sentence', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tickwire-client-'));
    const text = join(folder, 'text.db');

    t.after(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(text, 'no recording at all, but long enough to be one, perhaps'.repeat(50));
    for (const file of [text, join(folder, 'missing.db'), folder]) {
        const { code, stderr } = await runProgram('tickwire-client', ['--replay', file, '--headless']);

        assert.equal(code, EXIT_FAILED);
        assert.match(stderr, /^tickwire-client: .*\n$/);
    }
});
