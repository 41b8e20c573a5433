// server.mjs - starts the built programs for a test, and stops them however it ends.
//
//     test('a guest is welcome', async (t) => {
//         const server = await startServer(t, { args: ['--room', 'main,bots=0'] });
//         const socket = new WebSocket(`${server.wsUrl}/ws/updates`);
//         ...
//
// The programs are those of TICKWIRE_BUILD (default: build), or of the folder `dir`. Each runs in a process group of its own,
// which is killed as a whole. A complaint of a sanitizer fails the test.

import { execFileSync, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const START_TIMEOUT_MS = 20000;
const STOP_TIMEOUT_MS = 15000;
// What a test leaves open at its end is not waited for any longer: a second signal says so.
const END_PATIENCE_MS = 200;
const LOG_LINES_SHOWN = 60;
const SANITIZER = /(ERROR|WARNING): \w+Sanitizer|runtime error: |SUMMARY: \w+Sanitizer/;

/* The folder of the programs under test, as an absolute path. */
export const buildDir = resolve(ROOT, process.env.TICKWIRE_BUILD || 'build');

const running = new Set();

function killGroup(child, signal) {
    try {
        process.kill(-child.pid, signal);
    } catch {
        // It has ended in the meantime.
    }
}

// A time limit ends us by SIGTERM, an impatient developer by SIGINT.
process.on('exit', () => running.forEach((child) => killGroup(child, 'SIGKILL')));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1));

function withTimeout(promise, timeoutMs, describe) {
    let timer;
    const timeout = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(describe())), timeoutMs);
    });

    return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

/* Starts the program `name` of the build with `args`. Its output is in `stdout` and `stderr`, as far
 * as it has come; `exitCode` is a promise of its exit code, or of the signal's name that ended it.
 * `descriptors` is how many it may have; limitDescriptors(count) changes that while it runs. */
export function spawnProgram(name, args = [], { env = {}, dir = buildDir, cwd = ROOT, descriptors } = {}) {
    const limit = descriptors ? ['prlimit', `--nofile=${descriptors}:${descriptors}`] : [];
    const [command, ...rest] = [...limit, join(dir, name), ...args];
    const child = spawn(command, rest, {
        cwd,
        env: { ...process.env, ...env },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    const listeners = new Set();
    const program = { pid: child.pid, stdout: '', stderr: '' };

    running.add(child);
    for (const stream of ['stdout', 'stderr']) {
        child[stream].setEncoding('utf8');
        child[stream].on('data', (text) => {
            program[stream] += text;
            listeners.forEach((listener) => listener());
        });
    }
    program.exitCode = new Promise((fulfil) => {
        child.on('error', (error) => fulfil(error.message));
        child.on('close', (code, signal) => fulfil(signal ?? code));
    }).finally(() => {
        running.delete(child);
        listeners.forEach((listener) => listener());
    });

    program.kill = (signal = 'SIGTERM') => killGroup(child, signal);
    program.limitDescriptors = (count) =>
        execFileSync('prlimit', ['--pid', String(child.pid), `--nofile=${count}:`]);

    /* Waits until `find(program)` answers something other than undefined, and answers that. */
    program.waitFor = (find, timeoutMs, what) => {
        let listener;
        const found = new Promise((fulfil, reject) => {
            listener = () => {
                const answer = find(program);

                if (answer !== undefined) fulfil(answer);
                else if (!running.has(child))
                    reject(new Error(`${name} ended before ${what}:\n${program.stderr}`));
            };
            listeners.add(listener);
            listener();
        });

        return withTimeout(
            found,
            timeoutMs,
            () => `${name}: no ${what} in ${timeoutMs} ms:\n${program.stderr}`,
        ).finally(() => listeners.delete(listener));
    };

    /* Waits for a match of `pattern` on stderr; answers it as RegExp.exec() does. */
    program.waitForLog = (pattern, timeoutMs = 10000) =>
        program.waitFor(
            () => pattern.exec(program.stderr) ?? undefined,
            timeoutMs,
            `log line ${pattern}`,
        );

    return program;
}

function throwIfSanitized(program, name) {
    if (SANITIZER.test(program.stderr))
        throw new Error(`${name}: a sanitizer complains:\n${program.stderr}`);
}

/* Runs a program to its end: {code, stdout, stderr}. After `timeoutMs` it is killed, with an error. */
export async function runProgram(name, args = [], { timeoutMs = 60000, ...options } = {}) {
    const program = spawnProgram(name, args, options);
    const code = await withTimeout(program.exitCode, timeoutMs, () => {
        program.kill('SIGKILL');
        return `${name} ${args.join(' ')}: still running after ${timeoutMs} ms:\n${program.stderr}`;
    });

    throwIfSanitized(program, name);
    return { code, stdout: program.stdout, stderr: program.stderr };
}

/* Reads what the server says about where it listens: [{address, port, tls}]. */
function listeningAddresses(stderr) {
    const lines = stderr.match(/^.*\bevent=listening\b.*\n/gm) ?? [];

    return lines.map((line) => ({
        address: /\baddress=(\S+)/.exec(line)?.[1],
        port: Number(/\bport=(\d+)/.exec(line)?.[1]),
        tls: /\btls=1\b/.test(line),
    }));
}

/* Starts a server for the test `t`, which it does not outlive. Without a --listen among `args` it
 * listens on a free port of 127.0.0.1; without a --record it records nothing, unless it `records` as
 * it does by default. Answers the program of spawnProgram() with, in addition:
 *   port, url, wsUrl              of the first plain listener: http://127.0.0.1:PORT, ws://…
 *   tlsPort                       of the first TLS listener, if one was asked for
 *   stop()                        ends it by SIGTERM, waits, and throws unless it exits with 0; the
 *                                 end of the test does so in any case, with less patience */
export async function startServer(t, { args = [], records = false, ...options } = {}) {
    const asked = (flag) => args.filter((arg) => arg === flag).length;
    const allArgs = [
        ...(asked('--listen') ? [] : ['--listen', '127.0.0.1:0']),
        ...(asked('--record') || records ? [] : ['--record', 'none']),
        ...args,
    ];
    const listenerCount = Math.max(asked('--listen'), 1) + asked('--tls-listen');
    const server = spawnProgram('tickwire-server', allArgs, options);
    let stopped;

    async function stopOnce(patienceMs) {
        server.kill('SIGTERM');
        const again = patienceMs && setTimeout(() => server.kill('SIGTERM'), patienceMs);
        const code = await withTimeout(server.exitCode, STOP_TIMEOUT_MS, () => {
            server.kill('SIGKILL');
            return `tickwire-server ignores SIGTERM:\n${server.stderr}`;
        }).finally(() => clearTimeout(again));

        server.kill('SIGKILL'); // what it may have left in its group
        // Shown with the test's output where that fails.
        console.error(server.stderr.split('\n').slice(-LOG_LINES_SHOWN).join('\n'));
        throwIfSanitized(server, 'tickwire-server');
        // A test that wants a crash kills it itself.
        if (code !== 0 && code !== 'SIGKILL') {
            throw new Error(`tickwire-server ended with ${code}:\n${server.stderr}`);
        }
    }
    server.stop = () => (stopped ??= stopOnce());
    t.after(() => (stopped ??= stopOnce(END_PATIENCE_MS)));

    const listeners = await server.waitFor(
        ({ stderr }) => {
            const found = listeningAddresses(stderr);

            return found.length >= listenerCount ? found : undefined;
        },
        START_TIMEOUT_MS,
        'event=listening for each address',
    );
    const plain = listeners.find(({ tls }) => !tls);

    server.port = plain?.port;
    server.url = `http://127.0.0.1:${plain?.port}`;
    server.wsUrl = `ws://127.0.0.1:${plain?.port}`;
    server.tlsPort = listeners.find(({ tls }) => tls)?.port;
    return server;
}
