// TLS in process: versions, verification, and peers that only pretend.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import WebSocket from 'ws';
import { startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

async function startTls(t, ...args) {
    const { ca, cert, key } = makeCertificate(t);
    const server = await startServer(t, {
        args: ['--tls-listen', '127.0.0.1:0', '--cert', cert, '--key', key, '--echo', ...args],
    });

    server.ca = readFileSync(ca);
    return server;
}

const options = (server, more = {}) => ({
    host: '127.0.0.1', port: server.tlsPort, servername: 'game.example.com', ca: server.ca, ...more,
});

async function fetchTls(server, path) {
    const [response] = await once(get({ ...options(server), path, agent: false }), 'response');
    const pieces = [];

    for await (const piece of response) pieces.push(piece);
    return { status: response.statusCode, body: Buffer.concat(pieces) };
}

test('the page comes over TLS 1.2 and 1.3, with ALPN http/1.1', async (t) => {
    const server = await startTls(t);

    for (const version of ['TLSv1.2', 'TLSv1.3']) {
        const socket = connectTls(options(server, {
            minVersion: version, maxVersion: version, ALPNProtocols: ['h2', 'http/1.1'],
        }));
        await once(socket, 'secureConnect');
        assert.equal(socket.getProtocol(), version);
        assert.equal(socket.alpnProtocol, 'http/1.1');
        socket.destroy();
    }
    assert.equal((await fetchTls(server, '/healthz')).body.toString(), 'ok\n');
});

test('older versions and foreign protocols are refused', async (t) => {
    const server = await startTls(t);

    for (const more of [
        { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }, { ALPNProtocols: ['h2'] },
    ]) {
        const socket = connectTls(options(server, more));
        await assert.rejects(once(socket, 'secureConnect'));
    }
    assert.equal((await fetchTls(server, '/healthz')).status, 200);
});

test('a WebSocket over TLS carries everything', async (t) => {
    const server = await startTls(t);
    const socket = new WebSocket(`wss://127.0.0.1:${server.tlsPort}/ws/echo`, { ca: server.ca });

    t.after(() => socket.terminate());
    await once(socket, 'open');
    for (const length of [0, 1, 16383, 16384, 16385, 65536, 1000000, 10000000]) {
        const message = Buffer.alloc(length, 'x');
        socket.send(message);
        const [answer] = await once(socket, 'message');
        assert.ok(message.equals(answer), `${length} bytes`);
    }
    socket.close(1000);
    assert.equal((await once(socket, 'close'))[0], 1000);
});

test('many messages to a peer that pauses arrive in order', async (t) => {
    const server = await startTls(t);
    const socket = new WebSocket(`wss://127.0.0.1:${server.tlsPort}/ws/echo`, { ca: server.ca });
    let received = 0;

    t.after(() => socket.terminate());
    await once(socket, 'open');
    socket.on('message', (data) => assert.equal(data.readUInt32LE(0), received++));
    socket.pause();
    for (let i = 0; i < 400; i++) {
        const message = Buffer.alloc(100 + i * 137);
        message.writeUInt32LE(i);
        socket.send(message);
    }
    await new Promise((passed) => setTimeout(passed, 500));
    socket.resume();
    while (received < 400) await once(socket, 'message');
});

test('plain HTTP and garbage on the TLS port get a clean end, without an answer in HTTP', async (t) => {
    const server = await startTls(t);

    for (const bytes of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', '\0\0\0\0\0\0\0\0', '\x16\x03\x01\xff\xff']) {
        const socket = connect(server.tlsPort, '127.0.0.1');
        let answer = '';
        socket.setEncoding('latin1');
        socket.on('data', (text) => (answer += text));
        socket.on('error', () => {}); // a reset is an end, too
        socket.end(Buffer.from(bytes, 'latin1'));
        await new Promise((closed) => socket.on('close', closed));
        assert.doesNotMatch(answer, /HTTP/);
    }
    await server.waitForLog(/event=peer_refused address=127\.0\.0\.1 why="http request" refused=1\n/);
    assert.equal((await fetchTls(server, '/healthz')).status, 200);
});

/* The name of the certificate that a client gets who asks for `servername`. */
async function certificateFor(server, servername) {
    const socket = connectTls(options(server, { servername, rejectUnauthorized: false, checkServerIdentity: () => {} }));

    await once(socket, 'secureConnect');
    const { subject, fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return { name: subject.CN, print: fingerprint256 };
}

test('each name gets its certificate, an unknown one the first', async (t) => {
    const first = makeCertificate(t, ['game.example.com']);
    const second = makeCertificate(t, ['other.example.com', '*.wild.example']);
    const server = await startServer(t, {
        args: [
            '--tls-listen', '127.0.0.1:0', '--cert', first.cert, '--key', first.key, '--cert', second.cert,
            '--key', second.key,
        ],
    });

    for (const [asked, name] of [
        ['game.example.com', 'game.example.com'], ['other.example.com', 'other.example.com'],
        ['OTHER.example.com', 'other.example.com'], ['a.wild.example', 'other.example.com'],
        ['unknown.example', 'game.example.com'], [undefined, 'game.example.com'],
    ])
        assert.equal((await certificateFor(server, asked)).name, name, asked);
});

test('SIGHUP reads the certificate anew, no connection ends, and a broken file changes nothing', async (t) => {
    const { ca, cert, key } = makeCertificate(t);
    const server = await startServer(t, {
        args: ['--tls-listen', '127.0.0.1:0', '--cert', cert, '--key', key, '--echo'],
    });
    const socket = new WebSocket(`wss://127.0.0.1:${server.tlsPort}/ws/echo`, { ca: readFileSync(ca) });
    const echo = async (text) => {
        socket.send(text);
        assert.equal((await once(socket, 'message'))[0].toString(), text);
    };

    t.after(() => socket.terminate());
    await once(socket, 'open');
    const before = await certificateFor(server, 'game.example.com');
    const fresh = makeCertificate(t);
    copyFileSync(fresh.cert, cert);
    server.kill('SIGHUP'); // the key is still the old one
    await server.waitForLog(/event=certificates_kept why=".*key .*game\.example\.com\.key: key values mismatch"/);
    assert.deepEqual(await certificateFor(server, 'game.example.com'), before);
    await echo('still here');

    copyFileSync(fresh.key, key);
    server.kill('SIGHUP');
    await server.waitForLog(/event=certificates_reloaded count=1/);
    assert.notDeepEqual(await certificateFor(server, 'game.example.com'), before);
    await echo('and here');
    assert.equal(server.stderr.match(/certificates_kept/g).length, 1);
});

test('a session is resumed by its ticket, in both versions, also after a reload', async (t) => {
    const server = await startTls(t);

    for (const version of ['TLSv1.2', 'TLSv1.3']) {
        const asked = { minVersion: version, maxVersion: version };
        const first = connectTls(options(server, asked));
        const [session] = await once(first, 'session');
        first.destroy();
        server.kill('SIGHUP');
        await new Promise((passed) => setTimeout(passed, 200));
        const second = connectTls(options(server, { ...asked, session }));
        await once(second, 'secureConnect');
        assert.ok(second.isSessionReused(), version);
        second.destroy();
    }
});

test('a client that wants to renegotiate is refused', async (t) => {
    const server = await startTls(t);
    const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${server.tlsPort}`, '-tls1_2'], {
        stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';

    t.after(() => client.kill());
    for (const stream of [client.stdout, client.stderr]) stream.on('data', (bytes) => (output += bytes));
    while (!output.includes('Verify return code')) await once(client.stdout, 'data');
    client.stdin.write('R\n');
    await once(client, 'close');
    assert.match(output, /RENEGOTIATING[^]*no renegotiation/);
    assert.match(output, /Compression: NONE/);
});

test('half a handshake is cut at the deadline', async (t) => {
    const server = await startTls(t, '--handshake-ms', '300');
    const socket = connect(server.tlsPort, '127.0.0.1');
    const started = Date.now();

    socket.on('error', () => {});
    socket.write(Buffer.from([0x16, 3, 1]));
    await new Promise((closed) => socket.on('close', closed));
    assert.ok(Date.now() - started < 2000);
});

test('SIGTERM ends TLS connections with 1012 too', async (t) => {
    const server = await startTls(t);
    const socket = new WebSocket(`wss://127.0.0.1:${server.tlsPort}/ws/echo`, { ca: server.ca });

    await once(socket, 'open');
    const closed = once(socket, 'close');
    await server.stop();
    assert.equal((await closed)[0], 1012);
});
