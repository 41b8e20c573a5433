// Disks that are full, read-only, slow, or lose the file: the game goes on, the recording says what is
// missing, and another one begins when it can. disk_shim.c is the disk.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { joinJson } from '../lib/clients.mjs';
import { infoOf, integrityOf, listRecordings, replay, scratchFolder } from '../lib/recordings.mjs';
import { startServer } from '../lib/server.mjs';

const SECOND = 20; // ticks
const RESUMES_MS = 30000; // it is tried after 5 s, then after 10
const temporary = mkdtempSync(join(tmpdir(), 'tickwire-disk-'));
const shim = join(temporary, 'disk_shim.so');

execFileSync('cc', ['-D_GNU_SOURCE', '-Wall', '-Wextra', '-O1', '-shared', '-fPIC', '-o', shim,
    new URL('disk_shim.c', import.meta.url).pathname, '-ldl']);
after(() => rmSync(temporary, { recursive: true, force: true }));

/* A server whose disk does what disk.set() says. */
async function startOnDisk(t, args = []) {
    const folder = scratchFolder(t);
    const dir = join(folder, 'recordings');
    const fault = join(folder, 'fault');
    mkdirSync(dir);
    writeFileSync(fault, '');
    const server = await startServer(t, {
        args: ['--record', dir, '--room', 'arena,bots=3', '--room', 'other,bots=0', ...args],
        env: { LD_PRELOAD: shim, DISK_DIR: dir, DISK_FAULT: fault, ASAN_OPTIONS: 'verify_asan_link_order=0' },
    });
    return { dir, server, set: (word) => writeFileSync(fault, word) };
}

async function play(t, server, room = 'arena', ticks = 2 * SECOND) {
    const client = await joinJson(t, `${server.wsUrl}/ws/updates?room=${room}`);

    client.hold({ buttons: 1, aim: 90 });
    await client.until((c) => c.tick >= c.welcome.tick + ticks, `${ticks} ticks`);
    return client;
}

async function metric(server, name) {
    const text = await (await fetch(`${server.url}/metrics`)).text();

    return Number(new RegExp(`^tickwire_${name} (\\d+)$`, 'm').exec(text)[1]);
}

/* Every recording of the folder is sound and verifies; answers them. */
async function checkAll(dir) {
    const recordings = await listRecordings(dir);

    for (const { path } of recordings) {
        const { code, stdout, stderr } = await replay('verify', path);
        assert.equal(code, 0, stdout + stderr);
        assert.equal(await integrityOf(path), 'ok');
    }
    return recordings;
}

describe('a recording on a disk that fails', { concurrency: true }, () => {
    for (const [word, sentence] of [['full', /database or disk is full/], ['readonly', /readonly|read-only|I\/O/]]) {
        test(`${word}: the game goes on, the recording is incomplete and says why, and a new one follows`, async (t) => {
            const { dir, server, set } = await startOnDisk(t);
            const client = await play(t, server);
            set(word);
            const [line] = await server.waitForLog(/.*event=recording_failed .*/);
            const seen = client.tick;
            await client.until((c) => c.tick >= seen + SECOND, 'the game to go on');
            const failures = await metric(server, 'record_failures_total');
            set('');
            await server.waitForLog(/event=recording_resumed/, RESUMES_MS);
            const incomplete = await metric(server, 'record_incomplete_total');
            const dropped = await metric(server, 'record_dropped_total');
            await server.stop();
            const [first, second] = await checkAll(dir);

            assert.match(line, sentence);
            assert.equal(server.stderr.match(/event=recording_failed/g).length, 1, 'one line');
            assert.ok(failures >= 1);
            assert.ok(dropped >= SECOND);
            assert.equal(incomplete, 1);
            assert.equal(first.status, 'incomplete');
            assert.match(first.reason, sentence);
            assert.equal(second.status, 'complete');
            assert.equal((await infoOf(first.path)).status, 'incomplete', 'the file says so, too');
        });
    }

    test('slow: while a sync takes long ticks are lost, in a gap that the recording tells', async (t) => {
        const { dir, server, set } = await startOnDisk(t);
        const client = await play(t, server);
        set('slow 1000');
        const before = { tick: client.tick, ms: performance.now() };
        const other = await play(t, server, 'other', SECOND); // its new file waits for several syncs
        await client.until((c) => c.tick >= before.tick + 4 * SECOND, 'the game to go on');
        await server.waitForLog(/event=recording_gap .*lost_ticks=[1-9]/, RESUMES_MS);
        set('');
        const tick = client.tick;
        await client.until((c) => c.tick >= tick + 2 * SECOND, 'two seconds more');
        const dropped = await metric(server, 'record_dropped_total');
        const fulls = [client.fulls, other.fulls];
        await server.stop();
        const recordings = await checkAll(dir);
        const { status, reason, path } = recordings.find(({ room }) => room === 'arena');
        const info = await infoOf(path);

        assert.equal(status, 'incomplete');
        assert.match(reason, /\d+ ticks are missing: the recorder was behind/);
        assert.ok(info.gaps >= 1 && info.lost_ticks <= dropped);
        assert.ok(info.last_tick >= tick + SECOND, 'it goes on behind the gap');
        assert.deepEqual(fulls, [1, 1], 'no player lost anything');
    });

    test('deleted: noticed within a second, and another file is begun', async (t) => {
        const { dir, server } = await startOnDisk(t);
        const client = await play(t, server);
        for (const name of readdirSync(dir)) {
            if (name.includes('-arena-')) unlinkSync(join(dir, name));
        }
        const [line] = await server.waitForLog(/.*event=recording_failed .*/);
        const tick = client.tick;
        await client.until((c) => c.tick >= tick + SECOND, 'the game to go on');
        await server.waitForLog(/event=recording_resumed/, RESUMES_MS);
        await server.stop();
        const recordings = await checkAll(dir);

        assert.match(line, /its file was deleted or moved/);
        assert.equal(recordings.length, 1);
        assert.equal(recordings[0].status, 'complete');
    });

    test('by age and by size recordings go, the oldest first, never the one that runs', async (t) => {
        const { dir, server } = await startOnDisk(t);
        await play(t, server, 'arena', SECOND);
        await play(t, server, 'other', SECOND);
        await server.stop();
        const ended = await listRecordings(dir);
        await sleep(1100);
        const byAge = await startServer(t, { args: ['--record', dir, '--room', 'arena,bots=2', '--record-keep-s', '1'] });
        const [aged] = await byAge.waitForLog(/.*event=recording_deleted .*/);
        await play(t, byAge, 'arena', 3 * SECOND);
        const deleted = await metric(byAge, 'record_deleted_total');
        const [running] = await listRecordings(dir);
        await byAge.stop();
        const [kept] = await listRecordings(dir);
        writeFileSync(join(dir, 'stray.txt'), Buffer.alloc(2000000)); // not ours: neither counted nor deleted
        const fitting = Math.floor(1000000 / kept.bytes);
        for (let copy = 0; copy < fitting; copy++) copyFileSync(kept.path, join(dir, `copy-${copy}.db`));
        const bySize = await startServer(t, { args: ['--record', dir, '--room', 'arena,bots=2', '--record-keep-mb', '1'] });
        await bySize.waitForLog(/event=recording_deleted .*reason="more than record_keep_mb"/);
        await bySize.stop();
        const left = await listRecordings(dir);

        assert.equal(ended.length, 2);
        assert.match(aged, /reason="older than record_keep_s"/);
        assert.equal(deleted, 2);
        assert.equal(running.status, 'recording', 'what runs stays, however short the time');
        assert.equal(left.length, fitting, 'one was too many');
        assert.ok(left.reduce((sum, { bytes }) => sum + bytes, 0) <= 1000000);
        assert.ok(readdirSync(dir).includes('stray.txt'));
    });
});
