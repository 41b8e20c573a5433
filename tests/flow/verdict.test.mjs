// verdict.test.mjs - whose fault a stutter was, as the view says it: the page's module plays in node, over real
// sockets, while the link, the server or this machine stands still.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLink } from '../lib/bots.mjs';
import { startServer } from '../lib/server.mjs';
import { joinView, nowUs } from '../lib/view.mjs';

const CAUSE = { LINK: 1, SERVER: 2, MACHINE: 3 };
const FRAME_MS = 16;
const SETTLE_MS = 1500;
const STILL_MS = 450; // more than the picture lies behind and may guess
const TRIES = 8; // a busy machine may stutter by itself just then

async function play(t, url) {
    const { wasm, area } = await joinView(t, url);

    await sleep(SETTLE_MS);
    return {
        count(cause) {
            wasm.read_verdict(nowUs());
            return wasm.verdict_count(cause);
        },
        words() {
            wasm.read_verdict(nowUs());
            const at = wasm.verdict_at();

            return Buffer.from(area(at, 96)).toString().split('\0')[0];
        },
    };
}

/* Does it until the player says that it was felt, and whose fault it was; answers the words. */
async function blame(player, cause, disturb) {
    for (let i = 0; i < TRIES; i++) {
        const before = player.count(cause);

        await disturb();
        for (let waited = 0; waited < 1000; waited += FRAME_MS) {
            if (player.count(cause) > before) return player.words();
            await sleep(FRAME_MS);
        }
    }
    throw new Error(`the player says: ${player.words()}`);
}

test('each is blamed for its own', async (t) => {
    const server = await startServer(t, { args: ['--room', 'arena,bots=4'] });
    const near = await play(t, `${server.wsUrl}/ws/updates`);

    await t.test('a server that stands still', async () => {
        const words = await blame(near, CAUSE.SERVER, async () => {
            process.kill(server.pid, 'SIGSTOP');
            await sleep(STILL_MS);
            process.kill(server.pid, 'SIGCONT');
        });

        assert.match(words, /^The server: its ticks came late, no news for \d+ ms \(0 s ago\)\.$/);
    });

    await t.test('a machine that stands still', async () => {
        const words = await blame(near, CAUSE.MACHINE, async () => {
            const end = performance.now() + STILL_MS;

            while (performance.now() < end);
        });

        assert.match(words, /^Your machine: a frame took \d+ ms \(0 s ago\)\.$/);
    });

    await t.test('a link that stands still', async (u) => {
        const link = await startLink(u, server.port, ['--delay-ms', '10', '--stall-every-ms', '2500', '--stall-ms', String(STILL_MS)]);
        const far = await play(u, `ws://127.0.0.1:${link.port}/ws/updates`);
        const words = await blame(far, CAUSE.LINK, () => sleep(2000));

        assert.match(words, /^Your link: (nothing came for \d+ ms|the server held \d+ updates back for it, \d+ ms) \(\d s ago\)\.$/);
    });
});
