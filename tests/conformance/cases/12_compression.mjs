// 12_compression.mjs - RFC 7692: messages of several kinds and sizes, compressed, also in fragments; the
// terms of an agreement; and what a compressed message must not be.

import { answers, bad, binaryOf, closes, delivered, fails, get, good, long, opens, pongOf, raw, request, send,
    textOf } from '../case.mjs';
import { BINARY, CONTINUATION, PING, TEXT, binary, close, frame, more, ping, text } from '../frames.mjs';

const OFFER = 'permessage-deflate';
const MIB = 1 << 20;

/* ---- what is sent: always the same, and each as compressible as its kind is ---- */

function random(seed) {
    let state = seed;

    return () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 8;
    };
}

function repeatTo(bytes, make) {
    const next = random(bytes), parts = [];

    for (let length = 0; length < bytes; length += parts.at(-1).length) parts.push(make(next));
    return Buffer.concat(parts).subarray(0, bytes);
}

const WORDS = 'the state of each tick is sent once and what a player sees is late by the link alone'.split(' ');
const kinds = [
    ['prose', TEXT, (next) => Buffer.from(`${WORDS[next() % WORDS.length]} `)],
    ['noise', BINARY, (next) => Buffer.from(Array.from({ length: 64 }, () => next() & 0xff))],
    ['one byte', BINARY, () => Buffer.alloc(1024, 0x2a)],
    ['JSON', TEXT,
        (next) => Buffer.from(`{"id":${next() % 1000},"x":${next() % 9999},"y":${next() % 9999},"on":true},`)],
    ['HTML', TEXT,
        (next) => Buffer.from(`<li class="row" id="r${next() % 100}">${WORDS[next() % WORDS.length]}</li>\n`)],
].map(([name, opcode, make]) => ({ name, opcode, bytes: repeatTo(MIB, make) }));

/* [bytes of a message, bytes of a fragment; 0: not in fragments] */
const sizes = [
    ...[16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072].map((size) => [size, 0]),
    ...[8192, 16384, 32768, 65536, 131072].map((size) => [size, 256]),
    [131072, 1024], [131072, 4096], [131072, 32768],
];

/* ---- steps ---- */

const opensDeflated = (...offers) => (peer) => peer.openDeflated(offers);

/* A compressed message, in frames of up to `size` bytes of what it is compressed to. */
async function compressed(peer, opcode, payload, size = 0) {
    const whole = await peer.codec.deflate(payload), frames = [];
    const step = size || whole.length;

    for (let at = 0; at < whole.length; at += step)
        frames.push(frame(at === 0 ? opcode : CONTINUATION, whole.subarray(at, at + step),
            { rsv: at === 0 ? 4 : 0, fin: at + step >= whole.length }));
    return frames;
}

const echoOf = (opcode, payload) => (opcode === TEXT ? textOf(payload) : binaryOf(payload));

const exchanges = ({ opcode, bytes }, [size, fragment], count) => async (peer, delivery) => {
    for (let i = 0; i < count; i++) {
        const at = (i * size) % (bytes.length - size);
        const payload = bytes.subarray(at, at + size);

        await peer.send(await compressed(peer, opcode, payload, fragment), delivery);
        await peer.expect(echoOf(opcode, payload));
    }
};

const manyOf = (id, title, offers, kind, size, count) =>
    delivered('whole', raw(id, 'RFC 7692 7',
        `${count} messages of ${size[0]} bytes${size[1] ? ` in fragments of ${size[1]}` : ''}: ${title}`,
        opensDeflated(...offers), exchanges(kind, size, count), closes()));

/* As many as are soon sent, and a thousand where there is time. */
const inBothLengths = (id, title, offers, kind, size) => [
    manyOf(id, title, offers, kind, size, 4),
    long(manyOf(`${id}.1`, title, offers, kind, size, Math.min(1000, Math.ceil(MIB / size[0])))),
];

const terms = {
    'the bare offer': [OFFER],
    'no takeover by the server': [`${OFFER}; server_no_context_takeover`],
    'a server window of 9 bits': [`${OFFER}; server_max_window_bits=9`],
    'a server window of 15 bits': [`${OFFER}; server_max_window_bits=15`],
    'no takeover, 9 bits': [`${OFFER}; server_no_context_takeover; server_max_window_bits=9`],
    'no takeover, 15 bits': [`${OFFER}; server_no_context_takeover; server_max_window_bits=15`],
    'three offers, the first for another server':
        [`${OFFER}; server_no_context_takeover; server_max_window_bits=8`, `${OFFER}; server_no_context_takeover`,
            OFFER],
    'client windows, both ways': [`${OFFER}; client_max_window_bits; client_no_context_takeover`],
    'a client window of 10 bits': [`${OFFER}; client_max_window_bits=10`],
};

/* ---- one message, byte by byte as RFC 7692 §7.2.3 has it ---- */

const hex = (digits) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const deflated = (bytes, options) => text(bytes, { rsv: 4, ...options });

const agreed = (id, section, title, ...steps) => raw(id, `RFC 7692 ${section}`, title, opensDeflated(OFFER), ...steps);
const inflates = (id, section, title, digits, payload) =>
    agreed(id, section, title, send(deflated(hex(digits))), get(textOf(payload)), closes());
const refuses = (id, section, title, code, ...frames) => agreed(id, section, title, send(...frames), fails(code));
const HELLO = 'f2 48 cd c9 c9 07 00';

const lengthAndItsComplement = (length) =>
    Buffer.from([length & 255, length >> 8, ~length & 255, (~length >> 8) & 255]);

/* A sync-flushed stream of a stored block. */
const stored = (payload) =>
    Buffer.concat([hex('00'), lengthAndItsComplement(payload.length), payload, hex('00')]);

async function bombOf(peer, bytes) {
    return compressed(peer, BINARY, Buffer.alloc(bytes));
}

/* ---- the offer ---- */

const declined = (id, title, offer) =>
    raw(id, 'RFC 7692 7.1', `declined: ${title}`, request({ 'Sec-WebSocket-Extensions': offer }), opens(),
        send(text('plain')), get(textOf('plain')), closes());
const accepted = (id, title, ...offers) =>
    raw(id, 'RFC 7692 7.1', `accepted: ${title}`, opensDeflated(...offers), closes());

export default [
    ...kinds.flatMap((kind, k) =>
        sizes.flatMap((size, i) => inBothLengths(`12.${k + 1}.${i + 1}`, kind.name, [OFFER], kind, size))),
    ...Object.entries(terms).flatMap(([title, offers], k) =>
        sizes.flatMap((size, i) => inBothLengths(`13.${k + 1}.${i + 1}`, title, offers, kinds[3], size))),

    inflates('12.50.1', '7.2.3.1', 'one compressed block', HELLO, 'Hello'),
    inflates('12.50.2', '7.2.3.3', 'a block with no compression', '00 05 00 fa ff 48 65 6c 6c 6f 00', 'Hello'),
    inflates('12.50.3', '7.2.3.4', 'a final block', 'f3 48 cd c9 c9 07 00 00', 'Hello'),
    inflates('12.50.4', '7.2.3.5', 'two blocks in one message', 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00', 'Hello'),
    inflates('12.50.5', '7.2.3.6', 'an empty message', '00', ''),
    agreed('12.50.6', '7.2.3.1', 'a compressed message in two fragments',
        send(deflated(hex('f2 48 cd'), { fin: false }), more(hex('c9 c9 07 00'))), get(textOf('Hello')), closes()),
    agreed('12.50.7', '6.1', 'a message that is not compressed', send(text('plain')), get(textOf('plain')), closes()),
    agreed('12.50.8', '6.1', 'compressed and not, one behind the other',
        send(text('plain'), deflated(hex(HELLO)), text('plain'), binary('x')),
        get(textOf('plain'), textOf('Hello'), textOf('plain'), binaryOf('x')), closes()),
    agreed('12.50.9', '6.1', 'a ping between compressed fragments is not compressed',
        send(deflated(hex('f2 48 cd'), { fin: false }), ping('p'), more(hex('c9 c9 07 00'))),
        get(pongOf('p'), textOf('Hello')), closes()),
    agreed('12.50.10', '6.1', 'compressed fragments of a byte, empty ones between',
        send(deflated('', { fin: false }), ...Array.from(hex(HELLO), (byte) => more([byte], { fin: false })), more('')),
        get(textOf('Hello')), closes()),
    agreed('12.50.11', '7.2.2', 'a character in two stored blocks',
        send(deflated(Buffer.concat([stored(hex('e2 82')).subarray(0, -1), stored(hex('ac'))]))),
        get(textOf('€')), closes()),

    refuses('12.51.1', '6.1', 'RSV1 on a continuation', 1002, deflated(hex('f2 48 cd'), { fin: false }),
        more(hex('c9'), { rsv: 4 })),
    refuses('12.51.2', '6.1', 'RSV1 on a ping', 1002, frame(PING, 'p', { rsv: 4 })),
    refuses('12.51.3', '6.1', 'RSV1 on a close', 1002, frame(8, [3, 232], { rsv: 4 })),
    refuses('12.51.4', '6.1', 'RSV1 on an opcode that is reserved', 1002, frame(3, 'x', { rsv: 4 })),
    refuses('12.51.5', '6.1', 'RSV1 and RSV2', 1002, text(hex(HELLO), { rsv: 6 })),
    refuses('12.51.6', '6.1', 'RSV3 alone', 1002, text('x', { rsv: 1 })),
    refuses('12.52.1', '7.2.2', 'a block of a type that is none', 1007, deflated(hex('06 00'))),
    refuses('12.52.2', '7.2.2', 'a stored block whose lengths differ', 1007,
        deflated(hex('00 05 00 00 00 48 65 6c 6c 6f'))),
    refuses('12.52.3', '7.2.2', 'a distance beyond the start', 1007, deflated(hex('4a 04 12 00'))),
    refuses('12.52.4', '8.1', 'inflated text that is no UTF-8', 1007, deflated(stored(hex('61 ff 62')))),
    refuses('12.52.5', '8.1', 'inflated text that ends inside a character', 1007, deflated(stored(hex('e2 82')))),
    bad('12.52.6', '5.2', 'RSV1 where nothing was agreed on', 1002, deflated(hex(HELLO))),
    agreed('12.53.1', '8', '16 MiB in 16 KiB', async (peer) => {
        await peer.send(await bombOf(peer, 16 * MIB), 'whole');
        await peer.expect(binaryOf(Buffer.alloc(16 * MIB)));
    }, closes()),
    agreed('12.53.2', '8', '16 MiB and one byte in 16 KiB', async (peer) => {
        await peer.send(await bombOf(peer, 16 * MIB + 1), 'whole');
    }, fails(1009)),
    agreed('12.53.3', '8', 'a bad message behind a good one',
        send(deflated(hex(HELLO)), deflated(hex('06 00')), close(1000)), get(textOf('Hello')), fails(1007)),

    declined('12.60.1', 'a parameter that nobody knows', `${OFFER}; x=1`),
    declined('12.60.2', 'a parameter twice', `${OFFER}; server_no_context_takeover; server_no_context_takeover`),
    declined('12.60.3', 'a flag with a value', `${OFFER}; server_no_context_takeover=1`),
    declined('12.60.4', 'a server window without a value', `${OFFER}; server_max_window_bits`),
    ...['7', '16', '08', '0', '-9', '1e1', '100'].map((bits, i) =>
        declined(`12.60.${i + 5}`, `a server window of ${bits}`, `${OFFER}; server_max_window_bits=${bits}`)),
    ...['7', '16', '010'].map((bits, i) =>
        declined(`12.60.${i + 12}`, `a client window of ${bits}`, `${OFFER}; client_max_window_bits=${bits}`)),
    declined('12.60.15', 'an older name', 'x-webkit-deflate-frame, permessage-compress; method=deflate'),
    accepted('12.61.1', 'the bare offer', OFFER),
    accepted('12.61.2', 'behind one that nobody knows', 'x-other; a=b', OFFER),
    accepted('12.61.3', 'behind one that is declined', `${OFFER}; x=1`, OFFER),
    accepted('12.61.4', 'a value in quotes', `${OFFER}; server_max_window_bits="10"`),
    accepted('12.61.5', 'all parameters',
        `${OFFER}; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11; client_max_window_bits=12`),
    ...[9, 10, 11, 12, 13, 14, 15].map((bits, i) =>
        accepted(`12.61.${i + 6}`, `a server window of ${bits}`, `${OFFER}; server_max_window_bits=${bits}`)),
    raw('12.62.1', 'RFC 6455 9.1', 'a list that is none',
        request({ 'Sec-WebSocket-Extensions': `${OFFER}; =` }), answers(400)),
    good('12.63.1', '9.1', 'without an offer nothing is compressed', send(text('long '.repeat(1000))),
        get(textOf('long '.repeat(1000)))),
];
