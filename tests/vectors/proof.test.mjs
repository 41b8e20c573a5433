// proof.test.mjs - one recorded match has the same hashes at every tick whoever built the rules: gcc and
// clang, -O0 and -O3, with AddressSanitizer, and as wasm32 in node. flatten.c makes a stream of the
// recording, prove.c simulates it again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { joinBinary, joinJson } from '../lib/clients.mjs';
import { buildProgram, gameSources, ROOT, wasmOptions } from '../lib/compilers.mjs';
import { infoOf, listRecordings, replay } from '../lib/recordings.mjs';
import { buildDir, startServer } from '../lib/server.mjs';

const TICKS = 80;
const ROOMS = ['arena,bots=24', 'garden,game=snake,bots=6'];
const STREAM_BYTES_MAX = 8 << 20;
const SANITIZED = ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
const BUILDS = [
    ['gcc -O0', 'gcc', ['-O0']], ['gcc -O3', 'gcc', ['-O3']],
    ['clang -O0', 'clang', ['-O0']], ['clang -O3', 'clang', ['-O3']],
    ['AddressSanitizer', 'gcc', SANITIZED],
];
const prove = join(ROOT, 'tests/vectors/prove.c');
const temporary = mkdtempSync(join(tmpdir(), 'tickwire-proof-'));
after(() => rmSync(temporary, { recursive: true }));

/* Of each recording: its name, its stream, and what tickwire-replay says of it. */
const proofs = [];

async function recordMatches() {
    const hooks = [];
    const t = { after: (hook) => hooks.push(hook) };
    const dir = join(temporary, 'recordings');
    const server = await startServer(t, { args: ['--record', dir, ...ROOMS.flatMap((room) => ['--room', room])] });
    for (const room of ROOMS) {
        const url = `${server.wsUrl}/ws/updates?room=${room.split(',')[0]}`;
        const ann = await joinJson(t, url);
        const bin = await joinBinary(t, url);
        ann.hold({ buttons: 1, aim: 200 });
        bin.input([2, 40, 0, 0]);
        await ann.until((c) => c.tick >= c.welcome.tick + TICKS, `${TICKS} ticks`);
    }
    for (const hook of hooks.reverse()) await hook();
    return listRecordings(dir);
}

function buildFlatten() {
    const out = join(temporary, 'flatten');
    const libraries = ['server', 'view', 'games', 'host', 'shared'].map((name) => join(buildDir, `lib${name}.a`));

    execFileSync('gcc', ['-std=c11', '-D_GNU_SOURCE', '-I', ROOT, '-o', out, join(ROOT, 'tests/vectors/flatten.c'),
        '-Wl,--start-group', ...libraries, '-Wl,--end-group',
        '-lssl', '-lcrypto', '-lsqlite3', '-lcjson', '-lz', '-lm', '-pthread']);
    return out;
}

before(async () => {
    const flatten = buildFlatten();

    for (const { room, path } of await recordMatches()) {
        const { last_tick: last } = await infoOf(path);
        const { stdout: verified } = await replay('verify', path);
        const { stdout: dump } = await replay('dump', path, String(last));
        const [, ticks] = /^verified (\d+) ticks\n/.exec(verified);
        const [, hash] = /hash=([0-9a-f]{16})/.exec(dump);
        const stream = execFileSync(flatten, [path], { maxBuffer: STREAM_BYTES_MAX });
        proofs.push({ room, stream, expected: `${ticks} ${hash}` });
    }
    assert.equal(proofs.length, ROOMS.length);
});

for (const [label, compiler, options] of BUILDS) {
    test(`${label} comes to the recorded hash at every tick`, async () => {
        const folder = join(temporary, label.replace(' ', ''));
        const program = await buildProgram(folder, { compiler, options, sources: [prove, ...gameSources] });

        for (const { room, stream, expected } of proofs) {
            const said = execFileSync(program, { input: stream, encoding: 'utf8' });
            assert.equal(said, `${expected}\n`, room);
        }
    });
}

test('wasm32 comes to the recorded hash at every tick', async () => {
    const options = wasmOptions(['prove_stream_at', 'prove', 'prove_last_hash']);
    const program = await buildProgram(join(temporary, 'wasm'),
        { compiler: 'clang', options, sources: [prove, ...gameSources] });

    for (const { room, stream, expected } of proofs) {
        const { instance } = await WebAssembly.instantiate(readFileSync(program));
        const { memory, prove_stream_at: at, prove: run, prove_last_hash: lastHash } = instance.exports;
        new Uint8Array(memory.buffer).set(stream, at());
        const ticks = run(stream.length);
        assert.equal(`${ticks} ${BigInt.asUintN(64, lastHash()).toString(16).padStart(16, '0')}`, expected, room);
    }
});

test('a stream that was altered does not come to it', async () => {
    const program = join(temporary, 'gcc-O3', 'program');
    const [{ stream, expected }] = proofs;
    const altered = Buffer.from(stream);

    altered[stream.length - 44] ^= 1; // the last usercmd's aim
    assert.notEqual(execFileSync(program, { input: altered, encoding: 'utf8' }), `${expected}\n`);
});
