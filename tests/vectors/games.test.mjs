// games.test.mjs - the same inputs give the same bits: every game, played by its bots, has the hashes of
// games.json after so many ticks, whichever compiler built it; and the game that shared/games/README.md
// shows builds and plays as it stands there.
//
// After a change of rules (raise the game's step_version) `UPDATE_VECTORS=1 node --test
// tests/vectors/games.test.mjs` writes new hashes.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildProgram, gameNames, gameSources, ROOT, wasmOptions } from '../lib/compilers.mjs';

const VECTORS = new URL('games.json', import.meta.url);
const PLAY = join(ROOT, 'tests/vectors/play.c');
const EXPORTED = ['play_map_bytes', 'play_start', 'play_run'];

const temporary = mkdtempSync(join(tmpdir(), 'tickwire-games-'));
after(() => rmSync(temporary, { recursive: true }));

const vectors = JSON.parse(readFileSync(VECTORS, 'utf8'));

/* The map as map_pack() packs it: width, height, then runs of at most 256 tiles. */
function packMap(name) {
    const { rows } = JSON.parse(readFileSync(join(ROOT, `assets/maps/${name}.json`), 'utf8'));
    const width = rows[0].length;
    const runs = rows.join('').match(/(.)\1{0,255}/g).flatMap((run) => [run.charCodeAt(0), run.length - 1]);
    return Buffer.from([width & 255, width >> 8, rows.length & 255, rows.length >> 8, ...runs]);
}

function build(label, compiler, options, games, sources) {
    return buildProgram(join(temporary, label), { compiler, options, games, sources: [PLAY, ...sources] });
}

function playNatively(program, vector) {
    const args = [vector.game, vector.seed, vector.players, ...Object.keys(vector.hashes)].map(String);
    const { status, stdout, stderr } = spawnSync(program, args, { input: packMap(vector.map), encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    const lines = stdout.trim().split('\n');
    return Object.fromEntries(Object.keys(vector.hashes).map((ticks, i) => [ticks, lines[i]]));
}

async function playWasm(program, games, vector) {
    const { instance } = await WebAssembly.instantiate(readFileSync(program));
    const { memory, play_map_bytes, play_start, play_run } = instance.exports;
    const map = packMap(vector.map);
    new Uint8Array(memory.buffer).set(map, play_map_bytes());
    assert.equal(play_start(games.indexOf(vector.game), map.length, vector.seed, vector.players), 1);
    let done = 0;
    return Object.fromEntries(Object.keys(vector.hashes).map((ticks) => {
        const hash = BigInt.asUintN(64, play_run(ticks - done));
        done = ticks;
        return [ticks, hash.toString(16).padStart(16, '0')];
    }));
}

for (const [label, compiler, options] of [['gcc-O0', 'gcc', ['-O0']], ['clang-O3', 'clang', ['-O3']]]) {
    test(`${label} plays to the golden hashes`, async () => {
        const program = await build(label, compiler, options, gameNames, gameSources);
        for (const vector of vectors) {
            const played = playNatively(program, vector);
            if (process.env.UPDATE_VECTORS) vector.hashes = played;
            assert.deepEqual(played, vector.hashes, vector.game);
        }
        if (process.env.UPDATE_VECTORS) writeFileSync(VECTORS, `${JSON.stringify(vectors, null, 2)}\n`);
    });
}

test('wasm plays to the golden hashes', async () => {
    const program = await build('wasm', 'clang', wasmOptions(EXPORTED), gameNames, gameSources);
    for (const vector of vectors) {
        assert.deepEqual(await playWasm(program, gameNames, vector), vector.hashes, vector.game);
    }
});

test('every game has its hashes', () => {
    assert.deepEqual(vectors.map((vector) => vector.game).sort(), gameNames);
});

test('the game of the README builds and plays, natively and as wasm', async () => {
    const readme = readFileSync(join(ROOT, 'shared/games/README.md'), 'utf8');
    const [, listing] = readme.match(/```c\n(.*?)```/s);
    const [, name] = listing.match(/const struct game game_(\w+)/);
    const source = join(temporary, `${name}.c`);
    writeFileSync(source, listing);
    assert.ok(listing.split('\n').filter((line) => line !== '').length <= 100, 'it is a hundred lines');

    const vector = { game: name, map: 'arena', seed: 3, players: 6, hashes: { 1: '', 500: '', 1000: '' } };
    const program = await build('readme', 'gcc', ['-O2'], [name], [source]);
    const played = playNatively(program, vector);
    assert.equal(new Set(Object.values(played)).size, 3, 'the world moves');

    const wasm = await build('readme-wasm', 'clang', wasmOptions(EXPORTED), [name], [source]);
    assert.deepEqual(await playWasm(wasm, [name], vector), played);
});
