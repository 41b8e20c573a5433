// The page's screens, one after the other against one server: what each says, an audit of each by axe-core,
// and the ways on from it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { audit, openStage, openTab, SCREENS, untilScreen } from '../lib/screens.mjs';
import { startServer } from '../lib/server.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TABS = 30; // more than a dialog has to step through in a row
const COLOURS_DRAWN = 30; // a blank field has one or two

const textOf = (page, selector) => page.textContent(selector);

/* What is drawn: {sum}, which differs with the picture, and how many {colours} it has. */
const pictureOf = (page) =>
    page.evaluate(() => {
        const { width, height } = document.querySelector('#field');
        const { data } = document.querySelector('#field').getContext('2d').getImageData(0, 0, width, height);
        const pixels = new Uint32Array(data.buffer);

        return { sum: pixels.reduce((sum, pixel) => (Math.imul(sum, 31) + pixel) | 0, 0), colours: new Set(pixels).size };
    });

/* What each screen says, where it says something; those that try again do so at any moment. */
const SAYS = {
    connecting: { state: /^Connecting…$/ },
    reconnecting: { state: /Connection lost|Connecting again/, reason: /broke/ },
    full: { state: /No place for now|Connecting again/, reason: /full/ },
    closing: { state: /closing|Connecting again/, reason: /./ },
    kicked: { state: /You are out/, reason: /joined from another connection/ },
    ended: { state: /over/, reason: /no such room/ },
};

/* Choices hold at once, and after the page was loaded anew. */
async function checkSettings(page) {
    const shown = () =>
        page.evaluate(() => ({
            size: Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
            isCalm: document.body.classList.contains('calm'),
            kept: JSON.parse(localStorage.getItem('tickwire.settings')),
        }));

    await page.fill('#set-text', '150');
    await page.selectOption('#set-palette', 'safe');
    await page.check('[data-key=reduced_motion]');
    for (const again of [false, true]) {
        if (again) await page.reload();
        const { size, isCalm, kept } = await shown();

        assert.equal(size, 24);
        assert.ok(isCalm);
        assert.deepEqual([kept.text_scale, kept.palette, kept.reduced_motion], [150, 'safe', true]);
    }
    await page.click('#play');
    await untilScreen(page, 'playing');
    const own = await page.evaluate(() => {
        const { look, tickwire } = globalThis.tickwirePage;

        return [look.seatColour(tickwire.game.seat, tickwire.game.seat), look.data.palette.safe.own];
    });
    assert.equal(own[0], own[1]);
}

/* A dialog keeps the focus, and Escape gives it back. */
async function checkFocus(page) {
    await page.click('#menu-settings');
    for (let i = 0; i < TABS; i++) {
        await page.keyboard.press('Tab');
        assert.ok(
            await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog[open]') !== null),
            `after ${i + 1} steps`,
        );
    }
    await page.keyboard.press('Escape');
    assert.ok(await page.isHidden('#settings'));
    assert.equal(await page.evaluate(() => document.activeElement.id), 'field');
}

/* It counts down over the last picture, and is back by itself, with a picture of its own. */
async function checkReturn(page, stage) {
    const picture = await pictureOf(page);

    await page.waitForFunction(() => {
        const left = Number.parseFloat(document.querySelector('#countdown').textContent);

        globalThis.mostLeft = Math.max(globalThis.mostLeft ?? 0, left || 0);
        return left < globalThis.mostLeft;
    });
    assert.deepEqual(await pictureOf(page), picture);
    assert.ok(picture.colours > COLOURS_DRAWN);
    const shade = await page.evaluate(() => getComputedStyle(document.querySelector('#curtain')).backgroundColor);
    assert.ok(Number(/([\d.]+)\)$/.exec(shade)[1]) < 0.6, `the picture is seen through ${shade}`);
    stage.link.mend();
    await page.click('#again');
    await untilScreen(page, 'playing');
    assert.equal(await textOf(page, '#announcement'), 'Back in your seat');
    assert.ok((await pictureOf(page)).colours > COLOURS_DRAWN);
}

/* The ways on, by screen; `led` is what the way to it has answered. */
const THEN = {
    settings: checkSettings,
    menu: checkFocus,
    reconnecting: checkReturn,
    async closing(page, { t }, led) {
        await startServer(t, { args: ['--listen', `127.0.0.1:${led.port}`, '--room', 'arena,bots=0'] });
        await untilScreen(page, 'playing');
    },
    async full(page) {
        await page.click('#watch-on');
        await untilScreen(page, 'playing');
        assert.ok(await page.isVisible('#watch'));
    },
    async ended(page) {
        await page.click('#leave');
        await untilScreen(page, 'start');
        await page.waitForSelector('#rooms li');
    },
};

test('the page', async (t) => {
    const stage = await openStage(t);

    for (const [screen, lead] of Object.entries(SCREENS)) {
        await t.test(`${screen}: says what it should, passes the audit, and leads on`, async () => {
            const { page, close } = await openTab(stage);
            const led = await lead(page, stage);

            for (const [id, pattern] of Object.entries(SAYS[screen] ?? {})) assert.match(await textOf(page, `#${id}`), pattern);
            assert.deepEqual(await audit(page, AXE), []);
            await THEN[screen]?.(page, stage, led);
            await close();
        });
    }

    await t.test('by keys alone into a room with a name and a colour, and by the browser back', async () => {
        const { page, problems, close } = await openTab(stage);

        await page.goto(stage.server.url);
        await page.waitForSelector('#rooms li');
        assert.deepEqual(await page.$$eval('#rooms b', (rooms) => rooms.map((b) => b.textContent)), ['arena', 'duel', 'grass', 'quiet']);
        assert.match(await textOf(page, '#rooms li:nth-child(2)'), /full: 1 of 1 players/);
        await page.keyboard.type('Ada');
        for (const key of ['Tab', 'ArrowRight', 'ArrowRight', 'Tab', 'Enter']) await page.keyboard.press(key);
        await untilScreen(page, 'playing');
        assert.equal(new URL(page.url()).search, '?room=arena');
        await page.waitForFunction(() => {
            const { tickwire } = globalThis.tickwirePage;

            return tickwire.name(tickwire.game.seat) === 'Ada' && tickwire.colour(tickwire.game.seat) === 2;
        });
        await page.goBack();
        await untilScreen(page, 'start');
        assert.equal(await page.inputValue('#name'), 'Ada');
        assert.ok(await page.isHidden('#hud'));
        assert.deepEqual(problems, []);
        await close();
    });

    await t.test('where rooms are not told, the name of one leads there', async () => {
        const server = await startServer(t, { args: ['--room', 'arena,bots=0', '--room', 'den,bots=0', '--rooms-public=false'] });
        const elsewhere = { extraHTTPHeaders: { 'X-Forwarded-For': '203.0.113.7' }, reducedMotion: 'reduce' };
        const { page, close } = await openTab(stage, elsewhere);

        await page.goto(server.url);
        assert.ok(await page.evaluate(() => document.body.classList.contains('calm')), 'as the system asks');
        await page.waitForFunction(() => /type the name/.test(document.querySelector('#rooms-none').textContent));
        await page.fill('#other-room', 'den');
        await page.keyboard.press('Enter');
        await untilScreen(page, 'playing');
        assert.equal(await textOf(page, '#room'), 'den');
        await close();
    });
});
