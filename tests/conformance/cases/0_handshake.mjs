// 0_handshake.mjs - RFC 6455 §4.2, §4.4: requests that open a WebSocket, and those that do not.

import { raw, request, opens, answers, send, sendAtOnce, get, fails, closes, closeOf, delivered, pongOf, textOf,
    stillEchoes } from '../case.mjs';
import { close, frame, ping, text } from '../frames.mjs';
import { handshake } from '../peer.mjs';

const opening = (id, section, title, headers, options) =>
    raw(id, section, title, request(headers, options), opens(), ...stillEchoes, closes());

const refused = (id, section, title, status, headers, options) =>
    raw(id, section, title, request(headers, options), answers(status));

/* 426 says which version we speak (§4.4), and how to come back (RFC 9110 §15.5.22). */
const refusedVersion = (id, section, title, headers) =>
    raw(id, section, title, request(headers),
        answers(426, { 'sec-websocket-version': '13', 'upgrade': 'websocket' }));

const keyed = (key) => ({ 'Sec-WebSocket-Key': key });
const versioned = (version) => ({ 'Sec-WebSocket-Version': version });

/* The handshake and frames in one segment: a client may be that sure of the answer. */
const atOnce = (...frames) => (peer) => sendAtOnce(handshake(peer.target.path), ...frames)(peer);
const early = (id, title, frames, ...steps) =>
    delivered('whole', raw(id, '4.1', title, atOnce(...frames), opens(), ...steps));

const byteByByte = [
    delivered('bytes', opening('0.6.1', '4.2.1', 'a request byte by byte')),
    delivered(7, opening('0.6.2', '4.2.1', 'a request in pieces of 7 bytes')),
    delivered('bytes', raw('0.6.3', '4.2.1', 'a request and frames behind it byte by byte',
        (peer, delivery) => peer.send([handshake(peer.target.path), text('a'), close(1000)], delivery),
        opens(), get(textOf('a')), get(closeOf(1000), null))),
];

export default [
    opening('0.1.1', '4.2.1', 'the request of the RFC'),
    opening('0.1.2', '4.2.1', 'Upgrade and Connection whatever the case',
        { Upgrade: 'WebSocket', Connection: 'uPGRADE' }),
    opening('0.1.3', '4.2.1', 'Connection is a list', { Connection: 'keep-alive, Upgrade' }),
    opening('0.1.4', '4.2.1', 'Connection in two lines', { Connection: ['keep-alive', 'Upgrade'] }),
    opening('0.1.5', '4.2.1', 'Upgrade is a list', { Upgrade: 'foo/2, websocket' }),
    opening('0.1.6', '4.2.1', 'spaces around values', { 'Upgrade': '  websocket \t', 'Sec-WebSocket-Version': ' 13 ' }),
    opening('0.1.7', '4.2.1', 'unknown headers are ignored', { 'X-Something': 'else', 'Sec-WebSocket-Foo': 'bar' }),
    opening('0.1.8', '4.2.1', 'an absolute URI as target', {},
        { line: 'GET http://game.example.com/ws/echo HTTP/1.1' }),
    opening('0.1.9', '4.2.2', 'a query is no part of the name', {}, { line: 'GET /ws/echo?a=b&c HTTP/1.1' }),
    raw('0.1.10', '4.2.2', 'the accept answers another key', request(keyed('AQIDBAUGBwgJCgsMDQ4PEA==')),
        opens({}, 'AQIDBAUGBwgJCgsMDQ4PEA=='), closes()),
    opening('0.1.11', '9.1', 'an unknown extension is not chosen',
        { 'Sec-WebSocket-Extensions': 'x-tickwire-none; a=1' }),
    opening('0.1.12', '9.1', 'extensions in two lines', { 'Sec-WebSocket-Extensions': ['x-a', 'x-b; c="d"'] }),
    opening('0.1.13', '4.2.2', 'a subprotocol nobody asked to choose is not chosen',
        { 'Sec-WebSocket-Protocol': 'chat' }),

    refusedVersion('0.2.1', '4.4', 'version 8', versioned('8')),
    refusedVersion('0.2.2', '4.4', 'version 0', versioned('0')),
    refusedVersion('0.2.3', '4.4', 'version 14', versioned('14')),
    refusedVersion('0.2.4', '4.4', 'version 1313', versioned('1313')),
    refusedVersion('0.2.5', '4.4', 'no version', versioned(undefined)),
    refusedVersion('0.2.6', '4.4', 'a version that is no number', versioned('thirteen')),
    refusedVersion('0.2.7', '4.4', 'two versions', versioned(['13', '8'])),
    refusedVersion('0.2.8', '4.2.1', 'no Upgrade', { Upgrade: undefined }),
    refusedVersion('0.2.9', '4.2.1', 'an Upgrade to something else', { Upgrade: 'h2c' }),
    refusedVersion('0.2.10', '4.2.1', 'an Upgrade that only begins so', { Upgrade: 'websocket2' }),

    refused('0.3.1', '4.2.1', 'no Connection', 400, { Connection: undefined }),
    refused('0.3.2', '4.2.1', 'Connection without upgrade', 400, { Connection: 'keep-alive' }),
    refused('0.3.3', '4.2.1', 'no key', 400, keyed(undefined)),
    refused('0.3.4', '4.2.1', 'an empty key', 400, keyed('')),
    refused('0.3.5', '4.2.1', 'a key of 15 bytes', 400, keyed('AQIDBAUGBwgJCgsMDQ4P')),
    refused('0.3.6', '4.2.1', 'a key of 17 bytes', 400, keyed('AQIDBAUGBwgJCgsMDQ4PEBE=')),
    refused('0.3.7', '4.2.1', 'a key without padding', 400, keyed('dGhlIHNhbXBsZSBub25jZQ')),
    refused('0.3.8', '4.2.1', 'a key that is not base64', 400, keyed('dGhlIHNhbXBsZSBub25j*Q==')),
    refused('0.3.9', '4.2.1', 'two keys', 400, keyed(['dGhlIHNhbXBsZSBub25jZQ==', 'AQIDBAUGBwgJCgsMDQ4PEA=='])),
    refused('0.3.10', '4.2.1', 'no Host', 400, { Host: undefined }),
    refused('0.3.11', '4.2.1', 'two Hosts', 400, { Host: ['a', 'b'] }),
    refused('0.3.12', '4.2.1', 'HTTP/1.0', 400, {}, { line: 'GET /ws/echo HTTP/1.0' }),
    refused('0.3.13', '4.2.1', 'HTTP/2.0', 505, {}, { line: 'GET /ws/echo HTTP/2.0' }),
    refused('0.3.14', '4.2.1', 'HEAD', 405, {}, { line: 'HEAD /ws/echo HTTP/1.1' }),
    refused('0.3.15', '4.2.1', 'POST', 405, { 'Content-Length': '0' }, { line: 'POST /ws/echo HTTP/1.1' }),
    refused('0.3.16', '4.2.1', 'a target that is no path', 400, {}, { line: 'GET ws/echo HTTP/1.1' }),
    refused('0.3.17', '4.2.1', 'no target', 400, {}, { line: 'GET  HTTP/1.1' }),
    refused('0.3.18', '10.2', 'a foreign Origin', 403, { Origin: 'https://evil.example' }),
    refused('0.3.19', '10.2', 'an opaque Origin', 403, { Origin: 'null' }),

    refused('0.4.1', 'RFC 9112 2.2', 'lines that end by LF', 400, {}, { end: '\n' }),
    refused('0.4.2', 'RFC 9112 5.2', 'a folded header', 400, { 'X-Fold': 'a\r\n b' }),
    refused('0.4.3', 'RFC 9112 5.1', 'a space before the colon', 400, { 'X-Space ': 'a' }),
    refused('0.4.4', 'RFC 9112 5', 'a NUL in a value', 400, { 'X-Nul': 'a\0b' }),
    refused('0.4.5', 'RFC 9112 6.3', 'a body', 413, { 'Content-Length': '5' }),
    refused('0.4.6', 'RFC 9112 6.3', 'two lengths', 400, { 'Content-Length': ['0', '1'] }),
    refused('0.4.7', 'RFC 6585 5', 'a head over 8 KiB', 431, { 'X-Long': 'x'.repeat(9000) }),
    refused('0.4.8', 'RFC 9110 15.5.15', 'a target over 2 KiB', 414, {},
        { line: `GET /ws/echo?${'x'.repeat(4000)} HTTP/1.1` }),

    early('0.5.1', 'a text in the segment of the handshake', [text('early')], get(textOf('early')), closes()),
    early('0.5.2', 'a whole session in one segment', [text('a'), ping('b'), close(1000, 'c')],
        get(textOf('a'), pongOf('b'), closeOf(1000), null)),
    early('0.5.3', 'half a frame in the segment of the handshake', [text('halved').subarray(0, 8)],
        send(text('halved').subarray(8)), get(textOf('halved')), closes()),
    early('0.5.4', 'a breach in the segment of the handshake', [frame(3, 'x')], fails(1002)),
    early('0.5.5', '300 messages in the segment of the handshake', Array(300).fill(text('many')),
        get(...Array(300).fill(textOf('many'))), closes()),
    ...byteByByte,
];
