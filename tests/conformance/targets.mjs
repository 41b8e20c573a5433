// targets.mjs - starts the servers that the cases are played against.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

export const DELIVERIES = ['whole', 'frames', 'bytes', 3];
export const SHORT_DELIVERIES = ['whole'];

const STEP_MS = 15000;       // nothing takes that long but on a machine that does much else
const FAULTY_STEP_MS = 1500; // a server with a fault may never answer

/* Starts an echo on a plain and a TLS port, and one that compresses as much as it can; answers all as
 * targets of playAll(). */
export async function startTargets(t) {
    const { ca, cert, key } = makeCertificate(t);
    const server = await startServer(t, {
        args: ['--echo', '--tls-listen', '127.0.0.1:0', '--cert', cert, '--key', key],
    });
    const greedy = await startServer(t, {
        args: ['--echo', '--deflate-context-takeover', '--deflate-window-bits', '15'],
    });
    const common = { path: '/ws/echo', stepMs: STEP_MS };

    return [
        { ...common, name: 'ws', port: server.port },
        { ...common, name: 'wss', port: server.tlsPort, ca: readFileSync(ca) },
        { ...common, name: 'ws with takeover', port: greedy.port, topics: ['12', '13'] },
    ];
}

/* Starts the echo of the test build, which alone knows faults; answers a function that makes a target
 * with one of them. */
export async function startFaultyEcho(t) {
    const server = await startServer(t, {
        dir: join(buildDir, 'asan'),
        args: ['--echo', '--web-root', join(buildDir, 'web')],
    });

    return (fault) => ({
        name: `ws with ${fault}`,
        port: server.port,
        path: `/ws/echo?fault=${fault}`,
        stepMs: FAULTY_STEP_MS,
    });
}
