// Recordings in a browser: the list, playing, scrubbing, stepping, following, and a link to a moment.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepScreenshot, openPage, waitUntilPlaying } from '../lib/page.mjs';
import { launchBrowser } from '../lib/browser.mjs';
import { startServer } from '../lib/server.mjs';

const GOLDEN = new URL('../vectors/recordings', import.meta.url).pathname;
const FIRST = 1;
const LAST = 130;

async function startWithRecordings(t) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-watch-'));
    for (const name of ['v1_plain', 'v1_fields_added']) copyFileSync(join(GOLDEN, `${name}.db`), join(dir, `${name}.db`));
    const server = await startServer(t, { args: ['--record', dir, '--room', 'arena,bots=4'] });

    t.after(() => rmSync(dir, { recursive: true, force: true }));
    return server;
}

const clipboard = { permissions: ['clipboard-read', 'clipboard-write'] };
const playbackOf = (page) => page.evaluate(() => globalThis.tickwirePage.tickwire.playback());

/* Waits until the picture is of that tick. */
async function untilTick(page, tick) {
    await page.waitForFunction((wanted) => globalThis.tickwirePage.watch.tick === wanted, tick, { timeout: 10000 });
}

async function untilPlayback(page, key, value) {
    await page.waitForFunction(
        ([k, v]) => globalThis.tickwirePage.tickwire.playback()?.[k] === v, [key, value], { timeout: 10000 },
    );
}

/* Not by the key, which would play on where a slow machine has reached the end already. */
async function pause(page) {
    await page.evaluate(() => globalThis.tickwirePage.tickwire.control(0));
    await untilPlayback(page, 'isPaused', true);
}

/* Where everything is drawn: [[slot, kind, x, y], ...]. */
const placesOf = (page) =>
    page.evaluate(() => {
        const { tickwire } = globalThis.tickwirePage;
        const frame = tickwire.frame();

        return Array.from({ length: frame.count }, (_, i) => {
            const kind = tickwire.game.kinds[frame.kind(i)];
            return [frame.slot(i), frame.kind(i), frame.word(i, kind.xWord), frame.word(i, kind.yWord)];
        });
    });

test('the list leads to a recording, which plays to its end', async (t) => {
    const server = await startWithRecordings(t);
    const browser = await launchBrowser(t);
    const page = await (await browser.newContext({ viewport: { width: 1280, height: 720 } })).newPage();
    const problems = [];

    page.on('pageerror', (error) => problems.push(error.stack));
    await page.goto(`${server.url}/replays`);
    await page.waitForSelector('#recordings a');
    await keepScreenshot(page, 'replays');
    assert.equal(await page.locator('#recordings a').count(), 2);
    const row = page.locator('[data-id=v1_plain]');
    assert.match(await row.innerText(), /test\s*skirmish[^]*0:06[^]*4 players[^]*57 kB/);
    await row.focus();
    await page.keyboard.press('Enter');
    await waitUntilPlaying(page);
    assert.equal(new URL(page.url()).pathname, '/replay/v1_plain');
    await page.waitForTimeout(1500);
    await keepScreenshot(page, 'replay');
    await untilPlayback(page, 'isAtEnd', true);
    await untilTick(page, LAST);
    assert.match(await page.textContent('#place'), /^0:06\.4 \/ 0:06$/);
    assert.deepEqual(problems, []);
});

test('keys pause, step both ways, jump and change the speed; all controls have names', async (t) => {
    const server = await startWithRecordings(t);
    const { page, problems } = await openPage(t, `${server.url}/replay/v1_plain?t=20`);

    await pause(page);
    assert.ok((await playbackOf(page)).tick >= 20);
    await page.keyboard.press('Home');
    await untilTick(page, FIRST);
    await page.keyboard.press('Space');
    await untilPlayback(page, 'isPaused', false);
    await page.keyboard.press('Space');
    await untilPlayback(page, 'isPaused', true);
    await page.keyboard.press('Home');
    await untilTick(page, FIRST);
    await page.keyboard.press('ArrowRight');
    await untilTick(page, 101);
    for (const [key, to] of [['.', 102], ['.', 103], [',', 102], ['ArrowLeft', 2], ['End', LAST]]) {
        await page.keyboard.press(key);
        await untilTick(page, to);
    }
    for (const [key, speed] of [['+', 1], ['-', 0], ['-', -1]]) {
        await page.keyboard.press(key);
        await untilPlayback(page, 'speed', speed);
    }
    assert.equal(await page.textContent('#speed'), '1/2×');
    const nameless = await page.$$eval('#watch button, #watch select, #watch [tabindex]', (elements) =>
        elements.filter((e) => !(e.getAttribute('aria-label') || e.labels?.[0]?.textContent.trim() || e.textContent.trim()))
            .map((e) => e.id));
    assert.deepEqual(nameless, []);
    await page.focus('#step-back');
    await page.keyboard.press('Enter');
    await untilTick(page, LAST - 1);
    assert.deepEqual(problems, []);
});

test('scrubbing shows the sought moment at once', async (t) => {
    const server = await startWithRecordings(t);
    const { page, problems } = await openPage(t, `${server.url}/replay/v1_plain`);
    const box = await page.locator('#marks').boundingBox();
    const at = (part) => [box.x + box.width * part, box.y + box.height / 2];

    await pause(page);
    const tookMs = await page.evaluate(async (ticks) => {
        const { watch } = globalThis.tickwirePage;
        const took = [];

        for (const tick of ticks) {
            const startMs = performance.now();
            watch.seek(tick);
            while (watch.tick !== tick) await new Promise((fulfil) => requestAnimationFrame(fulfil));
            took.push(performance.now() - startMs);
        }
        return took.sort((a, b) => a - b);
    }, [100, 5, 64, 129, 33, 1, 90]);
    t.diagnostic(`from the seek to the drawn frame: ${tookMs.map((ms) => ms.toFixed(0)).join(' ')} ms`);

    await page.mouse.move(...at(0.25));
    await page.mouse.down();
    for (let part = 0.25; part <= 0.75; part += 0.05) await page.mouse.move(...at(part));
    await page.mouse.move(...at(0.5));
    await page.mouse.up();
    await untilTick(page, Math.round(FIRST + (LAST - FIRST) / 2));
    assert.match(await page.textContent('#hint'), /^0:03/);
    assert.deepEqual(problems, []);
});

test('the camera follows whom one chooses, and goes where one likes', async (t) => {
    const server = await startWithRecordings(t);
    const { page, problems } = await openPage(t, `${server.url}/replay/v1_plain?t=60`);
    const camera = () => page.evaluate(() => ({ ...globalThis.tickwirePage.renderer.camera }));
    const bodyOf = (seat) =>
        page.evaluate((wanted) => {
            const { tickwire } = globalThis.tickwirePage;
            const frame = tickwire.frame();

            for (let i = 0; i < frame.count; i++) {
                const kind = tickwire.game.kinds[frame.kind(i)];
                if (kind.isBody && frame.owner(i) === wanted)
                    return { x: frame.word(i, kind.xWord) / tickwire.game.unit, y: frame.word(i, kind.yWord) / tickwire.game.unit };
            }
            return null;
        }, seat);

    await pause(page);
    await page.waitForSelector('#follow option[value="3"]', { state: 'attached' });
    for (const seat of [3, 1]) {
        await page.selectOption('#follow', String(seat));
        await page.waitForFunction((wanted) => {
            const { tickwire, renderer } = globalThis.tickwirePage;
            const frame = tickwire.frame();
            for (let i = 0; i < frame.count; i++) {
                const kind = tickwire.game.kinds[frame.kind(i)];
                if (kind.isBody && frame.owner(i) === wanted)
                    return renderer.camera.x === frame.word(i, kind.xWord) / tickwire.game.unit;
            }
            return false;
        }, seat);
        assert.deepEqual(await camera(), await bodyOf(seat));
    }
    await page.keyboard.press('f');
    const before = await camera();
    await page.keyboard.down('d');
    await page.waitForTimeout(400);
    await page.keyboard.up('d');
    const after = await camera();
    assert.ok(after.x > before.x + 50 && after.y === before.y, `from ${before.x} to ${after.x}`);
    assert.equal(await page.inputValue('#follow'), 'free');
    assert.deepEqual(problems, []);
});

test('a link leads to the moment that was shown', async (t) => {
    const server = await startWithRecordings(t);
    const { page, problems } = await openPage(t, `${server.url}/replay/v1_plain?t=60`, clipboard);

    await pause(page);
    await page.evaluate(() => globalThis.tickwirePage.watch.seek(70));
    await untilTick(page, 70);
    await page.keyboard.press('.');
    await untilTick(page, 71);
    await page.waitForFunction(() => globalThis.tickwirePage.watch.about);
    await page.click('#link');
    const link = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(link, `${server.url}/replay/v1_plain?t=71`);
    const shown = await placesOf(page);
    const other = await page.context().newPage();
    await other.goto(link);
    await waitUntilPlaying(other);
    assert.ok((await playbackOf(other)).tick >= 71);
    await pause(other);
    await other.evaluate(() => globalThis.tickwirePage.watch.seek(71));
    await untilTick(other, 71);
    assert.deepEqual(await placesOf(other), shown);
    assert.deepEqual(problems, []);
});

test('what cannot be watched is said in words', async (t) => {
    const server = await startWithRecordings(t);
    const { page } = await openPage(t, `${server.url}/replay/v1_fields_added`);

    await page.goto(`${server.url}/replay/nobody`);
    await page.waitForSelector('#again:not([hidden])');
    assert.equal(await page.textContent('#reason'), 'there is no such recording');
});
