// The browser code that everyone writes for a WebSocket, to the letter, against a real server: over
// TLS at wss://game.example.com/ws/updates, from a page of the same origin and from a foreign one.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { launchBrowser } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';
import { standardProgram } from '../lib/standard.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const UPDATES = 40;

async function startTlsServer(t, args) {
    const certificate = makeCertificate(t);
    const server = await startServer(t, {
        args: ['--tls-listen', '127.0.0.1:0', '--cert', certificate.cert, '--key', certificate.key, ...args],
    });
    const browser = await launchBrowser(t, {
        ca: certificate.ca,
        hosts: { 'game.example.com': `127.0.0.1:${server.tlsPort}` },
    });
    return { server, browser };
}

function distance([ax, ay], [bx, by]) {
    return Math.hypot(bx - ax, by - ay);
}

/* A page of another origin. */
async function serveForeignPage(t) {
    const http = createServer((request, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.end('<!doctype html><title>elsewhere</title>');
    });
    await new Promise((done) => http.listen(0, '127.0.0.1', done));
    t.after(() => http.close());
    return `http://127.0.0.1:${http.address().port}`;
}

test('a page of the same origin joins as a guest and its input moves its craft', async (t) => {
    const { browser } = await startTlsServer(t, ['--room', 'arena,bots=0', '--workers', '4']);
    const page = await browser.newPage();
    await page.goto('https://game.example.com/healthz');
    const seen = await page.evaluate(standardProgram, { hold: 1, updates: UPDATES });

    assert.equal(seen.welcome.room, 'arena');
    assert.equal(seen.welcome.rate, 20);
    assert.equal(seen.closed, 1000);
    assert.equal(seen.errors, 0);
    assert.equal(seen.ticks.length, UPDATES);
    assert.ok(seen.ticks.every((tick, i) => i === 0 || tick > seen.ticks[i - 1]), 'ticks ascend');
    assert.ok(distance(seen.places[0], seen.places.at(-1)) > 10, `moved: ${seen.places.at(-1)}`);
    t.diagnostic(`bytes of an update, median: ${seen.sizes.sort((a, b) => a - b)[UPDATES / 2]}`);
});

test('an idle room costs under 60 bytes an update, and nothing at rest appears', async (t) => {
    const { browser } = await startTlsServer(t, ['--room', 'arena,bots=0']);
    const page = await browser.newPage();
    await page.goto('https://game.example.com/healthz');
    const seen = await page.evaluate(standardProgram, { hold: 0, updates: 2 * UPDATES });
    const idle = seen.sizes.slice(-10);

    assert.ok(Math.max(...idle) < 60, `sizes of the last updates: ${idle}`);
});

test('a page of another origin plays if --origins allows it', async (t) => {
    const origin = await serveForeignPage(t);
    const { browser } = await startTlsServer(t, ['--room', 'arena,bots=0', '--origins', origin]);
    const page = await browser.newPage();
    await page.goto(origin);
    const seen = await page.evaluate(standardProgram, { hold: 1, updates: UPDATES });

    assert.equal(seen.closed, 1000);
    assert.equal(seen.ticks.length, UPDATES);
});

test('a page of another origin is refused otherwise', async (t) => {
    const origin = await serveForeignPage(t);
    const { browser } = await startTlsServer(t, ['--room', 'arena,bots=0']);
    const page = await browser.newPage();
    await page.goto(origin);
    const seen = await page.evaluate(standardProgram, { hold: 1, updates: UPDATES });

    assert.equal(seen.closed, 1006);
    assert.equal(seen.errors, 1);
    assert.equal(seen.welcome, null);
});
