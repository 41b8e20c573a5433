// What a client captured is read, and compared with what was recorded of the match.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, after, test } from 'node:test';
import { listRecordings, replay, scratchFolder } from '../lib/recordings.mjs';
import { runProgram, startServer } from '../lib/server.mjs';

const SECONDS = 11; // a second half has begun, with a start
const HEAD = { magic: 6, version: 1, wall: 8, saved: 8 };
const KIND = { START: 0 };

const hooks = [];
const harness = { after: (hook) => hooks.push(hook) };
after(async () => {
    for (const hook of hooks.reverse()) await hook();
});

let folder, recordings, others, capture;

/* A native client among bots, recorded into `dir`, for so long. */
async function playCaptured(dir, seconds, file) {
    const server = await startServer(harness, { args: ['--record', dir, '--room', 'arena,bots=12'] });
    const { code, stderr } = await runProgram('tickwire-client', ['--url', `${server.wsUrl}/ws/updates`,
        '--headless', '--seconds', String(seconds), '--name', 'Ada', '--hold', 'W', '--say', 'look at this',
        ...(file ? ['--capture', file] : [])]);

    assert.equal(code, 0, stderr);
    await server.stop();
}

before(async () => {
    folder = scratchFolder(harness);
    [recordings, others, capture] = ['recordings', 'others', 'bug.capture'].map((name) => join(folder, name));
    mkdirSync(recordings);
    mkdirSync(others);
    await Promise.all([playCaptured(recordings, SECONDS, capture), playCaptured(others, 3)]);
});

/* The records of a capture: {kind, at, length}, `at` that of its bytes. */
function recordsOf(bytes) {
    const records = [];
    let at = HEAD.magic + HEAD.version + HEAD.wall + HEAD.saved;

    at += 1 + bytes[at];
    at += 2 + bytes.readUInt16LE(at);
    while (at < bytes.length) {
        const length = bytes.readUInt32LE(at + 9);
        records.push({ kind: bytes[at], at: at + 13, length });
        at += 13 + length;
    }
    return records;
}

async function infoOf(...operands) {
    const { code, stdout, stderr } = await replay('info', ...operands, '--json');

    return { code, stderr, ...(stdout && JSON.parse(stdout)) };
}

test('it holds the last ten seconds, and all that was shown is what was', async () => {
    const alone = await infoOf(capture);
    const info = await infoOf(capture, recordings);

    assert.equal(info.code, 0, info.stderr);
    assert.equal(alone.compared_snapshots, undefined);
    assert.equal(info.room, 'arena');
    assert.ok(info.span_ms >= 10000, `${info.span_ms} ms`);
    assert.equal(info.not_understood, 0);
    assert.ok(info.snapshots > 150 && info.sent > 150);
    assert.equal(info.compared_snapshots + info.snapshots_not_recorded, info.snapshots);
    assert.ok(info.compared_snapshots >= info.snapshots - 25, 'all but the open second, at most');
    assert.ok(info.compared_entities > info.compared_snapshots);
    assert.equal(info.differing_snapshots, 0, info.difference);
});

test('it plays message by message, and dumps a tick', async () => {
    const { first_tick: first } = await infoOf(capture);
    const { code, stdout } = await replay('play', capture, '--json');
    const messages = stdout.trim().split('\n').map((line) => JSON.parse(line));
    const text = (await replay('play', capture)).stdout;
    const tick = first + 40;
    const dumped = await replay('dump', capture, String(tick), recordings, '--json');
    const { you, entities } = JSON.parse(dumped.stdout);
    const [{ path }] = await listRecordings(recordings);
    const was = JSON.parse((await replay('seek', path, String(tick), '--json')).stdout).entities[you.slot];

    assert.equal(code, 0);
    assert.ok(messages.some(({ direction, message }) => direction === 'sent' && message === 'chat'));
    assert.ok(messages.some(({ tick: at }) => at === tick));
    assert.match(text, /chat "Ada": look at this/);
    assert.match(text, />.* input, \d+ bytes ack=\d+ \[\d+: buttons=\d+ aim=\d+\]/);
    assert.equal(dumped.code, 0);
    assert.deepEqual([you.x, you.y, you.vx], [was.x, was.y, was.vx], 'the own body is exact');
    assert.equal(entities[you.slot].hp, was.hp);
    assert.equal((await replay('dump', capture, '4000000')).code, 2, 'no such tick');
});

test('against another match it differs from the first tick on', async () => {
    const [{ path }] = await listRecordings(others);
    const info = await infoOf(capture, path);
    const { code, stdout } = await replay('info', capture, path);

    assert.equal(info.code, 1);
    assert.ok(info.differing_snapshots > 0);
    assert.ok(info.first_differing_tick >= info.first_tick);
    assert.equal(code, 1);
    assert.match(stdout, /differs in \d+ snapshots, first at tick \d+: .*(shown .*, was )/);
});

test('one value that was shown otherwise is found at its tick', async () => {
    const bytes = readFileSync(capture);
    const start = recordsOf(bytes).find(({ kind }) => kind === KIND.START);
    const startTick = bytes.readUInt32LE(start.at);
    const altered = join(folder, 'altered.capture');
    let found;

    // From the last entity's values backwards: one that is told again unchanged is shown altered.
    for (let back = 4; back <= 400 && !found; back += 4) {
        const copy = Buffer.from(bytes);
        copy[start.at + start.length - back] ^= 1;
        writeFileSync(altered, copy);
        const info = await infoOf(altered, recordings);
        if (info.differing_snapshots > 0) found = info;
    }
    assert.ok(found, 'some value makes a difference');
    assert.equal(found.code, 1);
    assert.ok(found.first_differing_tick > startTick && found.first_differing_tick < startTick + 60,
        `start at ${startTick}, differs at ${found.first_differing_tick}`);
    assert.match(found.difference, /^\w+ in slot \d+, \w+: shown -?[\d.]+, was -?[\d.]+$/);
});

test('what is no capture, damaged or has no recording has its sentence and exit code', async () => {
    const short = join(folder, 'short.capture');
    writeFileSync(short, readFileSync(capture));
    truncateSync(short, readFileSync(capture).length - 7);
    const [{ path }] = await listRecordings(recordings);
    const cases = [
        [['info', short], 1, /short\.capture: damaged: it is cut short/],
        [['info', capture, folder], 2, /no recording of room arena has tick \d+ at that time/],
        [['info', capture, join(folder, 'nothing.db')], 2, /No such file/],
        [['verify', capture], 2, /a capture has no verify/],
        [['info', path, recordings], 2, /only a capture is compared with a recording/],
    ];

    for (const [args, code, sentence] of cases) {
        const answer = await replay(...args);
        assert.equal(answer.code, code, `${args}: ${answer.stderr}`);
        assert.match(answer.stderr, sentence);
    }
});
