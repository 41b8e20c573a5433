// The page in a real browser, through a real proxy: files over HTTP/2, the game over wss.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flySomewhere, linkStats, openPage } from '../lib/page.mjs';
import { proxyNames, startProxy } from '../lib/proxies.mjs';
import { startServer } from '../lib/server.mjs';

/* Runs in the page: what its own address was fetched by. */
const protocolOfPage = () => performance.getEntriesByType('navigation')[0].nextHopProtocol;

for (const name of proxyNames) {
    test(`${name}: the page joins, and the craft moves while a key is held`, async (t) => {
        const server = await startServer(t, { args: ['--room', 'arena,bots=4'] });
        const proxy = await startProxy(t, name, server);
        const browserOptions = { ca: proxy.files.ca, hosts: { 'game.example.com': `127.0.0.1:${proxy.port}` } };
        const { page, problems } = await openPage(t, 'https://game.example.com/?name=Ada', { browserOptions });

        await flySomewhere(page, 20);
        assert.equal(await page.evaluate(protocolOfPage), 'h2');
        const stats = await linkStats(page);
        assert.equal(stats.hashErrors + stats.decodeErrors, 0);
        assert.deepEqual(problems, []);
    });
}
