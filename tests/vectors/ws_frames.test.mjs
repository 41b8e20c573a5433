// The golden frames are only golden if others read them as we do: here the npm package `ws` does.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Receiver } from 'ws';

const vectors = JSON.parse(readFileSync(new URL('ws_frames.json', import.meta.url)));

/* The bytes that a list of hex strings and repetitions stands for. */
function bytesOf(parts) {
    return Buffer.concat(
        parts.map((part) =>
            typeof part === 'string' ? Buffer.from(part, 'hex') : Buffer.alloc(part.count, part.repeat, 'hex'),
        ),
    );
}

/* Where `ws` is known to differ, and why: those vectors are ours alone. */
const DIFFERENCES = [
    [(v) => v.rsv1, 'it inflates compressed messages itself'],
    [(v) => v.section === 'limits', 'it bounds fragments in its own way'],
    [(v) => v.breach === 'length not in its shortest form', 'it takes longer forms'],
    [(v) => v.breach === 'length over 63 bits', 'any length over 53 bits is too big for it'],
    [(v) => v.name.startsWith('bad text is refused'), 'it checks UTF-8 at the end of a message'],
];

/* What `ws` makes of the bytes: {events, close}, where `close` is the code it would answer a breach with. */
async function read(vector) {
    const seen = { events: [], close: undefined };
    const push = (kind, payload, more) => seen.events.push({ kind, payload: payload.toString('hex'), ...more });
    const receiver = new Receiver({
        isServer: vector.reader === 'server',
        maxPayload: vector.message_bytes_max ?? 1 << 20,
        allowSynchronousEvents: true,
    });

    receiver.on('message', (data, isBinary) => push(isBinary ? 'binary' : 'text', data));
    receiver.on('ping', (data) => push('ping', data));
    receiver.on('pong', (data) => push('pong', data));
    receiver.on('conclude', (code, reason) => push('close', reason, { code }));
    receiver.on('error', (error) => {
        const codes = Object.getOwnPropertySymbols(error).map((symbol) => error[symbol]);
        seen.close = codes.find((value) => Number.isInteger(value)) ?? error;
    });
    receiver.write(Buffer.from(bytesOf(vector.bytes)));
    await new Promise((resolve) => setImmediate(resolve));
    return seen;
}

for (const vector of vectors) {
    if (DIFFERENCES.some(([applies]) => applies(vector))) continue;
    test(`${vector.section}: ${vector.name}`, async () => {
        const expected = vector.events.map((event) => ({ ...event, payload: bytesOf(event.payload).toString('hex') }));
        const seen = await read(vector);

        assert.deepEqual(seen.events, expected);
        assert.equal(seen.close, vector.close);
    });
}
