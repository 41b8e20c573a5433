// What one types, and what the server says to what cannot be meant.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildDir, runProgram, startServer } from '../lib/server.mjs';

const check = (...args) => runProgram('tickwire-server', ['--check-config', ...args]);

/* Writes a config file for the test; answers its path. */
function writeConfig(t, content) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-config-'));
    const path = join(dir, 'server.json');

    t.after(() => rmSync(dir, { recursive: true }));
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
}

test('--help has every key, --version a number', async () => {
    const help = await runProgram('tickwire-server', ['--help']);
    const version = await runProgram('tickwire-server', ['--version']);

    assert.equal(help.code, 0);
    for (const flag of ['--listen', '--tls-listen', '--cert', '--key', '--config', '--record', '--room', '--workers',
        '--origins', '--echo', '--log-level', '--drain-ms', '--node-id', '--check-config'])
        assert.match(help.stdout, new RegExp(`^  ${flag} `, 'm'));
    assert.equal(version.code, 0);
    assert.match(version.stdout, /^tickwire-server \d+\.\d+\.\d+\n$/);
});

test('a good file and good flags are fine', async (t) => {
    const path = writeConfig(t, {
        listen: ['127.0.0.1:0', '[::1]:0'],
        room: ['main,bots=3', 'big,map=plains.json,match_s=60'],
        workers: 2,
        echo: true,
        log_level: 'debug',
        record: 'none',
    });
    const run = await check('--config', path, '--drain-ms=10', '--room', 'other');

    assert.deepEqual([run.code, run.stderr], [0, '']);
});

const broken = [
    ['an unknown key', { lisen: [] }, /server\.json: key "lisen": there is no such key/],
    ['a wrong type', { workers: 'two' }, /key "workers": expected a whole number from 0 to 64/],
    ['a number where a text belongs', { record: 7 }, /key "record": expected a text/],
    ['a bad range', { workers: 65 }, /key "workers": expected a whole number from 0 to 64/],
    ['a fraction', { drain_ms: 1.5 }, /key "drain_ms": expected a whole number/],
    ['a text for a switch', { echo: 'yes' }, /key "echo": expected true or false/],
    ['an address without port', { listen: ['localhost'] }, /key "listen": expected HOST:PORT/],
    ['an object for a list', { listen: {} }, /key "listen": expected an array/],
    ['a room with a bad name', { room: ['a b'] }, /key "room": expected a room's name/],
    ['a room with a bad option', { room: ['a,botz=1'] }, /key "room": expected game, map, bots, players or match_s/],
    ['a template with a bad option', { room_template: 'bots=-1' }, /key "room_template": expected a whole number of bots/],
    ['more rooms than there may be', { room: ['a', 'b'], rooms_max: 1 }, /rooms_max: expected at least 2, for each room/],
    ['two rooms of one name', { room: ['a', 'a,bots=1'] }, /another name for the second "a"/],
    ['a key twice', '{"workers": 1, "workers": 2}', /key "workers": it stands there twice/],
    ['broken JSON', '{\n"workers": 1,\n}', /server\.json: line 3: this is no JSON/],
    ['something behind the JSON', '{}\n{}', /server\.json: line 2: this is no JSON/],
    ['an empty file', '', /server\.json: line 1: this is no JSON/],
    ['an array', '[]', /server\.json: expected a JSON object/],
    ['a certificate without a place', { cert: ['x'] }, /cert: expected a tls_listen/],
];
for (const [what, content, sentence] of broken) {
    test(`${what} in the file is one sentence and exit code 2`, async (t) => {
        const run = await check('--config', writeConfig(t, content));

        assert.equal(run.code, 2);
        assert.match(run.stderr, sentence);
        assert.equal(run.stderr.trim().split('\n').length, 1);
    });
}

const misused = [
    [['--no-such-flag'], /--no-such-flag: there is no such flag/],
    [['stray'], /stray: expected a flag/],
    [['--workers'], /--workers: expected a value/],
    [['--workers', 'many'], /--workers many: expected a whole number from 0 to 64/],
    [['--log-level', 'loud'], /--log-level loud: expected debug, info, warning or error/],
    [['--config', '/no/such/file.json'], /\/no\/such\/file\.json: No such file/],
    [['--config', '/'], /^tickwire-server: \/: /],
    [['--tls-listen', 'localhost:0'], /cert: expected at least one for tls_listen/],
    [['--room', 'a,bots=-1'], /--room a,bots=-1: expected a whole number of bots/],
    [['--room', 'a,players=0'], /--room a,players=0: expected a room for 1 to 65000 players/],
    [['--room-template', 'game=chess'], /room_template: there is no game "chess"/],
];
for (const [args, sentence] of misused) {
    test(`${args.join(' ')} is one sentence and exit code 2`, async () => {
        const run = await check(...args);

        assert.equal(run.code, 2);
        assert.match(run.stderr, sentence);
        assert.equal(run.stderr.trim().split('\n').length, 1);
    });
}

test('flags win over the file, lists as a whole', async (t) => {
    const path = writeConfig(t, { listen: ['127.0.0.1:1'], log_level: 'error', web_root: '/no/such/folder' });
    const server = await startServer(t, {
        args: ['--config', path, '--listen', '127.0.0.1:0', '--log-level', 'info', '--web-root', '.'],
    });

    assert.notEqual(server.port, 1);
    assert.equal(server.stderr.match(/event=listening/g).length, 1);
});

test('a taken port is a sentence and exit code 1, also for a second server', async (t) => {
    const server = await startServer(t, { args: ['--workers', '4'] });
    const second = await runProgram('tickwire-server',
        ['--listen', `127.0.0.1:${server.port}`, '--record', 'none', '--workers', '4']);

    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${server.port}: Address already in use`));
});

test('localhost is both address families, on one port', async (t) => {
    const server = await startServer(t, { args: ['--listen', 'localhost:0'] });

    await server.waitForLog(/event=listening address=::1/);
    assert.match(server.stderr, new RegExp(`address=127\\.0\\.0\\.1 port=${server.port} `));
    assert.match(server.stderr, new RegExp(`address=::1 port=${server.port} `));
    await server.waitFor(({ stdout }) => stdout.includes(`http://localhost:${server.port}/`) || undefined, 5000, 'address');
});

test('a missing certificate is named, exit code 1', async () => {
    const run = await runProgram('tickwire-server',
        ['--tls-listen', '127.0.0.1:0', '--cert', '/no/cert.pem', '--key', '/no/key.pem', '--record', 'none']);

    assert.equal(run.code, 1);
    assert.match(run.stderr, /certificate \/no\/cert\.pem: No such file or directory\n/);
});

test('a program without its page says what is missing, exit code 2', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-alone-'));
    t.after(() => rmSync(dir, { recursive: true }));
    copyFileSync(join(buildDir, 'tickwire-server'), join(dir, 'tickwire-server'));
    const run = await runProgram('tickwire-server', ['--listen', '127.0.0.1:0', '--record', 'none'], { dir });

    assert.equal(run.code, 2);
    assert.match(run.stderr, /^tickwire-server: room arena: map arena comes with the page, .* --web-root DIR\n$/);
});

const rooms = [
    [['demo,game=chess'], /room demo: there is no game "chess", expected one of: skirmish, snake/],
    [['demo,map=/no/such/map.json'], /room demo: map \/no\/such\/map\.json: No such file/],
    [['demo,map=nowhere'], /room demo: map \S+\/assets\/maps\/nowhere\.json: No such file/],
    [['demo,map=Makefile.json', 'demo'], /another name for the second "demo"/],
    [['demo,match_s=0'], /--room demo,match_s=0: expected a match of 1 to 86400 seconds/],
];
for (const [lines, sentence] of rooms) {
    test(`--check-config finds fault with --room ${lines.join(' --room ')}`, async () => {
        const run = await check(...lines.flatMap((line) => ['--room', line]));

        assert.equal(run.code, 2);
        assert.match(run.stderr, sentence);
        assert.equal(run.stderr.trim().split('\n').length, 1);
    });
}

test('--check-config finds a broken map', async (t) => {
    const path = writeConfig(t, { rows: ['####', '###'] });
    const run = await check('--room', `demo,map=${path}`);

    assert.equal(run.code, 2);
    assert.match(run.stderr, /room demo: map .*server\.json: row 2 is 3 tiles long, expected 4 as in row 1/);
});
