// A session from hello to bye, over a real server with four workers.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BinaryClient, JsonClient, joinBinary, joinJson } from '../lib/clients.mjs';
import { runProgram, startServer } from '../lib/server.mjs';

const QUIET = ['--workers', '4', '--room', 'arena,bots=0'];

async function start(t, args = QUIET) {
    const server = await startServer(t, { args });
    return { server, url: `${server.wsUrl}/ws/updates` };
}

/* The room hears of comings and goings at its next tick. */
async function playersBecome(server, count) {
    for (let attempt = 0; attempt < 100; attempt++) {
        const [room] = await (await fetch(`${server.url}/api/rooms`)).json();

        if (room.players === count) return;
        await sleep(20);
    }
    assert.fail(`the room never has ${count} players`);
}

function isFar([ax, ay], [bx, by], distance) {
    return Math.hypot(ax - bx, ay - by) > distance;
}

test('a JSON guest is welcome, sees its craft, and its input moves it', async (t) => {
    const { url } = await start(t);
    const guest = new JsonClient(t, url); // says nothing
    await guest.until((c) => c.own, 'own craft');
    const from = [guest.own.x, guest.own.y];
    guest.hold({ buttons: 1, aim: 90 });
    await guest.until((c) => isFar([c.own.x, c.own.y], from, 20), 'movement');

    assert.equal(guest.welcome.room, 'arena');
    assert.match(guest.names[guest.welcome.seat], /^Guest/);
});

test('a binary player is welcome, and its prediction needs no correction', async (t) => {
    const { url } = await start(t);
    const player = await joinBinary(t, url, { name: 'Ann' });
    const from = player.place;
    player.input([1, 0, 0, 0]);
    await player.until((c) => c.place && isFar(c.place, from, 20 * 256), 'movement');
    player.wasm.read_stats(player.now());
    const stats = new Int32Array(player.wasm.memory.buffer, player.wasm.stats_at(), 13);

    assert.equal(stats[7], 0, 'corrections');
    assert.equal(stats[8] + stats[9], 0, 'hash and decode errors');
});

test('players on several workers and in both flavours see each other', async (t) => {
    const { url } = await start(t, ['--workers', '4', '--room', 'arena,bots=0']);
    const players = [];
    for (let i = 0; i < 8; i++) players.push(await joinJson(t, `${url}?name=P${i}`));
    const binary = await joinBinary(t, url, { name: 'Bin' });
    const seats = new Set([...players.map((p) => p.welcome.seat), binary.seat]);
    players.forEach((p) => p.hold({ buttons: 0 }));
    await players[0].until((c) => c.tick > players[0].welcome.tick + 20, 'twenty ticks');

    assert.equal(seats.size, 9);
    players[1].say({ type: 'chat', text: 'hello, all' });
    await players[7].until((c) => c.events.some((e) => e.text === 'hello, all'), 'the chat line');
});

test('a token brings the seat back after the connection broke', async (t) => {
    const { url } = await start(t);
    const ann = await joinJson(t, `${url}?name=Ann`);
    await ann.until((c) => c.own, 'own craft');
    const { seat, token } = ann.welcome;
    ann.socket.terminate();
    await ann.until((c) => c.closed, 'the break');
    const again = new JsonClient(t, url);
    again.socket.on('open', () => again.say({ type: 'hello', token }));
    await again.until((c) => c.welcome && c.own, 'welcome');

    assert.equal(again.welcome.seat, seat);
    assert.equal(again.welcome.resumed, true);
    assert.notEqual(again.welcome.token, token, 'a token serves once');
});

test('a colour goes to all who learn the name, and stays with the seat', async (t) => {
    const { url } = await start(t);
    const ann = new JsonClient(t, `${url}?name=Ann`);
    ann.socket.on('open', () => ann.say({ type: 'hello', colour: 7 }));
    const bob = await joinBinary(t, url, { name: 'Bob', colour: 12 });
    await ann.until((c) => c.own, 'own craft');
    const [annSeat, bobSeat] = [ann.welcome.seat, bob.seat];
    const both = (annColour, bobColour) => (c) =>
        c.names[annSeat] === 'Ann' && c.colours[annSeat] === annColour && c.colours[bobSeat] === bobColour;

    await ann.until(both(7, 12), 'both colours');
    await bob.until((c) => c.wasm.colour(annSeat) === 7 && c.wasm.colour(bobSeat) === 12, 'both colours');

    // What is no colour is none; what is not said stays.
    ann.say({ type: 'hello', colour: 13 });
    await ann.until(both(0, 12), 'the colour gone');
    await bob.until((c) => c.wasm.colour(annSeat) === 0, 'the colour gone');
    ann.say({ type: 'hello', colour: 3 });
    await bob.until((c) => c.wasm.colour(annSeat) === 3, 'another colour');

    ann.socket.terminate();
    await ann.until((c) => c.closed, 'the break');
    const again = new JsonClient(t, url);
    again.socket.on('open', () => again.say({ type: 'hello', token: ann.welcome.token }));
    await again.until(both(3, 12), 'both colours after the resume');
    assert.equal(again.welcome.resumed, true);
});

test('a wrong token gives a new seat', async (t) => {
    const { url } = await start(t);
    const ann = await joinJson(t, `${url}?name=Ann`);
    const eve = new JsonClient(t, url);
    const forged = `${'0'.repeat(32)}${ann.welcome.token.slice(32)}`;
    eve.socket.on('open', () => eve.say({ type: 'hello', token: forged }));
    await eve.until((c) => c.welcome, 'welcome');

    assert.equal(eve.welcome.resumed, false);
    assert.notEqual(eve.welcome.seat, ann.welcome.seat);
});

test('coming back while the old connection still stands ends the old one', async (t) => {
    const { url } = await start(t);
    const ann = await joinJson(t, `${url}?name=Ann`);
    const again = new JsonClient(t, url);
    again.socket.on('open', () => again.say({ type: 'hello', token: ann.welcome.token }));
    await again.until((c) => c.welcome, 'welcome');

    assert.equal(again.welcome.seat, ann.welcome.seat);
    assert.equal((await ann.end()).code, 4003);
});

test('a seat left for good is not kept', async (t) => {
    const { server, url } = await start(t);
    const ann = await joinJson(t, `${url}?name=Ann`);
    ann.socket.close(1000);
    await ann.end();
    await playersBecome(server, 0);
    const again = new JsonClient(t, url);
    again.socket.on('open', () => again.say({ type: 'hello', token: ann.welcome.token }));
    await again.until((c) => c.welcome, 'welcome');

    assert.equal(again.welcome.resumed, false);
});

test('a spectator sees the players and takes no seat', async (t) => {
    const { server, url } = await start(t);
    await joinJson(t, `${url}?name=Ann`);
    const watcher = await joinJson(t, `${url}?spectate=1`);
    await watcher.until((c) => Object.values(c.entities).some((e) => e.kind === 'craft'), 'a craft');
    const [room] = await (await fetch(`${server.url}/api/rooms`)).json();

    assert.equal(watcher.welcome.seat, null);
    assert.equal(room.players, 1);
    assert.equal(room.spectators, 1);
});

test('bots fill the room and make place for players', async (t) => {
    const { server, url } = await start(t, ['--workers', '2', '--room', 'arena,bots=3']);
    const count = async () => (await (await fetch(`${server.url}/api/rooms`)).json())[0];
    const ann = await joinJson(t, url);
    await ann.until((c) => c.updates > 10, 'updates');
    const one = await count();
    for (let i = 0; i < 3; i++) await joinJson(t, url);
    await ann.until((c) => c.updates > 40, 'updates');
    const four = await count();

    assert.deepEqual([one.players, one.bots], [1, 2]);
    assert.deepEqual([four.players, four.bots], [4, 0]);
});

test('a page that is hidden gets lines only, and one full update when it returns', async (t) => {
    const { url } = await start(t);
    const ann = await joinJson(t, `${url}?name=Ann`);
    const bob = await joinJson(t, `${url}?name=Bob`);
    await ann.until((c) => c.updates > 5, 'updates');
    ann.say({ type: 'view', hidden: true });
    await bob.until((c) => c.updates > 20, 'time');
    const { updates, fulls } = ann;
    bob.say({ type: 'chat', text: 'still there?' });
    await ann.until((c) => c.events.some((e) => e.text === 'still there?'), 'the chat line');
    await bob.until((c) => c.updates > 40, 'more time');

    assert.ok(ann.updates - updates <= 1, `${ann.updates - updates} updates while hidden`);
    ann.say({ type: 'view', hidden: false });
    await ann.until((c) => c.fulls > fulls, 'a full update');
});

test('SIGTERM says bye, closes 1012 with a reason, and ends with 0', async (t) => {
    const { server, url } = await start(t);
    const ann = await joinJson(t, url);
    const bob = await joinBinary(t, url);
    server.kill('SIGTERM');
    const [first, second] = await Promise.all([ann.end(), bob.end()]);

    assert.equal(first.code, 1012);
    assert.ok(first.reason.length > 0);
    assert.equal(ann.bye.code, 1012);
    assert.equal(second.code, 1012);
    assert.equal(await server.exitCode, 0);
});

test('a second server on the same port says so and ends with 1', async (t) => {
    const { server } = await start(t);
    const args = ['--listen', `127.0.0.1:${server.port}`, '--record', 'none'];
    const second = await runProgram('tickwire-server', args);

    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`^tickwire-server: .*${server.port}.*\\n`));
});

/* A map so small that everyone sees everyone. */
function smallMap(t) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-map-'));
    const file = join(dir, 'small.json');
    const rows = Array.from({ length: 12 }, (_, y) =>
        y % 11 === 0 ? '#'.repeat(12) : y % 4 === 2 ? '#..S....S..#' : '#..........#');

    t.after(() => rmSync(dir, { recursive: true, force: true }));
    writeFileSync(file, JSON.stringify({ name: 'small', rows }));
    return file;
}

test('both flavours of one room tell the same places', async (t) => {
    const { url } = await start(t, ['--workers', '4', '--room', `arena,bots=0,map=${smallMap(t)}`]);
    const json = await joinJson(t, url);
    const binary = await joinBinary(t, url);
    const craftOf = (c, seat) => Object.values(c.entities).find((e) => e.kind === 'craft' && e.owner === seat);
    json.hold({ buttons: 0 });
    await json.until((c) => craftOf(c, binary.seat), 'the sight of the binary player');
    const { tick } = json;
    await json.until((c) => c.tick > tick + 20, 'rest');
    const other = craftOf(json, binary.seat);

    assert.ok(Math.abs(other.x - binary.place[0] / 256) < 1, `${other.x} ${binary.place[0] / 256}`);
    assert.ok(Math.abs(other.y - binary.place[1] / 256) < 1);
});
