// games.test.mjs - the same inputs give the same bits: every game, played by its bots, has the hashes of
// games.json after so many ticks, whichever compiler built it; and the game that shared/games/README.md
// shows builds and plays as it stands there.
//
// After a change of rules (raise the game's step_version) `UPDATE_VECTORS=1 node --test
// tests/vectors/games.test.mjs` writes new hashes.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const ROOT = new URL('../..', import.meta.url).pathname;
const VECTORS = new URL('games.json', import.meta.url);
const MODULES = ['shared/world.c', 'shared/map.c', 'shared/rng.c', 'shared/fixed.c', 'shared/games/registry.c',
    'tests/vectors/play.c'];
const FLAGS = '-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wvla -Werror'.split(' ');
const WASM_FLAGS = ('--target=wasm32-unknown-unknown -ffreestanding -nostdlib -mbulk-memory -O2 -Wl,--no-entry ' +
    ['play_map_bytes', 'play_start', 'play_run'].map((name) => `-Wl,--export=${name}`).join(' ')).split(' ');

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

/* Lists the games for shared/games/registry.c, as the Makefile does; returns the folder to include. */
function listGames(label, games) {
    const folder = join(temporary, label);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'games.def'), games.map((game) => `GAME(${game})\n`).join(''));
    return folder;
}

/* Compiles play.c with these games and returns the path of what came out. */
function build(label, compiler, options, games, sources) {
    const out = join(temporary, label, 'play');
    const include = listGames(label, games);
    execFileSync(compiler, [...FLAGS, ...options, '-I', ROOT, '-I', include, '-o', out,
        ...MODULES.map((path) => join(ROOT, path)), ...sources], { stdio: 'pipe' });
    return out;
}

const folders = readdirSync(join(ROOT, 'shared/games'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
const gameSources = folders.flatMap((game) => readdirSync(join(ROOT, 'shared/games', game))
    .filter((file) => file.endsWith('.c')).map((file) => join(ROOT, 'shared/games', game, file)));

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
    test(`${label} plays to the golden hashes`, () => {
        const program = build(label, compiler, options, folders, gameSources);
        for (const vector of vectors) {
            const played = playNatively(program, vector);
            if (process.env.UPDATE_VECTORS) vector.hashes = played;
            assert.deepEqual(played, vector.hashes, vector.game);
        }
        if (process.env.UPDATE_VECTORS) writeFileSync(VECTORS, `${JSON.stringify(vectors, null, 2)}\n`);
    });
}

test('wasm plays to the golden hashes', async () => {
    const program = build('wasm', 'clang', WASM_FLAGS, folders, gameSources);
    for (const vector of vectors) {
        assert.deepEqual(await playWasm(program, folders, vector), vector.hashes, vector.game);
    }
});

test('every game has its hashes', () => {
    assert.deepEqual(vectors.map((vector) => vector.game).sort(), folders);
});

test('the game of the README builds and plays, natively and as wasm', async () => {
    const readme = readFileSync(join(ROOT, 'shared/games/README.md'), 'utf8');
    const [, listing] = readme.match(/```c\n(.*?)```/s);
    const [, name] = listing.match(/const struct game game_(\w+)/);
    const source = join(temporary, `${name}.c`);
    writeFileSync(source, listing);
    assert.ok(listing.split('\n').filter((line) => line !== '').length <= 100, 'it is a hundred lines');

    const vector = { game: name, map: 'arena', seed: 3, players: 6, hashes: { 1: '', 500: '', 1000: '' } };
    const program = build('readme', 'gcc', ['-O2'], [name], [source]);
    const played = playNatively(program, vector);
    assert.equal(new Set(Object.values(played)).size, 3, 'the world moves');

    const wasm = build('readme-wasm', 'clang', WASM_FLAGS, [name], [source]);
    assert.deepEqual(await playWasm(wasm, [name], vector), played);
});
