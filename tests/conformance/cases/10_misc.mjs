// 10_misc.mjs - RFC 6455 §5.4: fragments of one size, as senders that cut by themselves make them.

import { get, good, long, delivered, send, textOf, TEXT } from '../case.mjs';
import { fragments } from '../frames.mjs';

const star = Buffer.alloc(65536, '*');
const cut = (size) => Array.from({ length: Math.ceil(star.length / size) },
    (_, i) => star.subarray(i * size, (i + 1) * size));

export default [
    delivered('whole', good('10.1.1', '5.4', 'a text of 65536 bytes in fragments of 1300',
        send(...fragments(TEXT, cut(1300))), get(textOf(star)))),
    long(delivered('frames', good('10.50.1', '5.4', 'the same frame by frame',
        send(...fragments(TEXT, cut(1300))), get(textOf(star))))),
];
