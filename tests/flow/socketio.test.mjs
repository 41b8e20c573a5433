// The official Socket.IO client, unmodified, plays: over each transport, after a restart, after a cut,
// two hundred of them on polling.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Socket } from 'engine.io-client';
import { io } from 'socket.io-client';
import { Engine } from '../lib/engine.mjs';
import { startServer } from '../lib/server.mjs';

const WAIT_MS = 15000;

const cleanup = [];
const file = { after: (what) => cleanup.push(what) };
const server = await startServer(file, {
    args: ['--workers', '4', '--room', 'main,bots=2', '--room', 'other,bots=0', '--room', 'lonely,bots=24'],
});
const echo = await startServer(file, { args: ['--sio-echo', '--workers', '4'] });

/* Waits until `find()` is true. */
async function until(find, what) {
    const end = Date.now() + WAIT_MS;

    while (!find()) {
        if (Date.now() > end) throw new Error(`no ${what} in ${WAIT_MS} ms`);
        await sleep(10);
    }
}

/* Joins; the client notes all it is sent in `heard`: {name: [arguments...]}. */
async function join(t, url, options = {}) {
    const socket = io(url, { forceNew: true, ...options });

    t.after(() => socket.close());
    socket.heard = {};
    socket.onAny((name, ...args) => (socket.heard[name] ??= []).push(args));
    await new Promise((fulfil, reject) => {
        socket.once('connect', fulfil);
        socket.once('connect_error', reject);
    });
    return socket;
}

/* The world as a page has it: updates applied one after the other. */
function worldOf(socket) {
    const world = { entities: {}, tick: 0, fulls: 0 };

    for (const [update] of socket.heard.update ?? []) {
        assert.ok(update.tick > world.tick, 'ticks ascend');
        if (update.full) world.entities = {};
        world.fulls += update.full ? 1 : 0;
        for (const [id, fields] of Object.entries(update.put ?? {})) Object.assign((world.entities[id] ??= {}), fields);
        for (const id of update.del ?? []) delete world.entities[id];
        world.tick = update.tick;
    }
    return world;
}

const TRANSPORTS = { 'polling, then a WebSocket': {}, polling: { transports: ['polling'] }, 'a WebSocket': { transports: ['websocket'] } };

for (const [what, options] of Object.entries(TRANSPORTS))
    test(`a player over ${what}`, async (t) => {
        const ann = await join(t, server.url, { ...options, auth: { name: 'Ann', colour: 5 } });

        await until(() => ann.heard.update?.length > 20, 'twenty updates');
        const [[welcome, offset]] = ann.heard.welcome;
        assert.deepEqual([welcome.type, welcome.room, welcome.rate], ['welcome', 'main', 20]);
        assert.match(offset, /^\d+$/);
        const world = worldOf(ann);
        assert.equal(world.fulls, 1);
        const named = ann.heard.update.find(([u]) => u.names?.[welcome.seat] === 'Ann');
        assert.equal(named[0].colours[welcome.seat], 5);
        assert.ok(Object.keys(world.entities).length >= 3);

        const pong = await ann.timeout(5000).emitWithAck('ping', { t: 12.5 });
        assert.deepEqual([pong.type, pong.t], ['pong', 12.5]);
        ann.emit('input', { seq: 1, buttons: 1 });
        await until(() => ann.heard.update.some(([u]) => u.ack === 1), 'ack of the input');
        ann.emit('chat', { text: 'hello' });
        await until(() => ann.heard.event?.some(([e]) => e.type === 'chat' && e.text === 'hello'), 'own chat');
        assert.equal((await ann.timeout(5000).emitWithAck('input', { seq: 'x' })).type, 'error');
        assert.equal(ann.io.engine.transport.name, what === 'polling' ? 'polling' : 'websocket');
        assert.ok(ann.heard.update.every(([u]) => u.events === undefined));
    });

test('the binary format: one attachment, which is the message of tickwire.v1', async (t) => {
    for (const transports of [['polling'], ['websocket']]) {
        const bob = await join(t, server.url, { transports, auth: { name: 'Bob', format: 'binary' } });

        await until(() => bob.heard.update?.length > 5, 'five updates');
        assert.equal(bob.heard.welcome[0].length, 2); // the message, and where recovery would begin
        for (const [name, type] of [['welcome', 1], ['update', 2], ['map', 3]])
            for (const [bytes] of bob.heard[name]) assert.equal(bytes[0] & 7, type);
        assert.ok(bob.heard.update.slice(2).every(([bytes]) => bytes.length < 1000));
    }
});

test('rooms are namespaces, several on one connection', async (t) => {
    const main = await join(t, server.url, { forceNew: false, auth: { name: 'Cat' } });
    const other = main.io.socket('/room-other', { auth: { name: 'Dog' } });
    const seen = [];

    other.on('welcome', (welcome) => seen.push(welcome));
    other.on('update', (update) => seen.push(update));
    other.connect();
    await until(() => seen.length > 5, 'updates of the other room');
    assert.equal(seen[0].room, 'other');
    assert.notEqual(other.id, main.id);
    other.disconnect();
    const before = main.heard.update.length;
    await until(() => main.heard.update.length > before + 5, 'more updates of the main room');
});

test('who may not join learns why', async (t) => {
    const refused = async (path, auth) => {
        const socket = io(server.url + path, { forceNew: true, auth });
        t.after(() => socket.close());
        return new Promise((fulfil) => socket.on('connect_error', (error) => fulfil(error.message)));
    };

    assert.equal(await refused('/room-nowhere'), 'Invalid namespace');
    assert.equal(await refused('/admin'), 'Invalid namespace');
    assert.equal(await refused('/', { name: 'x'.repeat(30) }), 'name, colour, token or view cannot be read');
    assert.equal(await refused('/', { format: 'xml' }), 'format is neither json nor binary');
    assert.equal(await refused('/', { x: 'y'.repeat(2000) }), 'auth is too long');
});

test('a lost player comes back to the seat', async (t) => {
    const far = await join(t, server.url, { auth: { name: 'Far' }, transports: ['websocket'] });

    await until(() => far.heard.update?.length > 3, 'updates');
    const { id } = far;
    const { seat } = far.heard.welcome[0][0];
    far.io.engine.transport.ws._socket.destroy();
    await until(() => far.heard.welcome.length === 2, 'another welcome');
    const [again] = far.heard.welcome[1];
    assert.deepEqual([again.seat, again.resumed, far.id], [seat, true, id]);
    far.disconnect();
    await sleep(300);
    far.connect();
    await until(() => far.heard.welcome.length === 3, 'a third welcome');
    assert.equal(far.heard.welcome[2][0].resumed, false); // a goodbye gives the seat back
});

test('who is cut off while others look on recovers: same socket, and what was said meanwhile, once', async (t) => {
    for (let round = 0; round < 4; round++) {
        const near = await join(t, server.url, { auth: { name: 'Near' }, transports: ['websocket'] });
        const gone = await join(t, server.url, { auth: { name: 'Gone' }, transports: ['websocket'], reconnectionDelay: 400, randomizationFactor: 0 });
        const said = (socket, text) => (socket.heard.event ?? []).filter(([e]) => e.type === 'chat' && e.text === text).length;
        const texts = ['before', 'meanwhile', 'after'].map((when) => `${when} ${round}`);

        await until(() => gone.heard.update?.length > 3, 'updates');
        near.emit('chat', { text: texts[0] });
        await until(() => said(gone, texts[0]) === 1, 'what was said before');
        const { id } = gone;
        gone.io.engine.transport.ws._socket.destroy();
        await until(() => !gone.connected, 'the cut');
        near.emit('chat', { text: texts[1] });
        await until(() => gone.heard.welcome.length === 2, 'another welcome');
        near.emit('chat', { text: texts[2] });
        await until(() => said(gone, texts[2]) === 1, 'what was said after');
        assert.deepEqual([gone.recovered, gone.id], [true, id]);
        assert.deepEqual(texts.map((text) => said(gone, text)), [1, 1, 1]);
        gone.close();
        near.close();
    }
});

/* Cuts the connection under it, and waits until it is back. */
async function cutAndReturn(socket) {
    const welcomes = socket.heard.welcome.length;

    socket.io.engine.transport.ws._socket.destroy();
    await until(() => !socket.connected, 'the cut');
    await until(() => socket.heard.welcome.length > welcomes, 'another welcome');
}

test('who is alone in a room recovers, too, and is told what happened while nobody looked', async (t) => {
    const alone = await join(t, `${server.url}/room-lonely`, { transports: ['websocket'], reconnectionDelay: 1000, randomizationFactor: 0 });
    const ticksMissed = () => {
        const full = alone.heard.update.findLastIndex(([update]) => update.full);
        const [first, last] = [alone.heard.update[full - 1][0].tick, alone.heard.update[full][0].tick];
        return alone.heard.event?.filter(([e]) => e.tick > first + 2 && e.tick < last - 2) ?? [];
    };

    await until(() => alone.heard.update?.length > 3, 'updates');
    for (let round = 0; round < 8; round++) {
        const { id } = alone;
        await cutAndReturn(alone);
        assert.deepEqual([alone.recovered, alone.id], [true, id]);
        await until(() => alone.heard.update.slice(-5).every(([update]) => !update.full), 'updates');
        if (ticksMissed().length > 0) break;
    }
    assert.ok(ticksMissed().length > 0, 'the bots did something meanwhile');
    const told = alone.heard.event.map(([event]) => JSON.stringify(event));
    assert.equal(new Set(told).size, told.length, 'nothing is told twice');
});

test('the binary format recovers alike', async (t) => {
    const [near, gone] = await Promise.all(['json', 'binary'].map((format) =>
        join(t, `${server.url}/room-other`, { transports: ['websocket'], auth: { format }, reconnectionDelay: 400, randomizationFactor: 0 })));
    const offsets = () => gone.heard.update.filter((args) => args.length > 1).map(([, offset]) => Number(offset));

    await until(() => gone.heard.update?.length > 3, 'updates');
    assert.match(gone.heard.welcome[0][1], /^\d+$/);
    near.emit('chat', { text: 'before' });
    await until(() => offsets().length === 1, 'an update with a line');
    const { id } = gone;
    gone.io.engine.transport.ws._socket.destroy();
    await until(() => !gone.connected, 'the cut');
    near.emit('chat', { text: 'meanwhile' });
    await until(() => gone.heard.welcome.length === 2, 'another welcome');
    assert.deepEqual([gone.recovered, gone.id], [true, id]);
    await until(() => offsets().length === 2, 'what was said meanwhile');
    assert.ok(offsets()[1] > offsets()[0]);
});

test('a player comes back after a restart', async (t) => {
    const first = await startServer(t, { args: ['--room', 'main,bots=0'] });
    const eve = await join(t, first.url, { reconnectionDelay: 100, reconnectionDelayMax: 200, auth: { name: 'Eve' } });
    const byes = [];

    eve.on('bye', (bye) => byes.push(bye));
    await until(() => eve.heard.update?.length > 3, 'updates');
    await first.stop();
    assert.equal(byes[0]?.code, 1012);
    const second = await startServer(t, { args: ['--room', 'main,bots=0', '--listen', `127.0.0.1:${first.port}`] });
    await until(() => eve.heard.welcome.length === 2, 'another welcome');
    eve.close();
    await second.stop();
});

test('two hundred on polling, on four workers', async (t) => {
    const players = await Promise.all(
        Array.from({ length: 200 }, (_, i) => join(t, server.url, { transports: ['polling'], auth: { name: `P${i}` } })),
    );

    await until(() => players.every((p) => (p.heard.update?.length ?? 0) >= 5), 'five updates for each');
    for (const player of players) worldOf(player);
    await Promise.all(players.map((p) => p.timeout(WAIT_MS).emitWithAck('ping', { t: 1 })));
    players.forEach((p) => p.close());
});

test('a poll that comes late gets the newest state, never a backlog', async () => {
    const engine = new Engine(`${server.url}/socket.io/`);
    const sid = await engine.open();
    const updates = [];

    await engine.post(sid, '40{"name":"Late"}');
    for (let i = 0; i < 6; i++) {
        const packets = (await engine.poll(sid)).split('\x1e').filter((p) => p.startsWith('42["update"'));
        assert.ok(packets.length <= 2, `${packets.length} updates at once`);
        updates.push(...packets.map((p) => JSON.parse(p.slice(2))[1].tick));
        await sleep(400);
    }
    const gaps = updates.slice(2).map((tick, i) => tick - updates[i + 1]);
    assert.ok(gaps.some((gap) => gap >= 5), `ticks ${updates}`);
    await engine.post(sid, '1');
});

test('of two rooms on one connection that polls late, each poll brings the newest state of both', async () => {
    const engine = new Engine(`${server.url}/socket.io/`);
    const sid = await engine.open();
    const ticks = { '/': [], '/room-other': [] };

    await engine.post(sid, '40{"name":"Late"}\x1e40/room-other,{"name":"Late"}');
    for (let i = 0; i < 8; i++) {
        for (const packet of (await engine.poll(sid)).split('\x1e')) {
            const [, nsp, json] = /^42(\/[^,]*)?,?(\["update".*)/.exec(packet) ?? [];
            if (json) ticks[nsp ?? '/'].push(JSON.parse(json)[1].tick);
        }
        await sleep(300);
    }
    for (const [nsp, list] of Object.entries(ticks)) {
        assert.ok(list.length >= 5, `${nsp}: ${list}`);
        assert.ok(list.slice(2).every((tick, i) => tick - list[i + 1] >= 4), `${nsp} got what was in between: ${list}`);
    }
    await engine.post(sid, '1');
});

/* ---- the echo, for what the game has no use for ---- */

test('events, acks and bytes of any shape come back', async (t) => {
    for (const options of Object.values(TRANSPORTS)) {
        const socket = await join(t, echo.url, options);
        const args = [1, 'zwei €', { deep: [{ bytes: Buffer.from([1, 2, 3]) }, null, true] }, Buffer.alloc(70000, 7)];
        const back = new Promise((fulfil) => socket.once('message-back', (...got) => fulfil(got)));

        socket.emit('message', ...args);
        assert.deepEqual(await back, args);
        const acked = await new Promise((fulfil) => socket.emit('message-with-ack', ...args, (...got) => fulfil(got)));
        assert.deepEqual(acked, args);
        await assert.rejects(socket.timeout(50).emitWithAck('unknown', 1));
    }
});

test('a thousand messages across the switch of transports, none lost, none twice, in order', async (t) => {
    await Promise.all(Array.from({ length: 10 }, async () => {
        const socket = io(echo.url, { forceNew: true });
        const got = [];

        t.after(() => socket.close());
        socket.on('message-back', (i) => got.push(i));
        for (let i = 0; i < 1000; i++) {
            socket.emit('message', i);
            if (i % 20 === 0) await sleep(1);
        }
        await until(() => got.length >= 1000, 'a thousand answers');
        assert.deepEqual(got, Array.from({ length: 1000 }, (_, i) => i));
        socket.close();
    }));
});

test('the bare Engine.IO client', async (t) => {
    for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
        const socket = new Socket(echo.url, { transports });
        const got = [];

        t.after(() => socket.close());
        socket.binaryType = 'arraybuffer';
        socket.on('message', (data) => got.push(typeof data === 'string' ? data : Buffer.from(data)));
        await new Promise((fulfil) => socket.on('open', fulfil));
        socket.send('text');
        socket.send(Buffer.from([1, 2, 3]));
        await until(() => got.length === 2, 'two answers');
        assert.deepEqual(got, ['text', Buffer.from([1, 2, 3])]);
    }
});

/* ---- order, on four workers ---- */

test('a poll right behind the switch is refused, each time', async (t) => {
    const engine = new Engine(`${echo.url}/engine.io/`);

    await Promise.all(Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 25; i++) {
            const sid = await engine.open();
            const wire = await engine.wire(t, { sid }).opened();
            wire.send('2probe');
            await wire.next();
            wire.send('5');
            const answer = await engine.get(sid);
            assert.deepEqual([answer.status, JSON.parse(answer.text).code], [400, 3]);
            wire.socket.terminate();
        }
    }));
    const text = await (await fetch(`${echo.url}/metrics`)).text();
    assert.ok(Number(/^tickwire_connections_moved_total (\d+)$/m.exec(text)[1]) > 200);
});

test('a poll right behind one that was given up is refused, each time', async () => {
    const engine = new Engine(`${echo.url}/engine.io/`);

    await Promise.all(Array.from({ length: 8 }, async () => {
        for (let i = 0; i < 25; i++) {
            const sid = await engine.open();
            const socket = connect(echo.port, '127.0.0.1');
            const { pathname, search } = new URL(engine.address({ sid }));
            await new Promise((fulfil) => socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: a\r\n\r\n`, fulfil));
            await sleep(10);
            socket.destroy();
            await sleep(10);
            assert.equal((await engine.get(sid)).status, 400);
        }
    }));
});

test('the servers end without a complaint', async () => {
    for (const what of cleanup.reverse()) await what();
});
