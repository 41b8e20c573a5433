// The runner's own reader refuses what no server may send, and reads what one may.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventReader, Violation, frame } from './frames.mjs';

/* Reads all events of a stream. */
async function eventsOf(...frames) {
    const stream = Buffer.concat(frames.map((bytes) => Buffer.from(bytes)));
    let at = 0;
    const reader = new EventReader(async (count, inside) => {
        if (at + count > stream.length && !inside) return null;
        assert.ok(at + count <= stream.length, 'the stream ends in a frame');
        return stream.subarray(at, (at += count));
    });
    const events = [];

    for (let event; (event = await reader.next()) !== null; ) events.push(event);
    return events;
}

const breaches = {
    'a masked frame': [frame(1, 'a')],
    'a reserved bit': [[0xc1, 1, 97]],
    'a reserved opcode': [[0x83, 0]],
    'a fragmented ping': [[0x09, 0]],
    'a long pong': [[0x8a, 126, 0, 126, ...Array(126).fill(0)]],
    'a length of 5 in 2 bytes': [[0x82, 126, 0, 5, 1, 2, 3, 4, 5]],
    'a length of 5 in 8 bytes': [[0x82, 127, 0, 0, 0, 0, 0, 0, 0, 5, 1, 2, 3, 4, 5]],
    'a length of 64 bits': [[0x82, 127, 128, 0, 0, 0, 0, 0, 0, 0]],
    'text that is no UTF-8': [[0x81, 1, 0xff]],
    'a continuation of nothing': [[0x80, 0]],
    'a message inside another': [[0x01, 0], [0x81, 0]],
    'a close of one byte': [[0x88, 1, 3]],
    'a close code of nobody': [[0x88, 2, 3, 237]],
    'a reason that is no UTF-8': [[0x88, 3, 3, 232, 0xff]],
    'a frame behind the close': [[0x88, 0], [0x81, 0]],
};

for (const [what, frames] of Object.entries(breaches))
    test(`${what} is a violation`, () => assert.rejects(eventsOf(...frames), Violation));

test('messages in fragments, with a ping between them, and the close', async () => {
    const events = await eventsOf([0x01, 1, 97], [0x89, 1, 112], [0x80, 1, 98], [0x88, 2, 3, 232]);

    assert.deepEqual(events, [
        { kind: 'ping', payload: Buffer.from('p') },
        { kind: 'text', payload: Buffer.from('ab') },
        { kind: 'close', code: 1000, reason: '' },
    ]);
});
