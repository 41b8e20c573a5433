// bots.mjs - runs the load tool and the link simulator for a test.

import { runProgram, spawnProgram } from './server.mjs';

/* The figures of the last line that tickwire-bots has printed. */
export function readReport(stdout) {
    return JSON.parse(stdout.trimEnd().split('\n').at(-1));
}

/* Runs bots against `url` to their end and answers their figures. */
export async function runBots(url, { count, seconds, args = [] }) {
    const { code, stdout, stderr } = await runProgram(
        'tickwire-bots',
        ['--url', url, '--count', String(count), '--seconds', String(seconds), '--json', ...args],
        { timeoutMs: (seconds + 60) * 1000 },
    );

    if (code !== 0) throw new Error(`tickwire-bots ended with ${code}:\n${stderr}`);
    return readReport(stdout);
}

/* Starts a relay to `port` that is as slow as `args` say, until the end of the test. Answers the
 * program of spawnProgram() with its `port`. */
export async function startLink(t, port, args) {
    const link = spawnProgram('tickwire-netsim', [
        '--listen',
        '127.0.0.1:0',
        '--to',
        `127.0.0.1:${port}`,
        ...args,
    ]);

    t.after(async () => {
        link.kill('SIGTERM');
        await link.exitCode;
    });
    const [, own] = await link.waitForLog(/event=listening .*port=(\d+)/);
    link.port = Number(own);
    return link;
}
