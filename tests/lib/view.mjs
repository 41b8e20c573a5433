// view.mjs - the view of all clients, as the page's module, driven from node over a real socket.
//
//     const player = await joinView(t, `${server.wsUrl}/ws/updates`);
//     player.wasm.frame(nowUs());

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { buildDir } from './server.mjs';

const FRAME_MS = 16;
const VIEW_SIZES = [1024, 32, 1024, 1024 * 1024, 4096, 4096]; // entities, pasts, seats, tiles, half x and y

export const nowUs = () => performance.now() * 1000;

/* The module's exports, and `area(at, length)`: bytes of its memory. */
export async function loadView() {
    const { instance } = await WebAssembly.instantiate(readFileSync(join(buildDir, 'web/tickwire.wasm')), {});
    const wasm = instance.exports;

    return { wasm, area: (at, length) => new Uint8Array(wasm.memory.buffer, at, length) };
}

export function initView({ wasm }) {
    assert.ok(wasm.init(...VIEW_SIZES));
}

/* Gives it a message as it came. */
export function receive({ wasm, area }, bytes, us) {
    area(wasm.in_at(), bytes.length).set(bytes);
    return wasm.receive(bytes.length, us);
}

/* A player without a screen: 60 frames a second are computed and nobody looks, until the end of the test. It is
 * in the room when this returns. `onmessage(bytes, us)` hears all that comes. */
export async function joinView(t, url, { onmessage = () => {} } = {}) {
    const view = await loadView();
    const { wasm, area } = view;
    const socket = new WebSocket(url, 'tickwire.v1');

    initView(view);
    socket.binaryType = 'arraybuffer';
    socket.on('open', () => wasm.connect());
    socket.on('message', (data) => {
        const bytes = new Uint8Array(data);
        const us = nowUs();

        onmessage(bytes, us);
        receive(view, bytes, us);
    });
    const timer = setInterval(() => {
        let length;

        while (socket.readyState === WebSocket.OPEN && (length = wasm.poll(nowUs(), socket.bufferedAmount)) > 0) {
            socket.send(area(wasm.out_at(), length).slice());
        }
        wasm.frame(nowUs());
    }, FRAME_MS);

    t.after(() => {
        clearInterval(timer);
        socket.terminate();
    });
    while (!wasm.map_tiles_at()) await sleep(FRAME_MS);
    return view;
}
