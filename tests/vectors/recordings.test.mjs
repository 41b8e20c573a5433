// recordings.test.mjs - recordings made by older schemas, and by older versions of a game, are listed,
// played and dumped by this build, to the values of recordings.json; and no byte of them has changed.
//
// With a new schema, or a game's table that a recording should remember:
//     TICKWIRE_WRITE_VECTORS=1 build/asan/unit/test_old_recordings     makes the files that are not there
//     UPDATE_VECTORS=1 node --test tests/vectors/recordings.test.mjs   lists what is not listed yet

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { listRecordings, replay } from '../lib/recordings.mjs';

const FOLDER = new URL('recordings/', import.meta.url).pathname;
const LIST = new URL('recordings.json', import.meta.url);
const ROOT = new URL('../..', import.meta.url).pathname;
const VERSION_AT = 60; // of a sqlite file's header: user_version
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.db')).sort();
const list = JSON.parse(readFileSync(LIST, 'utf8'));

async function output(...args) {
    const { code, stdout, stderr } = await replay(...args);

    assert.equal(code, 0, stderr);
    return stdout;
}

/* What this build reads in a file. */
async function describe(name) {
    const path = join(FOLDER, name);
    const info = JSON.parse(await output('info', path, '--json'));
    const ticks = (await output('play', path, '--json')).trim().split('\n').map((line) => JSON.parse(line));
    const dump = await output('dump', path, String(info.last_tick));
    const entities = Object.values(ticks.at(-1).entities);

    assert.equal(ticks.length, info.ticks);
    return {
        sha256: createHash('sha256').update(readFileSync(path)).digest('hex'),
        version: readFileSync(path).readUInt32BE(VERSION_AT),
        game: info.game,
        step_version: info.step_version,
        first_tick: info.first_tick,
        last_tick: info.last_tick,
        events: info.events,
        last_hash: /hash=([0-9a-f]{16})/.exec(dump)[1],
        last_body: entities.find(({ owner }) => owner !== undefined),
        last_count: entities.length,
    };
}

for (const name of files) {
    test(`${name} is what it was`, async () => {
        const found = await describe(name);

        if (process.env.UPDATE_VECTORS) list[name] ??= found;
        assert.deepEqual(found, list[name]);
    });
}

test('every file is listed, and every listed file is there', () => {
    if (process.env.UPDATE_VECTORS) writeFileSync(LIST, `${JSON.stringify(list, null, 2)}\n`);
    assert.deepEqual(Object.keys(list).sort(), files);
});

test('every schema version up to this build\'s has its files', () => {
    const header = readFileSync(join(ROOT, 'server/record/recording.h'), 'utf8');
    const version = Number(/#define RECORDING_VERSION +(\d+)/.exec(header)[1]);

    for (let v = 1; v <= version; v++)
        assert.ok(files.filter((name) => list[name].version === v).length >= 4, `version ${v}`);
});

test('a folder of them is listed without a catalog', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-old-'));
    t.after(() => rmSync(dir, { recursive: true }));
    for (const name of files) copyFileSync(join(FOLDER, name), join(dir, name));
    const entries = await listRecordings(dir);

    assert.deepEqual(entries.map(({ id }) => `${id}.db`).sort(), files);
    for (const { id, ticks, status } of entries) {
        const { first_tick: first, last_tick: last } = list[`${id}.db`];
        assert.deepEqual([ticks, status], [last - first + 1, 'complete']);
    }
});

test('what another version of the rules played is not verified, and says so', async () => {
    for (const name of files) {
        const { code, stdout, stderr } = await replay('verify', join(FOLDER, name));

        if (code === 0) assert.match(stdout, /^verified \d+ ticks\n$/);
        else assert.match(stderr, /step version \d+ .* it plays, but cannot be verified here\n$/, name);
        if (name.includes('field')) assert.equal(code, 2, name);
    }
});
