// screenshots.mjs - pictures of each screen, to be looked at: make screenshots.
//
//     node tests/e2e/screenshots.mjs [NAME[@SIZE]...]     into build/screenshots/screen-NAME-SIZE.png
//
// Names are those of lib/screens.mjs and of EXTRAS; without any, all of them. Without a size, in all.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openStage, openTab, SCREENS, untilScreen } from '../lib/screens.mjs';
import { buildDir } from '../lib/server.mjs';

const FOLDER = join(buildDir, 'screenshots');
const PHONE = { hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const SIZES = {
    hd: { viewport: { width: 1280, height: 720 } },
    '4k': { viewport: { width: 3840, height: 2160 } },
    phone: { viewport: { width: 390, height: 844 }, ...PHONE },
    'phone-wide': { viewport: { width: 844, height: 390 }, ...PHONE },
};
const FLY_MS = 1500;
const SETTLE_MS = 500;

/* Sets what the settings would be before the page is loaded. */
const choose = (page, settings) =>
    page.addInitScript((text) => localStorage.setItem('tickwire.settings', text), JSON.stringify(settings));

const EXTRAS = {
    async fight(page, { server }) {
        await page.goto(`${server.url}/?room=arena&name=Ada`);
        await untilScreen(page, 'playing');
        await page.mouse.move(900, 300);
        await page.mouse.down();
        await page.keyboard.down('KeyD');
        await page.waitForTimeout(FLY_MS);
        await page.keyboard.press('KeyN');
        await page.keyboard.press('Enter');
        await page.keyboard.type('nice shot');
        await page.keyboard.press('Enter');
    },
    async snake(page, { server }) {
        await page.goto(`${server.url}/?room=grass&name=Ada`);
        await untilScreen(page, 'playing');
    },
    async accessible(page, { server }) {
        await choose(page, { captions: true, palette: 'safe', text_scale: 150, reduced_motion: true, colour: 2 });
        await page.goto(`${server.url}/?room=arena&name=Ada`);
        await untilScreen(page, 'playing');
        await page.mouse.move(700, 300);
        await page.mouse.down();
    },
    async large(page, stage) {
        await choose(page, { text_scale: 200, palette: 'safe' });
        await SCREENS.settings(page, stage);
    },
};

/* What node:test would give: a place for what is to be ended. */
function makeStageOwner() {
    const ends = [];

    return { after: (end) => ends.unshift(end), end: async () => { for (const end of ends) await end(); } };
}

const owner = makeStageOwner();
const all = { ...SCREENS, ...EXTRAS };
const asked = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(all);
const shots = asked.flatMap((shot) => {
    const [name, size] = shot.split('@');

    return (size ? [size] : Object.keys(SIZES)).map((one) => [name, one]);
});

try {
    const stage = await openStage(owner);

    mkdirSync(FOLDER, { recursive: true });
    for (const [name, size] of shots) {
        const { page, close } = await openTab(stage, SIZES[size]);
        const path = join(FOLDER, `screen-${name}-${size}.png`);

        await all[name](page, stage);
        await page.waitForTimeout(SETTLE_MS);
        await page.screenshot({ path });
        console.log(path);
        await close();
    }
} finally {
    await owner.end();
}
process.exit(0);
