// storm.mjs - whether those who come disturb those who play: a thousand bots in one room and a storm of TLS
// handshakes, 200 a second and none of them resumed, by turns with calm. When the rooms' ticks begin, how long a
// turn of a worker's loop takes, and how long a handshake. Run by `make bench`; BOTS=N, STORM=N (a second), SECONDS=N
// (of each calm and each storm) and ROUNDS=N for another run. As a file of results: build/bench/storm.json.
//
// The storm's own process and the bots are on this machine too, at a lower priority, as if they were elsewhere. Small
// rooms that tick beside the large one give enough ticks for a p99.9.

import { execFileSync, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createSecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { readReport } from '../lib/bots.mjs';
import { cpuSeconds, machine, sleep } from '../lib/machine.mjs';
import { buildDir, spawnProgram } from '../lib/server.mjs';

const BOTS = Number(process.env.BOTS ?? 1000);
const STORM = Number(process.env.STORM ?? 200);
const SECONDS = Number(process.env.SECONDS ?? 8);
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SMALL_ROOMS = 24;
const LOAD_NICE = 5;
const MAP = 'assets/maps/plains.json';
const DEVCERT = new URL('../../tools/devcert.sh', import.meta.url).pathname;

/* ---- the storm: a process of its own, told {port, ca, per_s} ---- */

/* Who has waited too long for so many answers asks no more: it is the storm that is slow then. */
const OPEN_MAX = 100;

function shakeHands(options, totals) {
    const began = performance.now();
    if (totals.open === OPEN_MAX) {
        totals.skipped++;
        return;
    }
    totals.open++;
    const socket = connect(options, () => {
        totals.made++;
        totals.ms.push(performance.now() - began);
        socket.end();
    });
    socket.on('error', () => totals.failed++).on('close', () => totals.open--);
}

function beStorm() {
    let timer;
    let totals;
    process.on('message', ({ port, ca, per_s }) => {
        clearInterval(timer);
        if (per_s === 0) {
            process.send(totals);
            return;
        }
        totals = { made: 0, failed: 0, skipped: 0, open: 0, ms: [] };
        const options = { port, host: '127.0.0.1', servername: 'localhost', secureContext: createSecureContext({ ca }) };
        const began = performance.now();
        let count = 0;
        timer = setInterval(() => {
            for (; count < ((performance.now() - began) * per_s) / 1000; count++)
                shakeHands(options, totals);
        }, 5);
    });
}

/* ---- the measurement ---- */

async function readMetrics(port) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const histogram = (name) =>
        [...text.matchAll(new RegExp(`^tickwire_${name}_bucket\\{le="(\\S+)"\\} (\\d+)$`, 'gm'))].map(
            ([, bound, count]) => ({ bound: bound === '+Inf' ? Infinity : Number(bound), count: Number(count) }),
        );
    const read = (name) => Number(new RegExp(`^tickwire_${name} (\\S+)$`, 'm').exec(text)[1]);

    return {
        updates: read('updates_sent_total'),
        held: read('updates_held_total'),
        handshakes: read('tls_handshakes_total'),
        delays: histogram('tick_start_delay_seconds'),
        turns: histogram('worker_turn_seconds'),
    };
}

/* What was counted between two looks, summed over several such pairs. */
function sumBuckets(spans, name) {
    return spans[0].after[name].map(({ bound }, i) => ({
        bound,
        count: spans.reduce((sum, { before, after }) => sum + after[name][i].count - before[name][i].count, 0),
    }));
}

/* Straight lines within a bucket, as Prometheus draws them. */
function quantileMs(buckets, share) {
    const wanted = buckets.at(-1).count * share;
    const i = buckets.findIndex(({ count }) => count >= wanted);
    const [low, from] = i > 0 ? [buckets[i - 1].bound, buckets[i - 1].count] : [0, 0];

    if (buckets[i].bound === Infinity) return low * 1000;
    return (low + ((buckets[i].bound - low) * (wanted - from)) / (buckets[i].count - from)) * 1000;
}

async function look(server) {
    return { ...(await readMetrics(server.port)), cpu: cpuSeconds(server.pid), machine: machine() };
}

async function span(server) {
    const before = await look(server);
    await sleep(SECONDS * 1000);
    return { before, after: await look(server) };
}

async function startServer(dir) {
    const rooms = Array.from({ length: SMALL_ROOMS }, (_, i) => ['--room', `small-${i},bots=2`]).flat();
    const server = spawnProgram('tickwire-server', [
        ...['--listen', '127.0.0.1:0', '--tls-listen', '127.0.0.1:0', '--record', 'none', '--empty-rooms-sleep=false'],
        ...['--cert', join(dir, 'localhost.crt'), '--key', join(dir, 'localhost.key')],
        ...['--room', `load,bots=0,map=${MAP}`, ...rooms, '--room-players-max', String(BOTS + 10)],
    ]);
    server.port = Number((await server.waitForLog(/port=(\d+) tls=0/))[1]);
    server.tlsPort = Number((await server.waitForLog(/port=(\d+) tls=1/))[1]);
    return server;
}

function startBots(server, seconds) {
    const bots = spawnProgram('tickwire-bots', [
        ...['--url', `ws://127.0.0.1:${server.port}/ws/updates?room=load`, '--json'],
        ...['--count', String(BOTS), '--seconds', String(seconds)],
    ]);
    setPriority(bots.pid, LOAD_NICE);
    return bots;
}

function summarize(spans) {
    const sum = (read) => spans.reduce((total, { before, after }) => total + read(after) - read(before), 0);
    const delays = sumBuckets(spans, 'delays');
    const turns = sumBuckets(spans, 'turns');
    const updates = sum((x) => x.updates);

    return {
        ticks: delays.at(-1).count,
        delay_p50_ms: quantileMs(delays, 0.5),
        delay_p99_ms: quantileMs(delays, 0.99),
        delay_p999_ms: quantileMs(delays, 0.999),
        turn_p99_ms: quantileMs(turns, 0.99),
        turn_p999_ms: quantileMs(turns, 0.999),
        updates_per_s: updates / SECONDS / spans.length / Math.max(BOTS, 1),
        held_percent: (100 * sum((x) => x.held)) / Math.max(updates + sum((x) => x.held), 1),
        handshakes_per_s: sum((x) => x.handshakes) / SECONDS / spans.length,
        server_cores: (sum((x) => x.cpu.user) + sum((x) => x.cpu.system)) / SECONDS / spans.length,
        idle_percent: (100 * sum((x) => x.machine.idle)) / sum((x) => x.machine.all),
        steal_percent: (100 * sum((x) => x.machine.steal)) / sum((x) => x.machine.all),
    };
}

async function measure(server, storm, ca) {
    const stormy = [];
    const calm = [];
    const idle = summarize([await span(server)]);
    const bots = startBots(server, ROUNDS * 2 * (SECONDS + 1) + 4);
    const asked = { made: 0, failed: 0, skipped: 0, ms: [] };

    while ((await readMetrics(server.port)).updates < BOTS * 20) await sleep(100);
    for (let round = 0; round < ROUNDS; round++) {
        calm.push(await span(server));
        storm.send({ port: server.tlsPort, ca, per_s: STORM });
        await sleep(500);
        stormy.push(await span(server));
        const told = new Promise((fulfil) => storm.once('message', fulfil));
        storm.send({ per_s: 0 });
        const { made, failed, skipped, ms } = await told;
        asked.made += made;
        asked.failed += failed;
        asked.skipped += skipped;
        asked.ms.push(...ms);
        await sleep(500);
    }
    const code = await bots.exitCode;
    if (code !== 0) throw new Error(`tickwire-bots ended with ${code}: ${bots.stderr}`);
    asked.ms.sort((a, b) => a - b);
    const handshakes = {
        made: asked.made,
        failed: asked.failed,
        skipped: asked.skipped,
        p50_ms: asked.ms[Math.floor(asked.ms.length * 0.5)],
        p99_ms: asked.ms[Math.floor(asked.ms.length * 0.99)],
    };
    return { idle, calm: summarize(calm), storm: summarize(stormy), handshakes, bots: readReport(bots.stdout) };
}

const n = (value, digits = 2) => value.toFixed(digits);

function describe(f) {
    return `start delay p50 ${n(f.delay_p50_ms)} p99 ${n(f.delay_p99_ms)} p99.9 ${n(f.delay_p999_ms)} ms of ${f.ticks} ticks; ` +
        `a worker's turn p99 ${n(f.turn_p99_ms)} p99.9 ${n(f.turn_p999_ms)} ms; ${n(f.updates_per_s, 1)} updates/s each, ` +
        `${n(f.held_percent, 1)} % held; server ${n(f.server_cores)} cores, machine ${n(f.idle_percent, 0)} % idle, ${n(f.steal_percent, 1)} % stolen`;
}

function show(f) {
    console.log(`${BOTS} players in one room, ${SMALL_ROOMS} small rooms beside it, on ${cpus()[0].model.trim()}, ${availableParallelism()} cores
  nobody there  ${describe(f.idle)}
  players       ${describe(f.calm)}
  and a storm   ${describe(f.storm)}
  tick start delay p99.9 with ${BOTS} players and a storm of ${n(f.storm.handshakes_per_s, 0)} TLS handshakes a second: ${n(f.storm.delay_p999_ms)} ms; without the storm ${n(f.calm.delay_p999_ms)} ms, idle ${n(f.idle.delay_p999_ms)} ms
  handshakes    ${f.handshakes.made} made, ${f.handshakes.failed} failed, ${f.handshakes.skipped} not tried; ${n(f.handshakes.p50_ms, 1)} ms p50, ${n(f.handshakes.p99_ms, 1)} ms p99`);
}

async function main() {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-bench-'));
    const storm = fork(fileURLToPath(import.meta.url), ['storm']);
    let server;

    try {
        setPriority(storm.pid, LOAD_NICE);
        execFileSync(DEVCERT, ['--dir', dir, 'localhost'], { stdio: 'ignore' });
        server = await startServer(dir);
        const figures = await measure(server, storm, readFileSync(join(dir, 'ca.crt'), 'utf8'));
        show(figures);
        mkdirSync(join(buildDir, 'bench'), { recursive: true });
        writeFileSync(join(buildDir, 'bench/storm.json'), `${JSON.stringify(figures, null, 2)}\n`);
    } finally {
        storm.kill();
        if (server !== undefined) {
            server.kill('SIGTERM');
            await server.exitCode;
        }
        rmSync(dir, { recursive: true, force: true });
    }
}

if (process.argv[2] === 'storm') beStorm();
else await main();
