// tools/setup on a machine of our making: programs of ours stand before the real ones on its PATH.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const SETUP = new URL('../../tools/setup', import.meta.url).pathname;
const POLICY = '/usr/sbin/policy-rc.d';

// Knows every package that it is asked for, less those of the list.
const dpkgWithout = (
    ...missing
) => `shift 3; for p; do case " ${missing.join(' ')} " in *" $p "*) ;; \
*) echo "installed $p" ;; esac; done`;
const ORDINARY_USER = 'echo 1000';
const NO_SUDO = 'exit 1';

function runSetup(t, args, programs) {
    const bin = mkdtempSync(join(tmpdir(), 'tickwire-setup-'));

    t.after(() => rmSync(bin, { recursive: true }));
    for (const [name, script] of Object.entries(programs)) {
        writeFileSync(join(bin, name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
    }
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, LOG: join(bin, 'log') };
    const { status, stdout, stderr } = spawnSync(SETUP, args, {
        encoding: 'utf8',
        env,
        stdio: 'pipe',
        input: '',
    });
    const log = existsSync(env.LOG) ? readFileSync(env.LOG, 'utf8').trimEnd().split('\n') : [];

    return { status, stdout, stderr, log };
}

test('nothing is said or done if nothing is missing', (t) => {
    const run = runSetup(t, ['all'], {
        'dpkg-query': dpkgWithout(),
        id: ORDINARY_USER,
        sudo: 'echo "$@" >>"$LOG"',
    });

    assert.deepEqual(run, { status: 0, stdout: '', stderr: '', log: [] });
});

test('who may not install gets the exact line, and exit code 2', (t) => {
    const run = runSetup(t, ['run'], {
        'dpkg-query': dpkgWithout('gcc', 'lld'),
        id: ORDINARY_USER,
        sudo: NO_SUDO,
    });

    assert.equal(run.status, 2);
    assert.equal(run.stderr.trimEnd().split('\n').length, 1);
    assert.match(run.stderr, /: apt-get install --no-install-recommends gcc lld\n$/);
});

test('only what is missing is installed, with its reason, while no service may start', (t) => {
    const sudo = '[ "$1" != tee ] || cat >/dev/null; echo "sudo $*" >>"$LOG"';
    const run = runSetup(t, ['run'], {
        'dpkg-query': dpkgWithout('zlib1g-dev'),
        id: ORDINARY_USER,
        sudo,
    });

    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /zlib1g-dev: compression/);
    assert.ok(!run.stdout.includes('gcc'));

    const steps = run.log.map((line) =>
        line.replace(/^sudo env .* (update|install .*)$/, 'apt-get $1'),
    );
    const install = ['apt-get update', 'apt-get install --no-install-recommends zlib1g-dev'];
    const guard = existsSync(POLICY)
        ? [[], []]
        : [[`sudo tee ${POLICY}`, `sudo chmod 755 ${POLICY}`], [`sudo rm -f ${POLICY}`]];
    assert.deepEqual(
        steps.filter((step) => step !== 'sudo -n true'),
        [...guard[0], ...install, ...guard[1]],
    );
});

test('a Node.js from elsewhere is as good as the packaged one, if it is new enough', (t) => {
    const machine = (version) => ({
        'dpkg-query': dpkgWithout('nodejs', 'npm'),
        id: ORDINARY_USER,
        sudo: NO_SUDO,
        node: `echo ${version}`,
        npm: '',
    });

    assert.equal(runSetup(t, ['test'], machine('v20.1.0')).status, 0);
    assert.equal(runSetup(t, ['test'], machine('v18.20.4')).status, 0);
    assert.match(runSetup(t, ['test'], machine('v18.19.0')).stderr, /nodejs npm$/m);
});

test('the server and the page need neither SDL nor a browser nor npm', (t) => {
    const query = 'echo "$@" >>"$LOG"';
    const asked = runSetup(t, ['run'], {
        'dpkg-query': query,
        id: ORDINARY_USER,
        sudo: NO_SUDO,
    }).log.join(' ');

    assert.match(asked, /libssl-dev/);
    assert.doesNotMatch(asked, /sdl|chromium|node|npm/i);
});

test('an unknown part is a usage error', (t) => {
    assert.equal(runSetup(t, ['walk'], {}).status, 2);
    assert.equal(runSetup(t, [], {}).status, 2);
});
