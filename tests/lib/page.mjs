// page.mjs - the game's page in a browser, for a test: where the own body is drawn, and what goes wrong.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser } from './browser.mjs';
import { buildDir } from './server.mjs';

const PLAY_TIMEOUT_MS = 20000;

/* Opens `url` and waits until the page plays. `problems` collects the console's errors and exceptions. */
export async function openPage(t, url, { browserOptions, ...contextOptions } = {}) {
    const browser = await launchBrowser(t, browserOptions);
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...contextOptions });
    const page = await context.newPage();
    const problems = [];

    page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.stack));
    await page.goto(url);
    await waitUntilPlaying(page);
    return { browser, page, problems };
}

export async function waitUntilPlaying(page) {
    await page.waitForSelector('body[data-screen="playing"]', { timeout: PLAY_TIMEOUT_MS });
}

/* Where the own body was drawn last, in units. */
export const ownPlace = (page) => page.evaluate(() => ({ ...globalThis.tickwirePage.renderer.camera }));

export const linkStats = (page) => page.evaluate(() => globalThis.tickwirePage.tickwire.stats());

export function distance(a, b) {
    return Math.hypot(b.x - a.x, b.y - a.y);
}

/* Keeps a picture of the page in the build's folder, to be looked at. */
export async function keepScreenshot(page, name) {
    const folder = join(buildDir, 'screenshots');

    mkdirSync(folder, { recursive: true });
    const bytes = await page.screenshot({ path: join(folder, `${name}.png`) });

    assert.ok(bytes.length > 10000, 'the picture is not blank');
}

/* Holds the keys down for `ms`, and looks how far the own body has come. */
export async function holdKeys(page, codes, ms) {
    const before = await ownPlace(page);

    for (const code of codes) await page.keyboard.down(code);
    await page.waitForTimeout(ms);
    for (const code of codes) await page.keyboard.up(code);
    return distance(before, await ownPlace(page));
}

/* Flies to and fro, in whatever direction there is room, until a way of `units` was made. */
export async function flySomewhere(page, units) {
    for (let attempt = 0; attempt < 12; attempt++) {
        const code = ['KeyD', 'KeyW', 'KeyA', 'KeyS'][attempt % 4];

        if ((await holdKeys(page, [code], 400)) >= units) return;
    }
    assert.fail(`the own body does not move ${units} units`);
}
