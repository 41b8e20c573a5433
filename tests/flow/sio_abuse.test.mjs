// What clients of Engine.IO may not do has a defined answer, and costs the others nothing; and what an operator
// can set about it: origins, a cookie, a path, TLS.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { ask, Engine, keptAlive, Wire } from '../lib/engine.mjs';
import { startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const cleanup = [];
const file = { after: (what) => cleanup.push(what) };
const server = await startServer(file, {
    args: ['--workers', '4', '--room', 'main,bots=0', '--sio-connect-timeout-ms', '500', '--sio-upgrade-timeout-ms', '500'],
});
const engine = new Engine(`${server.url}/socket.io/`);

async function metric(name, from = server) {
    const text = await (await fetch(`${from.url}/metrics`)).text();
    return Number(text.split('\n').find((line) => line.startsWith(`tickwire_${name} `)).split(' ')[1]);
}

const residentKiB = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

/* Opens a session and joins the game; its first answers are thrown away. */
async function joined() {
    const sid = await engine.open();

    await engine.post(sid, '40{"name":"Eve"}');
    while (!(await engine.poll(sid)).includes('"welcome"'));
    return sid;
}

async function isOver(sid) {
    for (let i = 0; i < 5; i++) {
        const answer = await engine.get(sid);
        if (answer.status === 400) return true;
    }
    return false;
}

test('sessions opened and left are gone in time, and hold next to nothing', async () => {
    const agent = keptAlive();
    const many = new Engine(engine.url, { agent });
    const before = residentKiB(server.pid);
    const opened = await metric('engine_sessions_opened_total');

    for (let i = 0; i < 20; i++) {
        const sids = await Promise.all(Array.from({ length: 100 }, () => many.open()));
        assert.equal(new Set(sids).size, 100);
    }
    assert.equal(await metric('engine_sessions_opened_total'), opened + 2000);
    assert.ok(residentKiB(server.pid) - before < 16 * 1024, `${residentKiB(server.pid) - before} KiB`);
    for (let i = 0; i < 100 && (await metric('engine_sessions')) > 0; i++) await sleep(50);
    assert.equal(await metric('engine_sessions'), 0);
    agent.destroy();
});

test('an address has so many sessions on polling', async (t) => {
    const few = await startServer(t, { args: ['--caps-for-loopback', '--address-polls-max', '3', '--address-burst', '100', '--room', 'main,bots=0'] });
    const here = new Engine(`${few.url}/socket.io/`, { agent: keptAlive() });
    const sids = [await here.open(), await here.open(), await here.open()];
    const refused = await ask(here.address({}), { agent: here.agent });

    assert.deepEqual([refused.status, JSON.parse(refused.text).code], [429, 4]);
    assert.ok((await metric('capped_total{why="polls"}', few)) >= 1);
    await here.post(sids[0], '1');
    await here.poll(sids[0]);
    await here.open();
    here.agent.destroy();
});

const BREACHES = {
    '65 packets in a body': Array(65).fill('3').join('\x1e'),
    'deep JSON': `42["input",${'['.repeat(20)}${']'.repeat(20)}]`,
    'rich JSON': `42["input",[${Array(600).fill(1)}]]`,
    'five attachments': `455-["input"]`,
    'bytes that belong to nothing': 'bAQID',
    'a reserved name': '42["disconnect"]',
    'no JSON': '42["input",{]',
    'another namespace': '42/room-main,["input",{}]',
};

for (const [what, body] of Object.entries(BREACHES))
    test(`ends a player's session: ${what}`, async () => {
        const sid = await joined();

        assert.equal((await engine.send(sid, body)).status, 400);
        assert.ok(await isOver(sid));
    });

test('a body too large is refused by its length alone, and the player plays on', async () => {
    const sid = await joined();
    const answer = await engine.send(sid, 'x'.repeat(65537));

    assert.equal(answer.status, 413);
    const chunked = await engine.send(sid, 'x'.repeat(70000), { headers: { 'Transfer-Encoding': 'chunked' } });
    assert.equal(chunked.status, 413);
    await engine.post(sid, '42["input",{}]');
    assert.match(await engine.poll(sid), /"update"/);
    await engine.post(sid, '1');
});

test('a flood of messages ends at the rate, in one body or in many', async () => {
    const agent = keptAlive();
    const fast = new Engine(engine.url, { agent });
    const sid = await joined();
    const four = Array(4).fill('42["input",{}]').join('\x1e'); // one in each would be too slow on a busy machine
    let posts = 0;

    while (posts < 500 && (await fast.send(sid, four)).status === 200) posts++;
    assert.ok(posts >= 50 && posts < 500, `${posts} posts`);
    const second = await joined();
    const body = Array(60).fill('42["input",{}]').join('\x1e');
    let bodies = 0;
    while (bodies < 20 && (await fast.send(second, body)).status === 200) bodies++;
    assert.ok(bodies >= 3 && bodies < 10, `${bodies} bodies`);
    assert.ok((await metric('rate_limited_total{why="messages"}')) >= 2);
    agent.destroy();
});

test('attachments that never come end the session', async (t) => {
    const wire = await engine.socket(t);

    wire.send('40{"format":"binary"}');
    wire.send('451-["input",{"_placeholder":true,"num":0}]');
    const started = Date.now();
    await wire.closed;
    assert.ok(Date.now() - started >= 0);
});

test('what is no input is answered, the third time is the last', async () => {
    const sid = await joined();
    let heard = '';

    for (let i = 0; i < 3; i++) await engine.send(sid, '42["input",{"seq":"x"}]');
    for (let i = 0; i < 5 && !heard.includes('\x1e41'); i++) heard += `\x1e${(await engine.get(sid)).text}`;
    assert.match(heard, /42\["error",\{"type":"error"/);
    assert.match(heard, /42\["bye",\{"type":"bye","code":1008/);
    assert.match(heard, /\x1e41(\x1e|$)/);
    await engine.post(sid, '1');
});

test('an upgrade storm leaves the session alone', async (t) => {
    const sid = await joined();
    const wires = await Promise.all(Array.from({ length: 30 }, async () => {
        const wire = engine.wire(t, { sid });
        return Promise.race([wire.opened().then(() => 101, () => 400), wire.closed.then(() => 400)]);
    }));

    assert.equal(wires.filter((status) => status === 101).length, 1);
    assert.match(await engine.poll(sid), /"update"/);
    await engine.post(sid, '1');
});

test('ids are not guessed, whatever the worker', async () => {
    const sid = await engine.open();
    const [worker, secret] = sid.split('.');

    for (let w = 0; w < 6; w++) {
        const guess = `${w}.${secret.slice(0, 21)}${secret[21] === 'A' ? 'Q' : 'A'}`;
        assert.equal(JSON.parse((await engine.get(guess)).text).code, 1);
        if (w !== Number(worker)) assert.equal(JSON.parse((await engine.get(`${w}.${secret}`)).text).code, 1);
    }
    await engine.post(sid, '1');
});

test('two requests in one segment: a poll, and one behind it', async () => {
    const sid = await joined();
    const { pathname, search } = new URL(engine.address({ sid }));
    const get = `GET ${pathname}${search} HTTP/1.1\r\nHost: a\r\n\r\n`;
    const socket = connect(server.port, '127.0.0.1');
    let heard = '';

    socket.on('data', (data) => (heard += data));
    socket.write(get + get + 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await new Promise((fulfil) => socket.on('close', fulfil));
    assert.match(heard, /^HTTP\/1\.1 200 /);
    await engine.send(sid, '1');
});

/* ---- what an operator can set ---- */

test('pages of other hosts: preflight, answers and refusals', async (t) => {
    const open = await startServer(t, { args: ['--origins', 'https://a.example,https://b.example', '--sio-credentials', '--room', 'main,bots=0'] });
    const here = new Engine(`${open.url}/socket.io/`);
    const from = (Origin, options = {}) => ask(here.address(options.query ?? {}), { ...options, headers: { Origin, ...options.headers } });

    const preflight = await from('https://a.example', { method: 'OPTIONS', headers: { 'Access-Control-Request-Headers': 'x-token' } });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers['access-control-allow-origin'], 'https://a.example');
    assert.equal(preflight.headers['access-control-allow-headers'], 'x-token');
    assert.match(preflight.headers['access-control-allow-methods'], /POST/);
    const answer = await from('https://b.example');
    assert.deepEqual([answer.status, answer.headers['access-control-allow-origin'], answer.headers['access-control-allow-credentials'], answer.headers.vary],
        [200, 'https://b.example', 'true', 'Origin']);
    const unknown = await from('https://b.example', { query: { sid: 'x' } });
    assert.deepEqual([unknown.status, unknown.headers['access-control-allow-origin']], [400, 'https://b.example']);
    const foreign = await from('https://evil.example');
    assert.deepEqual([foreign.status, JSON.parse(foreign.text).code, foreign.headers['access-control-allow-origin']], [403, 4, undefined]);
    const wire = new Wire(t, here.address({ transport: 'websocket' }).replace('http', 'ws'), { headers: { Origin: 'https://evil.example' } });
    assert.equal(await wire.closed, 1006);

    const own = new WebSocket(here.address({ transport: 'websocket' }).replace('http', 'ws'), { origin: 'https://a.example' });
    const [{ headers }] = await once(own, 'upgrade');
    assert.deepEqual([headers['access-control-allow-origin'], headers['access-control-allow-credentials'], headers.vary],
        ['https://a.example', 'true', 'Origin']);
    own.terminate();
});

test('any page, a cookie, another path', async (t) => {
    const open = await startServer(t, { args: ['--origins', '*', '--sio-cookie', 'io', '--sio-path', '/rt/', '--room', 'main,bots=0'] });
    const here = new Engine(`${open.url}/rt/`);
    const answer = await ask(here.address({}), { headers: { Origin: 'https://any.example' } });
    const { sid } = JSON.parse(answer.text.slice(1));

    assert.equal(answer.headers['access-control-allow-origin'], '*');
    assert.deepEqual(answer.headers['set-cookie'], [`io=${sid}; Path=/; HttpOnly; SameSite=Lax`]);
    assert.equal((await ask(`${open.url}/socket.io/?EIO=4&transport=polling`)).status, 404);
});

test('over TLS a connection moves to the worker of its session with all of its state', async (t) => {
    const { ca, cert, key } = makeCertificate(t);
    const secure = await startServer(t, {
        args: ['--sio-echo', '--workers', '4', '--tls-listen', '127.0.0.1:0', '--cert', cert, '--key', key],
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: readFileSync(ca), servername: 'game.example.com' });
    const exchange = (query, method = 'GET', body) => new Promise((fulfil, reject) => {
        const sent = request({ port: secure.tlsPort, host: '127.0.0.1', path: `/engine.io/?EIO=4&transport=polling${query}`, method, agent }, async (response) => {
            let text = '';
            for await (const piece of response) text += piece;
            fulfil(text);
        });
        sent.on('error', reject);
        sent.end(body);
    });

    await Promise.all(Array.from({ length: 20 }, async (_, i) => {
        const { sid } = JSON.parse((await exchange('')).slice(1));
        const large = `4${i}${'z'.repeat(40000)}`;
        for (const body of [`4hello ${i}`, large]) {
            assert.equal(await exchange(`&sid=${sid}`, 'POST', body), 'ok');
            assert.ok((await exchange(`&sid=${sid}`)) === body);
        }
    }));
    assert.ok((await metric('connections_moved_total', secure)) > 20);
    agent.destroy();
});

test('the servers end without a complaint', async () => {
    for (const what of cleanup.reverse()) await what();
});
