// The page over Socket.IO: when its address says so, and by itself where WebSockets are blocked.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { launchBrowser } from '../lib/browser.mjs';
import { flySomewhere, linkStats, openPage, waitUntilPlaying } from '../lib/page.mjs';
import { buildDir, startServer } from '../lib/server.mjs';

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

/* The built page as `make run` leaves it where npm has not been: without the official client. */
function webRootWithoutBundle(t) {
    const root = mkdtempSync(join(tmpdir(), 'tickwire-web-'));

    t.after(() => rmSync(root, { recursive: true }));
    cpSync(join(buildDir, 'web'), root, { recursive: true, filter: (path) => !path.includes('/vendor') });
    return root;
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

test('without the official client the page plays by WebSocket, and says so where that is blocked', async (t) => {
    const server = await startServer(t, { args: [...ARENA, '--web-root', webRootWithoutBundle(t)] });
    const { browser, page, problems } = await openPage(t, `${server.url}/?name=Cid`);

    await flySomewhere(page, 40);
    await checkLink(page);
    assert.deepEqual(problems, []);
    assert.equal((await fetch(`${server.url}/vendor/socket.io.esm.min.js`)).status, 404);

    const blocked = await (await browser.newContext()).newPage();
    await blocked.addInitScript(blockWebSockets);
    await blocked.goto(`${server.url}/?name=Dot`);
    await blocked.waitForRequest((request) => request.url().includes('/vendor/'), { timeout: 15000 });
    await blocked.waitForFunction(() => /WebSockets do not get through here/.test(document.body.innerText), undefined, { timeout: 15000 });
});
