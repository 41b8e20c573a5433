// recordings.mjs - a folder of recordings for a test, and what tickwire-replay and sqlite say of it.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { JsonClient } from './clients.mjs';
import { runProgram, spawnProgram, startServer } from './server.mjs';

const SECOND = 20; // ticks
const INTEGRITY = `import sqlite3, sys
print(sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True).execute('PRAGMA integrity_check').fetchone()[0])`;

export const replay = (...args) => runProgram('tickwire-replay', args);

/* A folder that goes with the test. */
export function scratchFolder(t) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-record-'));

    t.after(() => rmSync(dir, { recursive: true, force: true }));
    return dir;
}

/* What `list --json` says of the folder, oldest first, each with its `path`. */
export async function listRecordings(dir) {
    const { code, stdout, stderr } = await replay('list', dir, '--json');

    if (code !== 0) throw new Error(stderr);
    const entries = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    return entries.map((entry) => ({ ...entry, path: join(dir, `${entry.id}.db`) }));
}

export async function infoOf(path) {
    return JSON.parse((await replay('info', path, '--json')).stdout);
}

/* "ok", or what sqlite finds wrong; leaves the file as it is. */
export async function integrityOf(path) {
    return (await promisify(execFile)('python3', ['-c', INTEGRITY, path])).stdout.trim();
}

/* Kills a recording server at a random moment while `bots` play on it, `kills` times one after the
 * other in one folder. Answers for each: `seenTick`, the last one a client saw, `lastTick`, the last one
 * in the file as the crash left it, and `integrity` of that. The last start settles what is left. */
export async function killServers(t, dir, { kills, bots, random = Math.random }) {
    const start = () => startServer(t, { args: ['--record', dir, '--room', 'arena,bots=0'] });
    const rounds = [];

    for (let round = 0; round < kills; round++) {
        const known = new Set((await listRecordings(dir)).map(({ id }) => id));
        const server = await start();
        const url = `${server.wsUrl}/ws/updates`;
        const crowd = spawnProgram('tickwire-bots', ['--url', url, '--count', String(bots), '--seconds', '60']);
        const watcher = new JsonClient(t, url);
        await watcher.until((c) => c.welcome && c.tick >= c.welcome.tick + SECOND + 5, 'more than a second');
        await sleep(random() * 1500);
        server.kill('SIGKILL');
        await server.exitCode;
        crowd.kill('SIGKILL');
        await crowd.exitCode;

        const path = (await listRecordings(dir)).find(({ id }) => !known.has(id)).path;
        rounds.push({
            path,
            seenTick: watcher.tick,
            integrity: await integrityOf(path),
            lastTick: (await infoOf(path)).last_tick,
        });
    }
    await (await start()).stop();
    return rounds;
}
