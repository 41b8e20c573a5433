// Rooms that nobody configured: made when somebody asks for them, gone when they are empty.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { JsonClient, joinBinary, joinJson } from '../lib/clients.mjs';
import { scratchFolder } from '../lib/recordings.mjs';
import { startServer } from '../lib/server.mjs';

const TEMPLATE = ['--workers', '2', '--room', 'arena,bots=0', '--room-template', 'players=4,bots=0'];

async function start(t, args, options = {}) {
    const server = await startServer(t, { args: [...TEMPLATE, ...args], ...options });
    return { server, url: `${server.wsUrl}/ws/updates` };
}

async function listRooms(server) {
    return (await fetch(`${server.url}/api/rooms`)).json();
}

async function readMetric(server, name) {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(new RegExp(`^tickwire_${name} (\\S+)$`, 'm').exec(text)[1]);
}

async function metricBecomes(server, name, value) {
    for (let attempt = 0; attempt < 300; attempt++) {
        if ((await readMetric(server, name)) === value) return;
        await sleep(50);
    }
    assert.fail(`${name} is ${await readMetric(server, name)}, never ${value}`);
}

async function refusal(t, url) {
    const client = new JsonClient(t, url);
    await client.end();
    return `${client.closed.code} ${client.closed.reason}`;
}

test('an unknown room is made from the template, listed, and freed when it is empty', async (t) => {
    const { server, url } = await start(t, ['--room-keep-s', '0', '--seat-keep-s', '0']);
    const ann = await joinJson(t, `${url}?room=ours&name=Ann`);
    const bea = await joinBinary(t, `${url}?room=ours`, { name: 'Bea' });
    await ann.until((c) => Object.values(c.names).includes('Bea'), 'Bea in the same room');
    await bea.until((c) => c.place, 'a body');
    const rooms = await listRooms(server);

    assert.deepEqual(
        rooms.map((room) => [room.name, room.players, room.capacity]),
        [
            ['arena', 0, 1000],
            ['ours', 2, 4],
        ],
    );
    ann.socket.close();
    bea.socket.close();
    await metricBecomes(server, 'rooms', 1);
    assert.equal((await listRooms(server)).length, 1);
    assert.equal(await readMetric(server, 'rooms_freed_total'), 1);
});

test('anyone is told the players of a room, and of 256 rooms at most', async (t) => {
    const { server, url } = await start(t, ['--rooms-max', '300']);
    const list = async () => (await fetch(`${server.url}/rooms`)).json();
    await joinJson(t, `${url}?room=ours&name=Ann`);
    await joinJson(t, `${url}?room=ours&spectate=1`);
    assert.deepEqual((await list())[1], { name: 'ours', game: 'skirmish', players: 1, players_max: 4 });

    for (let i = 0; i < 260; i += 52)
        await Promise.all(Array.from({ length: 52 }, (_, j) => joinJson(t, `${url}?room=${'r'.repeat(28)}${i + j}`)));
    assert.equal((await list()).length, 256);
});

test('beyond rooms_max, and under a name that no room may have', async (t) => {
    const { url } = await start(t, ['--rooms-max', '2']);
    await joinJson(t, `${url}?room=second`);
    await joinJson(t, url); // the default room is there anyhow

    assert.equal(await refusal(t, `${url}?room=third`), '1013 there are too many rooms, try again later');
    assert.equal(await refusal(t, `${url}?room=${encodeURIComponent('../x')}`), '4004 there is no such room');
    await joinJson(t, `${url}?room=second`);
});

test('a hundred rooms come and go, and the server answers after them', async (t) => {
    const { server, url } = await start(t, ['--room-keep-s', '0', '--seat-keep-s', '0']);
    for (let round = 0; round < 2; round++) {
        const players = Array.from({ length: 50 }, (_, i) => joinJson(t, `${url}?room=r${round}-${i}`));
        for (const player of await Promise.all(players)) player.socket.close();
    }
    await metricBecomes(server, 'rooms_freed_total', 100);
    assert.equal(await readMetric(server, 'rooms'), 1);
    await joinJson(t, `${url}?room=r0-0`);
});

test('a player comes back to a seat in a room of its own', async (t) => {
    const { server, url } = await start(t, ['--room-keep-s', '0']);
    const ann = await joinJson(t, `${url}?room=ours&name=Ann`);
    const { seat, token } = ann.welcome;
    ann.socket.terminate();
    await sleep(300);
    assert.equal(await readMetric(server, 'rooms'), 2, 'the seat keeps the room');
    const again = new JsonClient(t, `${url}?room=ours`);
    again.socket.on('open', () => again.say({ type: 'hello', token }));
    await again.until((c) => c.updates > 0, 'an update');

    assert.equal(again.welcome.seat, seat);
});

test('empty rooms tick on if the config says so', async (t) => {
    const { server, url } = await start(t, ['--empty-rooms-sleep=false']);
    const ann = await joinJson(t, `${url}?room=ours`);
    ann.socket.close();
    await metricBecomes(server, 'rooms_awake', 2);
    const ticks = await readMetric(server, 'ticks_total');
    await sleep(300);
    assert.ok((await readMetric(server, 'ticks_total')) > ticks);
});

test('as many rooms are recorded as the config says; the log tells of another', async (t) => {
    const dir = scratchFolder(t);
    const { server, url } = await start(t, ['--record', dir, '--rooms-recorded-max', '1'], { records: true });
    await joinJson(t, `${url}?room=first`);
    await metricBecomes(server, 'rooms_recorded', 1);
    await joinJson(t, `${url}?room=second`);
    await server.waitForLog(/event=recording_refused room=second/);

    assert.equal(await readMetric(server, 'room_records_refused_total'), 1);
});
