// Behind nginx and behind HAProxy, as tools/deploy configures them: what players and pages get, who they
// are taken for, and how old what they see is.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { bytesPerSecond, median, sampleAges, startReference } from '../lib/ages.mjs';
import { runBots, startLink } from '../lib/bots.mjs';
import { JsonClient, joinBinary, joinJson } from '../lib/clients.mjs';
import { proxyNames, startProxy } from '../lib/proxies.mjs';
import { startServer } from '../lib/server.mjs';

const ARENA = ['--room', 'arena,bots=0'];
// A map so small that all see all of it: JSON text of 15 to 20 KB/s, for which the link is too narrow.
const CROWDED = ['--room', 'arena,bots=40,map=assets/maps/garden.json'];
// One update of such a link takes it up to half a second; without the gate it would be many.
const LINK_BYTES_PER_S = 10000;
const MEDIAN_AGE_MAX_MS = 1500;
// What the configs say of idle links, and the server of pings; both shortened alike.
const IDLE = { nginx: 'proxy_read_timeout 60s', haproxy: 'timeout tunnel          60s' };

async function start(t, name, args = ARENA, options = {}) {
    const server = await startServer(t, { args });
    const proxy = await startProxy(t, name, server, options);

    return { server, proxy, url: `${proxy.wsUrl}/ws/updates`, ca: proxy.ca };
}

/* {status, headers, body} of a GET, each on a connection of its own. */
async function get(url, options = {}) {
    const request = url.startsWith('https:') ? requestTls : requestPlain;
    const [response] = await once(request(url, { agent: false, ...options }).end(), 'response');
    let body = '';

    for await (const piece of response.setEncoding('utf8')) body += piece;
    return { status: response.statusCode, headers: response.headers, body };
}

/* The status that a WebSocket is answered with. */
async function upgradeStatus(t, url, options) {
    const socket = new WebSocket(url, options);

    t.after(() => socket.terminate());
    socket.on('error', () => {});
    return new Promise((fulfil) => {
        socket.on('upgrade', (response) => fulfil(response.statusCode));
        socket.on('unexpected-response', (_, response) => fulfil(response.statusCode));
    });
}

function distance(a, b) {
    return Math.hypot(a.x - b.x, a.y - b.y);
}

for (const name of proxyNames) {
    test(`${name}: the page comes over https, and http leads there`, async (t) => {
        const { proxy, ca } = await start(t, name);
        const page = await get(`${proxy.url}/`, { ca });
        const wasm = await get(`${proxy.url}/tickwire.wasm`, { ca });
        const plain = await get(`${proxy.httpUrl}/?room=arena`, { headers: { Host: 'game.example.com' } });

        assert.equal(page.status, 200);
        assert.match(page.body, /<title>/);
        assert.match(page.headers['content-security-policy'], /wasm-unsafe-eval/);
        assert.equal(wasm.headers['content-type'], 'application/wasm');
        assert.equal(plain.status, 301);
        assert.equal(plain.headers.location, 'https://game.example.com/?room=arena');
    });

    test(`${name}: JSON and binary players join over wss, move and see each other`, async (t) => {
        const { url, ca } = await start(t, name);
        const ann = await joinJson(t, `${url}?name=Ann`, { ca });
        const bob = await joinBinary(t, url, { ca, name: 'Bob' });
        const start_ = { ...ann.own };

        assert.equal(bob.socket.protocol, 'tickwire.v1');
        await ann.until((c) => Object.values(c.names).includes('Bob'), "Bob's name");
        for (const buttons of [1, 2, 4, 8]) {
            // Into some directions a wall may be in the way.
            ann.hold({ buttons });
            const { tick } = ann;
            await ann.until((c) => c.tick > tick + 20 || (c.own && distance(c.own, start_) > 10), 'a way');
            if (ann.own && distance(ann.own, start_) > 10) break;
        }
        assert.ok(distance(ann.own, start_) > 10, `still at ${ann.own.x}, ${ann.own.y}`);
        const { messages } = bob;
        await bob.until((c) => c.messages > messages + 40, 'snapshots');
        bob.socket.close(1000);
        assert.equal((await bob.end()).code, 1000);
    });

    test(`${name}: who comes through it may not read what only this machine may`, async (t) => {
        const { server, proxy, ca } = await start(t, name);
        const lies = [{}, { 'X-Forwarded-For': '127.0.0.1' }, { 'X-Forwarded-For': '::1, 127.0.0.1' }, { Forwarded: 'for=127.0.0.1' }];

        assert.equal((await get(`${server.url}/metrics`)).status, 200);
        for (const path of ['/metrics', '/api/rooms']) {
            for (const headers of lies)
                assert.equal((await get(`${proxy.url}${path}`, { ca, headers })).status, 403, JSON.stringify(headers));
        }
    });

    test(`${name}: a page of the same host may connect, of another one not`, async (t) => {
        const { proxy, url, ca } = await start(t, name);
        const status = (origin, headers = {}) => upgradeStatus(t, url, { ca, origin, headers });

        assert.equal(await status(proxy.url), 101);
        assert.equal(await status('https://game.example.com', { Host: 'game.example.com' }), 101);
        assert.equal(await status('https://elsewhere.example.com', { Host: 'game.example.com' }), 403);
        assert.equal(await status(proxy.url.replace('127.0.0.1', 'localhost')), 403);
        // Whom a client says that it was forwarded for is nobody's host.
        const lie = { 'X-Forwarded-Host': 'elsewhere.example.com' };
        assert.equal(await status('https://elsewhere.example.com', lie), 403);
    });

    test(`${name}: a silent link is kept open by the server's pings, and only by them`, async (t) => {
        const changes = { [IDLE[name]]: IDLE[name].replace('60s', '4s') };
        const pinged = await start(t, name, ['--echo', '--ping-ms', '1000'], { changes });
        const left = await start(t, name, ['--echo', '--ping-ms', '600000'], { changes });
        const sockets = [pinged, left].map(({ proxy, ca }) => new WebSocket(`${proxy.wsUrl}/ws/echo`, { ca }));

        t.after(() => sockets.forEach((socket) => socket.terminate()));
        await Promise.all(sockets.map((socket) => once(socket, 'open')));
        await once(sockets[1], 'close');
        await sleep(2000);
        assert.equal(sockets[0].readyState, WebSocket.OPEN);
        sockets[0].send('still here');
        assert.equal((await once(sockets[0], 'message'))[0].toString(), 'still here');
    });

    for (const acks of [true, false]) {
        test(`${name}: a reader on a narrow link still sees fresh state, ${acks ? 'with acks' : 'by pongs alone'}`, async (t) => {
            const { server, proxy, ca } = await start(t, name, CROWDED);
            const plain = { ca, perMessageDeflate: false };
            const reference = await startReference(t, server, plain);
            const link = await startLink(t, proxy.port, [
                '--delay-ms', '20', '--buffer', '32768', '--rate', String(LINK_BYTES_PER_S),
            ]);
            const page = new JsonClient(t, `wss://127.0.0.1:${link.port}/ws/updates?spectate=1`, plain);

            await page.until((c) => c.updates > 0, 'the first update', 60000);
            if (acks) page.hold({});
            await sleep(2000);
            const { updates } = page;
            const offered = bytesPerSecond(reference, 6000);
            const ages = await sampleAges(page, reference, 6000);
            t.diagnostic(
                `${LINK_BYTES_PER_S} of ${Math.round(await offered)} B/s: median age ` +
                    `${Math.round(median(ages))} ms, ${((page.updates - updates) / 6).toFixed(1)} updates/s`,
            );

            assert.ok(median(ages) < MEDIAN_AGE_MAX_MS);
            assert.ok(page.updates > updates, 'slow, but not silent');
        });
    }

    test(`${name}: bots of which some read slowly, all of them right`, async (t) => {
        const { url, proxy } = await start(t, name, CROWDED);
        const report = await runBots(url, {
            count: 20, seconds: 5, args: ['--cafile', proxy.files.ca, '--slow', '20:3000'],
        });
        t.diagnostic(JSON.stringify(report));

        assert.equal(report.connected, 20);
        assert.equal(report.closed + report.hash_errors + report.decode_errors, 0);
        assert.ok(report.slow_state_age_p50_ms < MEDIAN_AGE_MAX_MS);
    });
}
