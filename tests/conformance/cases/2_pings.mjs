// 2_pings.mjs - RFC 6455 §5.5.2, §5.5.3: each ping is answered by its payload, no pong is answered.

import { bad, delivered, get, good, pongOf, quiet, send, textOf } from '../case.mjs';
import { binary, close, fragments, frame, ping, pong, text, PING, PONG, TEXT } from '../frames.mjs';

const numbers = Array.from({ length: 10 }, (_, i) => `payload-${i}`);
const ten = [send(...numbers.map((n) => ping(n))), get(...numbers.map(pongOf))];
const [first, last] = fragments(TEXT, ['one, ', 'two']);

export default [
    good('2.1', '5.5.2', 'a ping without payload', send(ping()), get(pongOf(''))),
    good('2.2', '5.5.2', 'a ping with text', send(ping('Hello, world!')), get(pongOf('Hello, world!'))),
    good('2.3', '5.5.2', 'a ping with bytes that are no UTF-8',
        send(ping([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff])),
        get(pongOf([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]))),
    good('2.4', '5.5', 'a ping of 125 bytes', send(ping(Buffer.alloc(125, 0xfe))),
        get(pongOf(Buffer.alloc(125, 0xfe)))),
    bad('2.5', '5.5', 'a ping of 126 bytes', 1002, ping(Buffer.alloc(126, 0xfe))),
    delivered('bytes', good('2.6', '5.5', 'a ping of 125 bytes byte by byte',
        send(ping(Buffer.alloc(125, 0xfe))), get(pongOf(Buffer.alloc(125, 0xfe))))),
    good('2.7', '5.5.3', 'an unsolicited pong is not answered', send(pong()), quiet(60)),
    good('2.8', '5.5.3', 'an unsolicited pong with payload is not answered', send(pong('unsolicited')), quiet(60)),
    good('2.9', '5.5.3', 'an unsolicited pong, then a ping', send(pong('unsolicited'), ping('ping')),
        get(pongOf('ping'))),
    good('2.10', '5.5.3', 'ten pings are answered in their order', ...ten),
    delivered('bytes', good('2.11', '5.5.3', 'ten pings byte by byte are answered in their order', ...ten)),

    bad('2.50.1', '5.5', 'a pong of 126 bytes', 1002, pong(Buffer.alloc(126))),
    bad('2.50.2', '5.5', 'a ping of 65536 bytes, its header alone', 1002, ping('', { length: 65536 })),
    bad('2.50.3', '5.5', 'a ping of 5 bytes in a length of 2 bytes', 1002, ping('12345', { form: 2 })),
    bad('2.50.4', '5.5', 'a close of 126 bytes', 1002, frame(8, Buffer.alloc(126, 'x'))),
    bad('2.50.5', '5.5.1', 'a ping of 126 bytes, then a close', 1002, frame(PING, Buffer.alloc(126)), close(1000)),
    good('2.51.1', '5.4', 'a ping between two fragments is answered before the message',
        send(first, ping('between'), last), get(pongOf('between'), textOf('one, two'))),
    good('2.51.2', '5.5.2', 'a ping between two fragments is answered at once',
        send(first, ping('between')), get(pongOf('between')), send(last), get(textOf('one, two'))),
    good('2.51.3', '5.4', 'a pong between two fragments', send(first, frame(PONG, 'x'), last), get(textOf('one, two'))),
    good('2.51.4', '5.5.3', 'pings and messages are answered in their order',
        send(text('a'), ping('b'), text('c'), ping('d')), get(textOf('a'), pongOf('b'), textOf('c'), pongOf('d'))),
    ...[1, 2, 3, 124].map((size, i) =>
        good(`2.52.${i + 1}`, '5.5.3', `a ping of ${size} bytes`, send(ping(Buffer.alloc(size, 'p'))),
            get(pongOf(Buffer.alloc(size, 'p'))))),
    good('2.53.1', '5.5.2', 'a ping in the middle of nothing but binary',
        send(ping('1'), binary('2')), get(pongOf('1'), { kind: 'binary', payload: Buffer.from('2') })),
];
