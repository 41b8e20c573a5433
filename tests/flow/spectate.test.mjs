// Spectators of a running match: they see it late, never early, from where they like, and may go back into it.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BinaryClient, JsonClient, joinJson } from '../lib/clients.mjs';
import { startServer } from '../lib/server.mjs';

const DELAY_MS = 1500;
const DELAY_TICKS = DELAY_MS / 50;
const NOISE_TICKS = 10; // what a player on a busy machine may have heard late: then all seem nearer
const COMMIT_TICKS = 20; // a recording is written once a second

/* Keeps what is told about the past, and asks for it. */
class Spectator extends JsonClient {
    statuses = [];

    take(data) {
        const message = JSON.parse(data.toString());

        super.take(data);
        if (message.type === 'playback') this.statuses.push((this.status = message));
        this.ontick?.(message);
    }
}

/* The newest tick that any player has been told. */
async function startPlayer(t, server) {
    const player = await joinJson(t, `${server.wsUrl}/ws/updates?name=Ann`);

    player.hold({ buttons: 17, aim: 200 });
    return player;
}

/* Notes, for each update that a spectator gets, how far the players were ahead. */
function watchDelay(spectator, player) {
    const leads = [];

    spectator.ontick = (message) => {
        if (message.type === 'update' || message.type === 'lines') leads.push(player.tick - message.tick);
        if (message.type === 'playback' && !message.live) leads.push(player.tick - message.last);
        for (const event of message.events ?? []) leads.push(player.tick - event.tick);
    };
    return leads;
}

function assertLate(leads) {
    const sorted = [...leads].sort((a, b) => a - b);

    assert.ok(sorted[0] >= DELAY_TICKS - NOISE_TICKS, `once only ${sorted[0]} ticks behind`);
    assert.ok(sorted[sorted.length >> 1] >= DELAY_TICKS - 1, `mostly ${sorted[sorted.length >> 1]} ticks behind`);
}

test('spectators', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-spectate-'));
    const args = ['--record', dir, '--room', 'arena,bots=4', '--spectate-delay-ms', String(DELAY_MS)];
    const server = await startServer(t, { args: ['--workers', '1', ...args] });
    const url = `${server.wsUrl}/ws/updates?spectate=1`;

    t.after(() => rmSync(dir, { recursive: true, force: true }));
    const player = await startPlayer(t, server);
    const early = await joinJson(t, url); // keeps the delay filled

    await t.test('nothing that a spectator is told is newer than the delay', async (t) => {
        const spectator = new Spectator(t, url);
        const leads = watchDelay(spectator, player);

        await spectator.until((c) => c.updates > 60, 'three seconds');
        t.diagnostic(`${leads.length} updates and events, ${Math.min(...leads)} to ${Math.max(...leads)} ticks behind`);
        assertLate(leads);
        assert.equal(spectator.welcome.seat, null);
        assert.ok(spectator.updates <= 75, 'each tick once');
    });

    await t.test('who comes when others watch already waits for nothing', async (t) => {
        const spectator = new Spectator(t, url);

        await spectator.until((c) => c.welcome, 'the welcome');
        const { updates } = early;
        await spectator.until((c) => c.updates > 0, 'an update');
        assert.ok(early.updates - updates < DELAY_TICKS, `${early.updates - updates} ticks later`);
    });

    await t.test('the camera of a spectator follows, or looks at a place', async (t) => {
        const spectator = new Spectator(t, url);
        const crafts = () => Object.entries(spectator.entities).filter(([, { kind }]) => kind === 'craft');

        await spectator.until(() => crafts().length > 0, 'somebody');
        spectator.say({ type: 'view', view: [20, 20] });
        for (const at of [[40, 40], [2000, 1200]]) {
            spectator.say({ type: 'camera', at });
            await spectator.until(
                () => crafts().every(([, { x, y }]) => Math.abs(x - at[0]) < 60 && Math.abs(y - at[1]) < 60),
                'only that place',
            );
        }
        spectator.say({ type: 'camera', seat: player.you.seat });
        await spectator.until(() => crafts().some(([, { owner }]) => owner === player.you.seat), 'Ann');
    });

    await t.test('a spectator goes back into the match, and live again', async (t) => {
        const spectator = new Spectator(t, url);
        const leads = watchDelay(spectator, player);

        await spectator.until((c) => c.updates > 5, 'updates');
        const { tick } = spectator;
        spectator.say({ type: 'seek', by: -40 });
        await spectator.until((c) => c.status && !c.status.live && c.tick < tick - 20, 'the past');
        const { status } = spectator;
        assert.ok(status.running && status.first <= status.tick && status.tick <= status.last);
        spectator.say({ type: 'pause' });
        spectator.say({ type: 'seek', tick: status.first });
        await spectator.until((c) => c.tick === status.first, 'its first tick');
        spectator.say({ type: 'step' });
        await spectator.until((c) => c.tick === status.first + 1, 'a step');
        spectator.say({ type: 'seek', tick: 4000000000 });
        spectator.say({ type: 'speed', speed: 16 });
        spectator.say({ type: 'play' });
        await spectator.until((c) => c.status.last > status.last + COMMIT_TICKS, 'more of the match');
        await spectator.until((c) => c.tick >= c.status.last - 1, 'its newest moment that may be seen');
        spectator.say({ type: 'live' });
        await spectator.until((c) => c.status.live, 'the live match');
        const { updates } = spectator;
        await spectator.until((c) => c.updates > updates + 20, 'updates');
        assertLate(leads);
        const ticks = player.tick - spectator.tick;
        assert.ok(ticks < DELAY_TICKS + NOISE_TICKS, `${ticks} ticks behind`);
    });

    await t.test('the recording of the running match keeps the same delay', async (t) => {
        const [running] = await (await fetch(`${server.url}/api/recordings`)).json();
        const watcher = new Spectator(t, `${server.wsUrl}/ws/replay/${running.id}?t=4000000000`);
        const leads = watchDelay(watcher, player);

        assert.equal(running.status, 'recording');
        await watcher.until((c) => c.updates > 40, 'two seconds');
        assert.ok(watcher.status.running);
        assertLate(leads);
    });

    await t.test('the binary flavour goes back and forth as well', async (t) => {
        const spectator = new BinaryClient(t, url);
        const { wasm } = spectator;
        const status = () => new Int32Array(wasm.memory.buffer, wasm.read_playback(), 8);

        await spectator.until((c) => c.isPlaying && c.messages > 20, 'updates');
        wasm.control(4, -60); // seek by
        await spectator.until(() => wasm.read_playback() && status()[7] === 0, 'the past');
        wasm.control(0, 0);
        wasm.control(3, status()[0] + 3);
        await spectator.until(() => wasm.moment_tick() === status()[0] + 3, 'its fourth tick');
        wasm.control(6, 0); // live
        await spectator.until(() => status()[7] === 1 && player.tick - wasm.moment_tick() < DELAY_TICKS + 20, 'live');
        wasm.read_stats(spectator.now());
        const [hashErrors, decodeErrors] = new Int32Array(wasm.memory.buffer, wasm.stats_at(), 10).slice(8);
        assert.deepEqual([hashErrors, decodeErrors], [0, 0]);
    });
});

test('without a recording there is no past, which is no error', async (t) => {
    const server = await startServer(t, { args: ['--room', 'arena,bots=2', '--spectate-delay-ms', '0'] });
    const player = await startPlayer(t, server);
    const spectator = new Spectator(t, `${server.wsUrl}/ws/updates?spectate=1`);

    await spectator.until((c) => c.updates > 5, 'updates');
    assert.ok(player.tick - spectator.tick <= 3, 'without a delay, there is none');
    spectator.say({ type: 'seek', by: -40 });
    await spectator.until((c) => c.status, 'an answer');
    assert.deepEqual([spectator.status.live, spectator.status.running], [true, false]);
    const { updates } = spectator;
    await spectator.until((c) => c.updates > updates + 10, 'more updates');
    assert.deepEqual(spectator.errors, []);
});
