// 4_opcodes.mjs - RFC 6455 §5.2: reserved opcodes, for data (3 to 7) and for control frames (11 to 15).

import { bad, ending, fails, get, send, textOf } from '../case.mjs';
import { CONTINUATION, TEXT, frame, fragments, ping, text } from '../frames.mjs';

const reserved = (first) => [
    bad(`4.${first}.1`, '5.2', `opcode ${opcode(first, 0)}`, 1002, frame(opcode(first, 0))),
    bad(`4.${first}.2`, '5.2', `opcode ${opcode(first, 1)} with payload`, 1002, frame(opcode(first, 1), 'reserved')),
    ...[2, 3, 4].map((i) =>
        ending(`4.${first}.${i + 1}`, '5.2', `a text, then opcode ${opcode(first, i)}, then a ping`,
            send(text('good'), frame(opcode(first, i), i === 2 ? '' : 'reserved'), ping()), get(textOf('good')),
            fails(1002))),
];

/* The i-th reserved opcode: of data in group 1, of control in group 2. */
const opcode = (group, i) => (group === 1 ? 3 : 11) + i;
const [begun] = fragments(TEXT, ['begun', '']);

export default [
    ...reserved(1),
    ...reserved(2),
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((code, i) =>
        bad(`4.50.${i + 1}`, '5.2', `opcode ${code} between two fragments`, 1002, begun, frame(code, 'x'),
            frame(CONTINUATION))),
    bad('4.51.1', '5.2', 'a reserved opcode shows in the first two bytes', 1002,
        frame(7, '', { length: 125 }).subarray(0, 2)),
    bad('4.51.2', '5.2', 'opcode 3 without FIN', 1002, frame(3, 'x', { fin: false })),
    bad('4.51.3', '5.2', 'opcode 15 of 65536 bytes, its header alone', 1002, frame(15, '', { length: 65536 })),
];
