// slow.mjs - a thousand players of whom every tenth reads slowly, beside a thousand of whom none does, by turns in
// one run: how old the state is that the others see, and what the server's memory does. Run by `make bench`;
// BOTS=N, SLOW=PERCENT:BYTES_PER_S, ROUNDS=N and SECONDS=N for another run. As a file of results: build/bench/slow.json.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBots } from '../lib/bots.mjs';
import { machine, residentKib, sleep } from '../lib/machine.mjs';
import { buildDir, spawnProgram } from '../lib/server.mjs';

const BOTS = Number(process.env.BOTS ?? 1000);
const SLOW = process.env.SLOW ?? '10:500'; // of some 1000 bytes a second that each is offered
const ROUNDS = Number(process.env.ROUNDS ?? 2);
const SECONDS = Number(process.env.SECONDS ?? 12);

/* The bots' figures, and the most that the server took meanwhile. */
async function run(args) {
    const server = spawnProgram('tickwire-server', [
        ...['--listen', '127.0.0.1:0', '--record', 'none', '--room', 'load,bots=0,map=assets/maps/plains.json'],
        ...['--room-players-max', String(BOTS + 10)],
    ]);
    try {
        const [, port] = await server.waitForLog(/event=listening .*port=(\d+)/);
        const before = machine();
        let ended = false;
        const bots = runBots(`ws://127.0.0.1:${port}/ws/updates`, { count: BOTS, seconds: SECONDS, args });
        bots.finally(() => (ended = true)).catch(() => {});
        const kib = [];
        for (; !ended; await sleep(500)) kib.push(residentKib(server.pid));
        const after = machine();
        return {
            ...(await bots),
            kib_half_way: kib[kib.length >> 1],
            kib_most: Math.max(...kib),
            idle_percent: (100 * (after.idle - before.idle)) / (after.all - before.all),
        };
    } finally {
        server.kill('SIGTERM');
        await server.exitCode;
    }
}

const show = (name, r) =>
    console.log(
        `  ${name.padEnd(8)} the ${r.slow_connected ? 'others' : 'players'}: state age p50 ${r.state_age_p50_ms} ms, p99 ${r.state_age_p99_ms} ms, ` +
            `${r.updates_per_s} updates/s; server ${Math.round(r.kib_most / 1024)} MiB at most, ${Math.round(r.kib_half_way / 1024)} half way; ` +
            `${r.idle_percent.toFixed(0)} % idle` +
            (r.slow_connected ? `; ${r.slow_connected} slow: p50 ${r.slow_state_age_p50_ms} ms, ${r.slow_updates_per_s} updates/s, ${r.closed} closed` : ''),
    );

console.log(`${BOTS} players, ${ROUNDS} rounds of ${SECONDS} s without and with ${SLOW} (percent of slow readers : bytes a second)`);
const rounds = [];
for (let i = 0; i < ROUNDS; i++) {
    const without = await run([]);
    show('without', without);
    const slow = await run(['--slow', SLOW]);
    show('with', slow);
    rounds.push({ without, with: slow });
}
mkdirSync(join(buildDir, 'bench'), { recursive: true });
writeFileSync(join(buildDir, 'bench/slow.json'), `${JSON.stringify({ bots: BOTS, slow: SLOW, rounds }, null, 2)}\n`);
