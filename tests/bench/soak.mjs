// soak.mjs - a server under coming and going players, for as long as SOAK_SECONDS says (default 180).
//
//     make soak                         SOAK_SECONDS=3600 SOAK_BOTS=400 make soak
//     TICKWIRE_BUILD=build/asan node tests/bench/soak.mjs      with a sanitizer's server
//
// SOAK_BOTS (default 200) are spread over several rooms of two games and come in rounds, some of them
// on slow links, beside a plain JSON client. Prints memory and counters each ten seconds. Fails unless
// no update was wrong, memory stands still, every figure of /metrics that ought to move has moved, the
// server ends by SIGTERM with 0, and every recording verifies. Then SOAK_KILLS (default 100) servers are
// killed while 50 bots play: each file is sound, verifies, and lacks the open second at most.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JsonClient } from '../lib/clients.mjs';
import { integrityOf, killServers } from '../lib/recordings.mjs';
import { buildDir, spawnProgram, startServer } from '../lib/server.mjs';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 180);
const BOTS = Number(process.env.SOAK_BOTS ?? 200);
const KILLS = Number(process.env.SOAK_KILLS ?? 100);
const KILL_BOTS = 50;
const LOST_TICKS_MAX = 30; // the open second, and what was on its way to the recorder
const ROOMS = ['arena,bots=8', 'plains,map=plains,bots=20', 'demo,game=snake,bots=4'];
const ROUND_SECONDS = 15;
const SAMPLE_MS = 10000;
const GROWTH_MAX = 1.1;
// What must be there, and what must have moved at the end of any soak.
const MOVING = ['connections_accepted_total', 'connections_closed_total', 'bytes_in_total', 'bytes_out_total',
    'websockets_opened_total', 'websockets_closed_total', 'messages_in_total', 'messages_out_total',
    'sessions_joined_total', 'sessions_left_total', 'usercmds_total', 'updates_sent_total', 'updates_full_total',
    'updates_held_total', 'gate_ticks_total{state="open"}', 'gate_ticks_total{state="hold"}', 'ticks_total',
    'record_chunks_total', 'tick_start_delay_seconds_count', 'tick_duration_seconds_count', 'ack_age_seconds_count'];
const PRESENT = ['ticks_late_total', 'ticks_dropped_total', 'frames_skipped_total', 'record_dropped_total',
    'gate_ticks_total{state="stalled"}', 'gate_ticks_total{state="closing"}',
    'connections', 'websockets', 'sessions'];

const atEnd = [];
const harness = { after: (hook) => atEnd.push(hook) };
const faults = [];

function residentKib(pid) {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
}

async function readMetrics(server) {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));

    return Object.fromEntries(lines.map((line) => {
        const [, name, value] = /^tickwire_(\S+) (\S+)$/.exec(line);
        return [name, Number(value)];
    }));
}

/* Bots join one room, play and leave, again and again until `isOver`. */
async function runRounds(server, room, index, isOver) {
    for (let round = 0; !isOver(); round++) {
        const bots = spawnProgram('tickwire-bots',
            ['--url', `${server.wsUrl}/ws/updates?room=${room}`, '--count', String(Math.ceil(BOTS / ROOMS.length)),
                '--seconds', String(ROUND_SECONDS), '--slow', '5:3000', '--seed', String(100 * round + index), '--json']);
        const code = await bots.exitCode;
        const figures = JSON.parse(bots.stdout.trim().split('\n').at(-1) || '{}');

        if (code !== 0) faults.push(`bots of ${room} end with ${code}: ${bots.stderr}`);
        if (figures.decode_errors || figures.hash_errors) faults.push(`wrong updates in ${room}: ${JSON.stringify(figures)}`);
    }
}

/* A page that sends no ack, beside them. */
async function runPage(server, isOver) {
    while (!isOver()) {
        const page = new JsonClient(harness, `${server.wsUrl}/ws/updates?name=Page`);
        page.hold({ buttons: 1, aim: 10 }, { acks: false });
        await sleep(7000);
        page.socket.close(1000);
        if (page.errors.length > 0) faults.push(`the page was told: ${page.errors}`);
    }
}

async function sample(server, isOver) {
    const samples = [];

    while (!isOver()) {
        await sleep(SAMPLE_MS);
        const m = await readMetrics(server);
        samples.push(residentKib(server.pid));
        console.log(`${samples.length * SAMPLE_MS / 1000} s: ${samples.at(-1)} KiB, ${m.sessions} sessions of `
            + `${m.sessions_joined_total}, ${m.updates_sent_total} updates, ${m.updates_held_total} held, `
            + `${m.ticks_late_total} late and ${m.ticks_dropped_total} dropped of ${m.ticks_total} ticks`);
    }
    return samples;
}

/* From the middle on, when everything has been used once, memory stands still. */
function checkMemory(samples) {
    const middle = samples[Math.floor(samples.length / 2)], end = samples.at(-1);

    if (end > middle * GROWTH_MAX) faults.push(`memory grows: ${middle} KiB in the middle, ${end} KiB at the end`);
}

function checkMetrics(metrics) {
    for (const name of [...MOVING, ...PRESENT]) {
        if (metrics[name] === undefined) faults.push(`/metrics lacks ${name}`);
    }
    for (const name of MOVING) {
        if (metrics[name] === 0) faults.push(`${name} has not moved`);
    }
}

function checkRecordings(dir) {
    const files = readdirSync(dir).filter((name) => name.endsWith('.db') && name !== 'catalog.db');

    for (const file of files) {
        try {
            execFileSync(join(buildDir, 'tickwire-replay'), ['verify', join(dir, file)], { stdio: 'pipe' });
        } catch (error) {
            faults.push(`${file}: ${error.stderr}`);
        }
    }
    console.log(`${files.length} recordings`);
}

async function soak() {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-soak-'));
    const server = await startServer(harness, {
        args: ['--workers', '2', '--record', dir, ...ROOMS.flatMap((room) => ['--room', `${room},match_s=60`])],
    });
    const end = Date.now() + SECONDS * 1000;
    const isOver = () => Date.now() > end;
    const names = ROOMS.map((room) => room.split(',')[0]);

    const [samples] = await Promise.all([
        sample(server, isOver),
        runPage(server, isOver),
        ...names.map((name, index) => runRounds(server, name, index, isOver)),
    ]);
    checkMemory(samples);
    checkMetrics(await readMetrics(server));
    await server.stop();
    checkRecordings(dir);
    rmSync(dir, { recursive: true });
}

async function soakKills() {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-soak-'));
    const rounds = await killServers(harness, dir, { kills: KILLS, bots: KILL_BOTS });
    const losses = rounds.map(({ seenTick, lastTick }) => seenTick - lastTick).sort((a, b) => a - b);

    for (const { path, integrity } of rounds) {
        for (const found of [integrity, await integrityOf(path)]) {
            if (found !== 'ok') faults.push(`${path}: ${found}`);
        }
    }
    if (losses.at(-1) > LOST_TICKS_MAX) faults.push(`a crash cost ${losses.at(-1)} ticks`);
    console.log(`${KILLS} crashes: ${losses[losses.length >> 1]} ticks lost in the median, ${losses.at(-1)} at most`);
    checkRecordings(dir);
    rmSync(dir, { recursive: true });
}

try {
    if (SECONDS > 0) await soak();
    if (KILLS > 0) await soakKills();
} catch (error) {
    faults.push(error.stack);
}
for (const hook of atEnd) await hook();
for (const fault of faults) console.log(`FAIL  ${fault}`);
console.log(faults.length === 0 ? 'nothing wrong' : `${faults.length} faults`);
process.exit(faults.length === 0 ? 0 : 1);
