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

/* Alters a recording and mends every checksum, as long as they were right: only what is simulated tells.
 * "word": the first word of the first entity in the first keyframe, by one; "hash": the sixth tick's. */
const FORGE = `import sqlite3, sys, zlib
def crc32c(crc, data):
    crc ^= 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8): crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff
def skip(data, at, count=1): # LEB128 numbers
    for _ in range(count):
        while data[at] & 128: at += 1
        at += 1
    return at
def flip_word(packed):
    data = bytearray(zlib.decompress(packed))
    at = 5 + (16 if data[4] & 1 else 0)
    if data[4] & 2: at = skip(data, at + 1, bin(data[at]).count('1')) # fewer than 8 globals: a mask of one byte
    if data[4] & 4: at = skip(data, at)
    at = skip(data, at, 2) # slot, mask
    at = skip(data, at + 2, 2) # kind, generation, owner, since_tick
    data[at] ^= 2 # a folded number: one more or less
    return zlib.compress(bytes(data))
def chain(db):
    crc = db.execute('SELECT previous_crc FROM keyframe ORDER BY tick LIMIT 1').fetchone()[0]
    items = [(tick, 'keyframe') for tick, in db.execute('SELECT tick FROM keyframe')]
    items += [(tick, 'chunk') for tick, in db.execute('SELECT tick FROM chunk')]
    for tick, table in sorted(items):
        columns = 'hash, state_bytes, state' if table == 'keyframe' else 'tick_count, kind, state_bytes, inputs_bytes, hashes, state, inputs'
        row = db.execute(f'SELECT {columns} FROM {table} WHERE tick=?', [tick]).fetchone()
        data = tick.to_bytes(4, 'little')
        for i, value in enumerate(row):
            if isinstance(value, bytes): data += len(value).to_bytes(4, 'little') + value
            else: data += (value & 2**64 - 1).to_bytes(8 if table == 'keyframe' and i == 0 else 4, 'little')
        previous, crc = crc, crc32c(crc, data)
        yield table, tick, previous, crc
db = sqlite3.connect(sys.argv[1])
for table, tick, previous, crc in chain(db):
    assert db.execute(f'SELECT previous_crc, crc FROM {table} WHERE tick=?', [tick]).fetchone() == (previous, crc)
if sys.argv[2] == 'word':
    tick, state = db.execute('SELECT tick, state FROM keyframe ORDER BY tick LIMIT 1').fetchone()
    db.execute('UPDATE keyframe SET state=? WHERE tick=?', [flip_word(state), tick])
else:
    tick, hashes = db.execute('SELECT tick, hashes FROM chunk ORDER BY tick LIMIT 1').fetchone()
    db.execute('UPDATE chunk SET hashes=? WHERE tick=?', [hashes[:80] + bytes([hashes[80] ^ 1]) + hashes[81:], tick])
    tick += 5
for table, item, previous, crc in list(chain(db)):
    db.execute(f'UPDATE {table} SET previous_crc=?, crc=? WHERE tick=?', [previous, crc, item])
db.commit()
print(tick)`;

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

/* Makes a recording differ from what was played, in a "word" or a "hash", at the tick it answers. */
export async function forgeRecording(path, what) {
    return Number((await promisify(execFile)('python3', ['-c', FORGE, path, what])).stdout);
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
