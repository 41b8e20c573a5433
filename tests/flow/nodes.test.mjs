// Two nodes behind a proxy that routes on the node in a session's id: the official client on polling, which
// comes with a connection for each request, and by default.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { spawnProgram, startServer } from '../lib/server.mjs';

const DEPLOY = new URL('../../tools/deploy/', import.meta.url).pathname;
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

/* How each is started from a folder with its config. */
const proxies = {
    nginx: (dir, text) => {
        mkdirSync(join(dir, 'temporary'));
        const paths = TEMPORARY.map((name) => `${name}_temp_path ${dir}/temporary/${name};`).join('\n');
        writeFileSync(join(dir, 'conf'), `daemon off; user root; worker_processes 1; pid ${dir}/pid;
            events { worker_connections 1024; } http { access_log off; ${paths} ${text} }`);
        return ['-p', dir, '-e', 'stderr', '-c', join(dir, 'conf')];
    },
    haproxy: (dir, text) => {
        writeFileSync(join(dir, 'conf'), `global\n    maxconn 1000\n${text}`);
        return ['-db', '-f', join(dir, 'conf')];
    },
};
const configs = { nginx: ['nodes-nginx.conf', 'listen 80;', (port) => `listen 127.0.0.1:${port};`],
    haproxy: ['nodes-haproxy.cfg', 'bind :80', (port) => `bind 127.0.0.1:${port}`] };

async function freePort() {
    const listener = createServer();
    await new Promise((done) => listener.listen(0, '127.0.0.1', done));
    const { port } = listener.address();
    await new Promise((done) => listener.close(done));
    return port;
}

const accepts = (port) => new Promise((fulfil) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), fulfil(true))).on('error', () => fulfil(false));
});

async function startProxy(t, name, [one, two]) {
    const dir = mkdtempSync(join(tmpdir(), `tickwire-${name}-`));
    const port = await freePort();
    const [file, listen, listenAt] = configs[name];
    const text = readFileSync(join(DEPLOY, file), 'utf8');

    for (const part of [listen, '127.0.0.1:8081', '127.0.0.1:8082']) assert.ok(text.includes(part), part);
    const changed = text.replace(listen, listenAt(port)).replaceAll('127.0.0.1:8081', `127.0.0.1:${one.port}`)
        .replaceAll('127.0.0.1:8082', `127.0.0.1:${two.port}`);
    const proxy = spawnProgram(name, proxies[name](dir, changed), { dir: '/usr/sbin', cwd: dir });
    t.after(async () => {
        proxy.kill('SIGTERM');
        await proxy.exitCode;
        rmSync(dir, { recursive: true, force: true });
    });
    for (let i = 0; i < 200 && !(await accepts(port)); i++) await sleep(50);
    return `http://127.0.0.1:${port}`;
}

async function sessionsOf(server) {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^tickwire_engine_sessions_opened_total (\d+)$/m.exec(text)[1]);
}

for (const name of Object.keys(proxies))
    test(`${name}: every session stays on its node`, async (t) => {
        const nodes = await Promise.all(['n1', 'n2'].map((node) =>
            startServer(t, { args: ['--node-id', node, '--workers', '2', '--room', 'main,bots=0', '--address-polls-max', '100'] })));
        const url = await startProxy(t, name, nodes);
        const options = [...Array(6).fill({ transports: ['polling'] }), ...Array(6).fill({})];

        await Promise.all(options.map(async (option) => {
            const socket = io(url, { forceNew: true, ...option });
            let updates = 0;
            t.after(() => socket.close());
            socket.on('update', () => updates++);
            await new Promise((fulfil, reject) => socket.on('connect', fulfil).on('connect_error', reject));
            for (let i = 0; i < 500 && updates < 5; i++) await sleep(20);
            assert.ok(updates >= 5, `${updates} updates`);
            assert.equal((await socket.timeout(5000).emitWithAck('ping', { t: 1 })).type, 'pong');
            assert.equal(socket.io.engine.transport.name, option.transports ? 'polling' : 'websocket');
        }));
        const counts = await Promise.all(nodes.map(sessionsOf));
        assert.equal(counts[0] + counts[1], options.length);
        assert.ok(Math.min(...counts) >= 2, `both have some: ${counts}`);
    });
