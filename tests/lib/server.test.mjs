// The helper that starts servers, tried on a shell script in the server's place.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

const dir = mkdtempSync(join(tmpdir(), 'tickwire-fake-'));
process.env.TICKWIRE_BUILD = dir;
const { runProgram, startServer } = await import('./server.mjs');

after(() => rmSync(dir, { recursive: true }));

/* Stands in for the context of a test: its end is when end() is called. */
function fakeTest() {
    const hooks = [];

    return {
        after: (hook) => hooks.push(hook),
        end: () => Promise.all(hooks.map((hook) => hook())),
    };
}

const LISTENING = 'echo "level=info event=listening address=127.0.0.1 port=4711 tls=0" >&2';
const SERVE = 'while :; do sleep 0.05; done';

function fakeServer(script) {
    writeFileSync(join(dir, 'tickwire-server'), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
}

/* Asks the kernel; one who is dead, but whom its parent has not yet noticed, is not running. */
function isRunning(pid) {
    try {
        return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    } catch {
        return false;
    }
}

async function endsSoon(pid) {
    for (let i = 0; i < 100 && isRunning(pid); i++) await sleep(20);
    return !isRunning(pid);
}

test('the port is the one that the server announces', async (t) => {
    fakeServer(`trap "exit 0" TERM; echo args="$*" >&2; ${LISTENING}; ${SERVE}`);
    const server = await startServer(t, { args: ['--echo'] });

    assert.equal(server.port, 4711);
    assert.equal(server.wsUrl, 'ws://127.0.0.1:4711');
    assert.match(server.stderr, /args=--listen 127.0.0.1:0 --record none --echo/);
});

test('TLS is waited for and told apart', async (t) => {
    const tls = 'sleep 0.2; echo "event=listening address=127.0.0.1 port=4712 tls=1" >&2';

    fakeServer(`trap "exit 0" TERM; ${LISTENING}; ${tls}; ${SERVE}`);
    const server = await startServer(t, { args: ['--tls-listen', '127.0.0.1:0'] });

    assert.equal(server.port, 4711);
    assert.equal(server.tlsPort, 4712);
});

test('the end of the test stops the server and what it started', async () => {
    const t = fakeTest();

    fakeServer(`trap "exit 0" TERM; sleep 1000 & echo child=$! >&2; ${LISTENING}; ${SERVE}`);
    const server = await startServer(t);
    const child = Number((await server.waitForLog(/child=(\d+)/))[1]);

    assert.ok(isRunning(child));
    await t.end();
    assert.equal(await server.exitCode, 0);
    assert.ok(await endsSoon(child));
});

test('a server that ends with an error fails the test', async () => {
    const t = fakeTest();

    fakeServer(`trap "exit 3" TERM; ${LISTENING}; ${SERVE}`);
    await startServer(t);
    await assert.rejects(t.end(), /ended with 3/);
});

test('a complaint of a sanitizer fails the test, even with exit code 0', async () => {
    const t = fakeTest();

    fakeServer(
        `trap "exit 0" TERM; ${LISTENING}; echo "WARNING: ThreadSanitizer: data race" >&2
${SERVE}`,
    );
    const server = await startServer(t);

    await server.waitForLog(/data race/);
    await assert.rejects(t.end(), /sanitizer/);
});

test('a server that does not come up says why', async () => {
    const t = fakeTest();

    fakeServer('echo "the port is taken" >&2; exit 1');
    await assert.rejects(startServer(t), /the port is taken/);
    await assert.rejects(t.end(), /ended with 1/);
});

test('a missing program is an error', async () => {
    const t = fakeTest();

    rmSync(join(dir, 'tickwire-server'), { force: true });
    await assert.rejects(startServer(t));
    await assert.rejects(t.end());
});

test('a program that runs to its end gives code and output', async () => {
    fakeServer('echo out; echo err >&2; exit 2');
    assert.deepEqual(await runProgram('tickwire-server'), {
        code: 2,
        stdout: 'out\n',
        stderr: 'err\n',
    });
});
