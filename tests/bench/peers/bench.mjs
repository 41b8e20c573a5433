// bench.mjs - the same world on Tickwire and on others, servers and loads by turns, several rounds: bytes on the wire
// and server CPU for each client and update, beside a bare program that sends and receives as many bytes. Run by
// `make bench-peers`; ROUNDS=N, SECONDS=N, PARTS=check,200,1000,5000 for another run.
//
// Writes build/bench/peers.json, peers.md and peers.svg.

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { join } from 'node:path';
import { cpuSeconds, machine, runSeconds, sleep } from '../../lib/machine.mjs';
import { drawSvg, writeTable } from './show.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = Number(process.env.SECONDS ?? 5);
const PARTS = (process.env.PARTS ?? 'check,200,1000').split(',');
const BUILD = process.env.TICKWIRE_BUILD ?? 'build';
const HERE = new URL('.', import.meta.url).pathname;
const ROOT = new URL('../../..', import.meta.url).pathname;
const MAP = join(ROOT, 'tests/bench/worlds/map.json');
const HZ = 20;
const PINS = availableParallelism() > 1 ? { server: ['taskset', '-c', '0'], load: ['taskset', '-c', '1'] } : {};

/* ---- programs ---- */

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
process.on('SIGINT', () => process.exit(1));

function start(command, pin = []) {
    const [file, ...args] = [...pin, ...command];
    const child = spawn(file, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const program = { pid: child.pid, output: '', errors: '' };

    running.add(child);
    child.stdout.setEncoding('utf8').on('data', (text) => (program.output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (program.errors += text));
    program.ended = new Promise((fulfil) => child.on('close', fulfil)).finally(() => running.delete(child));
    program.stop = async () => {
        child.kill('SIGTERM');
        await program.ended;
    };
    program.find = async (pattern) => {
        for (let waited = 0; waited < 60000; waited += 50) {
            const found = pattern.exec(program.output) ?? pattern.exec(program.errors);
            if (found) return found;
            if (!running.has(child)) break;
            await sleep(50);
        }
        throw new Error(`${command.join(' ')}: no ${pattern}\n${program.output}${program.errors}`);
    };
    return program;
}

const lastLine = (program) => JSON.parse(program.output.trimEnd().split('\n').at(-1));

/* ---- the servers, by name: {server, load, read} ---- */

const GAMES = { 200: 'drift', 1000: 'drift_thousand', 5000: 'drift_wide' };

async function startTickwire(count, build = 'bench-world') {
    const program = (name) => join(BUILD, build, name);
    const server = start(
        [
            ...[program('tickwire-server'), '--listen', '127.0.0.1:0', '--record', 'none', '--workers', '1'],
            ...['--room', `main,game=${GAMES[count]},map=${MAP},bots=0`, '--room-players-max', '5000'],
        ],
        PINS.server,
    );
    const [, port] = await server.find(/event=listening .*port=(\d+)/);

    return {
        server,
        load: () =>
            start(
                [
                    ...[program('tickwire-bots'), '--url', `ws://127.0.0.1:${port}/ws/updates`, '--json'],
                    ...['--count', String(count), '--seconds', String(SECONDS + 2)],
                ],
                PINS.load,
            ),
        read: async () => {
            const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
            const value = (name) => Number(new RegExp(`^tickwire_${name} (\\S+)$`, 'm').exec(text)[1]);
            return {
                clients: value('sessions'),
                updates: value('updates_sent_total'),
                held: value('updates_held_total'),
                late: value('ticks_late_total'),
                built: value('fragments_built_total'),
                up_bytes: value('bytes_in_total'),
            };
        },
    };
}

async function startPeer(name, count, check) {
    const server = start(
        ['node', join(HERE, `server_${name}.mjs`), '--count', String(count), ...(check ? ['--check'] : [])],
        PINS.server,
    );
    const [, port] = await server.find(/^port (\d+)/m);

    return {
        server,
        load: () =>
            start(
                ['node', join(HERE, 'load.mjs'), name, port, '--count', String(count), '--seconds', String(SECONDS)],
                PINS.load,
            ),
        read: async () => (await fetch(`http://127.0.0.1:${port}/stats`)).json(),
    };
}

/* ---- one run of one of them ---- */

async function look({ read, server }) {
    return { ...(await read()), cpu: cpuSeconds(server.pid), run: runSeconds(server.pid), machine: machine(), ms: performance.now() };
}

/* Waits for all clients, then measures while all of them are there. */
async function measure(host, count) {
    try {
        const load = host.load();
        while ((await host.read()).clients < count) await sleep(100);
        await sleep(1500);
        const before = await look(host);
        await sleep((SECONDS - 1.5) * 1000);
        const after = await look(host);
        await load.ended;
        const report = lastLine(load);
        const between = (read) => read(after) - read(before);
        const updates = between((x) => x.updates);
        const [user, system] = [between((x) => x.cpu.user), between((x) => x.cpu.system)];
        const cpu_us = (between((x) => x.run) * 1e6) / updates;

        return {
            clients: count,
            cpu_us,
            user_us: (cpu_us * user) / (user + system),
            system_us: (cpu_us * system) / (user + system),
            bytes: report.bytes_per_update,
            up_bytes: Math.round(between((x) => x.up_bytes) / updates),
            updates_per_s: report.updates_per_s,
            late: between((x) => x.late),
            held: between((x) => x.held),
            fragments_per_update: between((x) => x.built) / updates, // of all that each appends, some 30
            errors: (report.decode_errors ?? 0) + (report.hash_errors ?? 0) + report.closed,
            hashes: report.hashes,
            checked: report.checked,
            wrong: report.wrong,
            load_cpu_percent: report.cpu_percent,
            idle_percent: (100 * between((x) => x.machine.idle)) / between((x) => x.machine.all),
            steal_percent: (100 * between((x) => x.machine.steal)) / between((x) => x.machine.all),
        };
    } finally {
        await host.server.stop();
    }
}

async function measureBare(count, like) {
    const before = machine();
    const bare = start([
        ...[join(BUILD, 'bench/bare'), '--count', String(count), '--seconds', String(SECONDS)],
        ...['--down', String(Math.round(like.bytes)), '--up', String(like.up_bytes), ...(PINS.server ? ['--pin'] : [])],
    ]);
    await bare.ended;
    const r = lastLine(bare);
    const after = machine();

    return {
        clients: count,
        cpu_us: r.cpu_us,
        user_us: r.user_us,
        system_us: r.system_us,
        bytes: r.down_bytes,
        up_bytes: r.up_bytes,
        updates_per_s: r.updates_per_s / count,
        late: r.late_ticks,
        held: r.held,
        idle_percent: (100 * (after.idle - before.idle)) / (after.all - before.all),
        steal_percent: (100 * (after.steal - before.steal)) / (after.all - before.all),
    };
}

/* ---- all of them ---- */

function median(values) {
    const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);

    return sorted.length === 0 ? undefined : (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/* The medians of each figure over the rounds; CPU over bare is the median of each round's own ratio. */
function summarize(runs) {
    const keys = Object.keys(runs[0]);

    return Object.fromEntries(keys.map((key) => [key, median(runs.map((run) => run[key]))]));
}

const PEERS = ['ws', 'socketio', 'colyseus'];

async function runRound(count, withPeers) {
    const round = {};

    round.tickwire = await measure(await startTickwire(count), count);
    round.bare = await measureBare(count, round.tickwire);
    for (const peer of withPeers ? PEERS : []) round[peer] = await measure(await startPeer(peer, count, false), count);
    for (const run of Object.values(round)) run.over_bare = run.cpu_us / round.bare.cpu_us;
    console.log(
        Object.entries(round)
            .map(([name, run]) => `  ${name} ${run.bytes.toFixed(1)} B ${run.cpu_us.toFixed(1)} µs`)
            .join('   '),
    );
    return round;
}

async function runRounds(count, withPeers, wanted = ROUNDS) {
    const rounds = [];

    console.log(`${count} clients, ${wanted} rounds of ${SECONDS} s each:`);
    for (let i = 0; i < wanted; i++) rounds.push(await runRound(count, withPeers));
    const names = Object.keys(rounds[0]);
    return Object.fromEntries(names.map((name) => [name, summarize(rounds.map((round) => round[name]))]));
}

/* Whether what clients decode is what they should see: a hash in every update. */
async function checkViews() {
    const ours = await measure(await startTickwire(200, 'bench-check'), 200);
    const views = { tickwire: { checked: ours.hashes, wrong: ours.errors } };

    for (const peer of PEERS) {
        const { checked, wrong } = await measure(await startPeer(peer, 200, true), 200);
        views[peer] = { checked, wrong };
    }
    for (const [name, { checked, wrong }] of Object.entries(views))
        console.log(`  ${name}: ${checked} views compared with the world, ${wrong} differ`);
    return views;
}

const results = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0].model.trim()}, ${availableParallelism()} cores, Linux ${release()}, Node.js ${process.version}`,
    rounds: ROUNDS,
    seconds: SECONDS,
    hz: HZ,
};
if (PARTS.includes('check')) results.views = await checkViews();
if (PARTS.includes('200')) results.with_200 = await runRounds(200, true);
if (PARTS.includes('1000')) results.with_1000 = await runRounds(1000, false);
if (PARTS.includes('5000')) results.with_5000 = await runRounds(5000, false, 1);

const dir = join(BUILD, 'bench');
mkdirSync(dir, { recursive: true });
writeFileSync(join(dir, 'peers.json'), `${JSON.stringify(results, null, 2)}\n`);
const table = writeTable(results);
writeFileSync(join(dir, 'peers.md'), table);
if (results.with_200) writeFileSync(join(dir, 'peers.svg'), drawSvg(results));
console.log(`\n${table}`);
process.exit(Object.values(results.views ?? {}).some(({ wrong }) => wrong > 0) ? 1 : 0);
