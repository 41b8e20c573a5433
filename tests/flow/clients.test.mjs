// Clients that are not ours join and play: libraries of other languages, and the one of the protocol's page.
// (Node's ws is in session.test.mjs, browsers are in tests/e2e.)

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram, startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const ROOT = new URL('../..', import.meta.url).pathname;
const PLAY_TIMEOUT_MS = 120000;

async function startBoth(t) {
    const { ca, cert, key } = makeCertificate(t);
    const server = await startServer(t, {
        args: ['--room', 'arena,bots=2', '--listen', '127.0.0.1:0',
            '--tls-listen', '127.0.0.1:0', '--cert', cert, '--key', key],
    });

    return {
        ws: [`${server.wsUrl}/ws/updates?name=Py`],
        wss: [`wss://localhost:${server.tlsPort}/ws/updates?name=Py`, ca],
    };
}

/* Runs a program of Debian's Python, which finds Debian's libraries; answers what it printed. */
async function python(file, args) {
    const run = await runProgram('python3', [file, ...args], { dir: '/usr/bin', timeoutMs: PLAY_TIMEOUT_MS });

    assert.equal(run.code, 0, run.stderr);
    return run.stdout;
}

for (const library of ['websockets', 'aiohttp']) {
    for (const scheme of ['ws', 'wss']) {
        test(`Python's ${library} plays over ${scheme}`, async (t) => {
            const urls = await startBoth(t);
            const seen = JSON.parse(await python(join(ROOT, `tests/clients/with_${library}.py`), urls[scheme]));

            assert.equal(seen.room, 'arena');
            assert.equal(seen.rate, 20);
            assert.equal(seen.updates, 80);
            assert.ok(seen.applied > 10, `inputs applied: ${seen.applied}`);
            assert.ok(seen.way > 20, `way: ${seen.way} units`);
            assert.equal(seen.closed, 1000);
        });
    }
}

/* The program that the protocol's page shows, as a file of its own. */
function plainClient(t) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-plain-'));
    const file = join(dir, 'plain.py');
    const [, program] = /^```python\n(.*?)^```$/ms.exec(readFileSync(join(ROOT, 'shared/PROTOCOL.md'), 'utf8'));

    t.after(() => rmSync(dir, { recursive: true }));
    writeFileSync(file, program);
    return { file, lines: program.trimEnd().split('\n').length };
}

for (const scheme of ['ws', 'wss']) {
    test(`the client of the protocol's page, on a plain socket, plays over ${scheme}`, async (t) => {
        const urls = await startBoth(t);
        const { file, lines } = plainClient(t);
        const [, code, units] = /^closed (\d+).*\nflew (\d+) units\n$/.exec(await python(file, urls[scheme]));

        assert.equal(Number(code), 1000);
        assert.ok(Number(units) > 20, `${units} units`);
        assert.ok(lines <= 60, `${lines} lines`);
    });
}
