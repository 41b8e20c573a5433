// display.mjs - a display of its own for a program with a window: keys go in, pictures come out.
//
//     const display = await startDisplay(t);
//     spawnProgram('tickwire-client', [...], { env: display.env });
//     display.key('Return');
//     await display.until((picture) => share(picture, isNear([0x5f, 0xf0, 0xd0])) > 0.001, 'the title');
//
// Xvfb draws into a file, in the format of xwd (X11/XWDFile.h), which is read as it is.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SIZE = [1280, 720];
const POLL_MS = 100;
const PATIENCE_MS = 30000;
const COLOUR_BYTES = 12;
const WORD = { header: 0, width: 4, height: 5, stride: 12, colours: 19 };

/* Reads a picture of 32 bits a pixel: {width, height, at(x, y) → [r, g, b]}. */
function readXwd(file) {
    const bytes = readFileSync(file);
    const word = (i) => bytes.readUInt32BE(4 * i);
    const start = word(WORD.header) + COLOUR_BYTES * word(WORD.colours);
    const stride = word(WORD.stride);

    return {
        width: word(WORD.width),
        height: word(WORD.height),
        at: (x, y) => {
            const i = start + y * stride + 4 * x;

            return [bytes[i + 2], bytes[i + 1], bytes[i]];
        },
    };
}

/* Whether a colour is `a`, as good as. */
export const isNear = (a, by = 3) => (b) => a.every((value, i) => Math.abs(value - b[i]) <= by);

/* The share of pixels that `holds` of, on a grid laid over a part of the picture (default: all). */
export function share({ width, height, at }, holds, { x0 = 0, y0 = 0, x1 = width, y1 = height, step = 3 } = {}) {
    let count = 0;
    let all = 0;

    for (let y = y0; y < y1; y += step) {
        for (let x = x0; x < x1; x += step, all++) count += holds(at(x, y)) ? 1 : 0;
    }
    return count / all;
}

/* Starts an Xvfb for the test `t`, which it does not outlive. */
export async function startDisplay(t) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-display-'));
    const xvfb = spawn('Xvfb', ['-displayfd', '3', '-fbdir', dir, '-nolisten', 'tcp', '-screen', '0', `${SIZE.join('x')}x24`], {
        stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });

    t.after(async () => {
        if (xvfb.exitCode === null) {
            xvfb.kill();
            await once(xvfb, 'exit');
        }
        rmSync(dir, { recursive: true });
    });
    const [number] = await once(xvfb.stdio[3], 'data');
    const env = { DISPLAY: `:${String(number).trim()}` };
    const xdotool = (...args) => execFileSync('xdotool', args, { env: { ...process.env, ...env } });
    const picture = () => readXwd(join(dir, 'Xvfb_screen0'));

    /* Waits until `holds(picture)`, and answers the picture. */
    async function until(holds, what) {
        for (const endMs = Date.now() + PATIENCE_MS; Date.now() < endMs; await sleep(POLL_MS)) {
            const now = picture();

            if (holds(now)) return now;
        }
        throw new Error(`the display never showed ${what}`);
    }

    return {
        env,
        picture,
        until,
        key: (...names) => names.forEach((name) => xdotool('key', name)),
        hold: (name) => xdotool('keydown', name),
        release: (name) => xdotool('keyup', name),
        type: (text) => xdotool('type', '--delay', '10', text),
        erase: (count) => xdotool('key', '--repeat', String(count), '--delay', '5', 'BackSpace'),
        point: (x, y) => xdotool('mousemove', String(x), String(y)),
        focus: (title) => xdotool('search', '--name', title, 'windowfocus'),
        unfocus: () => xdotool('windowfocus', '0'), // to no window: keys go nowhere
    };
}
