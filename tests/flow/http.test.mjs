// HTTP in front of the game: the page's files, the operator's pages, and requests that nobody should send.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { startServer } from '../lib/server.mjs';

const MAPS = new URL('../../assets/maps', import.meta.url).pathname;
const BIG = randomBytes(3_000_000);
const CSS = Array.from({ length: 3000 }, (_, i) => `.row-${i} { color: red; }`).join('\n');

/* A web root with a page, some files and things that must stay hidden. */
function makeWebRoot(t) {
    const root = mkdtempSync(join(tmpdir(), 'tickwire-web-'));

    t.after(() => rmSync(root, { recursive: true }));
    cpSync(MAPS, join(root, 'assets/maps'), { recursive: true }); // rooms want them
    writeFileSync(join(root, 'index.html'), '<title>page</title>');
    writeFileSync(join(root, 'main.js'), 'export {};');
    writeFileSync(join(root, 'page.css'), CSS);
    writeFileSync(join(root, 'tickwire.wasm'), 'wasm');
    writeFileSync(join(root, 'assets/a b.png'), 'png');
    writeFileSync(join(root, 'big.bin'), BIG);
    writeFileSync(join(root, '.secret'), 'secret');
    symlinkSync('/etc/passwd', join(root, 'passwd'));
    symlinkSync('main.js', join(root, 'inside.js'));
    return root;
}

async function startHere(t, ...args) {
    const root = makeWebRoot(t);

    return Object.assign(await startServer(t, { args: ['--web-root', root, ...args] }), { root });
}

/* Sends raw bytes and answers all that comes back until the server ends the stream. */
function exchange(server, bytes, { pauseMs = 0 } = {}) {
    return new Promise((fulfil, reject) => {
        const socket = connect(server.port, '127.0.0.1');
        let answer = '';

        socket.setEncoding('latin1');
        socket.setTimeout(10000, () => socket.destroy(new Error(`no end; so far: ${answer}`)));
        socket.on('data', (text) => (answer += text));
        socket.on('error', reject);
        socket.on('close', () => fulfil(answer));
        (async () => {
            for (const piece of Array.isArray(bytes) ? bytes : [bytes]) {
                socket.write(piece);
                if (pauseMs) await new Promise((passed) => setTimeout(passed, pauseMs));
            }
        })();
    });
}

const head = (...lines) => `${lines.join('\r\n')}\r\n\r\n`;
const statuses = (answer) => [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

test('files have their types, and answers their security headers', async (t) => {
    const server = await startHere(t);
    const types = {
        '/': 'text/html; charset=utf-8',
        '/replays': 'text/html; charset=utf-8',
        '/replay/0123': 'text/html; charset=utf-8',
        '/main.js': 'text/javascript; charset=utf-8',
        '/main.js?v=1': 'text/javascript; charset=utf-8',
        '/inside.js': 'text/javascript; charset=utf-8',
        '/tickwire.wasm': 'application/wasm',
        '/assets/a%20b.png': 'image/png',
    };

    for (const [path, type] of Object.entries(types)) {
        const response = await fetch(server.url + path);
        assert.equal(response.status, 200, path);
        assert.equal(response.headers.get('content-type'), type, path);
        assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
        assert.equal(response.headers.get('referrer-policy'), 'same-origin');
        assert.match(response.headers.get('content-security-policy'), /script-src 'self' 'wasm-unsafe-eval'/);
        assert.doesNotMatch(response.headers.get('content-security-policy'), /unsafe-inline/);
    }
});

test('a big file comes whole, also when its reader pauses', async (t) => {
    const server = await startHere(t);
    const whole = Buffer.from(await (await fetch(`${server.url}/big.bin`)).arrayBuffer());

    assert.ok(whole.equals(BIG));

    const socket = connect(server.port, '127.0.0.1');
    const pieces = [];
    socket.write('GET /big.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await new Promise((passed) => setTimeout(passed, 300));
    for await (const piece of socket) pieces.push(piece);
    const answer = Buffer.concat(pieces);
    assert.ok(answer.subarray(answer.indexOf('\r\n\r\n') + 4).equals(BIG));
});

test('what the client has is not sent again', async (t) => {
    const server = await startHere(t);
    const first = await fetch(`${server.url}/main.js`);
    const etag = first.headers.get('etag');

    assert.match(etag, /^"[0-9a-f-]+"$/);
    const second = await fetch(`${server.url}/main.js`, { headers: { 'If-None-Match': `"x", ${etag}` } });
    assert.equal(second.status, 304);
    assert.equal(await second.text(), '');
    assert.equal((await fetch(`${server.url}/main.js`, { headers: { 'If-None-Match': '"x"' } })).status, 200);
});

test('who takes gzip gets text compressed, once for all', async (t) => {
    const server = await startHere(t);
    const ask = (path, coding, more = {}) => new Promise((fulfil, reject) => {
        const headers = { ...(coding && { 'Accept-Encoding': coding }), ...more };
        get(server.url + path, { headers }, async (response) => {
            const pieces = [];
            for await (const piece of response) pieces.push(piece);
            fulfil({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) });
        }).on('error', reject);
    });

    const plain = await ask('/page.css');
    assert.deepEqual(plain.body.toString(), CSS);
    assert.equal(plain.headers['content-encoding'], undefined);
    assert.equal(plain.headers.vary, 'Accept-Encoding');
    for (const coding of ['gzip', 'br, GZIP;q=0.5', 'deflate,gzip ; q=1.0', 'gzip;q=0.001']) {
        const small = await ask('/page.css', coding);
        assert.equal(small.headers['content-encoding'], 'gzip', coding);
        assert.equal(small.headers.vary, 'Accept-Encoding');
        assert.ok(small.body.length < CSS.length / 4);
        assert.equal(gunzipSync(small.body).toString(), CSS);
        assert.notEqual(small.headers.etag, plain.headers.etag);
        const again = await ask('/page.css', coding, { 'If-None-Match': small.headers.etag });
        assert.deepEqual([again.status, again.headers.etag, again.body.length], [304, small.headers.etag, 0]);
    }
    for (const coding of ['identity', 'gzip;q=0', 'gzip; q=0.00', 'gzipped', 'br'])
        assert.equal((await ask('/page.css', coding)).headers['content-encoding'], undefined, coding);
    for (const path of ['/main.js', '/big.bin', '/assets/a%20b.png']) // too small, or of no such type
        assert.equal((await ask(path, 'gzip')).headers['content-encoding'], undefined, path);
    writeFileSync(join(server.root, 'page.css'), `${CSS}\n/* new */`);
    assert.equal(gunzipSync((await ask('/page.css', 'gzip')).body).toString(), `${CSS}\n/* new */`);
});

test('HEAD is GET without the body', async (t) => {
    const server = await startHere(t);
    const answer = await exchange(server, 'HEAD /main.js HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');

    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answer, /Content-Length: 10\r\n/);
    assert.match(answer, /\r\n\r\n$/);
});

test('no path leads out of the root', async (t) => {
    const server = await startHere(t);
    const paths = {
        '/../etc/passwd': 404, '/%2e%2e/etc/passwd': 404, '/assets/../../etc/passwd': 404, '/assets/..%2f..%2fx': 404,
        '/%252e%252e/etc/passwd': 404, '/..%5cetc': 400, '/a%00.js': 400, '/%zz': 400, '/%2': 400, '//etc/passwd': 404,
        '/passwd': 404, '/.secret': 404, '/assets/': 404, '/assets': 404, '/main.js/': 404, '/no-such-file': 404,
        [`/${'a'.repeat(1900)}`]: 404, [`/${'a'.repeat(2100)}`]: 414,
    };

    for (const [path, status] of Object.entries(paths)) {
        const answer = await exchange(server, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        assert.deepEqual(statuses(answer), [status], path);
        assert.doesNotMatch(answer, /root:|secret/);
    }
});

test("the operator's pages answer, to this machine only", async (t) => {
    const server = await startHere(t);
    const get = (path, headers) => fetch(server.url + path, { headers });

    assert.equal(await (await get('/healthz')).text(), 'ok\n');
    assert.equal(await (await get('/readyz')).text(), 'ready\n');
    assert.ok(Array.isArray(await (await get('/api/rooms')).json()));
    const metrics = await (await get('/metrics')).text();
    assert.match(metrics, /^tickwire_connections \d+$/m);
    assert.match(metrics, /^tickwire_tick_start_delay_seconds_bucket\{le="0\.001"\} \d+$/m);
    assert.match(metrics, /^# TYPE tickwire_gate_ticks_total counter$/m);

    for (const path of ['/metrics', '/api/rooms', '/api/recordings'])
        assert.equal((await get(path, { 'X-Forwarded-For': '203.0.113.7' })).status, 403);
    const open = await startHere(t, '--ops-public');
    assert.equal((await fetch(`${open.url}/metrics`, { headers: { 'X-Forwarded-For': '203.0.113.7' } })).status, 200);
});

test('anyone may see which rooms there are, unless the operator says no', async (t) => {
    const elsewhere = { headers: { 'X-Forwarded-For': '203.0.113.7' } };
    const open = await startHere(t, '--room', 'arena,bots=3,players=40', '--room', 'grass,game=snake,players=16');
    const answer = await fetch(`${open.url}/rooms`, elsewhere);

    assert.equal(answer.headers.get('content-type'), 'application/json');
    // Nothing more than this is for everyone.
    assert.deepEqual(await answer.json(), [
        { name: 'arena', game: 'skirmish', players: 0, players_max: 40 },
        { name: 'grass', game: 'snake', players: 0, players_max: 16 },
    ]);
    const shut = await startHere(t, '--rooms-public=false');
    assert.equal((await fetch(`${shut.url}/rooms`, elsewhere)).status, 403);
    assert.equal((await fetch(`${shut.url}/rooms`)).status, 200);
});

test('other methods are refused with what is allowed', async (t) => {
    const server = await startHere(t);
    const post = await fetch(`${server.url}/main.js`, { method: 'POST' });

    assert.equal(post.status, 405);
    assert.equal(post.headers.get('allow'), 'GET, HEAD');
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
        const answer = await exchange(server, head(`${method} / HTTP/1.1`, 'Host: x', 'Connection: close'));
        assert.deepEqual(statuses(answer), [405], method);
        assert.match(answer, /\r\nAllow: GET, HEAD\r\n/);
    }
    assert.deepEqual(statuses(await exchange(server, 'BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n')), [501]);
});

test('a name that is not ours gets 421, where names are configured', async (t) => {
    const server = await startHere(t, '--hosts', 'game.example.com,127.0.0.1');
    const ask = (host) => exchange(server, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

    assert.deepEqual(statuses(await ask('Game.example.com:443')), [200]);
    assert.deepEqual(statuses(await ask('127.0.0.1')), [200]);
    assert.deepEqual(statuses(await ask('evil.example')), [421]);
});

const malformed = [
    ['no Host', head('GET / HTTP/1.1'), 400],
    ['two Hosts', head('GET / HTTP/1.1', 'Host: a', 'Host: b'), 400],
    ['two lengths', head('GET / HTTP/1.1', 'Host: a', 'Content-Length: 0', 'Content-Length: 0'), 400],
    ['a length and chunks', head('GET / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
    ['chunks', head('GET / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked'), 411],
    ['another coding', head('GET / HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip'), 501],
    ['a signed length', head('GET / HTTP/1.1', 'Host: a', 'Content-Length: +1'), 400],
    ['a body', `${head('GET / HTTP/1.1', 'Host: a', 'Content-Length: 5')}GET /`, 413],
    ['a folded line', head('GET / HTTP/1.1', 'Host: a', 'X: a', ' b'), 400],
    ['a bare LF', 'GET / HTTP/1.1\nHost: a\n\n', 400],
    ['a bare CR', head('GET / HTTP/1.1', 'Host: a\rX: b'), 400],
    ['a space before the colon', head('GET / HTTP/1.1', 'Host : a'), 400],
    ['a NUL', head('GET / HTTP/1.1', 'Host: a', 'X: \0'), 400],
    ['no version', head('GET /'), 400],
    ['HTTP/2', head('GET / HTTP/2.0', 'Host: a'), 505],
    ['two spaces', head('GET  / HTTP/1.1', 'Host: a'), 400],
    ['a target that is no path', head('GET main.js HTTP/1.1', 'Host: a'), 400],
    ['65 headers', head('GET / HTTP/1.1', 'Host: a', ...Array(64).fill('X: y')), 431],
    ['a long head', head('GET / HTTP/1.1', 'Host: a', `X: ${'y'.repeat(9000)}`), 431],
    ['an expectation', head('GET / HTTP/1.1', 'Host: a', 'Expect: tea'), 417],
    ['a body that waits to be asked for', head('GET / HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Expect: 100-continue'), 413],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00', 400],
];
test('what could be read in two ways is refused, and the stream ends', async (t) => {
    const server = await startHere(t);

    for (const [what, bytes, status] of malformed)
        assert.deepEqual(statuses(await exchange(server, Buffer.from(bytes, 'latin1'))), [status], what);
    assert.equal((await fetch(server.url)).status, 200);
});

test('a refusal is small, whatever provokes it, and has its security headers', async (t) => {
    const server = await startHere(t, '--hosts', 'a', '--handshake-ms', '300');
    const close = 'Connection: close';
    const refused = [
        ...malformed.map(([, bytes]) => bytes),
        head('GET /none HTTP/1.1', 'Host: a', close), head('PUT / HTTP/1.1', 'Host: a', close),
        head('GET / HTTP/1.1', 'Host: b', close), 'G',
        head('GET /metrics HTTP/1.1', 'Host: a', close, 'X-Forwarded-For: 203.0.113.7'),
    ];

    for (const bytes of refused) {
        const answer = await exchange(server, Buffer.from(bytes, 'latin1'));
        assert.ok(answer.length <= bytes.length + 200, `${answer.length} bytes for ${bytes.length}: ${answer}`);
        assert.match(answer, /^HTTP\/1\.1 4|^HTTP\/1\.1 5/);
        assert.match(answer, /\r\nX-Content-Type-Options: nosniff\r\n[^]*\r\nContent-Security-Policy: default-src 'none'\r\n/);
    }
});

test('who asks for a WebSocket in plain HTTP is told so in few bytes, too', async (t) => {
    const server = await startHere(t);

    for (const bytes of [head('GET /ws/updates HTTP/1.0'), head('GET /ws/updates HTTP/1.1', 'Host:a')]) {
        const answer = await exchange(server, Buffer.from(bytes));
        assert.ok(answer.length <= bytes.length + 200, `${answer.length} bytes for ${bytes.length}: ${answer}`);
        assert.match(answer, /^HTTP\/1\.1 426 [^]*\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n/);
        assert.match(answer, /\r\nX-Content-Type-Options: nosniff\r\n/);
    }
});

test('requests one behind the other are answered in order, also byte by byte', async (t) => {
    const server = await startHere(t);
    const requests = head('GET /main.js HTTP/1.1', 'Host: a') + head('GET /no HTTP/1.1', 'Host: a') +
        head('GET /big.bin HTTP/1.1', 'Host: a') + head('GET http://b/main.js HTTP/1.1', 'Host: a', 'Connection: close');

    assert.deepEqual(statuses(await exchange(server, requests)), [200, 404, 200, 200]);
    const slow = [...head('GET /main.js HTTP/1.1', 'Host: a', 'Connection: close')];
    assert.deepEqual(statuses(await exchange(server, slow, { pauseMs: 1 })), [200]);
    assert.deepEqual(statuses(await exchange(server, head('GET / HTTP/1.0'))), [200]);
});

test('who does not ask in time is cut, whatever the pace', async (t) => {
    const server = await startHere(t, '--handshake-ms', '300');
    const started = Date.now();
    const drip = async (bytes) => statuses(await exchange(server, bytes, { pauseMs: 50 }));

    assert.deepEqual(await drip([]), []);
    assert.deepEqual(await drip([...'GET / HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaa']), [408]);
    assert.ok(Date.now() - started < 5000);
});

test('an idle connection is closed, and so is one that asked enough', async (t) => {
    const server = await startHere(t, '--keepalive-ms', '200', '--keepalive-requests-max', '2');
    const one = head('GET /main.js HTTP/1.1', 'Host: a');

    assert.deepEqual(statuses(await exchange(server, one)), [200]);
    assert.deepEqual(statuses(await exchange(server, one.repeat(3))), [200, 200]);
});

test('at SIGTERM readiness fails, idle connections end, and the exit code is 0', async (t) => {
    const server = await startHere(t);
    const idle = exchange(server, head('GET /readyz HTTP/1.1', 'Host: a'));

    await new Promise((passed) => setTimeout(passed, 200));
    const started = Date.now();
    await server.stop();
    assert.deepEqual(statuses(await idle), [200]);
    assert.ok(Date.now() - started < 3000);
});
