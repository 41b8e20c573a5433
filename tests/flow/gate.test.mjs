// Backpressure from end to end: a slow reader's state stays recent, and nobody else notices it.
// Runs alone: it measures how old what players see is.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesPerSecond, median, quantile, sampleAges, startReference } from '../lib/ages.mjs';
import { readReport, runBots, startLink } from '../lib/bots.mjs';
import { JsonClient, joinJson } from '../lib/clients.mjs';
import { spawnProgram, startServer } from '../lib/server.mjs';

// A map so small that all see the same: each is sent as much as any other.
const ROOM = [
    ...['--workers', '2', '--room', 'arena,bots=0,map=assets/maps/garden.json'],
    ...['--spectate-delay-ms', '0'], // the reference watches
];
const CROWD = 50;
const MEDIAN_AGE_MAX_MS = 600;

/* Beside a busy machine's doing: a control client on an open link, in the same seconds, has at most `worst` ms. */
function limitMs(age, worst) {
    return age + 4 * worst;
}

/* A crowd that plays meanwhile; end() answers its figures. */
async function startCrowd(t, server, seconds) {
    const url = `${server.wsUrl}/ws/updates`;
    const args = ['--url', url, '--count', String(CROWD), '--seconds', String(seconds), '--json'];
    const crowd = spawnProgram('tickwire-bots', args);

    t.after(() => crowd.kill('SIGKILL'));
    await sleep(1500); // all have joined
    return {
        end: async () => {
            assert.equal(await crowd.exitCode, 0, crowd.stderr);
            return readReport(crowd.stdout);
        },
    };
}

// They mostly wait, each with a server of its own: all at once.
describe('backpressure', { concurrency: true }, () => {
    test('bots that read half of what they would be sent, among 50', async (t) => {
        const server = await startServer(t, { args: ROOM });
        const url = `${server.wsUrl}/ws/updates`;
        const control = await runBots(url, { count: CROWD, seconds: 6 });
        const half = Math.round(control.bytes_per_s / 2);
        const args = ['--slow', `10:${half}`];
        const slow = await runBots(url, { count: CROWD, seconds: 10, args });
        t.diagnostic(
            `they read ${half} B/s of ${control.bytes_per_s}: median age ${slow.slow_state_age_p50_ms} ms; ` +
                `the others' p99 ${slow.state_age_p99_ms} ms, without them ${control.state_age_p99_ms} ms`,
        );

        assert.equal(slow.connected, CROWD);
        assert.equal(slow.slow_connected, CROWD / 10);
        assert.equal(slow.closed, 0);
        assert.equal(slow.hash_errors + slow.decode_errors, 0);
        assert.ok(slow.slow_state_age_p50_ms < limitMs(MEDIAN_AGE_MAX_MS, slow.state_age_p99_ms));
        assert.ok(slow.slow_updates_per_s > 1, 'slow, but not silent');
        // Without a bound a slow one would cost the others seconds, not a few ticks of a busy machine.
        assert.ok(slow.state_age_p50_ms < control.state_age_p50_ms * 3 + 100);
        assert.ok(slow.state_age_p99_ms < control.state_age_p99_ms * 4 + 250);
    });

    test('a plain JSON page that sends no ack, behind a relay half as wide as it needs', async (t) => {
        const server = await startServer(t, { args: ROOM });
        const crowd = await startCrowd(t, server, 16);
        const reference = await startReference(t, server);
        await sleep(3000); // those who came tell their names and scores at first
        const offered = await bytesPerSecond(reference, 3000);
        const link = await startLink(t, server.port, [
            ...['--delay-ms', '30', '--buffer', '65536'],
            ...['--rate', String(Math.round(offered / 2))],
        ]);
        const page = new JsonClient(t, `ws://127.0.0.1:${link.port}/ws/updates?spectate=1`);
        const control = await joinJson(t, `${server.wsUrl}/ws/updates?spectate=1`);
        await page.until((c) => c.updates > 0, 'the first update');
        await sleep(1000);
        const offeredMeanwhile = bytesPerSecond(reference, 7000);
        const [ages, others] = await Promise.all([page, control].map((c) => sampleAges(c, reference, 7000)));
        const { updates } = page;
        const { updates: controlUpdates } = control;
        t.diagnostic(
            `${Math.round(offered / 2)} of ${Math.round(await offeredMeanwhile)} B/s: median age ` +
                `${Math.round(median(ages))} ms, ${(updates / 8).toFixed(1)} updates/s`,
        );

        assert.ok(median(ages) < limitMs(MEDIAN_AGE_MAX_MS, quantile(others, 990)));
        link.kill('SIGUSR1'); // from now on the link is as wide as it likes
        await sleep(1500);
        const [after, afterOthers] = await Promise.all([page, control].map((c) => sampleAges(c, reference, 1500)));
        const worst = quantile(afterOthers, 990);
        assert.ok(median(after) < limitMs(250, worst), `still ${median(after)} ms after the limit was lifted`);
        assert.ok(page.updates - updates < control.updates - controlUpdates + 20, 'no backlog came');
        const report = await crowd.end();
        assert.equal(report.closed + report.hash_errors + report.decode_errors, 0);
    });

    /* It neither reads nor answers, as a laptop that sleeps. */
    for (const acks of [true, false]) {
        test(`who reads nothing for 3 s gets no backlog, ${acks ? 'with' : 'without'} acks`, async (t) => {
            const server = await startServer(t, { args: ROOM });
            const reference = await startReference(t, server);
            const page = await joinJson(t, `${server.wsUrl}/ws/updates`);
            page.hold({ buttons: 0 }, { acks });
            await page.until((c) => c.updates > 20, 'twenty updates');

            page.socket.pause();
            await sleep(3000);
            const { updates, tick } = page;
            const missed = reference.tick - tick;
            page.socket.resume();
            await page.until((c) => c.tick >= reference.tick - 2, 'a fresh state');
            const came = page.updates - updates;
            t.diagnostic(`${page.tick - tick} ticks later, ${came} updates`);

            assert.ok(missed >= 40, `${missed} ticks went by in 3 s`);
            assert.ok(page.tick - tick >= missed - 2);
            assert.ok(came < missed / 2, `${came} updates came for a pause of ${missed} ticks`);
            assert.equal(page.closed, null);
        });
    }
});
