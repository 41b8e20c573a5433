// watch.mjs - a match is recorded, then watched by many: how long a seek takes until the sought state has arrived, and
// what a playback costs in memory and CPU. Run by `make bench`; WATCHERS=N and SECONDS=N for another run. As a file of
// results: build/bench/watch.json.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BinaryClient, JsonClient } from '../lib/clients.mjs';
import { residentKib, runSeconds, sleep } from '../lib/machine.mjs';
import { buildDir, runProgram, spawnProgram } from '../lib/server.mjs';

const WATCHERS = Number(process.env.WATCHERS ?? 32);
const SECONDS = Number(process.env.SECONDS ?? 40); // of the match
const SEEKS = 300;
const SEEK_EVERY_MS = 20;
const WATCH_S = 5;
const PLAYERS = 8;

const cleanups = [];
const t = { after: (act) => cleanups.push(act) };

async function startServer(dir) {
    const server = spawnProgram('tickwire-server', [
        ...['--listen', '127.0.0.1:0', '--record', dir, '--room', 'arena,bots=24'],
        ...['--playbacks-max', String(WATCHERS + 1), '--spectate-delay-ms', '0'], // all of it may be seen at once
    ]);
    const [, port] = await server.waitForLog(/event=listening .*port=(\d+)/);

    server.port = Number(port);
    cleanups.push(() => server.kill('SIGKILL'));
    return server;
}

async function record(dir) {
    const server = await startServer(dir);

    await runProgram('tickwire-bots', [
        ...['--url', `ws://127.0.0.1:${server.port}/ws/updates`, '--count', String(PLAYERS)],
        ...['--seconds', String(SECONDS), '--json'],
    ], { timeoutMs: (SECONDS + 30) * 1000 });
    server.kill('SIGTERM');
    await server.exitCode;
}

async function findRecording(server) {
    for (;;) {
        const list = await (await fetch(`http://127.0.0.1:${server.port}/api/recordings`)).json();

        if (list.length > 0 && list[0].marks.length > 0) return list[0]; // nothing is counted any more
        await sleep(100);
    }
}

async function measureSeeks(url, ticks) {
    const watcher = new JsonClient(t, url);
    const tookMs = [];

    await watcher.until((c) => c.updates > 0, 'the first picture');
    watcher.say({ type: 'pause' });
    for (let i = 0; i < SEEKS; i++) {
        const tick = 1 + Math.floor(Math.random() * (ticks - 1));
        const { fulls } = watcher;
        const startMs = performance.now();

        watcher.say({ type: 'seek', tick });
        await watcher.until((c) => c.fulls > fulls && c.tick === tick, `tick ${tick}`);
        tookMs.push(performance.now() - startMs);
        await sleep(SEEK_EVERY_MS);
    }
    watcher.socket.close(1000);
    await watcher.end();
    return tookMs.sort((a, b) => a - b);
}

async function measureWatchers(server, url, ticks) {
    const beforeKib = residentKib(server.pid);
    const watchers = [];

    for (let i = 0; i < WATCHERS; i++) {
        watchers.push(new BinaryClient(t, `${url}?t=${1 + Math.floor((i * ticks) / 2 / WATCHERS)}`));
        await watchers[i].until((c) => c.isPlaying, 'the first picture');
    }
    await sleep(1000);
    const startS = runSeconds(server.pid);
    await sleep(WATCH_S * 1000);
    return {
        kib: (residentKib(server.pid) - beforeKib) / WATCHERS,
        cpuPercent: ((runSeconds(server.pid) - startS) / WATCH_S / WATCHERS) * 100,
    };
}

async function run() {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-watch-'));

    cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
    await record(dir);
    const server = await startServer(dir);
    const { id, ticks, bytes } = await findRecording(server);
    const url = `ws://127.0.0.1:${server.port}/ws/replay/${id}`;
    const tookMs = await measureSeeks(url, ticks);
    const watched = await measureWatchers(server, url, ticks);
    const at = (share) => tookMs[Math.min(tookMs.length - 1, Math.floor(tookMs.length * share))];
    const result = { ticks, bytes, seek_p50_ms: at(0.5), seek_p99_ms: at(0.99), seek_max_ms: at(1), watchers: WATCHERS, ...watched };

    console.log(`${ticks} ticks of ${PLAYERS} players among 24, ${Math.round(bytes / 1000)} kB`);
    console.log(`seek to state:  p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, max ${at(1).toFixed(1)} ms`);
    console.log(`${WATCHERS} watchers at 1x: ${Math.round(watched.kib)} KiB and ${watched.cpuPercent.toFixed(2)} % of a core each`);
    mkdirSync(join(buildDir, 'bench'), { recursive: true });
    writeFileSync(join(buildDir, 'bench/watch.json'), JSON.stringify(result, null, 4));
}

try {
    await run();
} finally {
    for (const act of cleanups.reverse()) act();
}
process.exit(0);
