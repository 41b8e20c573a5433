// Behind nginx and behind HAProxy, as tools/deploy configures them: what players and pages get, who they
// are taken for, and how old what they see is.
// Runs alone: it measures how old what players see is.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { bytesPerSecond, median, sampleAges, startReference } from '../lib/ages.mjs';
import { runBots, startLink } from '../lib/bots.mjs';
import { JsonClient, joinBinary, joinJson } from '../lib/clients.mjs';
import { proxyNames, startProxy } from '../lib/proxies.mjs';
import { startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const ARENA = ['--room', 'arena,bots=0', '--spectate-delay-ms', '0']; // the ages' reference watches
// A map so small that all see all of it: JSON text of 20 KB/s and more, for which the link is too narrow.
const CROWDED = ['--room', 'arena,bots=40,map=assets/maps/garden.json'];
// One update of such a link takes it up to half a second. Without the gate its buffer would be full: what comes out
// of it then is 3.3 s older than what someone sees beside it, behind the same proxy. Half of that is never reached.
const LINK_BYTES_PER_S = 10000;
const LINK_BUFFER = 32768;
const AGE_MORE_MS = (LINK_BUFFER / LINK_BYTES_PER_S) * 500;
const certificate = makeCertificate({ after }); // making one takes openssl a while
// What the configs say of idle links, and the server of pings; both shortened alike.
const IDLE = { nginx: 'proxy_read_timeout 60s', haproxy: 'timeout tunnel          60s' };

async function start(t, name, args = ARENA, options = {}) {
    const server = await startServer(t, { args });
    const proxy = await startProxy(t, name, server, { files: certificate, ...options });

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

async function requestCount(server) {
    return Number(/^tickwire_http_requests_total (\d+)/m.exec((await get(`${server.url}/metrics`)).body)[1]);
}

function distance(a, b) {
    return Math.hypot(a.x - b.x, a.y - b.y);
}

// They mostly wait, each with a server and a proxy of its own: all of one proxy at once.
for (const name of proxyNames) {
    describe(name, { concurrency: true }, () => {
        test('the page comes over https, and http leads there', async (t) => {
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

        test('JSON and binary players join over wss, move and see each other', async (t) => {
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

        test('who comes through it may not read what only this machine may', async (t) => {
            const { server, proxy, ca } = await start(t, name);
            const lies = [{}, { 'X-Forwarded-For': '127.0.0.1' }, { 'X-Forwarded-For': '::1, 127.0.0.1' }, { Forwarded: 'for=127.0.0.1' }];

            assert.equal((await get(`${server.url}/metrics`)).status, 200);
            for (const path of ['/metrics', '/api/rooms']) {
                for (const headers of lies)
                    assert.equal((await get(`${proxy.url}${path}`, { ca, headers })).status, 403, JSON.stringify(headers));
            }
        });

        test('a page of the same host may connect, of another one not', async (t) => {
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

        test('a silent link is kept open by the server\'s pings, and only by them', async (t) => {
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
            test(`a reader on a narrow link still sees fresh state, ${acks ? 'with acks' : 'by pongs alone'}`, async (t) => {
                const { server, proxy, ca } = await start(t, name, CROWDED);
                const plain = { ca, perMessageDeflate: false };
                const reference = await startReference(t, server, plain);
                const link = await startLink(t, proxy.port, [
                    '--delay-ms', '20', '--buffer', String(LINK_BUFFER), '--rate', String(LINK_BYTES_PER_S),
                ]);
                const page = new JsonClient(t, `wss://127.0.0.1:${link.port}/ws/updates?spectate=1`, plain);

                const wide = new JsonClient(t, `${proxy.wsUrl}/ws/updates?spectate=1`, plain);

                await page.until((c) => c.updates > 0, 'the first update', 60000);
                await wide.until((c) => c.updates > 0, 'the first update', 60000);
                if (acks) page.hold({});
                await sleep(2000);
                const { updates } = page;
                const offered = bytesPerSecond(reference, 6000);
                const [ages, wideAges] = await Promise.all([
                    sampleAges(page, reference, 6000),
                    sampleAges(wide, reference, 6000),
                ]);
                t.diagnostic(
                    `${LINK_BYTES_PER_S} of ${Math.round(await offered)} B/s: median age ` +
                        `${Math.round(median(ages))} ms, ${Math.round(median(wideAges))} beside it, ${((page.updates - updates) / 6).toFixed(1)} updates/s`,
                );

                assert.ok(median(ages) < median(wideAges) + AGE_MORE_MS);
                assert.ok(page.updates > updates, 'slow, but not silent');
            });
        }

        test('bots of which some read slowly, all of them right', async (t) => {
            const { url, proxy } = await start(t, name, CROWDED);
            const report = await runBots(url, {
                count: 20, seconds: 5, args: ['--cafile', proxy.files.ca, '--slow', '20:3000'],
            });
            t.diagnostic(JSON.stringify(report));

            assert.equal(report.connected, 20);
            assert.equal(report.closed + report.hash_errors + report.decode_errors, 0);
            // What nginx and the kernel would take for them lasts 20 s.
            assert.ok(report.slow_state_age_p50_ms < report.state_age_p50_ms + AGE_MORE_MS);
        });

        test('the caps count the player, not the proxy', async (t) => {
            const { server, url, ca } = await start(t, name, [...ARENA, '--address-sockets-max', '3']);
            const from = (localAddress) => upgradeStatus(t, url, { ca, localAddress, headers: { 'X-Forwarded-For': '10.1.2.3' } });

            for (let i = 0; i < 3; i++) assert.equal(await from('127.0.0.7'), 101);
            assert.equal(await from('127.0.0.7'), 429);
            assert.equal(await from('127.0.0.8'), 101);
            await server.waitForLog(/event=peer_refused address=127\.0\.0\.7 /);
            assert.doesNotMatch(server.stderr, /10\.1\.2\.3/);
        });
    });
}

test('nginx: one that is not trusted is counted itself, whatever it says', async (t) => {
    const changes = { 'proxy_http_version 1.1;': 'proxy_http_version 1.1; proxy_bind 127.0.0.9;' };
    const args = [...ARENA, '--caps-for-loopback', '--address-sockets-max', '3'];
    const { server, url, ca } = await start(t, 'nginx', args, { changes });

    for (const localAddress of ['127.0.0.6', '127.0.0.7', '127.0.0.8'])
        assert.equal(await upgradeStatus(t, url, { ca, localAddress }), 101);
    assert.equal(await upgradeStatus(t, url, { ca, localAddress: '127.0.0.10' }), 502);
    await server.waitForLog(/event=peer_refused address=127\.0\.0\.9 /);
});

for (const [how, changes] of [
    ['by X-Forwarded-Host, if Host names the server itself', { 'proxy_set_header Host             $http_host;': '' }],
    ['by Host alone', { 'proxy_set_header X-Forwarded-Host $http_host;': '' }],
]) {
    test(`nginx: the host that origins are compared with is named ${how}`, async (t) => {
        const { url, ca } = await start(t, 'nginx', ARENA, { changes });
        const status = (origin) => upgradeStatus(t, url, { ca, origin, headers: { Host: 'game.example.com' } });

        assert.equal(await status('https://game.example.com'), 101);
        assert.equal(await status('https://elsewhere.example.com'), 403);
    });
}

/* HAProxy in front of a server that ends TLS itself. */
async function startStream(t, args = ARENA, options = {}) {
    const { cert, key } = certificate;
    const tls = ['--listen', '127.0.0.1:0', '--tls-listen', '127.0.0.1:0', '--cert', cert, '--key', key];
    const server = await startServer(t, { args: [...args, ...tls] });
    const proxy = await startProxy(t, 'haproxy', server, { files: certificate, ...options });

    return { server, proxy, origin: `https://127.0.0.1:${proxy.streamPort}`, url: `wss://127.0.0.1:${proxy.streamPort}/ws/updates`, ca: proxy.ca };
}

test('haproxy, passing TLS on: the PROXY protocol names the player', async (t) => {
    const { server, origin, url, ca } = await startStream(t, [...ARENA, '--address-sockets-max', '3']);
    const players = await Promise.all([1, 2, 3].map(() => joinJson(t, url, { ca, localAddress: '127.0.0.7' })));

    await assert.rejects(joinJson(t, url, { ca, localAddress: '127.0.0.7' }));
    await server.waitForLog(/event=peer_refused address=127\.0\.0\.7 /);
    const other = await joinBinary(t, url, { ca, localAddress: '127.0.0.8' });
    assert.equal((await get(`${origin}/`, { ca })).status, 200);
    assert.equal((await get(`${origin}/metrics`, { ca })).status, 403);
    assert.equal((await get(`${server.url}/metrics`)).status, 200);
    assert.equal(await upgradeStatus(t, url, { ca, origin }), 101);
    assert.equal(await upgradeStatus(t, url, { ca, origin: 'https://elsewhere.example.com' }), 403);
    assert.equal([...players, other].filter((player) => player.closed).length, 0);
});

test('haproxy: its health checks are answered, with a PROXY header that says LOCAL and without one', async (t) => {
    const { server, proxy } = await startStream(t, ARENA, { changes: { 'inter 2s': 'inter 100ms' } });
    const before = await requestCount(server);

    while ((await requestCount(server)) < before + 40) await sleep(100); // two backends, one of them by PROXY
    assert.doesNotMatch(proxy.stderr, /DOWN/);
    assert.doesNotMatch(server.stderr, /peer_refused/);
    const closed = server.waitForLog(/event=stopping/);
    await server.stop();
    await closed;
    await proxy.waitForLog(/Server tickwire\/one is DOWN/);
    await proxy.waitForLog(/Server stream\/one is DOWN/);
});
