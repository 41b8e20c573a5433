// socketio.mjs - Socket.IO side by side with npm's socket.io in one run: server CPU of each update delivered over
// WebSocket and over polling, and what the same bytes cost a program that does nothing but send and receive them
// (the floor, peers/bare.c); resident memory of an idle client, what a client that does not read costs, and how
// long the official client takes to connect. Run by `make bench`; PLAYERS=N and CLIENTS=N for other numbers,
// PARTS=updates or PARTS=rest for one half.

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { buildDir, spawnProgram } from '../lib/server.mjs';

const PLAYERS = Number(process.env.PLAYERS ?? 100);
const CLIENTS = Number(process.env.CLIENTS ?? 2000);
const SECONDS = 6;
const FLOOD = 100000;
const CONNECTS = 25;
/* Players move about, so that there is something to tell. */
const STEER_MS = 500;
const steer = () => `42["input",{"buttons":${[1, 2, 4, 8, 5, 10][Math.floor(Math.random() * 6)]}}]`;
const REFERENCE = new URL('peers/socketio.mjs', import.meta.url).pathname;

/* User and system CPU, in seconds. */
const cpuSeconds = (pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return { user: Number(fields[11]) / 100, system: Number(fields[12]) / 100 };
};
const residentBytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;

/* Starts one of the two; answers {pid, port, stop}. */
async function startOurs(args) {
    const program = spawnProgram('tickwire-server', ['--listen', '127.0.0.1:0', '--record', 'none', ...args]);
    const [, port] = await program.waitForLog(/port=(\d+) tls=0/);
    const stop = () => (program.kill('SIGTERM'), program.exitCode);

    return { pid: program.pid, port: Number(port), stop };
}

async function startReference(updateBytes) {
    const child = spawn(process.execPath, [REFERENCE, updateBytes], { stdio: ['ignore', 'ignore', 'pipe'] });
    const port = await new Promise((fulfil) =>
        child.stderr.on('data', (text) => fulfil(Number(/port=(\d+)/.exec(text)[1]))));

    return { pid: child.pid, port, stop: () => child.kill() };
}

/* ---- players ---- */

/* One over a WebSocket: counts what comes, answers pings, steers. */
function playSocket(port, counts) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);

    let joined = false;

    socket.on('message', (data) => {
        const text = data.toString('latin1');
        if (text[0] === '0') socket.send('40{"plays":true}');
        if (text === '2') socket.send('3');
        if (text.startsWith('40')) joined = true;
        if (!text.startsWith('42["update"')) return;
        counts.updates++;
        counts.bytes += text.length;
    });
    const timer = setInterval(() => joined && socket.readyState === 1 && socket.send(steer()), STEER_MS);
    return { close: () => (clearInterval(timer), socket.terminate()) };
}

/* One over polling, on a connection kept alive, as a browser's. */
function playPolling(port, counts) {
    const agent = new Agent({ keepAlive: true });
    let open = true, timer;
    const ask = (query, method = 'GET', body) => new Promise((fulfil, reject) => {
        const sent = request({ port, host: '127.0.0.1', path: `/socket.io/?EIO=4&transport=polling${query}`, method, agent }, (response) => {
            const pieces = [];
            response.on('data', (piece) => pieces.push(piece));
            response.on('end', () => fulfil(Buffer.concat(pieces).toString('latin1')));
        });
        sent.on('error', reject);
        sent.end(body);
    });
    (async () => {
        const { sid } = JSON.parse((await ask('')).slice(1));
        await ask(`&sid=${sid}`, 'POST', '40{"plays":true}');
        await ask(`&sid=${sid}`);
        timer = setInterval(() => ask(`&sid=${sid}`, 'POST', steer()).catch(() => {}), STEER_MS);
        while (open) {
            for (const packet of (await ask(`&sid=${sid}`)).split('\x1e')) {
                if (packet === '2') await ask(`&sid=${sid}`, 'POST', '3');
                if (!packet.startsWith('42["update"')) continue;
                counts.updates++;
                counts.bytes += packet.length;
            }
        }
    })().catch(() => {});
    return { close: () => ((open = false), clearInterval(timer), agent.destroy()) };
}

async function measureUpdates(server, play) {
    const counts = { updates: 0, bytes: 0 };
    const players = Array.from({ length: PLAYERS }, () => play(server.port, counts));

    await sleep(2000);
    const before = { cpu: cpuSeconds(server.pid), ...counts };
    await sleep(SECONDS * 1000);
    const after = cpuSeconds(server.pid);
    const updates = counts.updates - before.updates;
    const user = ((after.user - before.cpu.user) / updates) * 1e6;
    const system = ((after.system - before.cpu.system) / updates) * 1e6;
    players.forEach((player) => player.close());
    await sleep(500);
    return { user, system, us: user + system, updates, bytes: (counts.bytes - before.bytes) / updates };
}

/* ---- idle clients ---- */

const text = (data) => {
    const payload = Buffer.from(data);
    const mask = Buffer.from([1, 2, 3, 4]);
    const length = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
    return Buffer.concat([Buffer.from([0x81, ...length]), mask, payload.map((byte, i) => byte ^ mask[i % 4])]);
};

function openRaw(port) {
    return new Promise((fulfil, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(
            'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n' +
            'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'));
        let heard = '';

        socket.on('error', reject);
        socket.on('data', (data) => {
            const had = heard.includes('pingInterval');
            heard += data.toString('latin1');
            if (!had && heard.includes('pingInterval')) socket.write(text('40'));
            if (heard.includes('"auth"')) fulfil(socket);
        });
    });
}

async function measureIdle(server) {
    const sockets = [await openRaw(server.port)];
    const before = residentBytes(server.pid);

    while (sockets.length <= CLIENTS)
        sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => openRaw(server.port)))));
    await sleep(500);
    const kib = (residentBytes(server.pid) - before) / (sockets.length - 1) / 1024;
    sockets.forEach((socket) => socket.destroy());
    await sleep(500);
    return kib;
}

/* ---- one that asks for much and reads nothing ---- */

async function measureFlood(server) {
    const socket = await openRaw(server.port);
    const event = text(`42["message","${'x'.repeat(1000)}"]`);
    const batch = Buffer.concat(Array.from({ length: 100 }, () => event));
    const before = residentBytes(server.pid);
    let peak = before;

    socket.removeAllListeners('data');
    socket.pause();
    socket.setMaxListeners(0);
    socket.on('error', () => {});
    const end = Date.now() + 8000;
    for (let sent = 0; sent < FLOOD && Date.now() < end; sent += 100) {
        if (!socket.write(batch)) {
            await Promise.race([new Promise((fulfil) => socket.once('drain', fulfil)), sleep(300)]);
            if (socket.writableLength > 4e6) await sleep(50);
        }
        peak = Math.max(peak, residentBytes(server.pid));
    }
    await sleep(1000);
    peak = Math.max(peak, residentBytes(server.pid));
    socket.destroy();
    return (peak - before) / 1048576;
}

/* ---- the official client ---- */

async function measureConnect(server) {
    const times = [];

    for (let i = 0; i < CONNECTS; i++) {
        const started = performance.now();
        const socket = io(`http://127.0.0.1:${server.port}`, { forceNew: true });
        await new Promise((fulfil) => socket.once('connect', fulfil));
        times.push(performance.now() - started);
        socket.close();
        await sleep(20);
    }
    return times.sort((a, b) => a - b)[CONNECTS >> 1];
}

/* ---- all ---- */

const show = (what, ours, theirs, unit, digits = 1) =>
    console.log(`${what.padEnd(44)} ${ours.toFixed(digits).padStart(8)} ${unit}, npm ${theirs.toFixed(digits).padStart(8)} ${unit}, ` +
        `1/${(theirs / ours).toFixed(1)}`);

/* The bytes around an update: a frame's head; an answer's, and the request for it. */
const FRAME_BYTES = 4;
const ANSWER_BYTES = 190;
const REQUEST_BYTES = 170;
const INPUT_BYTES = 40;

/* What the system calls alone cost with so many bytes down at 20 Hz, and so many back: as {user, system, us}. */
function measureFloor(downBytes, upBytes, upHz) {
    const told = JSON.parse(execFileSync(`${buildDir}/bench/bare`, ['--count', PLAYERS, '--seconds', SECONDS,
        '--down', Math.round(downBytes), '--up', upBytes, '--up-hz', upHz].map(String)));
    return { user: told.user_us, system: told.system_us, us: told.cpu_us };
}

async function compareUpdates(reference, game) {
    const overSocket = await measureUpdates(game, playSocket);
    const overPolling = await measureUpdates(game, playPolling);
    await game.stop();
    const npm = await reference(Math.round(overSocket.bytes));
    const theirSocket = await measureUpdates(npm, playSocket);
    const theirPolling = await measureUpdates(npm, playPolling);
    const socketFloor = measureFloor(overSocket.bytes + FRAME_BYTES, INPUT_BYTES, 1000 / STEER_MS);
    const pollingFloor = measureFloor(overPolling.bytes + ANSWER_BYTES, REQUEST_BYTES, 20);

    npm.stop();
    console.log(`${PLAYERS} players for ${SECONDS} s: updates of ${overSocket.bytes.toFixed(0)} and ${overPolling.bytes.toFixed(0)} bytes, ` +
        `npm ${theirSocket.bytes.toFixed(0)} and ${theirPolling.bytes.toFixed(0)}; ` +
        `delivered ${overSocket.updates} and ${overPolling.updates}, npm ${theirSocket.updates} and ${theirPolling.updates}`);
    for (const [how, ours, theirs, floor] of [['a WebSocket', overSocket, theirSocket, socketFloor], ['polling', overPolling, theirPolling, pollingFloor]]) {
        show(`server CPU an update over ${how}`, ours.us, theirs.us, 'µs');
        show('  of it outside the kernel', ours.user, theirs.user, 'µs');
        show(`  above the floor of ${floor.us.toFixed(1)} µs`, ours.us - floor.us, theirs.us - floor.us, 'µs');
    }
}

async function compareRest(reference, echo) {
    const npm = await reference(1000);
    show(`resident memory of each of ${CLIENTS} idle clients`, await measureIdle(echo), await measureIdle(npm), 'KiB', 2);
    show('100 000 events of 1 KB to one that reads none', await measureFlood(echo), await measureFlood(npm), 'MiB');
    show('the default client connects in (median)', await measureConnect(echo), await measureConnect(npm), 'ms');
    await echo.stop();
    npm.stop();
}

const part = process.env.PARTS;
if (part !== 'rest') await compareUpdates(startReference, await startOurs(['--room', 'arena,bots=20']));
if (part !== 'updates') await compareRest(startReference, await startOurs(['--sio-echo']));
process.exit(0);
