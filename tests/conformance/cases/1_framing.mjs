// 1_framing.mjs - RFC 6455 §5.2, §5.3, §5.6: messages of every length that changes the header, masks.

import { bad, closes, delivered, echoed, ending, fails, get, good, quiet, send, textOf, binaryOf, TEXT,
    BINARY } from '../case.mjs';
import { binary, frame, text } from '../frames.mjs';

const star = (length) => Buffer.alloc(length, '*');
const byte = (length) => Buffer.alloc(length, 0xfe);
const sizes = [0, 125, 126, 127, 128, 65535, 65536];

/* Bytes that show where one is lost, doubled or unmasked with the wrong byte of the key. */
const counted = (length) => Buffer.from(Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff));

/* A length in more bytes than it needs. */
const wide = (opcode, length, form) => frame(opcode, star(length), { form });
const oversized = (length) => frame(BINARY, 'a', { form: 8, length });

export default [
    ...sizes.map((size, i) => echoed(`1.1.${i + 1}`, '5.6', `a text of ${size} bytes`, TEXT, star(size))),
    delivered(997, echoed('1.1.8', '5.6', 'a text of 65536 bytes in chops of 997', TEXT, star(65536))),
    ...sizes.map((size, i) => echoed(`1.2.${i + 1}`, '5.6', `binary of ${size} bytes`, BINARY, byte(size))),
    delivered(997, echoed('1.2.8', '5.6', 'binary of 65536 bytes in chops of 997', BINARY, byte(65536))),

    ...[1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 1000, 16383, 16384, 16385].map((size, i) =>
        echoed(`1.50.${i + 1}`, '5.3', `${size} different bytes`, BINARY, counted(size))),

    good('1.51.1', '5.3', 'a key of zeros', send(binary(counted(100), { key: Buffer.alloc(4) })),
        get(binaryOf(counted(100)))),
    good('1.51.2', '5.3', 'a key of ones', send(binary(counted(100), { key: Buffer.alloc(4, 0xff) })),
        get(binaryOf(counted(100)))),
    good('1.51.3', '5.3', 'another key for each frame',
        send(...[1, 2, 3, 4].map((i) => text(`message ${i}`, { key: Buffer.from([i, 2 * i, 3 * i, 255 - i]) }))),
        get(...[1, 2, 3, 4].map((i) => textOf(`message ${i}`)))),

    bad('1.52.1', '5.1', 'an unmasked text', 1002, text('a', { key: null })),
    bad('1.52.2', '5.1', 'an unmasked empty binary', 1002, binary('', { key: null })),
    bad('1.52.3', '5.1', 'an unmasked ping', 1002, frame(9, 'a', { key: null })),
    bad('1.52.4', '5.1', 'an unmasked close', 1002, frame(8, [3, 232], { key: null })),
    bad('1.52.5', '5.1', 'an unmasked text of 65536 bytes, its header alone', 1002,
        text('', { key: null, length: 65536 })),
    ending('1.52.6', '5.1', 'a masked text, then an unmasked one',
        send(text('good'), text('bad', { key: null })), get(textOf('good')), fails(1002)),

    ...[0, 1, 125].map((size, i) =>
        bad(`1.53.${i + 1}`, '5.2', `a length of ${size} in 2 bytes`, 1002, wide(TEXT, size, 2))),
    ...[0, 1, 125, 126, 65535].map((size, i) =>
        bad(`1.53.${i + 4}`, '5.2', `a length of ${size} in 8 bytes`, 1002, wide(BINARY, size, 8))),
    bad('1.53.9', '5.2', 'a length of 64 bits', 1002, oversized(1n << 63n)),
    bad('1.53.10', '5.2', 'a length of all ones', 1002, oversized((1n << 64n) - 1n)),
    bad('1.53.11', '5.2', 'a length of 63 bits is allowed, but too big', 1009, oversized((1n << 63n) - 1n)),
    bad('1.53.12', '5.2', 'a length of 2 to the 32', 1009, oversized(1n << 32n)),
    bad('1.53.13', '5.2', 'a length of 2 to the 32 and one', 1009, oversized((1n << 32n) + 1n)),

    good('1.54.1', '5.2', 'a frame waits for its last byte',
        send(text('wait').subarray(0, -1)), quiet(60), send(text('wait').subarray(-1)), get(textOf('wait'))),
    ...[1, 2, 5].map((cut, i) =>
        good(`1.54.${i + 2}`, '5.2', `a frame waits behind its first ${cut} bytes`,
            send(text('wait').subarray(0, cut)), quiet(60), send(text('wait').subarray(cut)), get(textOf('wait')))),
    ...Array.from({ length: 12 }, (_, i) => i + 1).map((step) =>
        delivered(step, echoed(`1.55.${step}`, '5.2', `binary of 300 bytes in chops of ${step}`, BINARY,
            counted(300)))),
    delivered('whole', good('1.55.13', '5.2', '1000 messages in one segment',
        send(...Array(1000).fill(text('.'))), get(...Array(1000).fill(textOf('.'))))),
    ending('1.56.1', '7.1.1', 'nothing but a close', closes()),
];
