// What is played is recorded, and tickwire-replay lists, plays and verifies it.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { joinBinary, joinJson } from '../lib/clients.mjs';
import { forgeRecording } from '../lib/recordings.mjs';
import { buildDir, runProgram, startServer } from '../lib/server.mjs';

const SECOND = 20; // ticks

function scratch(t) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-'));
    t.after(() => rmSync(dir, { recursive: true, force: true }));
    return dir;
}

/* The recordings of a folder, with their paths. */
async function list(dir) {
    const { code, stdout } = await replay('list', dir, '--json');
    assert.equal(code, 0);
    return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
        .map((entry) => ({ ...entry, path: join(dir, `${entry.id}.db`) }));
}

function replay(...args) {
    return runProgram('tickwire-replay', args);
}

/* Ann steers by JSON and Bin by the binary flavour, with two of the server's bots, for `ticks`. */
async function playMatch(t, server, ticks) {
    const url = `${server.wsUrl}/ws/updates`;
    const ann = await joinJson(t, `${url}?name=Ann`);
    const bin = await joinBinary(t, url, { name: 'Bin' });
    ann.hold({ buttons: 1, aim: 45 });
    ann.say({ type: 'chat', text: 'are we recorded?' });
    bin.input([1, 0, 0, 0]);
    await ann.until((c) => c.tick >= ann.welcome.tick + ticks, `${ticks} ticks`);
    return { ann, bin };
}

async function record(t, ticks) {
    const dir = scratch(t);
    const server = await startServer(t, {
        args: ['--workers', '2', '--record', dir, '--room', 'arena,bots=4'],
    });
    const players = await playMatch(t, server, ticks);
    return { dir, server, ...players };
}

test('a match is in the folder as one file that verifies, with who played and what was said', async (t) => {
    const { dir, server } = await record(t, 3 * SECOND);
    await server.stop();
    const recordings = await list(dir);
    assert.equal(recordings.length, 1);
    const [{ path, ...entry }] = recordings;
    const info = await replay('info', path);
    const said = await replay('play', path, '--events');
    const verified = await replay('verify', path);

    assert.equal(entry.room, 'arena');
    assert.equal(entry.players, 2);
    assert.equal(entry.status, 'complete');
    assert.ok(entry.ticks >= 3 * SECOND, `${entry.ticks} ticks`);
    assert.match(info.stdout, /player +seat \d+ Ann/);
    assert.match(said.stdout, /chat "Ann": are we recorded\?/);
    assert.equal(verified.stdout, `verified ${entry.ticks} ticks\n`);
    assert.equal(verified.code, 0);
    assert.deepEqual(
        readdirSync(dir).sort(),
        [`${entry.id}.db`, 'catalog.db'].sort(),
        'neither WAL nor journal is left',
    );
});

test('a recording that differs is told by name, in words and as JSON', async (t) => {
    const { dir, server } = await record(t, SECOND);
    await server.stop();
    const [{ path, ticks }] = await list(dir);
    const forge = async (what) => {
        const forged = join(dir, `${what}.db`);
        copyFileSync(path, forged);
        const tick = await forgeRecording(forged, what);
        const text = await replay('verify', forged);
        const json = await replay('verify', forged, '--json');
        assert.deepEqual([text.code, json.code], [1, 1], `${text.stderr}${json.stderr}`);
        const report = JSON.parse(json.stdout);
        const said = [report.same, report.gaps, report.tick];
        assert.deepEqual(said, [false, 0, tick], json.stdout);
        const lines = text.stdout.split('\n');
        assert.deepEqual(lines.slice(0, 2), [`differs after ${report.verified_ticks} verified ticks`, report.difference]);
        return report;
    };

    const word = await forge('word');
    assert.equal(Math.abs(word.recorded - word.expected), 1);
    assert.equal(word.words, 1);
    assert.equal(word.verified_ticks, 0);
    const place = `slot ${word.slot} (${word.kind}, generation ${word.generation}), ${word.field}`;
    assert.ok(word.difference.endsWith(`, keyframe: ${place}: recorded ${word.recorded}, should be ${word.expected} (1 word differs)`), word.difference);

    const hash = await forge('hash');
    assert.equal(hash.difference, `tick ${hash.tick}: the states agree, but the recorded hash is another`);
    assert.ok(hash.verified_ticks >= 5 && hash.verified_ticks < ticks);
    assert.ok(!('field' in hash) && !('slot' in hash));
    assert.ok(hash.usercmds.length > 0, 'with what was steered in that tick');
});

test('a killed server leaves a recording that lacks a second at most, and the next one settles it', async (t) => {
    const { dir, server, ann } = await record(t, 2 * SECOND + 7);
    server.kill('SIGKILL');
    await server.exitCode;
    const [running] = await list(dir);
    const before = await replay('verify', running.path);
    const next = await startServer(t, { args: ['--record', dir] });
    await next.stop();
    const [settled] = await list(dir);
    const after = await replay('verify', settled.path);
    const info = JSON.parse((await replay('info', settled.path, '--json')).stdout);

    assert.equal(before.code, 0, before.stderr);
    assert.equal(settled.status, 'truncated');
    assert.equal(after.code, 0, after.stderr);
    assert.ok(info.last_tick >= ann.tick - SECOND, `${info.last_tick} of ${ann.tick}`);
    assert.match(next.stderr, /event=recordings_recovered count=1/);
});

test('seek, dump, export and cut tell the same moment', async (t) => {
    const { dir, server } = await record(t, 3 * SECOND);
    await server.stop();
    const [{ path }] = await list(dir);
    const { first_tick: first } = JSON.parse((await replay('info', path, '--json')).stdout);
    const tick = first + 33;
    const part = join(dir, 'part.db');

    const sought = JSON.parse((await replay('seek', path, String(tick), '--json')).stdout);
    const exported = await replay('export', path, '--from', String(tick), '--to', String(tick));
    const csv = await replay('export', path, '--format', 'csv', '--from', String(tick), '--to', String(tick));
    const dumped = await replay('dump', path, String(tick));
    await replay('cut', path, part, '--from', String(tick - 5), '--to', String(tick + 5));
    const resought = JSON.parse((await replay('seek', part, String(tick), '--json')).stdout);
    const verified = await replay('verify', part);

    assert.equal(sought.tick, tick);
    assert.deepEqual(JSON.parse(exported.stdout).entities, sought.entities);
    assert.deepEqual(resought, sought);
    assert.match(csv.stdout, /^tick,slot,generation,kind,seat,x,y\n/);
    assert.match(dumped.stdout, /usercmd "Ann" seat=/);
    assert.equal(verified.stdout, 'verified 11 ticks\n');
    const again = await replay('cut', path, join(dir, 'again.db'), '--from', String(tick), '--to', String(tick + 3), '--json');
    assert.deepEqual(JSON.parse(again.stdout),
        { file: join(dir, 'again.db'), ticks: 4, first_tick: tick, last_tick: tick + 3 });
    assert.equal((await replay('cut', path, part)).code, 2, 'nothing is overwritten');
});

/* CSV without line breaks in its values: [{column: value}]. */
function readCsv(text) {
    const [head, ...lines] = text.trim().split('\n').map((line) =>
        [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
            quoted?.replaceAll('""', '"') ?? plain));

    for (const line of lines) assert.equal(line.length, head.length);
    return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i]])));
}

test('export tells ticks, events and what each player did, as JSON lines and as CSV', async (t) => {
    const dir = scratch(t);
    const server = await startServer(t, { args: ['--record', dir, '--room', 'arena,bots=16'] });
    const { ann } = await playMatch(t, server, 6 * SECOND);
    ann.say({ type: 'chat', text: 'a "quoted", long line' });
    await ann.until((c) => c.tick > ann.welcome.tick + 7 * SECOND, 'a second more');
    await server.stop();
    const [{ path, ticks }] = await list(dir);
    const exported = async (...args) => (await replay('export', path, ...args)).stdout;
    const lines = async (...args) => (await exported(...args)).trim().split('\n').map((line) => JSON.parse(line));

    const all = await lines();
    const events = await lines('--what', 'events');
    const eventRows = readCsv(await exported('--what', 'events', '--format', 'csv'));
    const players = await lines('--what', 'players');
    const playerRows = readCsv(await exported('--what', 'players', '--format', 'csv'));
    const positions = readCsv(await exported('--format', 'csv', '--to', String(all[0].tick + 1)));

    assert.equal(all.length, ticks);
    assert.deepEqual(events, all.flatMap(({ events: happened }) => happened));
    assert.deepEqual(eventRows.map(({ tick, event }) => [tick, event]),
        events.map(({ tick, kind }) => [String(tick), kind]));
    assert.equal(eventRows.find(({ text }) => text.includes('quoted')).text, 'a "quoted", long line');
    assert.ok(positions.every(({ x, y }) => Number.isFinite(Number(x)) && Number.isFinite(Number(y))));
    assert.deepEqual(playerRows.map(({ name }) => name), players.map(({ name }) => name));

    const told = (field, seat) => events.filter(({ kind, [field]: who }) => kind === 'hit' && who === seat).length;
    assert.ok(events.some(({ kind }) => kind === 'hit'), 'somebody was hit');
    for (const player of players) {
        const last = all.at(-1).entities;
        const body = Object.values(last).find(({ kind, owner }) => kind === 'craft' && owner === player.seat);
        assert.equal(player['hit.by'], told('by', player.seat), player.name);
        assert.equal(player['hit.victim'], told('victim', player.seat), player.name);
        if (body) assert.deepEqual([player['last.x'], player['last.score']], [body.x, body.score], player.name);
        assert.ok(player.seconds <= ticks / SECOND && player.distance >= 0);
    }
    const annFigures = players.find(({ name }) => name === 'Ann');
    assert.equal(annFigures.chats, 2);
    assert.ok(!annFigures.is_bot && annFigures.usercmds > 3 * SECOND);
});

test('long work shows a bar on a terminal, and on nothing else', async (t) => {
    const { dir, server } = await record(t, 2 * SECOND);
    await server.stop();
    const [{ path }] = await list(dir);
    const program = join(buildDir, 'tickwire-replay');
    const onTerminal = (command) => execFileSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8' });
    const quiet = await replay('verify', path);

    assert.match(onTerminal(`${program} verify ${path}`), /verify \[[#.]{30}\] +\d+% .*verified \d+ ticks/s);
    assert.match(onTerminal(`${program} export ${path} >${join(dir, 'ticks')}`), /export \[/);
    assert.doesNotMatch(onTerminal(`${program} export ${path} --what events`), /export \[/, 'not among the lines');
    assert.equal(quiet.stderr, '');
});

test('what another process has locked is said to be locked', async (t) => {
    const { dir, server } = await record(t, 2 * SECOND);
    await server.stop();
    const [{ path }] = await list(dir);
    const lock = spawn('python3', ['-c', 'import sqlite3, sys\n'
        + 'db = sqlite3.connect(sys.argv[1], isolation_level=None)\n'
        + 'db.execute("BEGIN EXCLUSIVE")\nprint("locked", flush=True)\nsys.stdin.read()', path]);
    t.after(() => lock.kill());
    await once(lock.stdout, 'data');
    const { code, stderr } = await replay('info', path);
    lock.stdin.end();
    await once(lock, 'close');

    assert.equal(code, 2);
    assert.match(stderr, /database is locked\n$/);
    assert.equal((await replay('info', path)).code, 0);
});

test('what is no recording, damaged or not there has its exit code and sentence', async (t) => {
    const { dir, server } = await record(t, 2 * SECOND);
    await server.stop();
    const [{ path }] = await list(dir);
    const poem = join(dir, 'poem.txt');
    const short = join(dir, 'short.db');
    writeFileSync(poem, 'no database\n'.repeat(100));
    writeFileSync(short, readFileSync(path));
    truncateSync(short, statSync(path).size - 4096);

    const cases = [
        [['info', poem], 2, /is not a sqlite database/],
        [['info', join(dir, 'catalog.db')], 2, /is a database, but not a recording/],
        [['info', join(dir, 'nothing.db')], 2, /No such file/],
        [['verify', short], 1, /is cut short/],
        [['seek', path, '4000000'], 2, /no such tick/],
        [['seek', path, 'soon'], 2, /expected a tick, or a time/],
        [['export', path, '--what', 'all'], 2, /--what: expected ticks, events or players/],
        [['play', path, '--form', 'csv'], 2, /--form: no such option of play/],
        [['list', join(dir, 'nowhere')], 2, /No such file or directory/],
        [['frob'], 2, /no such command/],
        [[], 2, /which command/],
    ];
    for (const [args, code, sentence] of cases) {
        const answer = await replay(...args);
        assert.equal(answer.code, code, `${args}: ${answer.stderr}`);
        assert.match(answer.stderr, sentence);
        assert.equal(answer.stderr.trim().split('\n').length, 1);
    }
    assert.equal((await replay('--help')).code, 0);
});

test('a room without players records nothing', async (t) => {
    const dir = scratch(t);
    const server = await startServer(t, { args: ['--record', dir, '--room', 'arena,bots=4'] });
    await new Promise((fulfil) => setTimeout(fulfil, 500));
    await server.stop();
    assert.deepEqual(await list(dir), []);
});

test('a folder that cannot be written to is an error at start', async () => {
    const args = ['--listen', '127.0.0.1:0', '--record', '/dev/null/recordings'];
    const { code, stderr } = await runProgram('tickwire-server', args);
    assert.equal(code, 1);
    assert.match(stderr, /\/dev\/null\/recordings: Not a directory/);
});
