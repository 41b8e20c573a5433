// 7_close.mjs - RFC 6455 §5.5.1, §7: the close handshake, its codes and reasons, and the silence after it.

import { bad, closeOf, closes, delivered, ending, fails, get, pongOf, send, sendAtOnce, textOf } from '../case.mjs';
import { CLOSE, TEXT, close, closePayload, fragments, frame, more, ping, pong, text } from '../frames.mjs';

/* Frames that end with, or go on behind, a close: the server answers that one and nothing more. */
const silentBehind = (id, title, ...frames) =>
    ending(id, '5.5.1', title, sendAtOnce(close(1000), ...frames), get(closeOf(1000), null));

const [first, second] = fragments(TEXT, ['fragment1', 'fragment2']);
const closed = (id, section, title, code, reason) => ending(id, section, title, closes(code, reason));

const valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
const validSince = [1012, 1013, 1014, 4001, 4003, 4004, 3001, 4500]; // IANA's registry, and our own
const invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const invalidMore = [1, 100, 500, 1015, 1017, 1099, 1999, 2001, 2500, 5001, 10000, 32768];

const badCode = (id, code) => bad(id, '7.4', `close code ${code}`, 1002, close(code));
const badReason = (id, title, reason, code = 1007) =>
    bad(id, '5.5.1', title, code, frame(CLOSE, closePayload(1000, reason)));

export default [
    ending('7.1.1', '5.5.1', 'a text, then a close', send(text('Hello World!')), get(textOf('Hello World!')), closes()),
    silentBehind('7.1.2', 'two closes', close(1000)),
    silentBehind('7.1.3', 'a close, then a ping', ping('late')),
    silentBehind('7.1.4', 'a close, then a text', text('late')),
    ending('7.1.5', '5.5.1', 'a fragment, a close, the other fragment',
        sendAtOnce(first, close(1000), second), get(closeOf(1000), null)),
    ending('7.1.6', '5.5.1', '256 KiB of text, a close, a ping',
        sendAtOnce(text(Buffer.alloc(1 << 18, '*')), text('Hello World!'), close(1000), ping('late')),
        get(textOf(Buffer.alloc(1 << 18, '*')), textOf('Hello World!'), closeOf(1000), null)),
    ending('7.3.1', '5.5.1', 'an empty close', send(close()), get(closeOf(1005), null)),
    bad('7.3.2', '5.5.1', 'a close of one byte', 1002, frame(CLOSE, 'a')),
    closed('7.3.3', '5.5.1', 'a close with a code', 1000),
    closed('7.3.4', '5.5.1', 'a close with a code and a reason', 1000, 'Hello World!'),
    closed('7.3.5', '5.5.1', 'a close with a reason of 123 bytes', 1000, '*'.repeat(123)),
    bad('7.3.6', '5.5', 'a close with a reason of 124 bytes', 1002, frame(CLOSE, closePayload(1000, '*'.repeat(124)))),
    badReason('7.5.1', 'a reason that is no UTF-8', Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex')),
    ...valid.map((code, i) => closed(`7.7.${i + 1}`, '7.4', `close code ${code}`, code)),
    ...invalid.map((code, i) => badCode(`7.9.${i + 1}`, code)),
    badCode('7.13.1', 5000),
    badCode('7.13.2', 65535),

    ...validSince.map((code, i) => closed(`7.50.${i + 1}`, '7.4', `close code ${code}`, code)),
    ...invalidMore.map((code, i) => badCode(`7.51.${i + 1}`, code)),
    badReason('7.52.1', 'a reason that ends inside a character', Buffer.from([0xe2, 0x82])),
    badReason('7.52.2', 'a reason with a surrogate', Buffer.from([0xed, 0xa0, 0x80])),
    badReason('7.52.3', 'a reason with an overlong', Buffer.from([0xc0, 0x80])),
    badReason('7.52.4', 'a reason that begins with a continuation byte', Buffer.from([0x80, 0x61])),
    closed('7.52.5', '5.5.1', 'a reason of many alphabets', 1000, 'añ€한🎮'),
    closed('7.52.6', '5.5.1', 'a reason with a NUL', 1000, 'a\0b'),
    bad('7.52.7', '7.4', 'a bad code with a bad reason', 1002, frame(CLOSE, closePayload(1005, [0xff]))),
    ending('7.53.1', '5.5.1', 'a close between two messages', send(text('before')), get(textOf('before')),
        closes(1001)),
    ending('7.53.2', '5.4', 'a close between two fragments', send(first, close(1000)), get(closeOf(1000), null)),
    ending('7.53.3', '5.5.1', 'a text and a close in one segment',
        sendAtOnce(text('before'), close(1000)), get(textOf('before'), closeOf(1000), null)),
    ending('7.53.4', '5.5.1', 'a ping and a close in one segment', sendAtOnce(ping('before'), close(1000)),
        get(pongOf('before'), closeOf(1000), null)),
    silentBehind('7.54.1', 'a close, then a breach', frame(3, 'x')),
    silentBehind('7.54.2', 'a close, then an unmasked text', text('late', { key: null })),
    silentBehind('7.54.3', 'a close, then a pong', pong('late')),
    silentBehind('7.54.4', 'a close, then text that is no UTF-8', text([0xff])),
    silentBehind('7.54.5', 'a close, then half a frame', text('late').subarray(0, 3)),
    silentBehind('7.54.6', 'a close, then garbage', Buffer.alloc(1000, 0xff)),
    silentBehind('7.54.7', 'a close, then another with another code', close(4000)),
    silentBehind('7.54.8', 'a close, then a continuation', more('late')),
    ending('7.54.9', '7.1.7', 'a breach, then a text', sendAtOnce(frame(3, 'x'), text('late')), fails(1002)),
    ending('7.54.10', '7.1.7', 'a breach, then a close', sendAtOnce(frame(3, 'x'), close(1000)), fails(1002)),
    delivered('bytes', ending('7.55.1', '5.5.1', 'a close of 125 bytes byte by byte',
        send(close(4321, '*'.repeat(123))), get(closeOf(4321), null))),
    ending('7.55.2', '5.5.1', 'a close in two halves',
        send(close(1000, 'halves').subarray(0, 7)), send(close(1000, 'halves').subarray(7)), get(closeOf(1000), null)),
    ending('7.56.1', '7.1.1', 'the server ends the stream first, at once', send(close(1000)), get(closeOf(1000), null)),
];
