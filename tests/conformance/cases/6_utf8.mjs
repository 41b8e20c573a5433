// 6_utf8.mjs - RFC 6455 §5.6, §8.1 with RFC 3629 §4: text is UTF-8, and what is not is refused at the
// first byte that no valid text can have there: also in the middle of a frame, whatever is to come.

import { bad, delivered, ending, fails, get, good, pongOf, quiet, send, textOf } from '../case.mjs';
import { TEXT, close, fragments, frame, more, ping, text } from '../frames.mjs';

const hex = (digits) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const named = (bytes) => bytes.toString('hex').replace(/(..)(?=.)/g, '$1 ').slice(0, 60);
const from = (first, last, after = []) =>
    Buffer.from(Array.from({ length: last - first }, (_, i) => [first + i, ...after]).flat());

/* §3.1 of RFC 3629 as a checker of our own: the index of the first bad byte; the length of `bytes` if
 * the text is cut off in the middle of a character; -1 if it is valid. */
function firstBad(bytes) {
    for (let at = 0; at < bytes.length; ) {
        const lead = bytes[at];
        const row = [
            [0x00, 0x7f, 0], [0xc2, 0xdf, 1, 0x80, 0xbf], [0xe0, 0xe0, 2, 0xa0, 0xbf], [0xe1, 0xec, 2, 0x80, 0xbf],
            [0xed, 0xed, 2, 0x80, 0x9f], [0xee, 0xef, 2, 0x80, 0xbf], [0xf0, 0xf0, 3, 0x90, 0xbf],
            [0xf1, 0xf3, 3, 0x80, 0xbf], [0xf4, 0xf4, 3, 0x80, 0x8f],
        ].find(([first, last]) => lead >= first && lead <= last);

        if (!row) return at;
        const [, , more, low, high] = row;
        for (let i = 1; i <= more; i++) {
            const [least, most] = i === 1 ? [low, high] : [0x80, 0xbf];
            if (at + i >= bytes.length) return bytes.length;
            if (bytes[at + i] < least || bytes[at + i] > most) return at + i;
        }
        at += 1 + more;
    }
    return -1;
}

const kosme = hex('ce ba e1 bd b9 cf 83 ce bc ce b5');
const incomplete = ['c0', 'e0 80', 'f0 80 80', 'f8 80 80 80', 'fc 80 80 80 80', 'df', 'ef bf', 'f7 bf bf',
    'fb bf bf bf', 'fd bf bf bf bf'];
const nonCharacters = ['ef bf be', 'ef bf bf', ...['f0', 'f1', 'f2', 'f3', 'f4'].flatMap((lead) =>
    ['8f', '9f', 'af', 'bf'].flatMap((second) => ['be', 'bf'].map((last) => `${lead} ${second} bf ${last}`)))]
    .filter((bytes) => firstBad(hex(bytes)) === -1);

/* Numbers 6.5 to 6.23: the groups of Markus Kuhn's decoder stress test. */
const groups = [
    ['some valid text', [
        Buffer.from('hello$world'), Buffer.from('hello¢world'), Buffer.from('hello€world'),
            Buffer.from('hello𤭢world'), kosme]],
    ['each prefix of a valid text', Array.from(kosme, (_, i) => kosme.subarray(0, i + 1))],
    ['first of a certain length', ['00', 'c2 80', 'e0 a0 80', 'f0 90 80 80'].map(hex)],
    ['first of 5 and 6 bytes', ['f8 88 80 80 80', 'fc 84 80 80 80 80'].map(hex)],
    ['last of a certain length', ['7f', 'df bf', 'ef bf bf', 'f4 8f bf bf'].map(hex)],
    ['last of 4 to 6 bytes', ['f7 bf bf bf', 'fb bf bf bf bf', 'fd bf bf bf bf bf'].map(hex)],
    ['other boundaries', ['ed 9f bf', 'ee 80 80', 'ef bf bd', 'f4 8f bf bf', 'f4 90 80 80'].map(hex)],
    ['unexpected continuation bytes', [
        ...['80', 'bf', '80 bf', '80 bf 80', '80 bf 80 bf', '80 bf 80 bf 80', '80 bf 80 bf 80 bf'].map(hex),
            from(0x80, 0xbf)]],
    ['lonely lead bytes',
        [[0xc0, 0xdf], [0xe0, 0xef], [0xf0, 0xf7], [0xf8, 0xfb], [0xfc, 0xfd]].map(([a, b]) => from(a, b, [0x20]))],
    ['last continuation byte missing', incomplete.map(hex)],
    ['incomplete sequences in a row', [hex(incomplete.join(' '))]],
    ['impossible bytes', ['fe', 'ff', 'fe fe ff ff'].map(hex)],
    ['overlong ASCII', ['c0 af', 'e0 80 af', 'f0 80 80 af', 'f8 80 80 80 af', 'fc 80 80 80 80 af'].map(hex)],
    ['longest overlong', ['c1 bf', 'e0 9f bf', 'f0 8f bf bf', 'f8 87 bf bf bf', 'fc 83 bf bf bf bf'].map(hex)],
    ['overlong NUL', ['c0 80', 'e0 80 80', 'f0 80 80 80', 'f8 80 80 80 80', 'fc 80 80 80 80 80'].map(hex)],
    ['single surrogates',
        ['ed a0 80', 'ed ad bf', 'ed ae 80', 'ed af bf', 'ed b0 80', 'ed be 80', 'ed bf bf'].map(hex)],
    ['paired surrogates', ['ed a0 80', 'ed ad bf', 'ed ae 80', 'ed af bf'].flatMap((high) =>
        ['ed b0 80', 'ed bf bf'].map((low) => hex(high + low)))],
    ['non-characters', nonCharacters.map(hex)],
    ['specials', ['ef bf b9', 'ef bf ba', 'ef bf bb', 'ef bf bc', 'ef bf bd', 'ef bf be', 'ef bf bf'].map(hex)],
];

const stress = groups.flatMap(([title, sequences], group) =>
    sequences.map((bytes, i) => {
        const id = `6.${group + 5}.${i + 1}`, name = `${title}: ${named(bytes)}`;

        return firstBad(bytes) === -1
            ? good(id, '8.1', name, send(text(bytes)), get(textOf(bytes)))
            : bad(id, '8.1', name, 1007, text(bytes));
    }),
);

/* The first bad byte of a message of which much is still to come: no later byte is sent, and the
 * connection must fail all the same. */
const failsFast = (id, title, bytes) => {
    const end = firstBad(bytes) + 1;
    return bad(id, '8.1', title, 1007, text(bytes.subarray(0, end), { length: bytes.length + 1000 }));
};

/* Not before it either: up to there the connection is alive. */
const aliveBefore = (id, title, bytes) => {
    const end = firstBad(bytes);
    return ending(id, '8.1', title,
        send(frame(TEXT, bytes.subarray(0, end), { fin: false }), ping('alive')), get(pongOf('alive')),
        send(more(bytes.subarray(end, end + 1), { length: 1000 })), fails(1007));
};

const breaches = {
    'a lone continuation byte': '80',
    'an overlong of 2 bytes': 'c0',
    'an overlong of 3 bytes': 'e0 80',
    'an overlong of 4 bytes': 'f0 80',
    'a surrogate': 'ed a0',
    'beyond U+10FFFF': 'f4 90',
    'a lead byte that never is': 'f5',
    'FF': 'ff',
    '2 bytes cut by ASCII': 'c3 28',
    '3 bytes cut by ASCII': 'e2 82 28',
    '4 bytes cut by ASCII': 'f0 9f 8e 28',
    '3 bytes cut by a lead byte': 'e2 e2',
};
const places = [0, 1, 7, 8, 31, 32, 33, 100];
const at = (place, digits) => Buffer.concat([Buffer.alloc(place, 'a'), hex(digits)]);

const everywhere = Object.entries(breaches).flatMap(([title, digits], i) =>
    places.map((place, j) => failsFast(`6.50.${i * places.length + j + 1}`,
        `${title} at ${place}, and nothing behind it`, at(place, digits))));

const acrossFragments = Object.entries(breaches).map(([title, digits], i) =>
    aliveBefore(`6.51.${i + 1}`, `${title} in the second fragment`, at(9, digits)));

/* Valid text, cut in two at each place, also inside its characters. */
const mixed = Buffer.from('a$¢€한𤭢🎮z');
const cutEverywhere = Array.from({ length: mixed.length - 1 }, (_, i) =>
    good(`6.52.${i + 1}`, '5.6', `mixed text in fragments of ${i + 1} and ${mixed.length - i - 1} bytes`,
        send(...fragments(TEXT, [mixed.subarray(0, i + 1), mixed.subarray(i + 1)])), get(textOf(mixed))));

const byByte = (bytes) => Array.from(bytes, (byte) => Buffer.from([byte]));
const kosmeBad = Buffer.concat([kosme, hex('ed a0 80'), Buffer.from('edited')]);
const kosmeBeyond = [kosme, hex('f4 90 80 80'), Buffer.from('edited')];
const pause = quiet(60);

export default [
    good('6.1.1', '5.6', 'a text of no bytes', send(text('')), get(textOf(''))),
    good('6.1.2', '5.6', 'three empty fragments', send(...fragments(TEXT, ['', '', ''])), get(textOf(''))),
    good('6.1.3', '5.6', 'an empty fragment, a text, an empty fragment',
        send(...fragments(TEXT, ['', 'middle', ''])), get(textOf('middle'))),
    good('6.2.1', '5.6', 'valid text in one frame', send(text('Hello-µ@ßöäüàá-UTF-8!!')),
        get(textOf('Hello-µ@ßöäüàá-UTF-8!!'))),
    good('6.2.2', '5.6', 'valid text cut between two characters',
        send(...fragments(TEXT, ['Hello-µ@ßöä', 'üàá-UTF-8!!'])), get(textOf('Hello-µ@ßöäüàá-UTF-8!!'))),
    good('6.2.3', '5.6', 'valid text in fragments of a byte',
        send(...fragments(TEXT, byByte(Buffer.from('Hello-µ@ßöäüàá-UTF-8!!')))), get(textOf('Hello-µ@ßöäüàá-UTF-8!!'))),
    good('6.2.4', '5.6', 'a Greek word in fragments of a byte', send(...fragments(TEXT, byByte(kosme))),
        get(textOf(kosme))),
    bad('6.3.1', '8.1', 'a surrogate in one frame', 1007, text(kosmeBad)),
    bad('6.3.2', '8.1', 'a surrogate in fragments of a byte', 1007, ...fragments(TEXT, byByte(kosmeBad))),
    ending('6.4.1', '8.1', 'beyond U+10FFFF in the second of three fragments, fails at that one',
        send(frame(TEXT, kosmeBeyond[0], { fin: false })), pause, send(more(kosmeBeyond[1], { fin: false })),
        fails(1007)),
    ending('6.4.2', '8.1', 'the same, the fragment cut before the bad byte',
        send(frame(TEXT, Buffer.concat([kosme, hex('f4')]), { fin: false })), pause,
        send(more(hex('90'), { fin: false })), fails(1007)),
    ending('6.4.3', '8.1', 'the same in one frame that stops behind the bad character',
        send(text(Buffer.concat(kosmeBeyond.slice(0, 2)), { length: 1000 })), fails(1007)),
    delivered('bytes', ending('6.4.4', '8.1', 'the same in one frame that stops at the bad byte',
        send(text(Buffer.concat([kosme, hex('f4 90')]), { length: 1000 })), fails(1007))),
    ...stress,

    ...everywhere,
    ...acrossFragments,
    ...cutEverywhere,
    bad('6.53.1', '8.1', 'a text that ends inside a character', 1007, text(hex('e2 82'))),
    bad('6.53.2', '8.1', 'fragments that end inside a character', 1007, ...fragments(TEXT, ['abc', hex('f0 9f 8e')])),
    bad('6.53.3', '8.1', 'an empty last fragment inside a character', 1007, ...fragments(TEXT, [hex('e2 82'), ''])),
    ending('6.53.4', '8.1', 'a valid text, then a bad one', send(text('good'), text(hex('ff'))),
        get(textOf('good')), fails(1007)),
    good('6.53.5', '8.1', 'the checker begins anew with each text', send(text('€'), text('¢'), text('🎮')),
        get(textOf('€'), textOf('¢'), textOf('🎮'))),
    good('6.54.1', '5.6', 'binary is not checked', send(frame(2, hex('ff fe 80'))),
        get({ kind: 'binary', payload: hex('ff fe 80') })),
    good('6.54.2', '5.6', 'binary fragments are not checked', send(...fragments(2, [hex('ff'), hex('c0')])),
        get({ kind: 'binary', payload: hex('ff c0') })),
    good('6.54.3', '5.5.2', 'a ping inside a character is not part of the text',
        send(frame(TEXT, hex('e2 82'), { fin: false }), ping(hex('ff')), more(hex('ac'))),
        get(pongOf(hex('ff')), textOf('€'))),
    ending('6.54.4', '8.1', 'nothing behind a bad text is answered',
        send(text(hex('ff')), text('late'), ping('late'), close(1000)), fails(1007)),
    good('6.55.1', '5.6', 'NUL and controls are text', send(text('\0\x01\x1f\x7f')), get(textOf('\0\x01\x1f\x7f'))),
    good('6.55.2', '5.6', 'a byte order mark is text', send(text('\ufefftext')), get(textOf('\ufefftext'))),
    good('6.56.1', '5.6', 'each character of 2 bytes, and many of 3 and 4', ...everyCharacter()),
];

function everyCharacter() {
    const characters = [];

    for (let code = 0x80; code <= 0x10ffff; code += code < 0x800 ? 1 : code < 0x10000 ? 7 : 257)
        if (code < 0xd800 || code > 0xdfff) characters.push(String.fromCodePoint(code));
    const all = characters.join('');
    return [send(text(all)), get(textOf(all))];
}
