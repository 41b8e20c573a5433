// The page over Socket.IO: when its address says so, and by itself where WebSockets are blocked.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../lib/browser.mjs';
import { flySomewhere, linkStats, openPage, waitUntilPlaying } from '../lib/page.mjs';
import { startServer } from '../lib/server.mjs';

const ARENA = ['--room', 'arena,bots=4'];

/* Runs in the page, before it: as a proxy or an extension does that lets no WebSocket through. */
function blockWebSockets() {
    globalThis.WebSocket = class {
        static OPEN = 1;
        static CLOSED = 3;
        readyState = 0;
        constructor() {
            setTimeout(() => {
                this.onerror?.(new Event('error'));
                this.onclose?.({ code: 1006, reason: '' });
            }, 10);
        }
        close() {}
        send() {}
    };
}

/* Updates come at their pace, and each of them can be read. */
async function checkLink(page) {
    await page.waitForFunction(() => globalThis.tickwirePage.tickwire.stats().updatesPerS >= 10);
    const stats = await linkStats(page);
    assert.equal(stats.hashErrors + stats.decodeErrors, 0);
}

async function metric(server, name) {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(new RegExp(`^tickwire_${name} (\\d+)$`, 'm').exec(text)[1]);
}

test('?transport=socketio: the page plays, and its connection becomes a WebSocket', async (t) => {
    const server = await startServer(t, { args: ARENA });
    const { page, problems } = await openPage(t, `${server.url}/?name=Ada&transport=socketio`);

    await flySomewhere(page, 40);
    await checkLink(page);
    assert.equal(await metric(server, 'engine_sessions_opened_total'), 1);
    assert.equal(await metric(server, 'engine_upgrades_total'), 1);
    assert.deepEqual(problems, []);
});

test('where WebSockets are blocked the page plays by polling', async (t) => {
    const server = await startServer(t, { args: ARENA });
    const browser = await launchBrowser(t);
    const page = await (await browser.newContext()).newPage();

    await page.addInitScript(blockWebSockets);
    await page.goto(`${server.url}/?name=Bob`);
    await waitUntilPlaying(page);
    await flySomewhere(page, 40);
    await checkLink(page);
    assert.equal(await metric(server, 'engine_upgrades_total'), 0);
    assert.equal(await metric(server, 'websockets_opened_total'), 0);
});

test('a room that is not there is said so over Socket.IO, too', async (t) => {
    const server = await startServer(t, { args: ARENA });
    const browser = await launchBrowser(t);
    const page = await (await browser.newContext()).newPage();

    await page.goto(`${server.url}/?room=nowhere&transport=socketio`);
    await page.waitForFunction(() => document.body.textContent.includes('There is no such room.'), undefined, { timeout: 15000 });
});
