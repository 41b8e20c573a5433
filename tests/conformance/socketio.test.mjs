// Socket.IO protocol 5 against the echo: what its public suite asks of a server, and the matrix of
// invalid packets beyond it, over a WebSocket and over polling.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Engine } from '../lib/engine.mjs';
import { startServer } from '../lib/server.mjs';

const PING_MS = 300;
const CONNECT_MS = 1000;

const cleanup = [];
const start = (...args) => startServer({ after: (what) => cleanup.push(what) }, { args: ['--sio-echo', ...args] });
const server = await start('--sio-ping-ms', `${PING_MS}`, '--sio-connect-timeout-ms', `${CONNECT_MS}`);
const patient = await start('--workers', '4');
const quick = new Engine(`${server.url}/socket.io/`);
const engine = new Engine(`${patient.url}/socket.io/`);

const sidOf = (packet, nsp = '') => {
    assert.ok(packet.startsWith(`40${nsp}{`), packet);
    const reply = JSON.parse(packet.slice(2 + nsp.length));
    assert.deepEqual(Object.keys(reply), ['sid']);
    return reply.sid;
};

/* A WebSocket that has joined "/". */
async function joined(t, at = engine) {
    const wire = await at.socket(t);

    wire.send('40');
    sidOf(await wire.next());
    assert.equal(await wire.next(), '42["auth",{}]');
    return wire;
}

/* ---- connect ---- */

test('the main namespace, without and with an auth object', async (t) => {
    const one = await engine.socket(t);
    one.send('40');
    const sid = sidOf(await one.next());
    assert.notEqual(sid, one.handshake.sid);
    assert.equal(await one.next(), '42["auth",{}]');

    const two = await engine.socket(t);
    two.send('40{"token":"123"}');
    assert.notEqual(sidOf(await two.next()), sid);
    assert.equal(await two.next(), '42["auth",{"token":"123"}]');
});

test('another namespace, without and with an auth object', async (t) => {
    for (const [packet, auth] of [['40/custom,', '{}'], ['40/custom', '{}'], ['40/custom,{"token":"abc"}', '{"token":"abc"}']]) {
        const wire = await engine.socket(t);
        wire.send(packet);
        sidOf(await wire.next(), '/custom,');
        assert.equal(await wire.next(), `42/custom,["auth",${auth}]`);
    }
});

test('several namespaces on one session', async (t) => {
    const wire = await joined(t);

    wire.send('40/custom,');
    sidOf(await wire.next(), '/custom,');
    assert.equal(await wire.next(), '42/custom,["auth",{}]');
    wire.send('42["message","main"]');
    assert.equal(await wire.next(), '42["message-back","main"]');
});

test('an unknown namespace is told so, and the session goes on', async (t) => {
    const wire = await engine.socket(t);

    for (const nsp of ['/random', '/custom?x=1', '/__proto__', `/${'n'.repeat(79)}`]) {
        wire.send(`40${nsp},`);
        assert.equal(await wire.next(), `44${nsp},{"message":"Invalid namespace"}`);
    }
    wire.send('40/,{}');
    sidOf(await wire.next());
});

test('without a namespace in time the session is closed', async (t) => {
    const started = Date.now();
    const wire = await quick.socket(t);
    const pongs = setInterval(() => wire.socket.readyState === 1 && wire.send('3'), 100);

    t.after(() => clearInterval(pongs));
    wire.send('40/random');
    await wire.closed;
    assert.ok(Date.now() - started >= CONNECT_MS - 20, `${Date.now() - started} ms`);
});

test('the wait for a namespace ends the poll, too', async () => {
    const sid = await quick.open();

    for (;;) {
        const answer = await quick.poll(sid);
        if (answer === '1' || answer === '2\x1e1') break;
        assert.equal(answer, '2');
        await quick.post(sid, '3');
    }
    assert.equal((await quick.get(sid)).status, 400);
});

/* ---- disconnect ---- */

test('who leaves the main namespace stays connected, and may come back', async (t) => {
    const wire = await joined(t, quick);

    wire.send('41');
    assert.equal(await wire.next(), '2');
    wire.send('3');
    wire.send('40');
    sidOf(await wire.next());
});

test('who leaves one namespace stays in the other', async (t) => {
    const wire = await joined(t);

    wire.send('40/custom');
    await wire.next();
    await wire.next();
    wire.send('41/custom');
    wire.send('42["message","message to main namespace"]');
    assert.equal(await wire.next(), '42["message-back","message to main namespace"]');
});

/* ---- messages ---- */

const ECHOES = [
    ['42["message",1,"2",{"3":[true]}]', '42["message-back",1,"2",{"3":[true]}]'],
    ['42["message"]', '42["message-back"]'],
    ['42[ "message" , 1 , 2 ]', '42["message-back",1 , 2]'],
    ['42["message",{"__proto__":{"a":1}},"€ 🚀 \\u001e \\n"]', '42["message-back",{"__proto__":{"a":1}},"€ 🚀 \\u001e \\n"]'],
    ['42["message",{"_placeholder":true,"num":0}]', '42["message-back",{"_placeholder":true,"num":0}]'],
    ['42["\\u006dessage",1]', '42["message-back",1]'],
    ['42456["message-with-ack",1,"2",{"3":[false]}]', '43456[1,"2",{"3":[false]}]'],
    ['42007["message-with-ack"]', '437[]'],
    ['429007199254740991["message-with-ack",0]', '439007199254740991[0]'],
    [`42["message",${'['.repeat(30)}${']'.repeat(30)}]`, `42["message-back",${'['.repeat(30)}${']'.repeat(30)}]`],
];

for (const [sent, expected] of ECHOES)
    test(`${sent.slice(0, 60)} comes back`, async (t) => {
        const wire = await joined(t);

        wire.send(sent);
        assert.equal(await wire.next(), expected);
    });

const IGNORED = ['42', '43', '43[]', '4399[1]', '43["x"]', '430', '42["unknown-event"]', '42["error"]', '42[1,2]'];

test('what has no listener is ignored', async (t) => {
    const wire = await joined(t);

    for (const packet of IGNORED) wire.send(packet);
    wire.send('42["message"]');
    assert.equal(await wire.next(), '42["message-back"]');
});

test('the id of a CONNECT is ignored', async (t) => {
    const wire = await engine.socket(t);

    wire.send('401');
    sidOf(await wire.next());
});

const A = Buffer.from([1, 2, 3]);
const B = Buffer.from([4, 5, 6]);
const HOLE = (num) => `{"_placeholder":true,"num":${num}}`;

test('bytes in events and acks', async (t) => {
    const wire = await joined(t);

    wire.send(`452-["message",${HOLE(0)},${HOLE(1)}]`);
    wire.send(A);
    wire.send('3'); // a pong may stand between
    wire.send(B);
    assert.equal(await wire.next(), `452-["message-back",${HOLE(0)},${HOLE(1)}]`);
    assert.deepEqual([await wire.next(), await wire.next()], [A, B]);

    wire.send(`452-789["message-with-ack",{"a":[${HOLE(1)}]},${HOLE(0)}]`);
    wire.send(A);
    wire.send(B);
    assert.equal(await wire.next(), `462-789[{"a":[${HOLE(1)}]},${HOLE(0)}]`);
    assert.deepEqual([await wire.next(), await wire.next()], [A, B]);

    wire.send(`451-["message",${HOLE(0)},${HOLE(0)}]`);
    wire.send(Buffer.alloc(0));
    assert.equal(await wire.next(), `451-["message-back",${HOLE(0)},${HOLE(0)}]`);
    assert.deepEqual(await wire.next(), Buffer.alloc(0));
});

test('bytes over polling stand behind their packet', async () => {
    const sid = await engine.open();

    await engine.post(sid, '40');
    await engine.poll(sid);
    await engine.post(sid, `451-["message",${HOLE(0)}]\x1ebAQID`);
    assert.equal(await engine.poll(sid), `451-["message-back",${HOLE(0)}]\x1ebAQID`);
});

test('ten attachments', async (t) => {
    const wire = await joined(t);
    const holes = Array.from({ length: 10 }, (_, i) => HOLE(i)).join(',');

    wire.send(`4510-["message",${holes}]`);
    for (let i = 0; i < 10; i++) wire.send(Buffer.from([i]));
    assert.equal(await wire.next(), `4510-["message-back",${holes}]`);
    for (let i = 0; i < 10; i++) assert.deepEqual(await wire.next(), Buffer.from([i]));
});

/* ---- what ends the session ---- */

const UNJOINED = ['42["x"]', '41', '43[]', '44{"message":"x"}', '4abc', '47', '4', '40null', '40[]', '40"s"', '40abc',
    '40{"a":1}{', '40admin', `40/${'n'.repeat(80)},`, '40/a\u0001b'];
const JOINED = ['40', '42/nope,["x"]', '41/nope', '41{}', '42{}', '42[]', '42null', '42[null]', '42[true]', '42[{"a":1}]',
    '42["a",1', '42["a"]x', '42-1["a"]', '421.5["a"]', '42abc["message-with-ack",1]', '42 1["a"]', '42/["echo",1]',
    '429007199254740993["message-with-ack"]', '43{}', '44{"message":"x"}', '44', '45', '45["e"]', '450-["e"]', '45x-["e"]',
    '451["e"]', '4511-["e"]', '451-', '451-{}', '46["e"]', '47', '48[]', '4a', '42["connect"]', '42["connect_error"]',
    '42["disconnect"]', '42["disconnecting"]', '42["newListener"]', '42["removeListener"]', '42["c\\u006fnnect"]',
    `42["message",${'['.repeat(64)}${']'.repeat(64)}]`, '42["message","\\ud800"]', '42["message",01]', '42["message",NaN]'];
const BINARY = [
    ['bytes that belong to nothing', [A]],
    ['a text amid', [`452-["message",${HOLE(0)},${HOLE(1)}]`, A, '42["message"]']],
    ['a hole beyond', [`451-["message",${HOLE(1)}]`, A]],
    ['a negative one', [`451-["message",${HOLE(-1)}]`, A]],
    ['half a one', [`451-["message",${HOLE(0.5)}]`, A]],
    ['a text as number', [`451-["message",${HOLE('"0"')}]`, A]],
    ['the last of two numbers', [`451-["message",{"_placeholder":true,"num":0,"num":7}]`, A]],
    ['eleven', [`4511-["message",${HOLE(0)}]`, A]],
];

async function isOver(wire) {
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(reject, 5000, new Error('still open'))));

    await Promise.race([wire.closed, late]);
    clearTimeout(timer);
}

for (const packet of UNJOINED)
    test(`ends a session that has joined nothing: ${JSON.stringify(packet.slice(0, 40))}`, async (t) => {
        const wire = await engine.socket(t);
        wire.send(packet);
        await isOver(wire);
    });

for (const packet of JOINED)
    test(`ends a session: ${packet.slice(0, 40)}`, async (t) => {
        const wire = await joined(t);
        wire.send(packet);
        await isOver(wire);
    });

for (const [what, packets] of BINARY)
    test(`ends a session: ${what}`, async (t) => {
        const wire = await joined(t);
        for (const packet of packets) wire.send(packet);
        await isOver(wire);
    });

test('over polling the poll that waits is told, or the next one', async () => {
    for (const isWaiting of [true, false]) {
        const sid = await engine.open();
        await engine.post(sid, '40');
        await engine.poll(sid);
        const poll = isWaiting ? engine.poll(sid) : null;
        await sleep(30);
        assert.equal((await engine.send(sid, '42{}')).status, 400);
        assert.equal(await (poll ?? engine.poll(sid)), '1');
        assert.equal(JSON.parse((await engine.get(sid)).text).code, 1);
    }
});

test('all namespaces of the session go with it', async (t) => {
    const wire = await joined(t);

    wire.send('40/custom');
    await wire.next();
    await wire.next();
    wire.send('42/custom,{}');
    await isOver(wire);
});

test('the servers end without a complaint', async () => {
    for (const what of cleanup.reverse()) await what();
});
