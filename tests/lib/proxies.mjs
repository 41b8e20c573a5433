// proxies.mjs - nginx and HAProxy before a server under test, with the configs of tools/deploy.
//
//     const proxy = await startProxy(t, 'nginx', server);
//     const ann = await joinJson(t, `${proxy.wsUrl}/ws/updates`, { ca: proxy.ca });
//
// They run as ordinary processes from a folder of the test's own. Only ports and paths of the configs
// are changed, each of which must be found there.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnProgram } from './server.mjs';
import { makeCertificate } from './tls.mjs';

const DEPLOY = new URL('../../tools/deploy/', import.meta.url).pathname;
const PROGRAMS = '/usr/sbin';
const START_TIMEOUT_MS = 20000;

const given = new Set();

function isFree(port) {
    return new Promise((fulfil) => {
        const listener = createServer();

        listener.on('error', () => fulfil(false));
        listener.listen(port, '127.0.0.1', () => listener.close(() => fulfil(true)));
    });
}

/* Ports that nobody listens on, each another one. They lie below those that systems give to whoever asks for any
 * (RFC 6335 §6, Linux from 32768 on), so that no connection or server takes one before the proxy does. */
async function freePorts(count) {
    const ports = [];

    while (ports.length < count) {
        const port = 12000 + Math.floor(Math.random() * 20000);

        if (given.has(port) || !(await isFree(port))) continue;
        given.add(port);
        ports.push(port);
    }
    return ports;
}

function accepts(port) {
    return new Promise((fulfil) => {
        const socket = connect(port, '127.0.0.1');

        socket.on('connect', () => fulfil(true)).on('error', () => fulfil(false));
        socket.on('connect', () => socket.destroy());
    });
}

/* A config of tools/deploy with `changes` made to it: {'what stands there': 'what shall stand there'}. */
function configWith(file, changes) {
    let text = readFileSync(join(DEPLOY, file), 'utf8');

    for (const [from, to] of Object.entries(changes)) {
        assert.ok(text.includes(from), `${file} has no ${JSON.stringify(from)}`);
        text = text.replaceAll(from, to);
    }
    return text;
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

function nginx({ dir, ports, server, files, changes }) {
    const site = configWith('nginx.conf', {
        'listen 80;': `listen 127.0.0.1:${ports.http};`,
        'listen 443 ssl http2;': `listen 127.0.0.1:${ports.https} ssl http2;`,
        'listen [::]:80;': '',
        'listen [::]:443 ssl http2;': '',
        '127.0.0.1:8080': `127.0.0.1:${server.port}`,
        '/etc/ssl/certs/game.example.com.crt': files.cert,
        '/etc/ssl/private/game.example.com.key': files.key,
        ...changes,
    });

    mkdirSync(join(dir, 'temporary'));
    // As Debian's /etc/nginx/nginx.conf frames the sites, less what needs a service.
    writeFileSync(join(dir, 'nginx.conf'), `
        daemon off;
        user root;
        worker_processes 1;
        pid ${dir}/nginx.pid;
        events { worker_connections 1024; }
        http {
            access_log off;
            ${TEMPORARY.map((name) => `${name}_temp_path ${dir}/temporary/${name};`).join('\n')}
            ${site}
        }`);
    return ['-p', dir, '-e', 'stderr', '-c', join(dir, 'nginx.conf')];
}

function haproxy({ dir, ports, server, files, changes }) {
    const both = join(dir, 'both.pem');
    const config = configWith('haproxy.cfg', {
        'bind :80\n': `bind 127.0.0.1:${ports.http}\n`,
        'bind :443': `bind 127.0.0.1:${ports.https}`,
        'bind :8443': `bind 127.0.0.1:${ports.stream}`,
        '127.0.0.1:8080': `127.0.0.1:${server.port}`,
        '127.0.0.1:8444': `127.0.0.1:${server.tlsPort ?? 9}`,
        '/etc/haproxy/game.example.com.pem': both,
        ...changes,
    });

    writeFileSync(both, readFileSync(files.cert, 'utf8') + readFileSync(files.key, 'utf8'));
    writeFileSync(join(dir, 'haproxy.cfg'), `global\n    maxconn 1000\n${config}`);
    return ['-db', '-f', join(dir, 'haproxy.cfg')];
}

const PROXIES = { nginx, haproxy };

export const proxyNames = Object.keys(PROXIES);

/* Starts the proxy `name` before `server`, for the test `t`. `changes` to its config are made besides
 * those of ports and paths; `files` are its certificate, one of makeCertificate() by default. Answers
 *   httpUrl, url, wsUrl   http://, https:// and wss:// of 127.0.0.1
 *   port                  of https
 *   streamPort            where HAProxy passes TLS on to the server's first TLS listener
 *   ca, files             the authority to trust, as text; all files */
export async function startProxy(t, name, server, { changes = {}, files = makeCertificate(t) } = {}) {
    const dir = mkdtempSync(join(tmpdir(), `tickwire-${name}-`));
    const [http, https, stream] = await freePorts(3);
    const args = PROXIES[name]({ dir, ports: { http, https, stream }, server, files, changes });
    const proxy = spawnProgram(name, args, { dir: PROGRAMS, cwd: dir });
    const deadline = Date.now() + START_TIMEOUT_MS;
    let hasEnded = false;

    t.after(async () => {
        proxy.kill('SIGTERM');
        await proxy.exitCode;
        rmSync(dir, { recursive: true, force: true });
    });
    proxy.exitCode.then(() => (hasEnded = true));
    while (!(await accepts(https))) {
        assert.ok(!hasEnded && Date.now() < deadline, `${name} does not come up:\n${proxy.stderr}`);
        await sleep(50);
    }
    return Object.assign(proxy, {
        httpUrl: `http://127.0.0.1:${http}`,
        url: `https://127.0.0.1:${https}`,
        wsUrl: `wss://127.0.0.1:${https}`,
        port: https,
        streamPort: stream,
        ca: readFileSync(files.ca),
        files,
    });
}
