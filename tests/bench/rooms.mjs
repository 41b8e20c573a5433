// rooms.mjs - two thousand rooms on one server, awake with their own bots, 125 of them with eight players each at
// 20 Hz: when their ticks begin, and what a room costs in memory and CPU. Run by `make bench`; ROOMS=N, PLAYED=N and
// SECONDS=N for another run. As a file of results: build/bench/rooms.json.

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { readReport } from '../lib/bots.mjs';
import { cpuSeconds, machine, residentKib, sleep } from '../lib/machine.mjs';
import { buildDir, spawnProgram } from '../lib/server.mjs';

const ROOMS = Number(process.env.ROOMS ?? 2000);
const PLAYED = Number(process.env.PLAYED ?? 125);
const PLAYERS = 8; // in each of those
const SECONDS = Number(process.env.SECONDS ?? 20);

async function readMetrics(port) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const read = (name) => Number(new RegExp(`^tickwire_${name} (\\S+)$`, 'm').exec(text)[1]);
    const delays = [...text.matchAll(/^tickwire_tick_start_delay_seconds_bucket\{le="(\S+)"\} (\d+)$/gm)];

    return {
        rooms: read('rooms'),
        awake: read('rooms_awake'),
        ticks: read('ticks_total'),
        late: read('ticks_late_total'),
        dropped: read('ticks_dropped_total'),
        duration: read('tick_duration_seconds_sum'),
        delays: delays.map(([, bound, count]) => ({ bound: bound === '+Inf' ? Infinity : Number(bound), count: Number(count) })),
    };
}

/* The bound of the bucket in which the quantile lies: the delay is at most that. */
function quantileMs(before, after, share) {
    const total = after.at(-1).count - before.at(-1).count;
    const found = after.find(({ count }, i) => count - before[i].count >= total * share);

    return found.bound * 1000;
}

async function startServer(sleeps) {
    const server = spawnProgram('tickwire-server', [
        ...['--listen', '127.0.0.1:0', '--record', 'none', '--room', 'lobby,bots=0', '--connections-max', String(ROOMS + 100)],
        ...['--room-template', `players=16,bots=${PLAYERS}`, '--rooms-max', String(ROOMS + 1)],
        ...['--room-keep-s', '3600', '--seat-keep-s', '0', `--empty-rooms-sleep=${sleeps}`],
    ]);
    const [, port] = await server.waitForLog(/event=listening .*port=(\d+)/);

    server.port = Number(port);
    return server;
}

function startBots(server, count, rooms, seconds) {
    return spawnProgram('tickwire-bots', [
        ...['--url', `ws://127.0.0.1:${server.port}/ws/updates?room=room-{room}`, '--rooms', String(rooms)],
        ...['--count', String(count), '--seconds', String(seconds), '--json'],
    ]);
}

/* Each room is made by its first guest, who leaves at once. */
async function makeRooms(server) {
    const guests = startBots(server, ROOMS, ROOMS, 1);
    const code = await guests.exitCode;

    if (code !== 0) throw new Error(`the guests ended with ${code}: ${guests.stderr}`);
    const { rooms } = await readMetrics(server.port);
    if (rooms !== ROOMS + 1) throw new Error(`there are ${rooms} rooms`);
}

async function stop(server) {
    server.kill('SIGTERM');
    await server.exitCode;
}

/* KiB for each room that sleeps after its guest left. */
async function measureAsleep() {
    const server = await startServer(true);
    try {
        const empty = residentKib(server.pid);
        await makeRooms(server);
        while ((await readMetrics(server.port)).awake > 0) await sleep(100);
        return (residentKib(server.pid) - empty) / ROOMS;
    } finally {
        await stop(server);
    }
}

async function look(server) {
    return { ...(await readMetrics(server.port)), cpu: cpuSeconds(server.pid), machine: machine() };
}

function summarize(before, after, report) {
    const between = (read) => read(after) - read(before);
    const ticks = between((x) => x.ticks);
    const cpu = between((x) => x.cpu.user) + between((x) => x.cpu.system);

    return {
        ticks_per_s: ticks / SECONDS,
        tick_start_delay_p50_ms: quantileMs(before.delays, after.delays, 0.5),
        tick_start_delay_p99_ms: quantileMs(before.delays, after.delays, 0.99),
        tick_start_delay_p999_ms: quantileMs(before.delays, after.delays, 0.999),
        ticks_late: between((x) => x.late),
        ticks_dropped: between((x) => x.dropped),
        tick_duration_us: (between((x) => x.duration) * 1e6) / ticks,
        server_cores: cpu / SECONDS,
        idle_percent: (100 * between((x) => x.machine.idle)) / between((x) => x.machine.all),
        steal_percent: (100 * between((x) => x.machine.steal)) / between((x) => x.machine.all),
        bots: report,
    };
}

async function measureAwake() {
    const server = await startServer(false);
    try {
        const empty = residentKib(server.pid);
        await makeRooms(server);
        while ((await readMetrics(server.port)).awake < ROOMS + 1) await sleep(100);
        await sleep(2000);
        const kib = (residentKib(server.pid) - empty) / ROOMS;

        const alone = await look(server);
        await sleep(5000);
        const alone_cores = (cpuSeconds(server.pid).user + cpuSeconds(server.pid).system - alone.cpu.user - alone.cpu.system) / 5;
        const bots = startBots(server, PLAYED * PLAYERS, PLAYED, SECONDS + 2);
        await sleep(3000);
        const before = await look(server);
        await sleep(SECONDS * 1000);
        const after = await look(server);
        await bots.exitCode;
        return { kib_per_room_awake: kib, server_cores_without_players: alone_cores, ...summarize(before, after, readReport(bots.stdout)) };
    } finally {
        await stop(server);
    }
}

const kib_per_room_asleep = await measureAsleep();
const figures = { rooms: ROOMS, played: PLAYED, kib_per_room_asleep, ...(await measureAwake()) };
const n = (value, digits = 1) => value.toFixed(digits);

console.log(`${ROOMS} rooms awake with ${PLAYERS} bots each, ${PLAYED} of them with ${PLAYERS} players instead, on ${cpus()[0].model.trim()},
  ${availableParallelism()} cores, the players' bots on them too; ${n(figures.idle_percent)} % idle, ${n(figures.steal_percent)} % stolen
  ticks        ${n(figures.ticks_per_s, 0)}/s, ${n(figures.tick_duration_us)} µs each; ${figures.ticks_late} late, ${figures.ticks_dropped} dropped
  start delay  p50 <= ${figures.tick_start_delay_p50_ms} ms, p99 <= ${figures.tick_start_delay_p99_ms} ms, p99.9 <= ${figures.tick_start_delay_p999_ms} ms
  server       ${n(figures.server_cores, 2)} cores; without the players ${n(figures.server_cores_without_players, 2)}
  memory       ${n(figures.kib_per_room_asleep)} KiB a room asleep, ${n(figures.kib_per_room_awake)} KiB awake
  players      ${n(figures.bots.updates_per_s, 2)} updates/s each, ${n(figures.bots.bytes_per_update)} bytes; state age p50 ${n(figures.bots.state_age_p50_ms)} ms, p99 ${n(figures.bots.state_age_p99_ms)} ms`);
mkdirSync(join(buildDir, 'bench'), { recursive: true });
writeFileSync(join(buildDir, 'bench/rooms.json'), `${JSON.stringify(figures, null, 2)}\n`);
