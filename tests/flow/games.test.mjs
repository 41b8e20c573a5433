// The engine knows no game: another one beside the first, each one alone, and the one of the guide.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
    existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import { joinBinary, joinJson } from '../lib/clients.mjs';
import { buildDir, runProgram, startServer } from '../lib/server.mjs';

const ROOT = new URL('../..', import.meta.url).pathname;
const BUTTONS = [1, 2, 4, 8, 5, 10];
const MOVE_TICKS = 15;

/* ---- a copy of the project, to build other games in ---- */

const project = mkdtempSync(join(tmpdir(), 'tickwire-games-'));
const build = relative(ROOT, buildDir).startsWith('..') ? 'build' : relative(ROOT, buildDir);
const programs = { dir: join(project, build), cwd: project };

/* Takes along what the build under test has compiled: then little is left to compile. */
before(() => {
    const parts = ['Makefile', 'assets', 'client', 'server', 'shared', 'tools'];

    execFileSync('cp', ['-a', ...parts, project], { cwd: ROOT });
    mkdirSync(programs.dir, { recursive: true });
    for (const part of ['generated', 'obj', 'wasm']) {
        if (existsSync(join(buildDir, part)))
            execFileSync('cp', ['-a', join(buildDir, part), programs.dir]);
    }
});
after(() => rmSync(project, { recursive: true, force: true }));

/* Builds server, page and replay with these games only, and as the build under test was built. */
function buildWith(games) {
    const flags = readFileSync(join(buildDir, 'generated/flags'), 'utf8');
    const sanitizers = /-fsanitize=(\S+)/.exec(flags)?.[1] ?? '';
    const env = { ...process.env };
    // What the make above us was told is not meant for this one.
    for (const name of ['MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'MAKEOVERRIDES']) delete env[name];

    const { status, stderr } = spawnSync(
        'make',
        ['-j2', `BUILD=${build}`, `GAMES=${games}`, `CC=${flags.split(' ')[0]}`, `SANITIZE=${sanitizers}`,
            `${build}/tickwire-server`, `${build}/tickwire-replay`, 'web'],
        { cwd: project, env, encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
}

/* ---- playing ---- */

function isElsewhere(a, b) {
    return a !== null && b !== null && Math.hypot(a[0] - b[0], a[1] - b[1]) > 0;
}

/* Tries buttons until the body moves: one way or the other is free. */
async function steer(client, press, place, tick) {
    for (const buttons of BUTTONS) {
        const start = tick(), from = place();

        press(buttons);
        await client.until(() => tick() >= start + MOVE_TICKS, 'ticks to move in');
        if (isElsewhere(place(), from)) return;
    }
    assert.fail(`no button of ${BUTTONS} moves the body`);
}

/* One player of each flavour joins and moves. */
async function playBoth(t, url, game, options = {}) {
    const ann = await joinJson(t, url);
    const bin = await joinBinary(t, url, { name: 'Bin', ...options });
    const place = (c) => (c.own ? [c.own.x, c.own.y] : null);

    assert.equal(ann.welcome.game, game);
    await ann.until((c) => c.own, 'its own body');
    await steer(ann, (buttons) => ann.hold({ buttons }), () => place(ann), () => ann.tick);
    await steer(bin, (buttons) => bin.input([buttons, 0, 0, 0]), () => bin.place, () => bin.wasm.moment_tick());
    bin.wasm.read_stats(bin.now());
    const stats = new Int32Array(bin.wasm.memory.buffer, bin.wasm.stats_at(), 13);
    assert.equal(stats[8] + stats[9], 0, 'hash and decode errors');
    return { ann, bin };
}

/* Every recording of the folder verifies; answers the games in it. */
async function verifyAll(dir, options) {
    const list = await runProgram('tickwire-replay', ['list', dir, '--json'], options);
    const entries = list.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
    const games = [];

    for (const { id } of entries) {
        const path = join(dir, `${id}.db`);
        const verified = await runProgram('tickwire-replay', ['verify', path], options);
        const info = await runProgram('tickwire-replay', ['info', path, '--json'], options);

        assert.equal(verified.code, 0, verified.stderr);
        assert.match(verified.stdout, /^verified \d+ ticks\n$/);
        games.push(JSON.parse(info.stdout).game);
    }
    return games.sort();
}

function recordings(t) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-recordings-'));

    t.after(() => rmSync(dir, { recursive: true, force: true }));
    return dir;
}

/* The whole of it with the project's build of one game. */
async function playAlone(t, game) {
    const dir = recordings(t);
    const server = await startServer(t, { args: ['--workers', '2', '--record', dir], ...programs });

    await playBoth(t, `${server.wsUrl}/ws/updates`, game, { wasm: join(programs.dir, 'web/tickwire.wasm') });
    await server.stop();
    assert.deepEqual(await verifyAll(dir, programs), [game]);
}

/* The program texts below `folder`, as paths; the games' own folder is left out. */
function sources(folder) {
    return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
        const path = `${folder}/${entry.name}`;

        if (entry.isDirectory()) return path === 'shared/games' ? [] : sources(path);
        return /\.(c|h|js|mjs|html|css|sh)$/.test(entry.name) ? [path] : [];
    });
}

/* ---- the tests ---- */

test('no program text outside shared/games names a game', () => {
    const games = readdirSync(join(ROOT, 'shared/games'), { withFileTypes: true })
        .filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    const name = new RegExp(`\\b(${games.join('|')})\\b`, 'i');
    const paths = ['Makefile', ...['client', 'server', 'shared', 'tools'].flatMap(sources)];

    assert.ok(games.length >= 2 && paths.length > 100);
    assert.deepEqual(paths.filter((path) => name.test(readFileSync(join(ROOT, path), 'utf8'))), []);
});

test('two games run side by side in one server, and both are recorded and verified', async (t) => {
    const dir = recordings(t);
    const server = await startServer(t, {
        args: ['--workers', '2', '--record', dir, '--room', 'arena,bots=2', '--room', 'demo,game=snake,bots=2'],
    });
    const [skirmish, snake] = await Promise.all([
        playBoth(t, `${server.wsUrl}/ws/updates`, 'skirmish'),
        playBoth(t, `${server.wsUrl}/ws/updates?room=demo`, 'snake'),
    ]);
    const rooms = await (await fetch(`${server.url}/api/rooms`)).json();

    assert.equal(skirmish.ann.own.kind, 'craft');
    assert.equal(snake.ann.welcome.room, 'demo');
    assert.deepEqual(rooms.map(({ name, game, players }) => [name, game, players]),
        [['arena', 'skirmish', 2], ['demo', 'snake', 2]]);
    await server.stop();
    assert.deepEqual(await verifyAll(dir), ['skirmish', 'snake']);
});

for (const game of ['snake', 'skirmish']) {
    test(`a build with ${game} alone plays it, records it, and knows no other`, async (t) => {
        buildWith(game);
        await playAlone(t, game);
        const other = await runProgram('tickwire-server',
            ['--check-config', '--room', 'demo,game=chess'], programs);

        assert.equal(other.code, 2);
        assert.match(other.stderr, new RegExp(`room demo: there is no game "chess", expected one of: ${game}\n`));
    });
}

test('the game of the guide, as it stands there, has a hundred lines or so and plays', async (t) => {
    const guide = readFileSync(join(ROOT, 'shared/games/README.md'), 'utf8');
    const [, source] = /```c\n(\/\* tag\.c .*?)```/s.exec(guide);
    const folder = join(project, 'shared/games/tag');

    assert.ok(source.split('\n').length <= 130, `${source.split('\n').length} lines`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'tag.c'), source);
    buildWith('tag');
    await playAlone(t, 'tag');
});
