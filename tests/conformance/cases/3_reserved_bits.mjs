// 3_reserved_bits.mjs - RFC 6455 §5.2: a reserved bit without an extension that gives it a meaning.

import { bad, delivered, ending, fails, get, pongOf, send, textOf } from '../case.mjs';
import { CLOSE, CONTINUATION, PING, PONG, TEXT, BINARY, closePayload, fragments, frame, ping,
    text } from '../frames.mjs';

/* Something good, the breach, and something that is not to be answered any more. */
const between = (id, rsv) =>
    ending(id, '5.2', `bits ${rsv} on a text between a text and a ping`,
        send(text('good'), text('bad', { rsv }), ping('late')), get(textOf('good')), fails(1002));

const opcodes = { text: TEXT, binary: BINARY, ping: PING, pong: PONG };
const all = [1, 2, 3, 4, 5, 6, 7];

export default [
    bad('3.1', '5.2', 'RSV3 on a text', 1002, text('Hello, world!', { rsv: 1 })),
    between('3.2', 2),
    delivered('frames', between('3.3', 3)),
    delivered('bytes', between('3.4', 4)),
    bad('3.5', '5.2', 'bits 5 on a binary', 1002, frame(BINARY, [0, 255, 254], { rsv: 5 })),
    bad('3.6', '5.2', 'bits 6 on a ping', 1002, ping('Hello, world!', { rsv: 6 })),
    bad('3.7', '5.2', 'bits 7 on a close', 1002, frame(CLOSE, closePayload(1000), { rsv: 7 })),

    ...Object.entries(opcodes).flatMap(([name, opcode], i) =>
        all.map((rsv) => bad(`3.5${i}.${rsv}`, '5.2', `bits ${rsv} on a ${name}`, 1002, frame(opcode, 'a', { rsv })))),
    ...all.map((rsv) => bad(`3.54.${rsv}`, '5.2', `bits ${rsv} on a close`, 1002,
        frame(CLOSE, closePayload(1000), { rsv }))),
    ...all.map((rsv) =>
        bad(`3.55.${rsv}`, '5.2', `bits ${rsv} on a continuation`, 1002, fragments(TEXT, ['a', 'b'])[0],
            frame(CONTINUATION, 'b', { rsv }))),
    bad('3.56.1', '5.2', 'a reserved bit shows in the first two bytes', 1002,
        text('', { rsv: 2, length: 100 }).subarray(0, 2)),
    ending('3.56.2', '5.2', 'a ping before the breach is answered',
        send(ping('before'), ping('breach', { rsv: 4 })), get(pongOf('before')), fails(1002)),
];
