// load.mjs - a thousand bots in one room, server and bots on this machine: what they see, what it costs the
// server. Run by `make bench`; BOTS=N, SECONDS=N and MAP=FILE for another run. As a file of results:
// build/bench/load.json.

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { readReport } from '../lib/bots.mjs';
import { cpuSeconds, machine, residentKib, sleep } from '../lib/machine.mjs';
import { buildDir, spawnProgram } from '../lib/server.mjs';

const BOTS = Number(process.env.BOTS ?? 1000);
const SECONDS = Number(process.env.SECONDS ?? 20);
const MAP = process.env.MAP ?? 'assets/maps/plains.json'; // as crowded as an arena with 60

async function readMetrics(port) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const read = (name) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);

    return {
        updates: read('tickwire_updates_sent_total'),
        held: read('tickwire_updates_held_total'),
        ticks: read('tickwire_ticks_total'),
        late: read('tickwire_ticks_late_total'),
        dropped: read('tickwire_ticks_dropped_total'),
        delay: read('tickwire_tick_start_delay_seconds_sum'),
        duration: read('tickwire_tick_duration_seconds_sum'),
    };
}

async function look(server) {
    return {
        cpu: cpuSeconds(server.pid),
        metrics: await readMetrics(server.port),
        machine: machine(),
        kib: residentKib(server.pid),
    };
}

async function startServer() {
    const args = ['--listen', '127.0.0.1:0', '--record', 'none', '--room', `load,bots=0,map=${MAP}`];
    const server = spawnProgram('tickwire-server', [...args, '--room-players-max', String(BOTS + 10)]);
    const [, port] = await server.waitForLog(/event=listening .*port=(\d+)/);

    server.port = Number(port);
    return server;
}

/* What the server has resident without players; what is made once, for the first of them, is not a player's. */
async function measureEmpty(server) {
    const first = spawnProgram('tickwire-bots', [
        ...['--url', `ws://127.0.0.1:${server.port}/ws/updates`, '--count', '1', '--seconds', '1'],
    ]);
    await first.exitCode;
    return residentKib(server.pid);
}

/* Runs the bots; what the server does is looked at while all of them are there. */
async function run(server) {
    const empty = await measureEmpty(server);
    const bots = spawnProgram('tickwire-bots', [
        ...['--url', `ws://127.0.0.1:${server.port}/ws/updates`, '--json'],
        ...['--count', String(BOTS), '--seconds', String(SECONDS)],
    ]);
    while ((await readMetrics(server.port)).updates < BOTS * 20) {
        await sleep(100); // a second's worth each, on average: they have joined
    }
    const before = await look(server);
    await sleep((SECONDS - 3) * 1000);
    const after = await look(server);
    const code = await bots.exitCode;

    if (code !== 0) throw new Error(`tickwire-bots ended with ${code}: ${bots.stderr}`);
    return { report: readReport(bots.stdout), before, after, empty };
}

function summarize({ report, before, after, empty }) {
    const between = (read) => read(after) - read(before);
    const updates = between((x) => x.metrics.updates);
    const ticks = between((x) => x.metrics.ticks);
    const all = between((x) => x.machine.all);

    return {
        ...report,
        user_us_per_update: (between((x) => x.cpu.user) * 1e6) / updates,
        system_us_per_update: (between((x) => x.cpu.system) * 1e6) / updates,
        held_percent: (100 * between((x) => x.metrics.held)) / (updates + between((x) => x.metrics.held)),
        ticks_late: between((x) => x.metrics.late),
        ticks_dropped: between((x) => x.metrics.dropped),
        tick_start_delay_us: (between((x) => x.metrics.delay) * 1e6) / ticks,
        tick_duration_us: (between((x) => x.metrics.duration) * 1e6) / ticks,
        kib_per_player: (after.kib - empty) / BOTS,
        idle_percent: (100 * between((x) => x.machine.idle)) / all,
        steal_percent: (100 * between((x) => x.machine.steal)) / all,
        load_average: loadavg()[0],
    };
}

function show(f) {
    const n = (value, digits = 1) => value.toFixed(digits);

    console.log(`${f.connected} of ${BOTS} bots connected, ${f.closed} closed, on ${cpus()[0].model.trim()},
  ${availableParallelism()} cores, ${n(f.idle_percent)} % of them idle, ${n(f.steal_percent)} % stolen, load ${n(f.load_average)}
  updates      ${n(f.updates_per_s, 2)}/s each, ${n(f.bytes_per_update)} bytes each, ${n(f.held_percent)} % held by the gate
  errors       ${f.decode_errors} decoding, ${f.hash_errors} of hashes
  state age    p50 ${n(f.state_age_p50_ms)} ms, p99 ${n(f.state_age_p99_ms)} ms, p99.9 ${n(f.state_age_p999_ms)} ms; jitter p99 ${n(f.jitter_p99_ms)} ms
  room ticks   ${f.ticks_late} late, ${f.ticks_dropped} dropped; begun ${n(f.tick_start_delay_us)} µs after they were due, ${n(f.tick_duration_us)} µs long
  server CPU   ${n(f.user_us_per_update, 2)} µs user, ${n(f.system_us_per_update, 2)} µs system a delivered update, room and input included
  memory       ${n(f.kib_per_player, 2)} KiB resident a player: ${BOTS} of them less the empty server, which had one before
  bots         ${n(f.cpu_percent)} % of a core`);
}

const server = await startServer();

try {
    const figures = summarize(await run(server));

    show(figures);
    mkdirSync(join(buildDir, 'bench'), { recursive: true });
    writeFileSync(join(buildDir, 'bench/load.json'), `${JSON.stringify(figures, null, 2)}\n`);
} finally {
    server.kill('SIGTERM');
    await server.exitCode;
}
