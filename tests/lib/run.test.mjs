// The runner must not take silence for success: each way in which a test can fail to run counts.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const RUN = new URL('../run', import.meta.url).pathname;

/* Makes a project of `files` ({path: content}), runs tests/run there: {status, lastLine, output}. */
function runIn(t, files, suites, env = {}) {
    const root = mkdtempSync(join(tmpdir(), 'tickwire-run-'));

    t.after(() => rmSync(root, { recursive: true }));
    for (const [path, content] of Object.entries(files)) {
        mkdirSync(join(root, dirname(path)), { recursive: true });
        writeFileSync(join(root, path), content, { mode: 0o755 });
    }
    mkdirSync(join(root, 'tests'), { recursive: true });
    cpSync(RUN, join(root, 'tests/run'));

    const clean = { ...process.env, TICKWIRE_BUILD: 'build', BUILDS_FAILED: '0', ...env };
    // node:test tells its children by this variable to report in another format.
    delete clean.NODE_TEST_CONTEXT;
    const { status, stdout } = spawnSync(join(root, 'tests/run'), suites, {
        encoding: 'utf8',
        env: clean,
    });
    return { status, output: stdout, lastLine: stdout.trimEnd().split('\n').at(-1) };
}

const unit = (script) => ({
    'tests/unit/test_a.c': '',
    'build/asan/unit/test_a': `#!/bin/sh\n${script}\n`,
});

test('the checks of all programs are summed', (t) => {
    const run = runIn(
        t,
        {
            ...unit("echo '100%: Checks: 3, Failures: 0, Errors: 0'"),
            'tests/unit/test_b.c': '',
            'build/asan/unit/test_b': "#!/bin/sh\necho '100%: Checks: 4, Failures: 0, Errors: 0'\n",
            'tests/flow/c.test.mjs':
                "import { test } from 'node:test'; test('1', () => {}); test('2', () => {});",
        },
        ['unit', 'flow'],
    );

    assert.equal(run.lastLine, '9 passed, 0 failed');
    assert.equal(run.status, 0);
});

test("failures and errors of Check count, and the program's output is shown", (t) => {
    const run = runIn(
        t,
        unit("echo 'a.c:7: why'; echo '50%: Checks: 6, Failures: 2, Errors: 1'; exit 1"),
        ['unit'],
    );

    assert.equal(run.lastLine, '3 passed, 3 failed');
    assert.equal(run.status, 1);
    assert.match(run.output, /a\.c:7: why/);
});

const failing = {
    'a missing program': { 'tests/unit/test_a.c': '' },
    'a crash before the figures': unit('kill -SEGV $$'),
    'a program without tests': unit("echo '100%: Checks: 0, Failures: 0, Errors: 0'"),
    'an empty suite': {},
};
for (const [what, files] of Object.entries(failing)) {
    test(`${what} counts as one failure`, (t) => {
        const run = runIn(t, files, ['unit']);

        assert.equal(run.lastLine, '0 passed, 1 failed');
        assert.equal(run.status, 1);
    });
}

test('a crash after the figures counts as one failure', (t) => {
    const run = runIn(t, unit("echo '100%: Checks: 3, Failures: 0, Errors: 0'; kill -SEGV $$"), [
        'unit',
    ]);

    assert.equal(run.lastLine, '3 passed, 1 failed');
});

const failingFiles = {
    'a failing test': "test('x', () => { throw new Error('no'); });",
    'a skipped test': "test.skip('x', () => {});",
    'a test to do': "test.todo('x');",
    'a file without tests': '',
    'a file that does not load': "import './nowhere.mjs';",
    'a file that ends early': "test('x', () => process.exit(0));",
};
for (const [what, script] of Object.entries(failingFiles)) {
    test(`${what} counts as one failure`, (t) => {
        const files = { 'tests/flow/c.test.mjs': `import { test } from 'node:test'; ${script}` };
        const run = runIn(t, files, ['flow']);

        assert.equal(run.lastLine, '0 passed, 1 failed');
        assert.equal(run.status, 1);
    });
}

test('two run at a time, and are told in order, whoever ends first', (t) => {
    // Each waits for the other's sign; the first one ends last.
    const script = (own, other, delay) => `#!/bin/sh
touch ${own}; while [ ! -e ${other} ]; do sleep 0.02; done; sleep ${delay}
echo '100%: Checks: 1, Failures: 0, Errors: 0'\n`;
    const run = runIn(t, {
        'tests/unit/test_a.c': '',
        'tests/unit/test_b.c': '',
        'build/asan/unit/test_a': script('a', 'b', 0.3),
        'build/asan/unit/test_b': script('b', 'a', 0),
    }, ['unit']);

    assert.equal(run.lastLine, '2 passed, 0 failed');
    assert.match(run.output, /unit\/test_a[^]*unit\/test_b/);
});

test('of those that mostly wait, four run at a time', (t) => {
    const names = ['a', 'b', 'c', 'd'];
    const file = (name) => `import { test } from 'node:test';
import { existsSync, writeFileSync } from 'node:fs';
test('all are here', async () => {
    writeFileSync('${name}.runs', '');
    while (!${JSON.stringify(names)}.every((other) => existsSync(\`\${other}.runs\`))) await new Promise((over) => setTimeout(over, 20));
});`;
    const run = runIn(t, Object.fromEntries(names.map((name) => [`tests/flow/${name}.test.mjs`, file(name)])), ['flow']);

    assert.equal(run.lastLine, '4 passed, 0 failed', run.output);
});

test('a file that says so runs alone, after the others', (t) => {
    const file = (name, text = '') => `${text}
import { test } from 'node:test';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
test('nobody is beside me', async () => {
    const others = ['a', 'b', 'c'].filter((other) => existsSync(\`\${other}.runs\`));
    writeFileSync('${name}.runs', '');
    await new Promise((passed) => setTimeout(passed, 300));
    rmSync('${name}.runs');
    if (${text !== ''} && others.length > 0) throw new Error(\`\${others}\`);
});`;
    const run = runIn(t, {
        'tests/flow/a.test.mjs': file('a', '// Runs alone: it is slow.'),
        'tests/flow/b.test.mjs': file('b'),
        'tests/flow/c.test.mjs': file('c'),
    }, ['flow']);

    assert.equal(run.lastLine, '3 passed, 0 failed', run.output);
    assert.match(run.output, /flow\/b[^]*flow\/c[^]*flow\/a/);
});

test('a fuzzer passes or fails by its exit status', (t) => {
    const fuzzer = (script) => ({
        'tests/fuzz/fuzz_a.c': '',
        'build/fuzz/fuzz/fuzz_a': `#!/bin/sh\n${script}\n`,
    });

    assert.equal(runIn(t, fuzzer('exit 0'), ['fuzz']).lastLine, '1 passed, 0 failed');
    assert.equal(runIn(t, fuzzer('exit 77'), ['fuzz']).lastLine, '0 passed, 1 failed');
});

test('a failed build is a failed test, whatever an older program says', (t) => {
    const run = runIn(t, unit("echo '100%: Checks: 3, Failures: 0, Errors: 0'"), ['unit'], {
        BUILDS_FAILED: '1',
    });

    assert.equal(run.lastLine, '3 passed, 1 failed');
    assert.equal(run.status, 1);
});
