// narrow.mjs - how old the state is that one player sees over a link that takes less than is offered: through
// a relay, through a relay and nginx or HAProxy, and, where that is permitted, over packets between two network
// namespaces. Then a link so narrow that even the rate goes down, and how soon all is as before when it ends.
//
// Run by `make bench`; RATE, DELAY_MS, BOTS and SECONDS=N for another link and crowd. As a file of results:
// build/bench/narrow.json.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readReport, runBots, startLink } from '../lib/bots.mjs';
import { startProxy } from '../lib/proxies.mjs';
import { buildDir, spawnProgram, startServer } from '../lib/server.mjs';

const ROOT = new URL('../..', import.meta.url).pathname;
const RATE = Number(process.env.RATE ?? 12000); // bytes a second: 96 kbit/s
const DELAY_MS = Number(process.env.DELAY_MS ?? 30); // each way
const BOTS = Number(process.env.BOTS ?? 450); // of the server: some 950 bytes an update where all see all
const SECONDS = Number(process.env.SECONDS ?? 20);
const BUFFER = 65536;
const FEW_BOTS = 100; // so few that what happens among them does not fill a stalled client's queue of events
const TOO_NARROW = 1000; // bytes a second: not even 10 Hz of what is least
const room = (bots) => ['--record', 'none', '--room', `arena,bots=${bots},players=${bots + 10},map=assets/maps/garden.json`];
const ROOM = room(BOTS);
const LINK = ['--delay-ms', DELAY_MS, '--buffer', BUFFER].map(String);

/* What a test would give back at its end. */
function keeper() {
    const ends = [];

    return {
        after: (end) => ends.unshift(end),
        end: async () => {
            for (const end of ends.splice(0)) await end();
        },
    };
}

async function metrics(server) {
    const text = await (await fetch(`${server.url}/metrics`)).text();

    return (name) => Number(new RegExp(`^tickwire_${name.replace(/[{}]/g, '\\$&')} (\\S+)`, 'm').exec(text)?.[1]);
}

function show(name, report) {
    const { state_age_mean_ms: mean, state_age_p50_ms: p50, state_age_p95_ms: p95, state_age_p99_ms: p99 } = report;

    console.log(
        `${name.padEnd(34)} age mean ${mean} p50 ${p50} p95 ${p95} p99 ${p99} ms, ${report.updates_per_s} Hz, ` +
            `${report.bytes_per_update} B an update, ${report.decode_errors + report.hash_errors} errors`,
    );
    return { name, ...report };
}

async function offered(t) {
    const server = await startServer(t, { args: ROOM });

    return show('no limit', await runBots(`${server.wsUrl}/ws/updates`, { count: 1, seconds: 5 }));
}

async function throughRelay(t) {
    const server = await startServer(t, { args: ROOM });
    const link = await startLink(t, server.port, [...LINK, '--rate', String(RATE)]);

    return show('relay', await runBots(`ws://127.0.0.1:${link.port}/ws/updates`, { count: 1, seconds: SECONDS }));
}

async function throughProxy(t, name) {
    const server = await startServer(t, { args: ROOM });
    const proxy = await startProxy(t, name, server);
    const link = await startLink(t, proxy.port, [...LINK, '--rate', String(RATE)]);
    const url = `wss://127.0.0.1:${link.port}/ws/updates`;

    return show(`${name} and relay`, await runBots(url, {
        count: 1, seconds: SECONDS, args: ['--cafile', proxy.files.ca],
    }));
}

/* Server and bot in namespaces of their own: their TCP meets the link itself. */
async function overPackets(t, loss) {
    const pair = spawnProgram('pair', [...LINK, '--rate', String(RATE), '--loss-percent', String(loss)], {
        dir: join(ROOT, 'tools/netsim'), env: { TICKWIRE_BUILD: buildDir },
    });
    const ended = pair.exitCode.then((code) => ({ code }));

    t.after(async () => {
        pair.kill('SIGTERM');
        await pair.exitCode;
    });
    while (!pair.stdout.includes('near=')) {
        const end = await Promise.race([ended, sleep(50)]);
        if (end) return console.log(`packets: not measured, ${pair.stderr.trim()}`);
    }
    const [, near, far, address] = /near=(\S+) far=(\S+) address=(\S+)/.exec(pair.stdout);
    const inside = (name, program, args) =>
        spawnProgram('ip', ['netns', 'exec', name, join(buildDir, program), ...args], { dir: '/usr/sbin' });
    const server = inside(near, 'tickwire-server', ['--listen', '0.0.0.0:8080', ...ROOM]);

    t.after(async () => {
        server.kill('SIGTERM');
        await server.exitCode;
    });
    await server.waitForLog(/event=listening /);
    const url = `ws://${address}:8080/ws/updates`;
    const bots = inside(far, 'tickwire-bots', ['--url', url, '--count', '1', '--seconds', String(SECONDS), '--json']);
    await bots.exitCode;
    return show(`packets, ${loss} % lost`, readReport(bots.stdout));
}

/* A link that cannot take 10 Hz, for 15 s; then one without limits. */
async function recovery(t) {
    const server = await startServer(t, { args: room(FEW_BOTS) });
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-narrow-'));
    const script = join(dir, 'script');
    const narrowS = 15;

    t.after(() => rmSync(dir, { recursive: true }));
    writeFileSync(script, `3 rate ${TOO_NARROW}\n${3 + narrowS} rate 0\n`);
    const link = await startLink(t, server.port, [...LINK, '--script', script]);
    const bots = runBots(`ws://127.0.0.1:${link.port}/ws/updates`, { count: 1, seconds: 3 + narrowS + 15 });
    while ((await metrics(server))('sessions') < 1) await sleep(20);
    await sleep((3 + narrowS) * 1000);
    const recovered = performance.now();
    const sentAt = [];
    let backS = null;

    while (backS === null && performance.now() - recovered < 14000) {
        const now = performance.now();
        const read = await metrics(server);

        sentAt.push([now, read('updates_sent_total')]);
        const before = sentAt.find(([at]) => at >= now - 1000);
        // A whole second at 20 Hz began a second ago.
        if (now - recovered > 1000 && read('updates_sent_total') - before[1] >= 19) backS = (now - recovered) / 1000 - 1;
        await sleep(50);
    }
    const read = await metrics(server);
    const steps = Object.fromEntries(['bytes', '10hz', '5hz', 'all'].map((to) => [to, read(`squeeze_transitions_total{to="${to}"}`)]));
    const report = await bots;

    console.log(`after ${narrowS} s of ${TOO_NARROW} B/s: 20 Hz again ${backS?.toFixed(1)} s after its end; steps ${JSON.stringify(steps)}, ` +
        `${report.decode_errors + report.hash_errors} errors, ${report.closed} closed`);
    return { name: 'recovery', back_at_20_hz_s: backS, steps, report };
}

const results = [];
const ways = [
    offered,
    throughRelay,
    (t) => throughProxy(t, 'nginx'),
    (t) => throughProxy(t, 'haproxy'),
    (t) => overPackets(t, 0),
    (t) => overPackets(t, 1),
    recovery,
];

console.log(`${RATE} B/s, ${DELAY_MS} ms each way, ${BUFFER} B of buffer; ${BOTS} server bots`);
for (const way of ways) {
    const t = keeper();

    try {
        results.push(await way(t));
    } finally {
        await t.end();
    }
}
mkdirSync(join(buildDir, 'bench'), { recursive: true });
writeFileSync(join(buildDir, 'bench/narrow.json'), `${JSON.stringify(results.filter(Boolean), null, 1)}\n`);
