// case.mjs - the words that cases are written in.
//
//     good('2.2', '5.5.2', 'a ping with payload', send(ping('hi')), get(pongOf('hi'))),
//     bad('3.1', '5.2', 'RSV3 on a text', 1002, text('a', { rsv: 1 })),
//
// A case is {id, section, title, steps}: `section` is of RFC 6455, unless another RFC is named, and
// each step an async function of the peer and the delivery. A case that is `long` runs only by
// `make conformance`; one with a `delivery` of its own runs in no other.

import { bytesOf, close, frame, text, TEXT, BINARY } from './frames.mjs';
import { handshake } from './peer.mjs';

/* ---- events that the server is to answer ---- */

export const textOf = (payload) => ({ kind: 'text', payload: bytesOf(payload) });
export const binaryOf = (payload) => ({ kind: 'binary', payload: bytesOf(payload) });
export const pongOf = (payload) => ({ kind: 'pong', payload: bytesOf(payload) });
export const closeOf = (code, reason) => ({ kind: 'close', code, reason });

/* ---- steps ---- */

export const send = (...frames) => (peer, delivery) => peer.send(frames, delivery);

/* In one segment, whatever the delivery. */
export const sendAtOnce = (...frames) => (peer) => peer.send(frames, 'whole');

export const get = (...events) => async (peer) => {
    for (const event of events) await peer.expect(event);
};

export const quiet = (ms) => (peer) => peer.expectQuiet(ms);

/* The server sends a close frame with this code, then ends the stream, and nothing stands between. */
export const fails = (code) => get(closeOf(code), null);

/* We close; the server answers with the same code and ends the stream. */
export const closes = (code = 1000, reason = '') => async (peer) => {
    await peer.send([close(code, reason)], 'whole');
    await peer.expect(closeOf(code));
    await peer.expect(null);
};

/* A request as it stands, or the usual one with these headers. */
export const request = (headers, options) => (peer, delivery) =>
    peer.send([Buffer.isBuffer(headers) ? headers : handshake(peer.target.path, headers, options)], delivery);

export const opens = (expected, key) => (peer) => peer.expect101(key, expected);

export const answers = (status, headers = {}) => async (peer) => {
    const found = await peer.expectStatus(status);

    for (const [name, value] of Object.entries(headers)) {
        if (found[name]?.join(', ') !== value) throw new Error(`${name}: ${found[name]}, not ${value}`);
    }
};

/* ---- cases ---- */

const aCase = (id, section, title, steps) => ({ id, section, title, steps });
const afterOpen = (steps) => [(peer) => peer.open(), ...steps];

/* Everything is in order: at the end we close, and the server agrees. */
export const good = (id, section, title, ...steps) =>
    aCase(id, section, title, afterOpen([...steps, closes()]));

/* The server fails the connection as soon as it has read these frames. */
export const bad = (id, section, title, code, ...frames) =>
    aCase(id, section, title, afterOpen([send(...frames), fails(code)]));

/* As good(), but how it ends is in the steps. */
export const ending = (id, section, title, ...steps) => aCase(id, section, title, afterOpen(steps));

/* As ending(), but how it begins is in the steps, too. */
export const raw = (id, section, title, ...steps) => aCase(id, section, title, steps);

export const echoed = (id, section, title, opcode, payload) =>
    good(id, section, title, send(frame(opcode, payload)),
        get(opcode === TEXT ? textOf(payload) : binaryOf(payload)));

export const long = (oneCase) => ({ ...oneCase, isLong: true });
export const delivered = (delivery, oneCase) => ({ ...oneCase, delivery });

/* Proof that the connection is alive and nothing is left over. */
export const stillEchoes = [send(text('still here')), get(textOf('still here'))];

export { TEXT, BINARY };
