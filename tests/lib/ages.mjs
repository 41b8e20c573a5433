// ages.mjs - how old what a client sees is, told by another one that nothing slows down.

import { setTimeout as sleep } from 'node:timers/promises';
import { joinJson } from './clients.mjs';

const SAMPLE_MS = 10;

export function median(values) {
    return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/* So many of 1000 values are not larger. */
export function quantile(values, perMille) {
    return [...values].sort((a, b) => a - b)[Math.floor(((values.length - 1) * perMille) / 1000)];
}

/* A client that notes when each tick came; its ageOf(tick) is how long ago that was, in ms. */
export async function startReference(t, server, options) {
    const seenAt = new Map();
    const reference = await joinJson(t, `${server.wsUrl}/ws/updates?spectate=1`, options);

    reference.socket.on('message', () => {
        if (!seenAt.has(reference.tick)) seenAt.set(reference.tick, performance.now());
    });
    reference.ageOf = (tick) => {
        for (let at = tick; at <= reference.tick; at += 1) {
            if (seenAt.has(at)) return performance.now() - seenAt.get(at);
        }
        return 0;
    };
    return reference;
}

/* The ages of what `client` has, each 10 ms for so long. */
export async function sampleAges(client, reference, durationMs) {
    const ages = [];
    const end = performance.now() + durationMs;

    while (performance.now() < end) {
        ages.push(reference.ageOf(client.tick));
        await sleep(SAMPLE_MS);
    }
    return ages;
}

/* What a JSON client gets, in bytes a second of uncompressed text. */
export async function bytesPerSecond(client, durationMs) {
    const before = client.bytes.length;

    await sleep(durationMs);
    return (client.bytes.slice(before).reduce((sum, n) => sum + n, 0) * 1000) / durationMs;
}
