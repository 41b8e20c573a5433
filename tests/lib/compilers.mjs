// compilers.mjs - builds the freestanding part of the project, and a program on it, with any compiler.

import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = new URL('../..', import.meta.url).pathname;

const MODULES = ['world', 'map', 'rng', 'fixed', 'usercmd', 'trail', 'bits', 'games/registry']
    .map((name) => join(ROOT, `shared/${name}.c`));
const FLAGS = '-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes -Wvla -Werror'.split(' ');

export const gameNames = readdirSync(join(ROOT, 'shared/games'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
export const gameSources = gameNames.flatMap((game) => readdirSync(join(ROOT, 'shared/games', game))
    .filter((file) => file.endsWith('.c')).map((file) => join(ROOT, 'shared/games', game, file)));

/* What clang makes a wasm module of, which exports these functions. */
export function wasmOptions(exported) {
    const fixed = '--target=wasm32-unknown-unknown -ffreestanding -nostdlib -mbulk-memory -O2 -Wl,--no-entry';

    return [...fixed.split(' '), ...exported.map((name) => `-Wl,--export=${name}`)];
}

/* Lists the games for shared/games/registry.c, as the Makefile does; returns the folder to include. */
function listGames(folder, games) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'games.def'), games.map((game) => `GAME(${game})\n`).join(''));
    return folder;
}

/* Compiles `sources` with the world and its `games` into a program in `folder`; answers its path. */
export async function buildProgram(folder, { compiler, options, games = gameNames, sources }) {
    const out = join(folder, 'program');

    await promisify(execFile)(compiler, [...FLAGS, ...options, '-I', ROOT, '-I', listGames(folder, games),
        '-o', out, ...MODULES, ...sources]);
    return out;
}
