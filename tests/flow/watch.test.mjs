// Recordings watched over /ws/replay/ID, in both flavours: from any moment, at any speed, by whom it may.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BinaryClient, JsonClient } from '../lib/clients.mjs';
import { runProgram, startServer } from '../lib/server.mjs';

const GOLDEN = new URL('../vectors/recordings', import.meta.url).pathname;
const RECORDINGS = ['v1_plain', 'v1_field_removed', 'v1_fields_added', 'v1_fields_widened', 'v2_plain'];
const FIRST = 1;
const LAST = 130; // of all of them
const QUANTUM = 1 / 8; // a place on the wire

/* A folder with the golden recordings, and a damaged one. */
function makeFolder() {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-watch-'));
    for (const name of RECORDINGS) copyFileSync(join(GOLDEN, `${name}.db`), join(dir, `${name}.db`));
    const bytes = readFileSync(join(GOLDEN, 'v1_plain.db'));

    // Zeros in the middle of everything that is packed.
    for (let at = 8192; at < bytes.length; at += 997) bytes.fill(0, at, at + 8);
    writeFileSync(join(dir, 'damaged.db'), bytes);
    writeFileSync(join(dir, 'nonsense.db'), 'not a recording');
    return dir;
}

/* A server that has them; the folder goes after it. */
async function startWithRecordings(t, args) {
    const dir = makeFolder();
    const server = await startServer(t, { args: ['--record', dir, ...args] });

    t.after(() => rmSync(dir, { recursive: true, force: true }));
    return { dir, server };
}

/* A JSON client that keeps what is told about the playback. */
class Watcher extends JsonClient {
    constructor(t, url, options) {
        super(t, url, options);
        this.statuses = [];
        this.ticks = [];
    }

    take(data) {
        const message = JSON.parse(data.toString());

        super.take(data);
        if (message.type === 'playback') this.statuses.push((this.status = message));
        if (message.type === 'about') this.about = message;
        if (message.type === 'update') this.ticks.push(message.tick);
        this.lastFull = message.type === 'update' ? Boolean(message.full) : this.lastFull;
    }

    async seek(tick) {
        const fulls = this.fulls;

        this.say({ type: 'seek', tick });
        await this.until((c) => c.fulls > fulls && c.ticks.includes(tick), `tick ${tick}`);
    }
}

async function watch(t, server, id, query = '', options = {}) {
    const watcher = new Watcher(t, `${server.wsUrl}/ws/replay/${id}${query}`, options);

    await watcher.until((c) => c.welcome && c.status && c.updates > 0, 'the first picture');
    return watcher;
}

async function pausedAt(t, server, id, tick) {
    const watcher = await watch(t, server, id, `?t=${tick}`);

    watcher.say({ type: 'pause' });
    await watcher.until((c) => c.status.paused, 'the pause');
    await watcher.seek(tick);
    return watcher;
}

/* What the tool says of the same moment, which reads the file without any server. */
async function stateOf(dir, id, tick) {
    const { stdout } = await runProgram('tickwire-replay', ['seek', join(dir, `${id}.db`), String(tick), '--json']);

    return JSON.parse(stdout).entities;
}

/* Everything of that kind that the watcher sees stands where the recording has it. */
function assertSamePlaces(seen, recorded, kind) {
    const ids = Object.keys(seen).filter((id) => seen[id].kind === kind);

    assert.ok(ids.length > 0, `no ${kind} in sight`);
    for (const id of ids) {
        for (const axis of ['x', 'y']) {
            const off = Math.abs(seen[id][axis] - recorded[id][axis]);
            assert.ok(off <= QUANTUM, `${kind} ${id}: ${axis} ${seen[id][axis]}, recorded ${recorded[id][axis]}`);
        }
    }
}

function statusOf(server, path, headers = {}) {
    return new Promise((fulfil, reject) => {
        get(`${server.url}${path}`, { headers }, (response) => {
            response.resume();
            fulfil(response.statusCode);
        }).on('error', reject);
    });
}

async function listOf(server) {
    for (;;) {
        const list = await (await fetch(`${server.url}/api/recordings`)).json();

        if (list.length >= RECORDINGS.length && list.every(({ marks }) => marks.length > 0)) return list; // a thread reads the folder once a second
        await new Promise((fulfil) => setTimeout(fulfil, 50));
    }
}

test('recordings', async (t) => {
    const { dir, server } = await startWithRecordings(t, ['--workers', '2', '--room', 'arena,bots=3']);

    await t.test('the list says what there is', async () => {
        const list = await listOf(server);
        const plain = list.find(({ id }) => id === 'v1_plain');

        assert.deepEqual(list.map(({ id }) => id).sort(), [...RECORDINGS].sort());
        assert.equal(plain.game, 'skirmish');
        assert.equal(plain.ticks, LAST - FIRST + 1);
        assert.equal(plain.status, 'complete');
        assert.equal(plain.marks.length, 32);
        assert.ok(plain.bytes > 0 && plain.started > 0 && plain.players > 0);
        const older = await (await fetch(`${server.url}/api/recordings?before=${list[1].id}`)).json();
        assert.deepEqual(older, list.slice(2));
    });

    await t.test('one plays from its first tick to its last, and tells what happened in it', async (t) => {
        const watcher = await watch(t, server, 'v1_plain');

        watcher.say({ type: 'speed', speed: 4 });
        await watcher.until((c) => c.status.ended && c.about, 'the end');
        const { status, about, ticks, welcome } = watcher;
        const steps = new Set(ticks.slice(5).map((tick, i) => tick - ticks[i + 4]));

        assert.equal(welcome.seat, null);
        assert.equal(ticks[0], FIRST);
        assert.equal(ticks.at(-1), LAST);
        assert.ok([...steps].every((step) => step > 0 && step % 4 === 0 || step < 4), `steps: ${[...steps]}`);
        assert.deepEqual([status.first, status.last, status.running, status.live], [FIRST, LAST, false, false]);
        assert.equal(about.players.length, 4);
        assert.deepEqual(about.players[0], [0, 'player 0', false, 1, null, 0]);
        const kinds = about.kinds.map(({ type }) => type);
        assert.ok(about.marks.every(([tick, kind]) => tick >= FIRST && tick <= LAST && kind < kinds.length));
        assert.equal(watcher.names[0], 'player 0');
    });

    await t.test('players come in the colours that they had chosen', async (t) => {
        const watcher = await watch(t, server, 'v2_plain', '');

        await watcher.until((c) => c.names[3] && c.about, 'names');
        assert.deepEqual([watcher.colours[0], watcher.colours[3]], [0, 3]);
        assert.deepEqual(watcher.about.players[3], [3, 'player 3', false, 1, null, 3]);
    });

    await t.test('after the end, play begins anew', async (t) => {
        const watcher = await watch(t, server, 'v1_plain', `?t=${LAST}`);

        await watcher.until((c) => c.status.ended, 'the end');
        watcher.say({ type: 'play' });
        await watcher.until((c) => c.ticks.includes(FIRST) && !c.status.ended, 'the beginning');
    });

    await t.test('a seek answers with the whole state of that tick, as it was recorded', async (t) => {
        const watcher = await pausedAt(t, server, 'v1_plain', 60);

        for (const tick of [60, 17, 129, 1, 130]) {
            await watcher.seek(tick);
            assert.equal(watcher.tick, tick);
            assertSamePlaces(watcher.entities, await stateOf(dir, 'v1_plain', tick), 'craft');
        }
        await watcher.seek(40);
        watcher.say({ type: 'seek', by: 25 });
        await watcher.until((c) => c.tick === 65, '25 ticks on');
        watcher.say({ type: 'seek', by: -1000 });
        await watcher.until((c) => c.tick === FIRST, 'the first tick');
        watcher.say({ type: 'seek', tick: 4000000000 });
        await watcher.until((c) => c.tick === LAST, 'the last tick');
    });

    await t.test('of many seeks at once the last counts', async (t) => {
        const watcher = await pausedAt(t, server, 'v1_plain', 5);

        for (let tick = 10; tick <= 120; tick += 5) watcher.say({ type: 'seek', tick });
        await watcher.until((c) => c.tick === 120, 'tick 120');
        await watcher.seek(50);
        assert.equal(watcher.tick, 50);
        assert.ok(watcher.status.paused);
    });

    await t.test('paused, it steps both ways', async (t) => {
        const watcher = await pausedAt(t, server, 'v1_plain', 60);
        const fulls = watcher.fulls;

        watcher.say({ type: 'step' });
        await watcher.until((c) => c.tick === 61, 'a step on');
        assert.equal(watcher.fulls, fulls, 'a step on is a difference');
        watcher.say({ type: 'step', ticks: -2 });
        await watcher.until((c) => c.tick === 59, 'two steps back');
        assertSamePlaces(watcher.entities, await stateOf(dir, 'v1_plain', 59), 'craft');
        watcher.say({ type: 'step', ticks: 70 });
        await watcher.until((c) => c.tick === 129, 'seventy steps on');
        assertSamePlaces(watcher.entities, await stateOf(dir, 'v1_plain', 129), 'craft');
        const updates = watcher.updates;
        await new Promise((fulfil) => setTimeout(fulfil, 300));
        assert.equal(watcher.updates, updates, 'while it stands, nothing is sent');
    });

    await t.test('slow motion tells each tick, sixteenfold speed each sixteenth', async (t) => {
        const watcher = await watch(t, server, 'v1_plain', '?t=10');

        watcher.say({ type: 'speed', speed: 0.25 });
        await watcher.until((c) => c.status.speed === 0.25, 'slow motion');
        const from = watcher.ticks.length;
        await watcher.until((c) => c.ticks.length > from + 3, 'four ticks');
        const slow = watcher.ticks.slice(from - 1);
        assert.ok(slow.every((tick, i) => i === 0 || tick === slow[i - 1] + 1), `ticks: ${slow}`);
        watcher.say({ type: 'speed', speed: 16 });
        await watcher.until((c) => c.status.ended, 'the end');
        const fast = watcher.ticks.slice(from);
        assert.ok(fast.some((tick, i) => i > 0 && tick === fast[i - 1] + 16), `ticks: ${fast}`);
    });

    for (const id of RECORDINGS) {
        await t.test(`${id} is shown in the tables of this build`, async (t) => {
            const watcher = await pausedAt(t, server, id, 90);
            const fresh = await pausedAt(t, server, 'v1_plain', 90);
            const recorded = await stateOf(dir, id, 90);
            const [craft] = Object.values(fresh.entities).filter(({ kind }) => kind === 'craft');

            for (const seen of Object.values(watcher.entities).filter(({ kind }) => kind === 'craft'))
                assert.deepEqual(Object.keys(seen).sort(), Object.keys(craft).sort());
            assertSamePlaces(watcher.entities, recorded, 'pickup');
        });
    }

    await t.test('the camera follows a player, or looks at a place', async (t) => {
        const watcher = await pausedAt(t, server, 'v1_plain', 60);
        const recorded = await stateOf(dir, 'v1_plain', 60);
        const bodies = Object.entries(recorded).filter(([, { kind }]) => kind === 'craft');
        const look = async (camera) => {
            const { updates } = watcher;

            watcher.say({ type: 'camera', ...camera });
            await watcher.until((c) => c.updates > updates, 'another picture');
            return Object.keys(watcher.entities);
        };

        watcher.say({ type: 'view', view: [60, 60] });
        for (const [id, { owner }] of bodies) {
            assert.ok((await look({ seat: owner })).includes(id), `player ${owner} is in sight`);
            assert.ok((await look({ id: Number(id) })).includes(id), `entity ${id} is in sight`);
        }
        const [[id, { x, y }]] = bodies;
        assert.ok((await look({ at: [x, y] })).includes(id));
        assert.ok(!(await look({ at: [x > 1000 ? 0 : 2000, y > 1000 ? 0 : 2000] })).includes(id));
    });

    await t.test('the binary flavour decodes the same stream', async (t) => {
        const watcher = new BinaryClient(t, `${server.wsUrl}/ws/replay/v1_plain?t=20`);
        const { wasm } = watcher;
        const status = () => new Int32Array(wasm.memory.buffer, wasm.read_playback(), 8);
        const control = (kind, value = 0) => assert.ok(wasm.control(kind, value));

        await watcher.until((c) => c.isPlaying && c.wasm.read_playback(), 'the first picture');
        assert.equal(watcher.seat, 0xffff);
        control(0); // pause
        control(3, 100); // seek
        await watcher.until(() => wasm.moment_tick() === 100 && status()[3 + 1] === 1, 'tick 100');
        assert.deepEqual([...status()], [FIRST, LAST, 100, 0, 1, 0, 0, 0]);
        assert.ok(wasm.drawn_count() > 0);
        control(5, -1); // step
        await watcher.until(() => wasm.moment_tick() === 99, 'tick 99');
        control(5, 1);
        await watcher.until(() => wasm.moment_tick() === 100, 'tick 100 again');
        control(2, 4); // sixteen times as fast
        control(1); // play
        await watcher.until(() => wasm.moment_tick() === LAST && status()[5] === 1, 'the end');
        assert.equal(watcher.result, 0);
        wasm.read_stats(watcher.now());
        const [hashErrors, decodeErrors] = new Int32Array(wasm.memory.buffer, wasm.stats_at(), 10).slice(8);
        assert.deepEqual([hashErrors, decodeErrors], [0, 0]);
    });

    await t.test('what cannot be played is said in words', async (t) => {
        const ends = async (path) => {
            const watcher = new Watcher(t, `${server.wsUrl}/ws/replay/${path}`);
            return watcher.end();
        };

        assert.deepEqual(await ends('nobody'), { code: 4004, reason: 'there is no such recording' });
        assert.equal((await ends('a.b')).code, 4004);
        assert.equal((await ends(`${'x'.repeat(200)}`)).code, 4004);
        assert.equal((await ends('nonsense')).code, 4004);
        assert.equal((await ends('damaged')).code, 4005);
        assert.equal(await statusOf(server, '/ws/replay/v1_plain'), 426);
        const refused = new Watcher(t, `${server.wsUrl}/ws/replay/v1_plain?t=soon`);
        await refused.until((c) => c.error, 'a refusal');
        assert.match(refused.error.message, /400/);
    });

    await t.test('wrong controls get the answer that PROTOCOL.md says', async (t) => {
        const watcher = await watch(t, server, 'v1_plain');
        watcher.say({ type: 'live' });
        watcher.say({ type: 'speed', speed: 3 });
        await watcher.until((c) => c.errors.length === 2, 'two errors');
        assert.deepEqual(watcher.errors, [
            'a recording is not live',
            'speed is none of 0.125, 0.25, 0.5, 1, 2, 4, 8, 16',
        ]);
        watcher.say({ type: 'seek' });
        assert.deepEqual(await watcher.end(), { code: 1008, reason: 'seek without tick or by' });

        const binary = new BinaryClient(t, `${server.wsUrl}/ws/replay/v1_plain`);
        await binary.until((c) => c.isPlaying, 'the first picture');
        binary.socket.send(Buffer.from([6, 9, 0, 0, 0, 0]));
        assert.equal((await binary.end()).code, 1008);

        const player = new Watcher(t, `${server.wsUrl}/ws/updates`);
        await player.until((c) => c.updates > 0, 'an update');
        player.say({ type: 'pause' });
        player.say({ type: 'camera', seat: 1 });
        await player.until((c) => c.errors.length === 2, 'two errors');
        assert.deepEqual(player.errors, ["time is not a player's to turn", 'only who watches has a camera']);
    });

    await t.test('who comes through a proxy is not from this machine', async () => {
        const headers = { 'X-Forwarded-For': '203.0.113.9' };

        assert.equal(await statusOf(server, '/api/recordings', headers), 403);
        assert.equal(await statusOf(server, '/ws/replay/v1_plain', headers), 403);
        assert.equal(await statusOf(server, '/replay/v1_plain', headers), 200);
    });
});

test('what is full says so, what stands still ends, and all may watch if they are let', async (t) => {
    const limits = ['--playbacks-max', '3', '--address-playbacks-max', '2', '--playback-idle-s', '1'];
    const { server } = await startWithRecordings(t, ['--replay-public', ...limits, '--room', 'arena,bots=0']);
    const from = (address) => ({ headers: { 'X-Forwarded-For': address } });
    const watchers = [];

    assert.equal(await statusOf(server, '/api/recordings', from('203.0.113.9').headers), 200);
    for (const address of ['203.0.113.9', '203.0.113.9', '203.0.113.10'])
        watchers.push(await watch(t, server, 'v1_plain', '', from(address)));
    const all = new Watcher(t, `${server.wsUrl}/ws/replay/v1_plain`, from('203.0.113.11'));
    assert.deepEqual(await all.end(), { code: 1013, reason: 'all playbacks are taken, try again later' });
    watchers[2].socket.close(1000);
    await watchers[2].end();
    const again = new Watcher(t, `${server.wsUrl}/ws/replay/v1_plain`, from('203.0.113.9'));
    assert.deepEqual(await again.end(), {
        code: 1013,
        reason: 'too many playbacks from your address, end one first',
    });
    watchers[0].say({ type: 'pause' });
    assert.deepEqual(await watchers[0].end(), { code: 1000, reason: 'nothing was watched for a while' });
    const text = await (await fetch(`${server.url}/metrics`)).text();
    assert.match(text, /^tickwire_playbacks_refused_total(\{.*\})? 2$/m);
});
