// How many connections an address may have: counted where they come from, also behind a proxy.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const GET = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';

async function metric(server, name) {
    const text = await (await fetch(`${server.url}/metrics`)).text();

    return Number(text.split('\n').find((line) => line.startsWith(`tickwire_${name} `)).split(' ')[1]);
}

/* Connects and asks; answers the socket and what came first: the status, or undefined at an end. */
async function ask(t, server, bytes = GET) {
    const socket = connect(server.port, '127.0.0.1');

    t.after(() => socket.destroy());
    socket.on('error', () => {});
    socket.write(bytes);
    const status = await new Promise((fulfil) => {
        socket.once('data', (data) => fulfil(Number(/^HTTP\/1\.1 (\d+)/.exec(data)?.[1])));
        socket.once('close', () => fulfil(undefined));
    });
    return { socket, status };
}

/* The header of the PROXY protocol's version 2 for a client of that IPv4 address. */
function proxyHeader(ip, { command = 0x21, tlv = '' } = {}) {
    const head = Buffer.from('\r\n\r\n\0\r\nQUIT\n\0\0\0\0', 'latin1');
    const ports = Buffer.from([0x30, 0x39, 0, 80]);
    const addresses = Buffer.from([...ip.split('.').map(Number), 127, 0, 0, 1]);

    head[12] = command;
    head[13] = 0x11;
    head[15] = 12 + tlv.length;
    return Buffer.concat([head, addresses, ports, Buffer.from(tlv)]);
}

test('an address has so many connections, and no more', async (t) => {
    const server = await startServer(t, { args: ['--caps-for-loopback', '--address-sockets-max', '5', '--workers', '2'] });
    const first = await Promise.all([1, 2, 3, 4, 5].map(() => ask(t, server)));

    assert.deepEqual(first.map(({ status }) => status), Array(5).fill(200));
    for (let i = 0; i < 4; i++) assert.equal((await ask(t, server)).status, undefined);
    await server.waitForLog(/event=peer_refused address=127\.0\.0\.1 why="too many connections" refused=1\n/);
    first[0].socket.destroy();
    await sleep(200);
    assert.equal((await ask(t, server)).status, 200);
    assert.equal(server.stderr.match(/event=peer_refused/g).length, 1);
    first.slice(1).forEach(({ socket }) => socket.destroy());
    await sleep(200);
    assert.ok((await metric(server, 'capped_total{why="sockets"}')) >= 4);
});

test('who is refused is logged once, with the reason and nothing of its bytes', async (t) => {
    const server = await startServer(t, { args: ['--echo'] });
    const evil = 'GET /\x1b[31m\r\nevent=forged level=error\r\n\r\n';

    for (let i = 0; i < 20; i++) assert.equal((await ask(t, server, evil)).status, 400);
    await server.waitForLog(/event=peer_refused address=127\.0\.0\.1 why="Bad Request" refused=1\n/);
    await sleep(200);
    assert.equal(server.stderr.match(/event=peer_refused/g).length, 1);
    assert.doesNotMatch(server.stderr, /forged|\x1b/);
});

test('a WebSocket that breaks a rule is logged by its reason', async (t) => {
    const server = await startServer(t, { args: ['--echo'] });
    const socket = new WebSocket(`${server.wsUrl}/ws/echo`);

    t.after(() => socket.terminate());
    await once(socket, 'open');
    socket._socket.write(Buffer.from([0x81, 1, 97])); // not masked
    assert.equal((await once(socket, 'close'))[0], 1002);
    await server.waitForLog(/event=peer_refused address=127\.0\.0\.1 why=".*mask.*" refused=1\n/);
});

test('an address opens so many a second', async (t) => {
    const server = await startServer(t, {
        args: ['--caps-for-loopback', '--address-burst', '10', '--address-new-per-s', '10'],
    });
    const statuses = [];

    for (let i = 0; i < 14; i++) {
        const { socket, status } = await ask(t, server);
        statuses.push(status);
        socket.destroy();
    }
    assert.deepEqual(statuses.slice(0, 10), Array(10).fill(200));
    assert.ok(statuses.slice(10).filter((status) => status === undefined).length >= 2);
    await sleep(1000);
    assert.equal((await ask(t, server)).status, 200);
});

test('this machine is exempt, but not those whom its proxy forwards', async (t) => {
    const server = await startServer(t, { args: ['--echo', '--address-sockets-max', '2', '--address-burst', '2'] });
    const open = (headers) => new Promise((fulfil) => {
        const socket = new WebSocket(`${server.wsUrl}/ws/echo`, { headers });
        t.after(() => socket.terminate());
        socket.on('error', () => {});
        socket.on('open', () => fulfil(101));
        socket.on('unexpected-response', (_, response) => fulfil(response.statusCode));
    });

    for (let i = 0; i < 10; i++) assert.equal(await open({}), 101);
    assert.equal(await open({ 'X-Forwarded-For': '203.0.113.7' }), 101);
    assert.equal(await open({ 'X-Forwarded-For': 'forged, 203.0.113.7' }), 101);
    assert.equal(await open({ 'X-Forwarded-For': '203.0.113.7' }), 429);
    assert.equal(await open({ 'X-Forwarded-For': '203.0.113.8, 203.0.113.7' }), 429);
    assert.equal(await open({ 'X-Forwarded-For': '203.0.113.8' }), 101);
    await server.waitForLog(/event=peer_refused address=203\.0\.113\.7 /);
    assert.equal(await metric(server, 'capped_total{why="sockets"}'), 2);
});

test('whom a proxy forwards has so many requests, as many as it likes for itself', async (t) => {
    const server = await startServer(t, {
        args: ['--address-requests-burst', '5', '--address-requests-per-s', '1', '--address-new-per-s', '1', '--address-burst', '1'],
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const statusFor = async (address) => {
        const headers = address ? { 'X-Forwarded-For': address } : {};
        const [response] = await once(get(`${server.url}/healthz`, { agent, headers }), 'response');
        response.resume();
        await once(response, 'end');
        return [response.statusCode, response.headers['retry-after']];
    };

    t.after(() => agent.destroy());
    for (let i = 0; i < 5; i++) assert.deepEqual(await statusFor('203.0.113.7'), [200, undefined]);
    assert.deepEqual(await statusFor('203.0.113.7'), [429, '5']);
    // On the same connection the proxy serves others, and itself.
    assert.deepEqual(await statusFor('203.0.113.8'), [200, undefined]);
    for (let i = 0; i < 20; i++) assert.equal((await statusFor())[0], 200);
    await server.waitForLog(/event=peer_refused address=203\.0\.113\.7 why="requests too fast" /);
    await sleep(1100);
    assert.equal((await statusFor('203.0.113.7'))[0], 200);
    assert.equal(await metric(server, 'capped_total{why="requests"}'), 1);
});

test('a download that a proxy asks for counts as a connection of its client, until it has left', async (t) => {
    const server = await startServer(t, { args: ['--address-sockets-max', '2'] });
    const download = () => {
        const socket = connect(server.port, '127.0.0.1').pause();
        t.after(() => socket.destroy());
        socket.on('error', () => {});
        socket.write('GET /tickwire.wasm HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n'.repeat(100));
        return socket;
    };
    const status = async () => (await fetch(`${server.url}/healthz`, { headers: { 'X-Forwarded-For': '203.0.113.7' } })).status;
    const becomes = async (wanted) => {
        for (let i = 0; i < 250 && (await status()) !== wanted; i++) await sleep(20);
        assert.equal(await status(), wanted);
    };
    const downloads = [download(), download()];

    await becomes(429);
    downloads[0].destroy();
    await becomes(200);
});

test('a PROXY header of a trusted proxy says who asks', async (t) => {
    const server = await startServer(t, { args: ['--address-sockets-max', '2'] });
    const header = proxyHeader('203.0.113.7');
    const metrics = GET.replace('healthz', 'metrics');
    const from = (bytes, request = GET) => ask(t, server, Buffer.concat([bytes, Buffer.from(request)]));

    assert.equal((await from(header)).status, 200);
    assert.equal((await from(proxyHeader('203.0.113.9'), metrics)).status, 403);
    assert.equal((await from(proxyHeader('203.0.113.9', { tlv: 'xxxxx' }))).status, 200);
    assert.equal((await from(proxyHeader('203.0.113.7', { command: 0x20 }), metrics)).status, 200);
    assert.equal((await from(header)).status, 200);
    assert.equal((await from(header)).status, undefined);
    assert.equal((await from(Buffer.concat([header, header]))).status, undefined); // one is enough
    assert.equal((await from(Buffer.from('\r\n\r\nGET'))).status, undefined);

    // Byte by byte.
    const socket = connect(server.port, '127.0.0.1');
    t.after(() => socket.destroy());
    for (const byte of Buffer.concat([proxyHeader('203.0.113.10'), Buffer.from(GET)])) {
        socket.write(Buffer.from([byte]));
        await sleep(2);
    }
    assert.match((await once(socket, 'data'))[0].toString(), /^HTTP\/1\.1 200 /);
});

test('a PROXY header of anyone else is no request', async (t) => {
    const server = await startServer(t, { args: ['--trusted-proxies', '192.0.2.1'] });

    assert.equal((await ask(t, server, proxyHeader('203.0.113.7'))).status, 400);
});

test('a PROXY header may stand in front of TLS', async (t) => {
    const { ca, cert, key } = makeCertificate(t);
    const server = await startServer(t, { args: ['--tls-listen', '127.0.0.1:0', '--cert', cert, '--key', key] });
    const socket = connect(server.tlsPort, '127.0.0.1');

    socket.write(proxyHeader('203.0.113.7'));
    const secure = connectTls({ socket, servername: 'game.example.com', ca: readFileSync(ca) });
    t.after(() => secure.destroy());
    await once(secure, 'secureConnect');
    secure.write(GET.replace('healthz', 'metrics'));
    assert.match((await once(secure, 'data'))[0].toString(), /^HTTP\/1\.1 403 /);
});

test('beyond nine tenths of the descriptors new ones are told to come back', async (t) => {
    const server = await startServer(t, { args: ['--workers', '1'], descriptors: 120 });
    const all = [];
    let refused;

    for (let i = 0; i < 120 && !refused; i++) {
        const answer = await ask(t, server);
        all.push(answer);
        if (answer.status !== 200) refused = answer;
    }
    assert.equal(refused.status, 503);
    assert.ok(all.length > 50 && all.length < 108, String(all.length));
    all.forEach(({ socket }) => socket.destroy());
    await sleep(300);
    assert.equal((await ask(t, server)).status, 200);
});

test('without any descriptor left nothing spins, and it goes on when there are some again', async (t) => {
    const server = await startServer(t, { args: ['--workers', '2'], descriptors: 200 });
    const cpuMs = () => {
        const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
        return (Number(fields[11]) + Number(fields[12])) * 10;
    };

    server.limitDescriptors(10); // fewer than it has
    const waiting = [1, 2, 3, 4, 5].map(() => connect(server.port, '127.0.0.1').on('error', () => {}));
    t.after(() => waiting.forEach((socket) => socket.destroy()));
    await sleep(500);
    const before = cpuMs();
    await sleep(1000);
    assert.ok(cpuMs() - before < 400, `${cpuMs() - before} ms of CPU in a second`);
    server.limitDescriptors(200);
    assert.equal((await ask(t, server)).status, 200);
});
