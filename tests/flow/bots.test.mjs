// The load tool and the link simulator, against a real server.
// Runs alone: it measures updates a second and ages.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runBots, startLink } from '../lib/bots.mjs';
import { runProgram, startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const ROOM = ['--workers', '4', '--room', 'arena,bots=0'];

function assertClean(report, count) {
    assert.equal(report.connected, count);
    assert.equal(report.decode_errors, 0);
    assert.equal(report.hash_errors, 0);
    assert.equal(report.closed, 0);
}

test('50 bots on four workers see 20 updates a second, all of them right', async (t) => {
    const server = await startServer(t, { args: ROOM });
    const report = await runBots(`${server.wsUrl}/ws/updates`, { count: 50, seconds: 5 });
    t.diagnostic(JSON.stringify(report));

    assertClean(report, 50);
    assert.ok(report.updates_per_s > 10 && report.updates_per_s < 21, 'about 20 a second');
    assert.ok(report.state_age_p50_ms > 20, 'a state is 25 ms old on average, if all is instant');
    assert.ok(report.state_age_p50_ms < 400);
});

/* A turn each 2 ms, and one more whenever frames come or timers are looked at. */
const turnsMax = (ms) => ms / 2 + (3 * ms) / 50 + 10;

test('the input of a crowd is gathered: few turns of the loop read all of it', async (t) => {
    const server = await startServer(t, { args: ['--workers', '1', '--room', 'arena,bots=0'] });
    const read = async () => {
        const text = await (await fetch(`${server.url}/metrics`)).text();
        const value = (name) => Number(new RegExp(`^tickwire_${name} (\\S+)$`, 'm').exec(text)[1]);
        return { usercmds: value('usercmds_total'), turns: value('worker_turn_seconds_count') };
    };
    const bots = runBots(`${server.wsUrl}/ws/updates`, { count: 100, seconds: 4 });
    while ((await read()).usercmds < 1000) await sleep(20); // all are there
    const before = await read();
    const began = performance.now();
    await sleep(1500);
    const after = await read();
    const ms = performance.now() - began;
    const turns = after.turns - before.turns;
    t.diagnostic(`${turns} turns read ${after.usercmds - before.usercmds} usercmds in ${Math.round(ms)} ms`);

    assert.ok(turns <= turnsMax(ms), `${turns} turns in ${ms} ms`);
    assertClean(await bots, 100);
});

test('bots in another game than the default one', async (t) => {
    const args = [...ROOM, '--room', 'other,game=snake'];
    const server = await startServer(t, { args });
    const url = `${server.wsUrl}/ws/updates?room=other`;

    assertClean(await runBots(url, { count: 10, seconds: 2 }), 10);
});

test('bots spread over rooms, and slow readers among them are a group of their own', async (t) => {
    const args = ['--room', 'arena,bots=0', '--room-template', 'players=8,bots=0', '--seat-keep-s', '0'];
    const server = await startServer(t, { args });
    const url = `${server.wsUrl}/ws/updates?room=r-{room}`;
    const bots = runBots(url, { count: 12, seconds: 3, args: ['--rooms', '4', '--slow', '25:2000'] });
    let rooms = [];
    while (rooms.filter((room) => room.players === 3).length < 4) {
        rooms = await (await fetch(`${server.url}/api/rooms`)).json();
        await sleep(50);
    }
    const report = await bots;

    assert.deepEqual(rooms.map((room) => room.name).sort(), ['arena', 'r-0', 'r-1', 'r-2', 'r-3']);
    assertClean(report, 12);
    assert.equal(report.slow_connected, 3);
});

test('bots watch without a seat', async (t) => {
    const server = await startServer(t, { args: ['--room', 'arena,bots=4'] });
    const url = `${server.wsUrl}/ws/updates?spectate=1`;

    assertClean(await runBots(url, { count: 5, seconds: 2 }), 5);
});

test('bots over TLS, and one that does not trust the certificate', async (t) => {
    const cert = makeCertificate(t, ['localhost']);
    const tls = ['--tls-listen', '127.0.0.1:0', '--cert', cert.cert, '--key', cert.key];
    const server = await startServer(t, { args: [...ROOM, ...tls] });
    const url = `wss://localhost:${server.tlsPort}/ws/updates`;

    assertClean(await runBots(url, { count: 10, seconds: 2, args: ['--cafile', cert.ca] }), 10);
    const refused = await runProgram('tickwire-bots', ['--url', url, '--count', '1', '--seconds', '1']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /certificate verify failed/);
});

test('what is wrong is said in a sentence', async (t) => {
    const server = await startServer(t, { args: ROOM });
    const url = `${server.wsUrl}/ws/updates`;
    const run = (...args) => runProgram('tickwire-bots', args);
    const wrong = [
        [[], /--url is missing/],
        [['--url', 'http://x/', '--count', '1', '--seconds', '1'], /http:\/\/x\/: not a ws/],
        [['--url', 'ws://x:99999/', '--count', '1', '--seconds', '1'], /bad port/],
        [['--url', url, '--count', 'many', '--seconds', '1'], /--count many: expected a number/],
        [['--url', url, '--count', '1'], /--seconds is missing/],
        [['--url', url, '--count', '1', '--seconds', '1', '--slow', '5'], /--slow 5: expected PERCENT/],
        [['--url', url, '--what'], /--what: no such option/],
    ];
    for (const [args, sentence] of wrong) {
        const { code, stderr } = await run(...args);
        assert.equal(code, 2, args.join(' '));
        assert.match(stderr, sentence);
        assert.equal(stderr.trimEnd().split('\n').length, 1);
    }

    const nobody = await run('--url', 'ws://127.0.0.1:9/', '--count', '1', '--seconds', '1');
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /127.0.0.1:9: Connection refused/);
    const nowhere = await run('--url', `${url}?room=nowhere`, '--count', '1', '--seconds', '1');
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /4004 there is no such room/);
});

test('a far link makes the state older by its length, and no more', async (t) => {
    const server = await startServer(t, { args: ROOM });
    const link = await startLink(t, server.port, ['--delay-ms', '150']);
    const near = await runBots(`${server.wsUrl}/ws/updates`, { count: 10, seconds: 3 });
    const far = await runBots(`ws://127.0.0.1:${link.port}/ws/updates`, { count: 10, seconds: 3 });
    t.diagnostic(`median age: near ${near.state_age_p50_ms} ms, far ${far.state_age_p50_ms} ms`);

    assertClean(far, 10);
    assert.ok(far.state_age_p50_ms - near.state_age_p50_ms > 100);
    assert.ok(far.state_age_p50_ms - near.state_age_p50_ms < 400);
});
