// 9_limits.mjs - RFC 6455 §10.4, §5.2: big messages up to the echo's limit of 16 MiB, in one frame, in
// fragments, in chops, and many in a row.

import { bad, binaryOf, delivered, ending, fails, get, good, long, send, textOf, TEXT, BINARY } from '../case.mjs';
import { binary, fragments, frame, more, text } from '../frames.mjs';

const KIB = 1024, MIB = 1024 * KIB;
const kinds = [['text', TEXT, textOf], ['binary', BINARY, binaryOf]];

const big = Buffer.alloc(16 * MIB);
for (let i = 0; i < big.length; i++) big[i] = 32 + ((i ^ (i >> 7)) % 95); // ASCII, with no short period

const sizes = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const pieces = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const chops = [64, 128, 256, 512, KIB, 2 * KIB];
const roundTrips = [0, 16, 64, 256, KIB, 4 * KIB];

const cut = (bytes, size) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

const inOneFrame = kinds.flatMap(([name, opcode, echo], kind) =>
    sizes.map((size, i) => {
        const one = good(`9.${kind + 1}.${i + 1}`, '5.2', `${name} of ${size / KIB} KiB`,
            (peer, delivery) => send(frame(opcode, big.subarray(0, size)))(peer, delivery),
            get(echo(big.subarray(0, size))));
        return size > MIB ? long(delivered('whole', one)) : delivered('whole', one);
    }));

const inFragments = kinds.flatMap(([name, opcode, echo], kind) =>
    pieces.map((size, i) =>
        long(delivered('whole', good(`9.${kind + 3}.${i + 1}`, '5.4', `${name} of 4 MiB in fragments of ${size}`,
            (peer) => send(...fragments(opcode, cut(big.subarray(0, 4 * MIB), size)))(peer, 'whole'),
            get(echo(big.subarray(0, 4 * MIB))))))));

const inChops = kinds.flatMap(([name, opcode, echo], kind) =>
    chops.map((size, i) =>
        long(delivered(size, good(`9.${kind + 5}.${i + 1}`, '5.2', `${name} of 1 MiB in chops of ${size}`,
            send(frame(opcode, big.subarray(0, MIB))), get(echo(big.subarray(0, MIB))))))));

/* One after the other, each behind the echo of the one before. */
const backAndForth = (opcode, echo, size, count) => async (peer, delivery) => {
    for (let i = 0; i < count; i++) {
        await send(frame(opcode, big.subarray(i, i + size)))(peer, delivery);
        await get(echo(big.subarray(i, i + size)))(peer);
    }
};

const inARow = kinds.flatMap(([name, opcode, echo], kind) =>
    roundTrips.map((size, i) =>
        long(delivered('whole', good(`9.${kind + 7}.${i + 1}`, '5.6', `1000 times ${name} of ${size} bytes`,
            backAndForth(opcode, echo, size, 1000))))));

export default [
    ...inOneFrame,
    ...inFragments,
    ...inChops,
    ...inARow,
    bad('9.50.1', '7.4.1', 'a header of 16 MiB and one byte', 1009, binary('', { length: 16 * MIB + 1 })),
    long(delivered('whole', ending('9.50.2', '7.4.1', 'fragments of 16 MiB, then a header of one byte more',
        (peer) => send(frame(BINARY, big, { fin: false }), more('', { length: 1 }))(peer, 'whole'), fails(1009)))),
    long(delivered('whole', good('9.50.3', '5.4', 'fragments of 16 MiB altogether',
        (peer) => send(...fragments(BINARY, cut(big, MIB)))(peer, 'whole'), get(binaryOf(big))))),
    long(delivered('whole', good('9.51.1', '5.6', 'text of 4 MiB that is no ASCII',
        send(text('🎮'.repeat(MIB))), get(textOf('🎮'.repeat(MIB)))))),
    bad('9.51.2', '8.1', 'a bad byte behind 64 KiB of text, and nothing behind it', 1007,
        text(Buffer.concat([big.subarray(0, 64 * KIB), Buffer.from([0xff])]), { length: MIB })),
    delivered('whole', good('9.52.1', '5.6', '20 messages of 60 KiB in one go',
        send(...Array.from({ length: 20 }, (_, i) => binary(big.subarray(i, i + 60 * KIB)))),
        get(...Array.from({ length: 20 }, (_, i) => binaryOf(big.subarray(i, i + 60 * KIB)))))),
];
