// A recording while it is written, where it goes by default, and what is wrong with a file.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { joinBinary, joinJson } from '../lib/clients.mjs';
import { runProgram, startServer } from '../lib/server.mjs';

const TICKS = 50; // two chunks and a half
const PAGE_BYTES = 4096;
const USER_VERSION_AT = 60; // in the header of a sqlite file, big-endian

const replay = (...args) => runProgram('tickwire-replay', args);

function scratch(t) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-record-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    return dir;
}

/* Two players among bots, for `ticks`. */
async function play(t, server, ticks = TICKS) {
    const url = `${server.wsUrl}/ws/updates`;
    const ann = await joinJson(t, `${url}?name=Ann`);
    const bin = await joinBinary(t, url, { name: 'Bin' });

    ann.hold({ buttons: 17, aim: 200 });
    bin.input([2, 0, 0, 0]);
    await ann.until((c) => c.tick >= ann.welcome.tick + ticks, `${ticks} ticks`);
    return { ann, bin };
}

async function listOf(dir) {
    const { code, stdout, stderr } = await replay('list', dir, '--json');

    assert.equal(code, 0, stderr);
    const entries = stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    return entries.map((entry) => ({ ...entry, path: join(dir, `${entry.id}.db`) }));
}

/* A finished recording. */
async function recordMatch(t) {
    const dir = scratch(t);
    const server = await startServer(t, { args: ['--workers', '2', '--record', dir, '--room', 'arena,bots=5'] });

    await play(t, server);
    await server.stop();
    return (await listOf(dir))[0].path;
}

test('a recording that is still being written lists, plays and verifies, and goes on', async (t) => {
    const dir = scratch(t);
    const server = await startServer(t, { args: ['--record', dir, '--room', 'arena,bots=5'] });
    const { ann } = await play(t, server);
    const [running] = await listOf(dir);
    const info = JSON.parse((await replay('info', running.path, '--json')).stdout);
    const played = await replay('play', running.path);
    const verified = await replay('verify', running.path);
    await ann.until((c) => c.tick > info.last_tick + 2 * TICKS, 'more ticks');
    await server.stop();
    const [ended] = await listOf(dir);

    assert.equal(running.status, 'recording');
    assert.ok(info.last_tick > ann.welcome.tick, 'the first second is in the file');
    assert.match(played.stdout, new RegExp(`\\b${info.last_tick}\\b`));
    assert.match(verified.stdout, /^verified \d+ ticks\n$/);
    assert.equal(ended.status, 'complete');
    assert.ok(ended.ticks >= info.last_tick - info.first_tick + 2 * TICKS);
    assert.equal((await replay('verify', ended.path)).stdout, `verified ${ended.ticks} ticks\n`);
});

test('several rooms at once record a file each, as long as somebody plays', async (t) => {
    const dir = scratch(t);
    const rooms = ['one', 'two', 'three'].flatMap((name) => ['--room', `${name},bots=3`]);
    const server = await startServer(t, { args: ['--workers', '2', '--record', dir, ...rooms] });
    for (const room of ['one', 'two']) {
        const player = await joinJson(t, `${server.wsUrl}/ws/updates?room=${room}`);
        await player.until((c) => c.updates > TICKS, 'ticks');
        player.socket.close(1000);
        await player.end();
    }
    await server.waitForLog(/event=recording_ended .*room=?.*two|event=recording_ended id=\S+-two-/);
    await server.stop();
    const recordings = await listOf(dir);

    assert.deepEqual(recordings.map(({ room }) => room).sort(), ['one', 'two']);
    for (const { path, ticks } of recordings)
        assert.equal((await replay('verify', path)).stdout, `verified ${ticks} ticks\n`);
});

test('without --record matches go to recordings/ where the server was started', async (t) => {
    const cwd = scratch(t);
    const config = join(cwd, 'server.json');
    writeFileSync(config, '{"room": ["arena,bots=2"]}');
    const server = await startServer(t, { args: ['--config', config], cwd, records: true });
    await play(t, server, 25);
    await server.stop();
    const [{ path }] = await listOf(join(cwd, 'recordings'));

    assert.equal((await replay('verify', path)).code, 0);
});

test('a file of a newer schema is refused in one sentence', async (t) => {
    const path = await recordMatch(t);
    const bytes = readFileSync(path);
    bytes.writeUInt32BE(bytes.readUInt32BE(USER_VERSION_AT) + 1, USER_VERSION_AT);
    writeFileSync(path, bytes);

    for (const command of ['info', 'play', 'verify']) {
        const { code, stderr } = await replay(command, path);

        assert.equal(code, 2);
        assert.match(stderr, /is a recording of schema version \d+; this build reads up to version \d+\n$/);
        assert.equal(stderr.trim().split('\n').length, 1);
    }
});

test('a flipped byte in any page with contents is found, and what it damages is named', async (t) => {
    const path = await recordMatch(t);
    const bytes = readFileSync(path);
    let found = 0, pages = 0;

    // Towards the end of a page, where sqlite puts a cell's contents; never in the header.
    for (let at = 2 * PAGE_BYTES - 300; at < bytes.length; at += PAGE_BYTES) {
        if (bytes[at] === 0 && bytes[at + 1] === 0) continue;
        const altered = Buffer.from(bytes);
        altered[at] ^= 0x10;
        writeFileSync(path, altered);
        const { code, stderr } = await replay('verify', path);

        pages++;
        assert.ok(code === 0 || code === 1 || code === 2, `page ${pages}: ${code}`);
        if (code === 0) continue; // players' names, events: not what is simulated
        found++;
        assert.equal(stderr.trim().split('\n').length, 1, stderr);
        assert.match(stderr, /tick|chunk|keyframe|damaged|malformed|database/, stderr);
    }
    assert.ok(pages > 3, `${pages} pages`);
    assert.ok(found >= pages / 2, `${found} of ${pages}`);
    assert.equal(readdirSync(join(path, '..')).length, 2, 'reading leaves nothing behind');
});
