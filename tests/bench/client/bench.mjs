// bench.mjs - what the clients cost and how they feel: the view's time per update (native and as the page's
// module), time per frame of page and native client, memory, sizes, and play over links of all kinds.
//
// Run by `make bench-client`; the tables go into client/README.md. ONLY=feel (view, page, native, sizes) makes one of
// them anew, SECONDS=N plays for so long. Figures as a file: build/bench/client.json.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { startLink } from '../../lib/bots.mjs';
import { openPage } from '../../lib/page.mjs';
import { buildDir, runProgram, spawnProgram, startServer } from '../../lib/server.mjs';
import { initView, joinView, loadView, receive } from '../../lib/view.mjs';

const README = new URL('../../../client/README.md', import.meta.url);
const SECONDS = Number(process.env.SECONDS ?? 45);
const PLAYERS = 8; // on each link
const RECORD_MS = 8000;
const WATCH_MS = 8000;
const FRAME_AFTER_US = 25000; // as in view.c
const ROUNDS = 40;
const TICKS_PER_SECOND = 100; // of /proc/PID/stat
const MESSAGE_SNAPSHOT = 2;

// Round trips are two ways of that. `bots` make an update as large as the narrow link needs.
const LINKS = [
    { name: '0 ms', link: null },
    { name: '50 ms', link: ['--delay-ms', '25'] },
    { name: '100 ms', link: ['--delay-ms', '50'] },
    { name: '200 ms', link: ['--delay-ms', '100'] },
    { name: '50 ms, up to 40 ms of jitter each way', link: ['--delay-ms', '25', '--jitter-ms', '40'] },
    { name: '50 ms, stops for 300 ms every 4 s', link: ['--delay-ms', '25', '--stall-every-ms', '4000', '--stall-ms', '300'] },
    { name: '50 ms, 64 kbit/s', link: ['--delay-ms', '25', '--rate', '8000', '--buffer', '16384'], bots: 90 },
    { name: '50 ms, a machine of 10 frames/s', link: ['--delay-ms', '25'], frameMs: 100 },
    { name: '50 ms, a machine that stops for 1 s every 5 s', link: ['--delay-ms', '25'], stallEveryMs: 5000, stallMs: 1000 },
];

const kb = (bytes) => (bytes / 1024).toFixed(1);

/* A table in Markdown: the first row is its head. */
function table([head, ...rows]) {
    const line = (cells) => `| ${cells.join(' | ')} |`;

    return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/* A map that one screen shows whole, so that everyone sees all `count`. */
function writeHall(dir) {
    const width = 38;
    const height = 22;
    const rows = Array.from({ length: height }, (_, y) =>
        Array.from({ length: width }, (_, x) => {
            if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return '#';
            return x % 6 === 3 && y % 6 === 3 ? 'S' : '.';
        }).join(''));
    const path = join(dir, 'hall.json');

    writeFileSync(path, JSON.stringify({ name: 'hall', rows }));
    return path;
}

async function startHall(t, dir, bots) {
    return startServer(t, {
        args: ['--workers', '1', '--room', `hall,map=${writeHall(dir)},bots=${bots},players=${bots + 4}`],
    });
}

// ---- sizes ----------------------------------------------------------------------------------------------------

async function sizes() {
    const gz = (files) => files.reduce((sum, file) => sum + gzipSync(readFileSync(join(buildDir, 'web', file)), { level: 9 }).length, 0);
    const library = gz(['tickwire.wasm', 'tickwire.js', 'socketio.js']);

    return {
        data: { library },
        text: table([
            ['size, gzipped', 'KB'],
            ['the library: `tickwire.wasm`, `tickwire.js`, `socketio.js`', kb(library)],
            ['of that `tickwire.wasm`', kb(gz(['tickwire.wasm']))],
        ]),
    };
}

// ---- the view -------------------------------------------------------------------------------------------------

/* What one player among `bots` gets in some seconds: [{us, bytes}]. */
async function record(t, dir, bots) {
    const server = await startHall(t, dir, bots);
    const records = [];

    await joinView(t, `${server.wsUrl}/ws/updates`, {
        onmessage: (bytes, us) => records.push({ us: Math.floor(us), bytes: bytes.slice() }),
    });
    await sleep(RECORD_MS);
    return records;
}

function writeRecords(path, records) {
    writeFileSync(path, Buffer.concat(records.flatMap(({ us, bytes }) => {
        const head = Buffer.alloc(12);

        head.writeBigUInt64LE(BigInt(us), 0);
        head.writeUInt32LE(bytes.length, 8);
        return [head, Buffer.from(bytes)];
    })));
}

/* Plays the records ROUNDS times. Answers the CPU time of an update, µs. */
function playModule(view, records, updates, withFrames) {
    const before = process.cpuUsage();

    for (let round = 0; round < ROUNDS; round++) {
        initView(view);
        view.wasm.connect();
        view.wasm.poll(records[0].us, 0);
        for (const { us, bytes } of records) {
            receive(view, bytes, us);
            if (!withFrames || (bytes[0] & 7) !== MESSAGE_SNAPSHOT) continue;
            while (view.wasm.poll(us + FRAME_AFTER_US, 0) > 0);
            view.wasm.frame(us + FRAME_AFTER_US);
        }
    }
    const { user, system } = process.cpuUsage(before);

    return (user + system) / ROUNDS / updates;
}

/* The same as view.c, as the page's module in V8. */
async function measureModule(records, updates) {
    const view = await loadView();

    playModule(view, records, updates, true); // compiles it
    const receive_us = playModule(view, records, updates, false);

    return { receive_us, frame_us: Math.max(0, playModule(view, records, updates, true) - receive_us) };
}

async function views(t, dir) {
    const rows = [['the view, µs of CPU', 'visible', 'bytes an update', 'take an update in', 'compute a frame', 'both']];
    const data = [];

    for (const bots of [100, 200, 1000]) {
        const records = await t.part((u) => record(u, dir, bots));
        const path = join(dir, 'records');
        const snapshots = records.filter(({ bytes }) => (bytes[0] & 7) === MESSAGE_SNAPSHOT);
        const mean = snapshots.reduce((sum, { bytes }) => sum + bytes.length, 0) / snapshots.length;

        writeRecords(path, records);
        const { code, stdout, stderr } = await runProgram('bench/view', [path]);
        if (code !== 0) throw new Error(stderr);
        const native = JSON.parse(stdout);
        const module = await measureModule(records, snapshots.length);

        for (const [name, { receive_us, frame_us }] of [['native', native], ['WebAssembly', module]]) {
            data.push({ name, drawn: native.drawn, receive_us, frame_us });
            rows.push([name, native.drawn, mean.toFixed(0), receive_us.toFixed(1), frame_us.toFixed(1), (receive_us + frame_us).toFixed(1)]);
        }
    }
    return { data, text: table(rows) };
}

// ---- the page -------------------------------------------------------------------------------------------------

/* Counts the time that the page's frames take in its own thread, for WATCH_MS. */
async function watchPage(page) {
    const session = await page.context().newCDPSession(page);
    const read = async () => Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));

    await session.send('Performance.enable', { timeDomain: 'threadTicks' }); // CPU time: neighbours do not count
    await page.evaluate(() => {
        const next = requestAnimationFrame.bind(globalThis);

        globalThis.drawnCounts = [];
        globalThis.requestAnimationFrame = (callback) => next((ms) => {
            callback(ms);
            globalThis.drawnCounts.push(globalThis.tickwirePage.tickwire.wasm.drawn_count());
        });
    });
    await page.waitForTimeout(500);
    const before = await read();

    await page.evaluate(() => (globalThis.drawnCounts.length = 0));
    await page.waitForTimeout(WATCH_MS);
    const counts = await page.evaluate(() => globalThis.drawnCounts);
    const after = await read();
    const frames = counts.length;

    counts.sort((a, b) => a - b);
    return {
        drawn: counts[counts.length >> 1],
        frames_per_s: frames / (WATCH_MS / 1000),
        script_ms: ((after.ScriptDuration - before.ScriptDuration) * 1000) / frames,
        thread_ms: ((after.TaskDuration - before.TaskDuration) * 1000) / frames,
        heap_mb: after.JSHeapUsedSize / 1e6,
    };
}

async function pages(t, dir) {
    const rows = [['the page, Chromium headless, 1280×720', 'visible', 'CPU of the page\'s thread, a frame', 'of that script', 'frames/s', 'JS heap + module']];
    const data = [];

    for (const bots of [200, 1000]) {
        const figures = await t.part(async (u) => {
            const server = await startHall(u, dir, bots);
            const { page } = await openPage(u, `${server.url}/?name=Ada`);

            return watchPage(page);
        });

        data.push(figures);
        rows.push([`${bots} craft and their shots`, figures.drawn, `${figures.thread_ms.toFixed(1)} ms`,
            `${figures.script_ms.toFixed(1)} ms`, figures.frames_per_s.toFixed(0), `${figures.heap_mb.toFixed(0)} + 16 MB`]);
    }
    return { data, text: table(rows) };
}

// ---- the native client ----------------------------------------------------------------------------------------

/* CPU seconds of a process, all threads, and its memory in MB, from /proc. */
function readProcess(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1];

    return { cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, rssMb: rss / 1024 };
}

async function natives(t, dir) {
    const rows = [['the native client, SDL\'s software renderer, 1280×720', 'visible', 'CPU a frame, all threads', 'frames/s', 'memory']];
    const data = [];

    for (const bots of [200, 1000]) {
        const figures = await t.part(async (u) => {
            const server = await startHall(u, dir, bots);
            const seconds = WATCH_MS / 1000;
            const client = spawnProgram('tickwire-client', ['--headless', '--seconds', String(seconds), '--url', `${server.wsUrl}/ws/updates`],
                { env: { SDL_RENDER_DRIVER: 'software' } });

            await sleep((seconds - 0.5) * 1000);
            const { cpuS, rssMb } = readProcess(client.pid);
            const code = await client.exitCode;
            if (code !== 0) throw new Error(client.stderr);
            const report = JSON.parse(client.stdout);
            const frames = report.frames * ((seconds - 0.5) / report.seconds);

            return { drawn: report.entities, cpu_ms: (cpuS * 1000) / frames, frames_per_s: report.frames / report.seconds, rss_mb: rssMb };
        });

        data.push(figures);
        rows.push([`${bots} craft and their shots`, figures.drawn, `${figures.cpu_ms.toFixed(1)} ms`, figures.frames_per_s.toFixed(0), `${figures.rss_mb.toFixed(0)} MB`]);
    }
    return { data, text: table(rows) };
}

// ---- how it feels ---------------------------------------------------------------------------------------------

async function feel(t) {
    const data = await t.part(async (u) => {
        const rooms = LINKS.flatMap(({ bots = 2 }, i) => ['--room', `feel${i},map=assets/maps/garden.json,bots=${bots},players=${bots + PLAYERS + 2}`]);
        const server = await startServer(u, { args: rooms });
        const args = ['--seconds', String(SECONDS), '--players', String(PLAYERS)];

        for (const [i, { name, link, frameMs = 16, stallEveryMs = 0, stallMs = 0 }] of LINKS.entries()) {
            const port = link ? (await startLink(u, server.port, link)).port : server.port;
            const url = `ws://127.0.0.1:${port}/ws/updates?room=feel${i}`;

            args.push('--link', name, url, String(frameMs), String(stallEveryMs), String(stallMs));
        }
        const { code, stdout, stderr } = await runProgram('bench/feel', args, { timeoutMs: (SECONDS + 60) * 1000 });
        if (code !== 0) throw new Error(stderr);
        return stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
    });
    const hits = ({ used, agreed_percent, seen, seen_hit_percent }) => [`${agreed_percent.toFixed(0)} % of ${used}`, `${seen_hit_percent.toFixed(0)} % of ${seen}`];

    return {
        data,
        text: [
            table([
                ['round trip', 'state age, drawn behind', 'prediction error p50 / p95 / max, units', 'corrections/min, of that own losses', 'own speed change a frame p50 / p99, units/s',
                    'others\' p50 / p99', 'jumps/min own, others', 'guessed, held'],
                ...data.map((d) => [d.name, `${d.age_ms} ms, ${d.delay_ms} ms`, `${d.error_p50} / ${d.error_p95} / ${d.error_max.toFixed(1)}`, `${d.corrections_per_min.toFixed(1)}, ${d.losses_per_min.toFixed(1)}`,
                    `${d.own_p50} / ${d.own_p99}`, `${d.others_p50} / ${d.others_p99}`, `${d.own_jumps_per_min}, ${d.others_jumps_per_min}`,
                    `${d.guessed_percent.toFixed(1)} %, ${d.held_percent.toFixed(1)} %`]),
            ]),
            table([
                ['round trip', 'beam: server agrees', 'of those seen to hit', 'shot: server agrees', 'of those seen to hit', 'beams withdrawn'],
                ...data.map((d) => [d.name, ...hits(d.beams), ...hits(d.shots), d.beams.refused]),
            ]),
        ].join('\n\n'),
    };
}

// ---- all of it ------------------------------------------------------------------------------------------------

/* What a test would give back at its end, for parts one after the other. */
const keeper = {
    part: async (run) => {
        const ends = [];

        try {
            return await run({ after: (end) => ends.unshift(end) });
        } finally {
            for (const end of ends) await end();
        }
    },
};

const parts = { sizes, view: views, page: pages, native: natives, feel };
const dir = mkdtempSync(join(tmpdir(), 'tickwire-client-'));
const results = {};
const texts = {};

console.error = () => {}; // the servers' logs
try {
    for (const [name, measure] of Object.entries(parts)) {
        if (process.env.ONLY && process.env.ONLY !== name) continue;
        const { data, text } = await measure(keeper, dir);

        console.log(`${text}\n`);
        results[name] = data;
        texts[name] = text;
    }
} finally {
    rmSync(dir, { recursive: true });
}
mkdirSync(join(buildDir, 'bench'), { recursive: true });
writeFileSync(join(buildDir, 'bench/client.json'), `${JSON.stringify(results, null, 1)}\n`);
writeFileSync(README, Object.entries(texts).reduce((readme, [name, text]) => {
    const place = new RegExp(`(<!-- ${name}: by make bench-client -->\\n)[^]*?(<!-- end -->)`);

    if (!place.test(readme)) throw new Error(`client/README.md has no place for: ${name}`);
    return readme.replace(place, (_, before, after) => `${before}\n${text}\n\n${after}`);
}, readFileSync(README, 'utf8')));
