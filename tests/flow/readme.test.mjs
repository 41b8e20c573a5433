// The client that README.md shows, as it stands there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { startServer } from '../lib/server.mjs';

const README = new URL('../../README.md', import.meta.url);
const WAIT_MS = 10000;

test('the client of README.md plays and sees the others', async (t) => {
    const [, program] = /```js\n([\s\S]*?)```/.exec(readFileSync(README, 'utf8'));
    // So many that some are in sight wherever one begins.
    const server = await startServer(t, { args: ['--room', 'main,bots=40'] });
    const here = program.replace('wss://game.example.com', server.wsUrl);
    // Its interval has no end of its own.
    const setInterval = (...args) => globalThis.setInterval(...args).unref();
    const run = new Function('WebSocket', 'setInterval', `${here}; return { world, socket };`);
    const { world, socket } = run(WebSocket, setInterval);

    t.after(() => socket.terminate());
    const places = new Map();
    const moved = new Set();

    for (let waited = 0; waited < WAIT_MS && moved.size < 2; waited += 100) {
        await sleep(100);
        for (const [id, { x, y }] of Object.entries(world)) {
            if (places.has(id) && places.get(id) !== `${x} ${y}`) moved.add(id);
            places.set(id, `${x} ${y}`);
        }
    }
    assert.ok(moved.size >= 2, `${Object.keys(world).length} entities, of which ${moved.size} move`);
    assert.equal(socket.readyState, WebSocket.OPEN);
});
