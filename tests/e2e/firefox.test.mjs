// Firefox: the game's page and the browser code that everyone writes, over TLS.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { launchFirefox } from '../lib/firefox.mjs';
import { startServer } from '../lib/server.mjs';
import { standardProgram } from '../lib/standard.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const PLAY_TIMEOUT_MS = 60000;
const UPDATES = 40;

/* A page of Firefox, and where the server is: https://game.example.com:PORT. */
async function startAll(t) {
    const { ca, cert, key } = makeCertificate(t);
    const server = await startServer(t, {
        args: ['--room', 'arena,bots=0', '--tls-listen', '127.0.0.1:0', '--cert', cert, '--key', key],
    });
    const browser = await launchFirefox(t, { ca, hosts: ['game.example.com'] });

    return { page: await browser.newPage(), origin: `https://game.example.com:${server.tlsPort}` };
}

/* How far the own body is drawn from where it was, after the key was held. */
async function wayByKey(page, code) {
    const place = () => page.evaluate(() => ({ ...globalThis.tickwirePage.renderer.camera }));
    const before = await place();

    await page.keyboard.down(code);
    await sleep(600);
    await page.keyboard.up(code);
    const after = await place();
    return Math.hypot(after.x - before.x, after.y - before.y);
}

test('the page leads from its start into a room and plays, without errors of its decoder', async (t) => {
    const { page, origin } = await startAll(t);

    await page.goto(origin);
    await page.waitForSelector('#rooms li');
    await page.type('#name', 'Ada');
    await page.click('#play');
    await page.waitForSelector('body[data-screen="playing"]', { timeout: PLAY_TIMEOUT_MS });
    const ways = [];
    // Into some directions a wall may be in the way.
    for (const code of ['KeyD', 'KeyA', 'KeyW', 'KeyS']) ways.push(await wayByKey(page, code));
    const stats = await page.evaluate(() => globalThis.tickwirePage.tickwire.stats());

    assert.ok(Math.max(...ways) > 20, `ways: ${ways}`);
    assert.equal(stats.hashErrors + stats.decodeErrors, 0);
    assert.ok(stats.updatesPerS >= 5, `updates/s: ${stats.updatesPerS}`);
});

test('a page joins by JSON and its input moves its craft', async (t) => {
    const { page, origin } = await startAll(t);

    await page.goto(`${origin}/healthz`);
    const seen = await page.evaluate(standardProgram, {
        hold: 1, updates: UPDATES, url: `${origin.replace('https', 'wss')}/ws/updates`,
    });
    const [[ax, ay], [bx, by]] = [seen.places[0], seen.places.at(-1)];

    assert.equal(seen.welcome.room, 'arena');
    assert.equal(seen.closed, 1000);
    assert.equal(seen.ticks.length, UPDATES);
    assert.ok(Math.hypot(bx - ax, by - ay) > 10, `moved from ${ax}, ${ay} to ${bx}, ${by}`);
});
