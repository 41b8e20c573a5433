// The page that client/README.md shows of another game, as it stands there: it plays, hears what happens, and
// shows a recording.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { launchBrowser } from '../lib/browser.mjs';
import { JsonClient } from '../lib/clients.mjs';
import { makeExample } from '../lib/library.mjs';
import { scratchFolder } from '../lib/recordings.mjs';
import { startServer } from '../lib/server.mjs';

const GOLDEN = new URL('../vectors/recordings/v2_plain.db', import.meta.url).pathname;
const COLOURS = ['#f4f0d8', '#ff7a6b', '#5fb8ff', '#ffcf4d', '#c58bff']; // of the example
const PICTURE_MS = 20000;
const PLAYBACK = 7; // a message's type: shared/PROTOCOL.md

/* How many pixels of the picture have that colour. */
const pixelsOf = (page, colour) =>
    page.evaluate((hex) => {
        const canvas = document.querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
        let pixels = 0;

        for (let i = 0; i < data.length; i += 4) pixels += data[i] === r && data[i + 1] === g && data[i + 2] === b ? 1 : 0;
        return pixels;
    }, colour);

const until = (page, find, ...values) => page.waitForFunction(find, values, { timeout: PICTURE_MS });
const isDrawn = () => document.querySelector('canvas')?.width > 300;

async function open(t, url) {
    const browser = await launchBrowser(t);
    const page = await browser.newPage();
    const problems = [];

    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.stack));
    await page.goto(url);
    await until(page, isDrawn);
    return { page, problems };
}

test("another game's page plays, and shows a recording", async (t) => {
    const root = makeExample(t);
    const recordings = join(scratchFolder(t), 'recordings');
    mkdirSync(recordings);
    copyFileSync(GOLDEN, join(recordings, 'v2_plain.db'));
    const args = ['--web-root', root, '--record', recordings, '--room', 'pond,game=snake,bots=5', '--spectate-delay-ms', '0'];
    const server = await startServer(t, { args });
    const { page, problems } = await open(t, `${server.url}/example.html`);
    const other = new JsonClient(t, `${server.wsUrl}/ws/updates?spectate=1`);

    // The name and the colour that it asked for are told to others.
    await other.until((c) => Object.values(c.names).includes('Ada'), 'its name', PICTURE_MS);
    const [seat] = Object.entries(other.names).find(([, name]) => name === 'Ada');
    assert.equal(other.colours[seat], 3);
    await until(page, () => document.querySelector('p').textContent !== 'connecting');
    assert.ok((await pixelsOf(page, COLOURS[3])) > 0, 'its own body, in its own colour');

    // It steers: the way that its head takes turns into each direction held.
    const headOf = () => Object.values(other.entities).find(({ kind, owner }) => kind === 'head' && owner === Number(seat));
    other.say({ type: 'camera', seat: Number(seat) });
    await other.until(headOf, 'its head');
    for (const [key, axis] of [['ArrowUp', 'y'], ['ArrowLeft', 'x'], ['ArrowDown', 'y'], ['ArrowRight', 'x']]) {
        const before = headOf()?.heading;

        await page.keyboard.press(key);
        if (axis === 'y') await other.until(() => headOf()?.heading !== before, `a turn by ${key}`);
    }
    // What happens is told by the game's events, with the names of players.
    await until(page, () => /^(eat|death) \S/.test(document.querySelector('p').textContent));

    // A recording, as it is told where it stands.
    let playback = {};
    page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
            if (payload[0] === PLAYBACK) playback = { tick: payload.readUInt32LE(9), isPaused: (payload[14] & 1) !== 0 };
        }));
    const told = async (find, what) => {
        for (let waited = 0; !find(playback); waited += 20) {
            assert.ok(waited < PICTURE_MS, what);
            await page.waitForTimeout(20);
        }
    };
    await page.goto(`${server.url}/example.html?replay=v2_plain`);
    await until(page, isDrawn);
    await page.keyboard.press('Home');
    await told(({ tick, isPaused }) => tick === 1 && !isPaused, 'it is at the beginning');
    await page.keyboard.press('Space');
    await told(({ isPaused }) => isPaused, 'it is paused');
    const drawn = await Promise.all(COLOURS.map((colour) => pixelsOf(page, colour)));
    assert.ok(drawn.some((pixels) => pixels > 0), 'whom the camera follows');
    await page.keyboard.press('Space');
    await told(({ isPaused }) => !isPaused, 'it goes on');
    assert.deepEqual(problems.filter((text) => !/Failed to load/.test(text)), []);
});
