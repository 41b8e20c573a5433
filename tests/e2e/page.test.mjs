// The page in a real browser, against a real server.
// Runs alone: it measures what happens from one frame to the next.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flySomewhere, holdKeys, keepScreenshot, linkStats, openPage, waitUntilPlaying } from '../lib/page.mjs';
import { spawnProgram, startServer } from '../lib/server.mjs';

const ARENA = ['--room', 'arena,bots=8'];
const ALONE = ['--room', 'arena,bots=0'];
const RELAY_START_MS = 10000;

/* A relay before the server that adds `delayMs` each way. Answers the page's address behind it. */
async function startRelay(t, server, delayMs) {
    const relay = spawnProgram('tickwire-netsim', [
        '--listen', '127.0.0.1:0', '--to', `127.0.0.1:${server.port}`, '--delay-ms', String(delayMs),
    ]);

    t.after(() => relay.kill('SIGKILL'));
    const [, port] = await relay.waitFor(
        ({ stderr, stdout }) => /\bport=(\d+)/.exec(stderr + stdout) ?? undefined,
        RELAY_START_MS,
        'the address of the relay',
    );

    return `http://127.0.0.1:${port}/?name=Ada`;
}

/* Runs in the page: presses a key between two frames and answers how far the own body is drawn from where
 * it was, frame by frame. */
function watchKeyPress({ code, frames }) {
    const { renderer } = globalThis.tickwirePage;
    const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

    return (async () => {
        await nextFrame();
        const start = { ...renderer.camera };
        const ways = [];

        globalThis.dispatchEvent(new KeyboardEvent('keydown', { code, bubbles: true }));
        for (let i = 0; i < frames; i++) {
            await nextFrame();
            ways.push(Math.hypot(renderer.camera.x - start.x, renderer.camera.y - start.y));
        }
        globalThis.dispatchEvent(new KeyboardEvent('keyup', { code, bubbles: true }));
        return ways;
    })();
}

test('the page joins, draws, and the craft moves while a key is held', async (t) => {
    const server = await startServer(t, { args: ARENA });
    const { page, problems } = await openPage(t, `${server.url}/?name=Ada`);

    await flySomewhere(page, 40);
    assert.match(await page.textContent('#board'), /\d:\d\d/, 'the match clock runs');
    await page.keyboard.press('KeyN');
    await page.mouse.move(900, 250);
    await page.mouse.down();
    await page.waitForTimeout(700);
    await keepScreenshot(page, 'page-arena');
    await page.mouse.up();
    assert.match(await page.textContent('#netgraph'), /state age\s*\d+ ms/);

    const stats = await linkStats(page);
    assert.equal(stats.hashErrors + stats.decodeErrors, 0);
    assert.ok(stats.updatesPerS >= 15, `updates/s: ${stats.updatesPerS}`);
    assert.deepEqual(problems, []);
});

test('through 200 ms the craft moves in the frame after a key, and nothing is corrected', async (t) => {
    const server = await startServer(t, { args: ALONE });
    const { page, problems } = await openPage(t, await startRelay(t, server, 100));

    await page.waitForTimeout(1500);
    // Into some directions a wall may be in the way.
    const ways = [];

    for (const code of ['KeyD', 'KeyA', 'KeyW', 'KeyS']) {
        ways.push(await page.evaluate(watchKeyPress, { code, frames: 12 }));
        await page.waitForTimeout(600);
    }
    const moved = ways.filter((way) => way.at(-1) > 5);

    assert.ok(moved.length >= 2, `ways: ${JSON.stringify(ways)}`);
    // The first callback may come before the page's own of that frame.
    for (const way of moved) assert.ok(way[1] > 0, `frame by frame: ${way}`);

    const stats = await linkStats(page);
    assert.ok(stats.rttUs >= 195000, `round trip: ${stats.rttUs} µs`);
    assert.equal(stats.corrections, 0);
    assert.deepEqual(problems, []);
});

test('chat is said by Enter and seen by others, and does not steer', async (t) => {
    const server = await startServer(t, { args: ALONE });
    const ada = await openPage(t, `${server.url}/?name=Ada`);
    const bob = await openPage(t, `${server.url}/?name=Bob`);

    await ada.page.keyboard.press('Enter');
    const way = await holdKeys(ada.page, ['KeyD', 'KeyW'], 300);
    await ada.page.fill('#line', 'hello <b>Bob</b>');
    await ada.page.keyboard.press('Enter');
    await bob.page.waitForFunction(() => document.querySelector('#chat')?.textContent.includes('hello'));
    assert.equal(await bob.page.textContent('#chat li'), 'Ada: hello <b>Bob</b>');
    assert.ok(way < 1, `moved ${way} units while typing`);
    assert.deepEqual([...ada.problems, ...bob.problems], []);
});

test('a lost connection is said, and the page comes back by itself', async (t) => {
    const first = await startServer(t, { args: ALONE });
    const { page } = await openPage(t, `${first.url}/?name=Ada`);

    await first.stop();
    await page.waitForFunction(() => /Trying again|Connecting again/.test(document.querySelector('#state').textContent));
    await startServer(t, { args: ['--listen', `127.0.0.1:${first.port}`, ...ALONE] });
    await waitUntilPlaying(page);
    await flySomewhere(page, 20);
});

test('after a short break the page is back in its seat', async (t) => {
    const server = await startServer(t, { args: ALONE });
    const { page } = await openPage(t, `${server.url}/?name=Ada`);
    const seatOf = () => page.evaluate(() => globalThis.tickwirePage.tickwire.game.seat);
    const seat = await seatOf();

    await page.reload();
    await waitUntilPlaying(page);
    assert.equal(await seatOf(), seat);
    assert.equal(await page.textContent('#announcement'), 'Back in your seat');
});

/* Runs in the page: says that it is hidden, or shown again. */
function pretendHidden(isHidden) {
    Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}

test('a hidden page gets no snapshots, and all of it when it is shown again', async (t) => {
    const server = await startServer(t, { args: ARENA });
    const { page, problems } = await openPage(t, `${server.url}/?name=Ada`);

    await page.evaluate(pretendHidden, true);
    await page.waitForTimeout(3000);
    assert.equal((await linkStats(page)).updatesPerS, 0);
    await page.evaluate(pretendHidden, false);
    await page.waitForTimeout(2500);
    const { updatesPerS, stateAgeUs } = await linkStats(page);

    assert.ok(updatesPerS >= 15, `updates/s: ${updatesPerS}`);
    assert.ok(stateAgeUs < 500000, `state age: ${stateAgeUs} µs`);
    await flySomewhere(page, 20);
    assert.deepEqual(problems, []);
});

test('another game is drawn by its own look', async (t) => {
    const server = await startServer(t, { args: ['--room', 'grass,game=snake,bots=4'] });
    const { page, problems } = await openPage(t, `${server.url}/?name=Ada`);

    await page.waitForTimeout(1500);
    await keepScreenshot(page, 'page-snake');
    assert.equal(await page.getAttribute('body', 'data-game'), 'snake');
    assert.deepEqual(problems, []);
});

test('a game without a look is drawn plainly', async (t) => {
    const server = await startServer(t, { args: ARENA });
    const { page } = await openPage(t, `${server.url}/?name=Ada`);

    await page.route('**/look.json', (route) => route.fulfill({ status: 404 }));
    await page.reload();
    await waitUntilPlaying(page);
    await flySomewhere(page, 40);
    await keepScreenshot(page, 'page-plain');
});

test('an unknown room is said in words', async (t) => {
    const server = await startServer(t, { args: ALONE });
    const { page } = await openPage(t, `${server.url}/?name=Ada`);

    await page.goto(`${server.url}/?room=nowhere`);
    await page.waitForSelector('#again:not([hidden])');
    assert.match(await page.textContent('#reason'), /no such room/i);
});
