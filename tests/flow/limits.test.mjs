// Each limit of server/README.md: its row names a key and its default as --help has them, and the counter
// of /metrics that moves when someone is refused for it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { BINARY, frame, fragments, ping, text, TEXT } from '../conformance/frames.mjs';
import { connectPeer, handshake } from '../conformance/peer.mjs';
import { runProgram, startServer } from '../lib/server.mjs';

const README = readFileSync(new URL('../../server/README.md', import.meta.url), 'utf8');
const UPDATES = '/ws/updates';

const file = { ends: [], after: (end) => file.ends.push(end) };
let server;

before(async () => {
    server = await startServer(file, {
        args: [
            '--hosts', 'game.example.com,127.0.0.1', '--handshake-ms', '400', '--message-ms', '400', '--ping-ms', '300',
            '--pong-ms', '300', '--address-sockets-max', '3', '--address-burst', '4', '--address-new-per-s', '1',
            '--address-requests-burst', '6', '--address-requests-per-s', '1', '--stall-ms', '1000', '--close-ms', '300',
            '--keepalive-ms', '300', '--json-tokens-max', '64',
        ],
    });
});
after(async () => {
    for (const end of file.ends) await end();
});

/* On a connection of its own: one kept by fetch() might just be ended as idle. */
async function counters() {
    const page = await exchange(head('GET /metrics HTTP/1.1', 'Host: 127.0.0.1', 'Connection: close'));

    return Object.fromEntries([...page.matchAll(/^tickwire_(\S+) (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]));
}

/* Sends raw bytes, and goes on sending while the answer comes; answers it. */
function exchange(...pieces) {
    return new Promise((fulfil) => {
        const socket = connect(server.port, '127.0.0.1');
        let answer = '';

        socket.setEncoding('latin1');
        socket.on('data', (data) => (answer += data));
        socket.on('error', () => {});
        socket.on('close', () => fulfil(answer));
        for (const piece of pieces) socket.write(piece);
    });
}

const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;
const get = (...lines) => head('GET /healthz HTTP/1.1', 'Host: game.example.com', ...lines);
const from = (address) => get(`X-Forwarded-For: ${address}`, 'Connection: close');

/* A WebSocket that says these frames, and waits for its end. */
const say = (frames, { headers } = {}) => exchange(Buffer.concat([handshake(UPDATES, headers), ...frames]));

/* One that asks for the same again and again, and reads nothing. */
async function deaf(request, count) {
    const socket = connect(server.port, '127.0.0.1').pause();

    socket.on('error', () => {});
    socket.write(request.repeat(count));
    await sleep(2500);
    socket.destroy();
}

const several = (count, make) => Array.from({ length: count }, make);
const HELLO = text('{"type":"hello"}');
const BOMB = deflateRawSync(Buffer.alloc(100000), { finishFlush: 2 }).subarray(0, -4);

/* Which counter moves when someone does what. */
const refusals = [
    ['a head that does not end', 'http_timeouts_total', () => exchange('GET / HTTP/1.1\r\nHost:')],
    ['a silent socket', 'http_timeouts_total', () => exchange()],
    ['a head of 9000 bytes', 'http_refused_total{why="head"}', () => exchange(get(`X: ${'y'.repeat(9000)}`))],
    ['65 header fields', 'http_refused_total{why="head"}', () => exchange(get(...several(64, () => 'X: y')))],
    ['a body', 'http_refused_total{why="body"}', () => exchange(get('Content-Length: 5'), 'hello')],
    ['two lengths', 'http_refused_total{why="rule"}', () => exchange(get('Content-Length: 0', 'Content-Length: 0'))],
    ['a host that is not ours', 'http_refused_total{why="host"}', () => exchange(head('GET / HTTP/1.1', 'Host: evil.example', 'Connection: close'))],
    ['a foreign Origin', 'http_refused_total{why="access"}', () => say([], { headers: { Origin: 'https://evil.example' } })],
    ['5 connections of an address', 'capped_total{why="sockets"}', () =>
        Promise.all(several(5, () => say([], { headers: { 'X-Forwarded-For': '203.0.113.1' } })))],
    ['5 connections of an address, one after the other', 'capped_total{why="rate"}', async () => {
        for (let i = 0; i < 6; i++) await say([frame(8)], { headers: { 'X-Forwarded-For': '203.0.113.2' } });
    }],
    ['7 requests of an address', 'capped_total{why="requests"}', async () => {
        for (let i = 0; i < 7; i++) await exchange(from('203.0.113.3'));
    }],
    ['a frame without a mask', 'websocket_breaches_total{why="protocol"}', () => say([text('{}', { key: null })])],
    ['text that is no UTF-8', 'websocket_breaches_total{why="data"}', () => say([text([0xff])])],
    ["a stranger's message of 1025 bytes", 'websocket_breaches_total{why="size"}', () => say([text('x'.repeat(1025))])],
    ["a player's message of 4097 bytes", 'websocket_breaches_total{why="size"}', () => say([HELLO, text('x'.repeat(4097))])],
    ['a small message that inflates to more', 'websocket_breaches_total{why="size"}', () =>
        say([text(BOMB, { rsv: 4 })], { headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } })],
    ["a stranger's 5 fragments", 'websocket_breaches_total{why="fragments"}', () => say(fragments(BINARY, Array(5).fill('')))],
    ['a message that does not end', 'websocket_breaches_total{why="time"}', () => say([frame(TEXT, '{', { fin: false })])],
    ["a stranger's 80 messages", 'rate_limited_total{why="messages"}', () => say([HELLO, ...several(80, () => text('{"type":"input"}'))])],
    ["a stranger's 25 KB", 'rate_limited_total{why="bytes"}', () => say([HELLO, ...several(25, () => text('{"type":"input"}'.padEnd(1000)))])],
    ["a stranger's 26 pings", 'rate_limited_total{why="controls"}', () => say(several(26, () => ping('')))],
    ['JSON 9 deep', 'inputs_refused_total', () => say([HELLO, text('{"type":'.repeat(9) + '1' + '}'.repeat(9)), frame(8)])],
    ['JSON of 65 tokens', 'inputs_refused_total', () => say([HELLO, text(`[${'0,'.repeat(63)}0]`), frame(8)])],
    ['who answers no ping', 'silent_closed_total', () => say([])],
    ['who takes nothing', 'stalled_closed_total', () => deaf(head('GET /tickwire.wasm HTTP/1.1', 'Host: game.example.com'), 200)],
];
test('what is refused is counted by its reason', async () => {
    for (const [what, counter, refuse] of refusals) {
        const already = (await counters())[counter];

        await refuse();
        assert.ok((await counters())[counter] > already, `${what}: ${counter} stays ${already}`);
    }
});

test('the table of limits has the keys, defaults and counters that there are', async () => {
    const help = (await runProgram('tickwire-server', ['--help'])).stdout;
    const defaults = new Map([...help.matchAll(/^ {2}--(\S+) N .*default (\d+)\)$/gm)].map(([, flag, value]) => [flag.replaceAll('-', '_'), value]));
    const [, table] = /^## Limits\n[^]*?\n\|(?: key .*)\n\|[-|]+\n([^]*?)\n\n/m.exec(README);
    const named = new Set();
    const known = await counters();

    for (const line of table.split('\n')) {
        const [, key, value, , counter] = line.split(/ *(?<!\\)\| */);
        const name = key.replaceAll('`', '');
        if (name !== '') {
            assert.equal(value.replaceAll(' ', ''), defaults.get(name), line);
            named.add(name);
        }
        for (const [, one] of counter.matchAll(/`([^`]+)`/g)) assert.ok(one in known, `${one} is no counter: ${line}`);
    }
    const all = [...defaults.keys()];
    const missing = all.slice(all.indexOf('drain_ms'), all.indexOf('close_ms') + 1).filter((key) => !named.has(key));
    assert.deepEqual(missing, [], 'limits without a row');
});

test('the tables of close codes and statuses have all that there are', () => {
    const source = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    const section = (name) => new RegExp(`^## ${name}\\n([^]*?)(?=^## |$(?![^]))`, 'm').exec(README)[1];
    const closes = [...source('shared/ws_close.h').matchAll(/WS_CLOSE_\w+ = (\d{4}),(?!.*never on the wire)/g)];
    const statuses = [...source('server/http/http_conn.c').matchAll(/^ {4}\{([45]\d\d), "/gm)];

    assert.ok(closes.length >= 12 && statuses.length >= 10);
    for (const [, code] of closes) assert.match(section('Close codes of WebSockets'), new RegExp(`\\b${code}\\b`), code);
    for (const [, status] of statuses) assert.match(section('HTTP statuses'), new RegExp(`\\b${status}\\b`), status);
});
