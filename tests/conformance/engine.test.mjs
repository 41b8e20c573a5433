// Engine.IO protocol 4 against the bare echo: what its public suite asks of a server, and the order
// rules beyond it. With one worker, and with four, where most requests meet the wrong one first.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, Engine, Wire } from '../lib/engine.mjs';
import { startServer } from '../lib/server.mjs';

const PING_MS = 300;
const TIMEOUT_MS = 200;
const MAX_PAYLOAD = 1000000;
const ARGS = ['--sio-echo', '--sio-ping-ms', `${PING_MS}`, '--sio-ping-timeout-ms', `${TIMEOUT_MS}`];

const cleanup = [];
const start = (...args) => startServer({ after: (what) => cleanup.push(what) }, { args: [...ARGS, ...args] });
const servers = {
    'one worker': await start('--workers', '1'),
    'four workers': await start('--workers', '4', '--node-id', 'n1'),
};
/* For what a ping must not come between. */
const patient = await startServer({ after: (what) => cleanup.push(what) }, {
    args: ['--sio-echo', '--workers', '4', '--sio-upgrade-timeout-ms', '300'],
});

function each(name, run) {
    for (const [where, server] of Object.entries(servers))
        test(`${name}, ${where}`, (t) => run(t, new Engine(`${server.url}/engine.io/`), server));
}

function patiently(name, run) {
    test(name, (t) => run(t, new Engine(`${patient.url}/engine.io/`), patient));
}

const KEYS = ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades'];

function checkHandshake(open, upgrades) {
    assert.deepEqual(Object.keys(open).sort(), KEYS);
    assert.equal(typeof open.sid, 'string');
    assert.deepEqual(
        [open.upgrades, open.pingInterval, open.pingTimeout, open.maxPayload],
        [upgrades, PING_MS, TIMEOUT_MS, MAX_PAYLOAD],
    );
}

/* ---- handshake ---- */

each('polling opens a session', async (t, engine, server) => {
    const answer = await ask(engine.address({}));

    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=UTF-8');
    assert.equal(answer.headers['cache-control'], 'no-store');
    checkHandshake(JSON.parse(answer.text.slice(1)), ['websocket']);
    const { sid } = JSON.parse(answer.text.slice(1));
    assert.match(sid, server === servers['one worker'] ? /^0\.[\w-]{22}$/ : /^n1\.[0-3]\.[\w-]{22}$/);
});

each('a WebSocket opens a session', async (t, engine) => {
    checkHandshake((await engine.socket(t)).handshake, []);
});

const REFUSALS = [
    ['no EIO', { url: '?transport=polling' }, 400, 5, 'Unsupported protocol version'],
    ['a foreign EIO', { url: '?EIO=abc&transport=polling' }, 400, 5, 'Unsupported protocol version'],
    ['EIO 3', { url: '?EIO=3&transport=polling' }, 400, 5, 'Unsupported protocol version'],
    ['no transport', { url: '?EIO=4' }, 400, 0, 'Transport unknown'],
    ['a foreign transport', { url: '?EIO=4&transport=abc' }, 400, 0, 'Transport unknown'],
    ['a prototype name as transport', { url: '?EIO=4&transport=constructor' }, 400, 0, 'Transport unknown'],
    ['another one', { url: '?EIO=4&transport=__proto__' }, 400, 0, 'Transport unknown'],
    ['the last of two transports counts', { url: '?EIO=4&transport=polling&transport=a' }, 400, 0, 'Transport unknown'],
    ['POST without a session', { url: '?EIO=4&transport=polling', method: 'POST' }, 400, 2, 'Bad handshake method'],
    ['PUT without a session', { url: '?EIO=4&transport=polling', method: 'PUT' }, 400, 2, 'Bad handshake method'],
    ['OPTIONS without CORS', { url: '?EIO=4&transport=polling', method: 'OPTIONS' }, 400, 2, 'Bad handshake method'],
    ['a WebSocket that is none', { url: '?EIO=4&transport=websocket' }, 400, 3, 'Bad request'],
    ['an unknown session', { url: '?EIO=4&transport=polling&sid=abc' }, 400, 1, 'Session ID unknown'],
    ['one that cannot be', { url: `?EIO=4&transport=polling&sid=${'a'.repeat(500)}` }, 400, 1, 'Session ID unknown'],
    ['one of another node', { url: `?EIO=4&transport=polling&sid=n9.0.${'a'.repeat(22)}` }, 400, 1, 'Session ID unknown'],
    ['one of no worker', { url: `?EIO=4&transport=polling&sid=n1.99.${'a'.repeat(22)}` }, 400, 1, 'Session ID unknown'],
    ['a guess', { url: `?EIO=4&transport=polling&sid=n1.2.${'a'.repeat(21)}A` }, 400, 1, 'Session ID unknown'],
    ['a broken escape', { url: '?EIO=4&transport=polling&sid=%zz' }, 400, 1, 'Session ID unknown'],
];

for (const [what, { url, method }, status, code, message] of REFUSALS)
    each(`refused: ${what}`, async (t, engine) => {
        const answer = await ask(engine.url + url, { method });

        assert.deepEqual([answer.status, JSON.parse(answer.text)], [status, { code, message }]);
        assert.match(answer.headers['content-type'], /^application\/json/);
    });

each('a session has its own EIO and transport, and GET and POST alone', async (t, engine) => {
    const sid = await engine.open();
    const code = async (url, method) => JSON.parse((await ask(engine.url + url, { method })).text).code;

    assert.equal(await code(`?transport=polling&sid=${sid}`), 3);
    assert.equal(await code(`?EIO=3&transport=polling&sid=${sid}`), 3);
    assert.equal(await code(`?EIO=4&transport=websocket&sid=${sid}`), 3);
    assert.equal(await code(`?EIO=4&transport=polling&sid=${sid}`, 'DELETE'), 3);
    await engine.post(sid, '4alive');
    assert.equal(await engine.poll(sid), '4alive');
});

each('a session of one service is unknown to the other', async (t, engine, server) => {
    const sid = await engine.open();
    const other = await new Engine(`${server.url}/socket.io/`).get(sid);

    assert.deepEqual([other.status, JSON.parse(other.text).code], [400, 1]);
});

for (const url of ['?transport=websocket', '?EIO=abc&transport=websocket', '?EIO=4', '?EIO=4&transport=abc',
    '?EIO=4&transport=polling', '?EIO=4&transport=websocket&sid=abc'])
    each(`no WebSocket for ${url}`, async (t, engine) => {
        const wire = new Wire(t, engine.url.replace('http', 'ws') + url);
        assert.equal(await wire.closed, 1006);
    });

test('the path needs its slash, and what follows does not matter', async () => {
    const { url } = servers['one worker'];

    assert.equal((await ask(`${url}/engine.io?EIO=4&transport=polling`)).status, 404);
    assert.equal((await ask(`${url}/engine.io/x/y?EIO=4&transport=polling`)).status, 200);
});

/* ---- messages ---- */

each('polling: one message, several, bytes', async (t, engine) => {
    const sid = await engine.open();

    for (const body of ['4hello', '4test1\x1e4test2\x1e4test3', 'bAQIDBA==', '4test1\x1ebAQIDBA==\x1e4test3', '4', '4€ 🚀']) {
        await engine.post(sid, body);
        assert.equal(await engine.poll(sid), body);
    }
    await engine.post(sid, 'b-_8\x1eb-_8=\x1ebAQI');
    assert.equal(await engine.poll(sid), 'b+/8=\x1eb+/8=\x1ebAQI=');
});

patiently('four answers of one body leave together', async (t, engine) => {
    const sid = await engine.open();
    const poll = engine.poll(sid);

    await sleep(50);
    await engine.post(sid, '4a\x1e4b\x1e4c\x1e4d');
    assert.equal(await poll, '4a\x1e4b\x1e4c\x1e4d');
});

each('a WebSocket: text, bytes, base64, fragments', async (t, engine) => {
    const wire = await engine.socket(t);
    const data = async () => {
        for (;;) {
            const message = await wire.next();
            if (message !== '2') return message;
        }
    };

    wire.send('4hello');
    assert.equal(await data(), '4hello');
    wire.send(Buffer.from([1, 2, 3]));
    assert.deepEqual(await data(), Buffer.from([1, 2, 3]));
    wire.send('bAQI=');
    assert.deepEqual(await data(), Buffer.from([1, 2]));
    wire.socket.send('4hel', { fin: false });
    wire.socket.send('lo', { fin: true });
    assert.equal(await data(), '4hello');
});

patiently('b64=1 gets bytes as text', async (t, engine) => {
    const wire = await engine.socket(t, { b64: 1 });

    wire.send(Buffer.from([1, 2, 255]));
    assert.equal(await wire.next(), 'bAQL/');
});

patiently('what is large comes back whole, and not larger', async (t, engine, server) => {
    const sid = await engine.open();
    const most = `4${'x'.repeat(MAX_PAYLOAD - 1)}`;

    await engine.post(sid, most);
    assert.ok((await engine.poll(sid)) === most);
    const answer = await engine.send(sid, `${most}x`);
    assert.deepEqual([answer.status, answer.text], [413, '']);
    await engine.post(sid, '4alive');
    assert.equal(await engine.poll(sid), '4alive');
    const wire = await engine.socket(t);
    wire.send(most);
    assert.ok((await wire.next()) === most);
    wire.send(`${most}x`);
    assert.equal(await wire.closed, 1009);
    assert.match(server.stderr, /event=peer_refused /);
});

patiently('bodies come in chunks, slowly, or after a 100', async (t, engine) => {
    const sid = await engine.open();
    const chunked = await engine.send(sid, '4in chunks', { headers: { 'Transfer-Encoding': 'chunked' } });
    const expecting = await engine.send(sid, '4expected', { headers: { Expect: '100-continue' } });

    assert.deepEqual([chunked.text, expecting.text], ['ok', 'ok']);
    assert.equal(await engine.poll(sid), '4in chunks\x1e4expected');
    const large = `4${'y'.repeat(300000)}`;
    assert.equal((await engine.send(sid, large, { headers: { 'Transfer-Encoding': 'chunked' } })).text, 'ok');
    assert.ok((await engine.poll(sid)) === large);
});

for (const [what, body] of Object.entries({
    'no packet': 'abc', 'an empty body': '', 'an empty packet behind a good one': '4a\x1e', 'no base64': 'b!!!!',
    'half a group of base64': 'bAAAAA', 'padding amid': 'bAA==AAAA', 'a ping': '2', 'no UTF-8': Buffer.from([0x34, 0xff]),
}))
    each(`a body that ends the session: ${what}`, async (t, engine) => {
        const sid = await engine.open();

        assert.equal((await engine.send(sid, body)).status, 400);
        assert.equal((await engine.get(sid)).status, 400);
    });

each('what stands before a bad packet has been heard', async (t, engine) => {
    const sid = await engine.open();
    const poll = engine.poll(sid);

    await sleep(30);
    assert.equal((await engine.send(sid, '4a\x1e7\x1e4b')).status, 400);
    assert.equal(await poll, '4a\x1e1');
});

for (const type of ['application/octet-stream', 'text/plain;charset=UTF-8', 'application/json', undefined])
    each(`a body is a payload, whatever its type: ${type}`, async (t, engine) => {
        const sid = await engine.open();
        const answer = await engine.send(sid, '4ä\x1ebAQID', { headers: type ? { 'Content-Type': type } : {} });

        assert.deepEqual([answer.status, answer.text], [200, 'ok']);
        assert.equal(await engine.poll(sid), '4ä\x1ebAQID');
        await engine.send(sid, '1');
    });

for (const frame of ['abc', '', '7', '2', '2probe', 'b!'])
    each(`a frame that ends the session: "${frame}"`, async (t, engine) => {
        const wire = await engine.socket(t);

        wire.send(frame);
        await wire.closed;
    });

/* ---- polls ---- */

each('of two polls at once the first is closed, the second refused', async (t, engine) => {
    const sid = await engine.open();
    const answers = await Promise.all([
        engine.get(sid),
        sleep(20).then(() => ask(engine.address({ sid, t: 'burst' }))),
    ]);

    assert.deepEqual([answers[0].status, answers[0].text], [200, '1']);
    assert.equal(answers[1].status, 400);
    assert.equal(JSON.parse((await engine.get(sid)).text).code, 1);
});

each('a poll that is given up ends the session', async (t, engine) => {
    const sid = await engine.open();
    const controller = new AbortController();

    setTimeout(() => controller.abort(), 100);
    await assert.rejects(engine.get(sid, { signal: controller.signal }));
    assert.equal((await engine.get(sid)).status, 400);
});

each('of two bodies at once both are refused', async (t, engine) => {
    const sid = await engine.open();
    const slow = request(engine.address({ sid }), { method: 'POST', agent: false, headers: { 'Content-Length': 10 } });
    const first = new Promise((fulfil) => slow.on('response', (r) => fulfil(r.resume().statusCode)).on('error', fulfil));

    slow.write('4a');
    await sleep(50);
    assert.equal((await engine.send(sid, '4b')).status, 400);
    assert.equal(await first, 400);
    assert.equal((await engine.get(sid)).status, 400);
});

each('a body that breaks off ends the session', async (t, engine) => {
    const sid = await engine.open();
    const slow = request(engine.address({ sid }), { method: 'POST', agent: false, headers: { 'Content-Length': 10 } });

    slow.on('error', () => {});
    slow.write('4a');
    await sleep(50);
    slow.destroy();
    await sleep(50);
    assert.equal((await engine.get(sid)).status, 400);
});

/* ---- heartbeat ---- */

each('polling: pings come, and pongs keep it alive', async (t, engine) => {
    const sid = await engine.open();

    for (let i = 0; i < 3; i++) {
        assert.equal(await engine.poll(sid), '2');
        await engine.post(sid, '3');
    }
});

each('polling: without a pong it is over in time', async (t, engine) => {
    const sid = await engine.open();

    await sleep(PING_MS + TIMEOUT_MS);
    assert.equal((await engine.send(sid, '1')).status, 400);
});

each('polling: a poll that waits is told of the timeout', async (t, engine) => {
    const sid = await engine.open();

    assert.equal(await engine.poll(sid), '2');
    assert.equal(await engine.poll(sid), '1');
});

each('a WebSocket: pings come, and pongs keep it alive', async (t, engine) => {
    const wire = await engine.socket(t);

    for (let i = 0; i < 3; i++) {
        assert.equal(await wire.next(), '2');
        wire.send('3');
    }
});

each('a WebSocket: without a pong it is over in time', async (t, engine) => {
    const started = Date.now();
    const wire = await engine.socket(t);

    await wire.closed;
    assert.ok(Date.now() - started >= PING_MS + TIMEOUT_MS - 20, `${Date.now() - started} ms`);
});

test('one other packet begins the wait for a pong anew, once', async (t) => {
    const wire = await new Engine(`${servers['one worker'].url}/engine.io/`).socket(t);

    assert.equal(await wire.next(), '2');
    const started = Date.now();
    const talk = setInterval(() => wire.socket.readyState === 1 && wire.send('4x'), 50);
    t.after(() => clearInterval(talk));
    await wire.closed;
    assert.ok(Date.now() - started >= TIMEOUT_MS + 30, `${Date.now() - started} ms`);
});

/* ---- close ---- */

each('polling: a goodbye answers the poll', async (t, engine) => {
    const sid = await engine.open();
    const [poll] = await Promise.all([engine.poll(sid), sleep(10).then(() => engine.post(sid, '1'))]);

    assert.equal(poll, '6');
    assert.equal((await engine.get(sid)).status, 400);
});

patiently('a poll that a goodbye has overtaken is answered once', async (t, engine) => {
    for (let i = 0; i < 20; i++) {
        const sid = await engine.open();
        await engine.post(sid, '4a\x1e1\x1e4b');
        assert.equal(await engine.poll(sid), '6');
        assert.equal(JSON.parse((await engine.get(sid)).text).code, 1);
    }
});

each('a WebSocket: a goodbye ends it', async (t, engine) => {
    const wire = await engine.socket(t);

    wire.send('1');
    await wire.closed;
});

/* ---- upgrade ---- */

async function upgraded(t, engine) {
    const sid = await engine.open();
    const wire = await engine.wire(t, { sid }).opened();

    wire.send('2probe');
    assert.equal(await wire.next(), '3probe');
    wire.send('5');
    return { sid, wire };
}

patiently('polling becomes a WebSocket', async (t, engine) => {
    const { wire } = await upgraded(t, engine);

    wire.send('4hello');
    assert.equal(await wire.next(), '4hello');
});

patiently('after it, polls and other WebSockets are refused, and it lives on', async (t, engine) => {
    const { sid, wire } = await upgraded(t, engine);

    wire.send('4hello');
    assert.equal(await wire.next(), '4hello');
    assert.equal(JSON.parse((await engine.get(sid)).text).code, 3);
    assert.equal((await engine.send(sid, '4x')).status, 400);
    assert.equal(await engine.wire(t, { sid }).closed, 1006);
    wire.send('4again');
    assert.equal(await wire.next(), '4again');
});

patiently('what a poll did not fetch is on the WebSocket, in order, once', async (t, engine) => {
    const sid = await engine.open();
    const wire = await engine.wire(t, { sid }).opened();

    await engine.post(sid, '4a\x1ebAQI=');
    wire.send('2probe');
    assert.equal(await wire.next(), '3probe');
    await engine.post(sid, '4€');
    wire.send('5');
    wire.send('4d');
    assert.deepEqual([await wire.next(), await wire.next(), await wire.next(), await wire.next()],
        ['4a', Buffer.from([1, 2]), '4€', '4d']);
});

patiently('a poll that waits is let go at once by the probe, the next one too, then each 100 ms', async (t, engine) => {
    const sid = await engine.open();
    const poll = engine.poll(sid);
    const wire = await engine.wire(t, { sid }).opened();

    wire.send('2probe');
    assert.equal(await wire.next(), '3probe');
    assert.equal(await poll, '6');
    assert.equal(await engine.poll(sid), '6');
    const started = Date.now();
    assert.equal(await engine.poll(sid), '6');
    assert.ok(Date.now() - started >= 80, `${Date.now() - started} ms`);
    await engine.post(sid, '4still');
    assert.equal(await engine.poll(sid), '4still');
    wire.send('5');
    wire.send('4now');
    assert.equal(await wire.next(), '4now');
});

patiently('a poll that waits while the switch comes is let go', async (t, engine) => {
    const sid = await engine.open();
    const wire = await engine.wire(t, { sid }).opened();
    const poll = engine.poll(sid);

    await sleep(50);
    wire.send('5');
    assert.equal(await poll, '6');
    wire.send('4x');
    assert.equal(await wire.next(), '4x');
});

patiently('a second WebSocket beside a probe is refused, the first one goes on', async (t, engine) => {
    const sid = await engine.open();
    const wire = await engine.wire(t, { sid }).opened();

    assert.equal(await engine.wire(t, { sid }).closed, 1006);
    wire.send('2probe');
    assert.equal(await wire.next(), '3probe');
});

patiently('a probe that does not probe, breaks off or takes too long leaves polling alone', async (t, engine) => {
    const sid = await engine.open();
    const first = await engine.wire(t, { sid }).opened();

    first.send('4hello');
    await first.closed;
    const second = await engine.wire(t, { sid }).opened();
    second.send('2probe');
    assert.equal(await second.next(), '3probe');
    second.socket.terminate();
    await sleep(50);
    const third = await engine.wire(t, { sid }).opened();
    await third.closed;
    await engine.post(sid, '4alive');
    assert.equal(await engine.poll(sid), '4alive');
    const fourth = await engine.wire(t, { sid }).opened();
    fourth.send('2probe');
    assert.equal(await fourth.next(), '3probe');
    await engine.post(sid, '1');
    await fourth.closed;
});

patiently('a session born on a WebSocket has no other', async (t, engine) => {
    const wire = await engine.socket(t);

    assert.equal(await engine.wire(t, { sid: wire.handshake.sid }).closed, 1006);
    assert.equal(JSON.parse((await engine.get(wire.handshake.sid)).text).code, 3);
    wire.send('4alive');
    assert.equal(await wire.next(), '4alive');
});

test('localhost is both 127.0.0.1 and ::1', async (t) => {
    const server = await startServer(t, { args: ['--sio-echo', '--listen', 'localhost:0'] });

    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
        const engine = new Engine(`http://${host}:${server.port}/engine.io/`);
        const sid = await engine.open();
        await engine.post(sid, '4x');
        assert.equal(await engine.poll(sid), '4x');
    }
});

test('the servers end without a complaint', async () => {
    for (const what of cleanup.reverse()) await what();
});
