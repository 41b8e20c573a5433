// connections.mjs - what a connection costs the server: resident memory of each idle WebSocket, and user and
// system CPU of each handshake, plain and TLS. Run by `make bench`; CONNECTIONS=N for another number.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { spawnProgram } from '../lib/server.mjs';

const COUNT = Number(process.env.CONNECTIONS ?? 5000);
const AT_ONCE = 50;
const TICKS_PER_S = 100; // of /proc/PID/stat on Linux
const DEVCERT = new URL('../../tools/devcert.sh', import.meta.url).pathname;
const UPGRADE =
    'GET /ws/echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

function residentBytes(pid) {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

function cpuSeconds(pid) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');

    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
}

function open(dial) {
    return new Promise((fulfil, reject) => {
        const socket = dial();

        socket.once('error', reject);
        socket.once(socket.encrypted ? 'secureConnect' : 'connect', () => socket.write(UPGRADE));
        socket.once('data', (answer) => {
            if (answer.toString().startsWith('HTTP/1.1 101')) fulfil(socket);
            else reject(new Error(answer.toString()));
        });
    });
}

async function measure(pid, dial) {
    const sockets = [await open(dial)]; // what is made once is not a connection's
    const before = { bytes: residentBytes(pid), cpu: cpuSeconds(pid) };

    while (sockets.length < COUNT + 1) {
        const batch = Array.from({ length: Math.min(AT_ONCE, COUNT + 1 - sockets.length) }, () => open(dial));

        sockets.push(...(await Promise.all(batch)));
    }
    const after = { bytes: residentBytes(pid), cpu: cpuSeconds(pid) };

    for (const socket of sockets) socket.destroy();
    return {
        kib: (after.bytes - before.bytes) / COUNT / 1024,
        us: ((after.cpu - before.cpu) / COUNT) * 1e6,
    };
}

function show(what, { kib, us }) {
    const perSecond = Math.round(1e6 / us);

    console.log(
        `${what.padEnd(6)} ${COUNT} idle connections: ${kib.toFixed(2)} KiB resident each; ` +
            `${us.toFixed(0)} µs of server CPU a handshake (${perSecond}/s on one core)`,
    );
}

const dir = mkdtempSync(join(tmpdir(), 'tickwire-bench-'));
const server = (() => {
    execFileSync(DEVCERT, ['--dir', dir, 'localhost'], { stdio: 'ignore' });
    return spawnProgram('tickwire-server', [
        ...['--listen', '127.0.0.1:0', '--tls-listen', '127.0.0.1:0', '--record', 'none', '--echo'],
        ...['--cert', join(dir, 'localhost.crt'), '--key', join(dir, 'localhost.key')],
        ...['--room', 'arena,bots=0', '--log-level', 'info'],
    ]);
})();

try {
    const [, plainPort] = await server.waitForLog(/port=(\d+) tls=0/);
    const [, tlsPort] = await server.waitForLog(/port=(\d+) tls=1/);
    const ca = readFileSync(join(dir, 'ca.crt'));

    show('plain', await measure(server.pid, () => connect({ port: plainPort, host: '127.0.0.1' })));
    show('TLS', await measure(server.pid, () =>
        connectTls({ port: tlsPort, host: '127.0.0.1', servername: 'localhost', ca })));
} finally {
    server.kill('SIGTERM');
    await server.exitCode;
    rmSync(dir, { recursive: true, force: true });
}
process.exit(0);
