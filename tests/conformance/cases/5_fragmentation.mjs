// 5_fragmentation.mjs - RFC 6455 §5.4, §5.5: messages in pieces, and control frames between them.

import { bad, binaryOf, delivered, ending, fails, get, good, pongOf, quiet, send, textOf } from '../case.mjs';
import { BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, closePayload, fragments, frame, more, ping,
    text } from '../frames.mjs';

const two = fragments(TEXT, ['fragment1', 'fragment2']);
const both = textOf('fragment1fragment2');
const around = [two[0], ping('ping'), two[1]];
const five = fragments(TEXT, ['fragment1', 'fragment2', 'fragment3', 'fragment4', 'fragment5']);
const whole = textOf('fragment1fragment2fragment3fragment4fragment5');
const withPings = [five[0], five[1], ping('pongme 1!'), five[2], five[3], ping('pongme 2!'), five[4]];

const inThreeWays = (ids, make) => [make(ids[0]), delivered('frames', make(ids[1])), delivered('bytes', make(ids[2]))];

const lone = (id, fin) =>
    bad(id, '5.4', `a continuation ${fin ? 'with' : 'without'} FIN of no message, then a text`, 1002,
        more('non-continuation payload', { fin }), text('Hello, world!'));

const loneBehind = (id, fin) =>
    ending(id, '5.4', `a text in two fragments, then a continuation ${fin ? 'with' : 'without'} FIN of no message`,
        send(...two, more('fragment3', { fin }), text('fragment4')), get(both), fails(1002));

const split = (payload, size) => {
    const pieces = [];
    for (let at = 0; at < payload.length; at += size) pieces.push(payload.subarray(at, at + size));
    return pieces;
};
const sample = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251));

export default [
    bad('5.1', '5.5', 'a ping in two fragments', 1002, ...fragments(PING, ['fragment1', 'fragment2'])),
    bad('5.2', '5.5', 'a pong in two fragments', 1002, ...fragments(PONG, ['fragment1', 'fragment2'])),
    ...inThreeWays(['5.3', '5.4', '5.5'], (id) => good(id, '5.4', 'a text in two fragments', send(...two), get(both))),
    ...inThreeWays(['5.6', '5.7', '5.8'], (id) =>
        good(id, '5.4', 'a text in two fragments, a ping between them', send(...around), get(pongOf('ping'), both))),
    ...inThreeWays(['5.9', '5.10', '5.11'], (id) => lone(id, true)),
    ...inThreeWays(['5.12', '5.13', '5.14'], (id) => lone(id, false)),
    loneBehind('5.15', false),
    bad('5.16', '5.4', 'a continuation without FIN before each of two texts', 1002,
        more('fragment1', { fin: false }), ...two, more('fragment1', { fin: false }), ...two),
    bad('5.17', '5.4', 'a continuation with FIN before each of two texts', 1002, more('fragment1'), ...two,
        more('fragment1'), ...two),
    bad('5.18', '5.4', 'two fragments that both begin a text', 1002, two[0], text('fragment2')),
    good('5.19', '5.4', 'five fragments with pings, and a pause after the second',
        send(...withPings.slice(0, 3)), get(pongOf('pongme 1!')), quiet(60),
        send(...withPings.slice(3)), get(pongOf('pongme 2!'), whole)),
    delivered('frames', good('5.20', '5.4', 'five fragments with pings, frame by frame',
        send(...withPings), get(pongOf('pongme 1!'), pongOf('pongme 2!'), whole))),

    bad('5.50.1', '5.4', 'two fragments that begin a text and a binary', 1002, two[0], frame(BINARY, 'x')),
    bad('5.50.2', '5.4', 'two fragments that begin a text, neither with FIN', 1002, two[0], two[0]),
    bad('5.50.3', '5.4', 'a continuation of no message, its header alone', 1002, more('', { length: 100 })),
    bad('5.50.4', '5.4', 'an empty continuation of no message', 1002, more()),
    bad('5.50.5', '5.5', 'a close without FIN', 1002, frame(CLOSE, closePayload(1000), { fin: false })),
    bad('5.50.6', '5.5', 'an empty ping without FIN', 1002, frame(PING, '', { fin: false })),
    bad('5.50.7', '5.5', 'a ping without FIN between two fragments', 1002, two[0],
        frame(PING, 'x', { fin: false }), two[1]),
    ending('5.50.8', '5.4', 'a whole text, then a continuation', send(text('whole'), more('x')),
        get(textOf('whole')), fails(1002)),
    loneBehind('5.50.9', true),

    ...[1, 2, 3, 7, 64, 125, 126, 500, 999].map((size, i) =>
        good(`5.51.${i + 1}`, '5.4', `binary of 1000 bytes in fragments of ${size}`,
            send(...fragments(BINARY, split(sample, size))), get(binaryOf(sample)))),
    good('5.52.1', '5.4', 'nothing but empty fragments', send(...fragments(BINARY, ['', '', '', ''])),
        get(binaryOf(''))),
    good('5.52.2', '5.4', 'empty fragments before, between and behind',
        send(...fragments(TEXT, ['', 'a', '', 'b', ''])), get(textOf('ab'))),
    good('5.52.3', '5.4', '500 empty fragments', send(...fragments(TEXT, Array(500).fill(''))), get(textOf(''))),
    good('5.52.4', '5.4', '1000 fragments of a byte', send(...fragments(TEXT, Array(1000).fill('x'))),
        get(textOf('x'.repeat(1000)))),
    good('5.53.1', '5.4', 'a ping behind each of ten fragments',
        send(...fragments(TEXT, Array(10).fill('f')).slice(0, 9).flatMap((f, i) => [f, ping(`${i}`)]),
            frame(CONTINUATION, 'f')),
        get(...Array.from({ length: 9 }, (_, i) => pongOf(`${i}`)), textOf('f'.repeat(10)))),
    good('5.53.2', '5.4', 'two messages in fragments, one behind the other',
        send(...two, ...fragments(BINARY, ['1', '2'])), get(both, binaryOf('12'))),
    good('5.53.3', '5.4', 'a fragmented message echoes by the opcode of its first frame',
        send(frame(BINARY, [0xff], { fin: false }), more([0xfe])), get(binaryOf([0xff, 0xfe]))),
    good('5.54.1', '5.4', 'a fragment alone is not answered', send(two[0]), quiet(60), send(two[1]), get(both)),
];
