// frames.mjs - WebSocket frames as raw bytes: builds any, also those that RFC 6455 forbids, and reads
// what a server sends as strictly as the RFC allows.
//
//     byte 0  FIN RSV1 RSV2 RSV3 opcode(4)
//     byte 1  MASK length(7); 126: 2 bytes of length follow, 127: 8, in network order
//     then    the mask's key (4) if MASK, then the payload

import { isUtf8 } from 'node:buffer';

export const CONTINUATION = 0x0, TEXT = 0x1, BINARY = 0x2, CLOSE = 0x8, PING = 0x9, PONG = 0xa;

const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]); // of the examples in §5.7

/* Text is UTF-8, an array is bytes. */
export const bytesOf = (payload) => (Buffer.isBuffer(payload) ? payload : Buffer.from(payload));

/* The length field: `form` is how many bytes follow the first two; by default as few as will do. */
function lengthField(length, form = length < 126 ? 0 : length < 65536 ? 2 : 8) {
    const field = Buffer.alloc(form);

    if (form === 2) field.writeUInt16BE(Number(length));
    if (form === 8) field.writeBigUInt64BE(BigInt(length));
    return { code: form === 0 ? Number(length) : form === 2 ? 126 : 127, field };
}

/* Masks, or unmasks, into a new buffer. */
export function masked(payload, key) {
    const out = Buffer.from(payload);

    for (let i = 0; i < out.length; i++) out[i] ^= key[i & 3];
    return out;
}

/* A client's frame. `length` says another one than the payload has, for a frame that is cut off. */
export function frame(opcode, payload = '', { fin = true, rsv = 0, key = KEY, form, length } = {}) {
    const bytes = bytesOf(payload);
    const { code, field } = lengthField(length ?? bytes.length, form);

    return Buffer.concat([
        Buffer.from([(fin ? 0x80 : 0) | (rsv << 4) | opcode, (key ? 0x80 : 0) | code]),
        field,
        key ?? Buffer.alloc(0),
        key ? masked(bytes, key) : bytes,
    ]);
}

export const text = (payload, options) => frame(TEXT, payload, options);
export const binary = (payload, options) => frame(BINARY, payload, options);
export const more = (payload, options) => frame(CONTINUATION, payload, options);
export const ping = (payload, options) => frame(PING, payload, options);
export const pong = (payload, options) => frame(PONG, payload, options);

export function closePayload(code, reason = '') {
    const head = Buffer.alloc(2);

    head.writeUInt16BE(code);
    return Buffer.concat([head, bytesOf(reason)]);
}

export const close = (code, reason) => frame(CLOSE, code === undefined ? '' : closePayload(code, reason));

/* A message in pieces: the first frame has the opcode, the last one FIN. */
export function fragments(opcode, pieces) {
    return pieces.map((piece, i) =>
        frame(i === 0 ? opcode : CONTINUATION, piece, { fin: i === pieces.length - 1 }),
    );
}

/* Codes that may stand in a close frame: §7.4 and IANA's registry. */
export const isCloseCode = (code) =>
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);

export class Violation extends Error {}

function demand(condition, what) {
    if (!condition) throw new Violation(what);
}

/* Reads one frame of the server's by `take(count)`, which answers that many bytes, or null at the end
 * of the stream. Answers null there, too. */
async function readFrame(take) {
    const start = await take(2);

    if (start === null) return null;
    const opcode = start[0] & 0x0f, rsv = (start[0] >> 4) & 7, fin = start[0] >= 0x80;
    let length = start[1] & 0x7f;

    demand(start[1] < 0x80, '§5.1: the server masks');
    demand([CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG].includes(opcode), `§5.2: opcode ${opcode}`);
    demand(opcode < CLOSE || (fin && length < 126), '§5.5: a control frame in fragments or too long');
    if (length === 126) {
        length = (await take(2, true)).readUInt16BE();
        demand(length >= 126, '§5.2: 2 bytes for a short length');
    } else if (length === 127) {
        const long = (await take(8, true)).readBigUInt64BE();
        demand(long >= 65536n && long < 1n << 63n, '§5.2: 8 bytes for a short or a negative length');
        length = Number(long);
    }
    return { opcode, rsv, fin, payload: await take(length, true) };
}

function readClose(payload) {
    demand(payload.length !== 1, '§5.5.1: a close frame of one byte');
    if (payload.length === 0) return { kind: 'close', code: 1005, reason: '' };
    const code = payload.readUInt16BE();

    demand(isCloseCode(code), `§7.4: close code ${code}`);
    demand(isUtf8(payload.subarray(2)), '§5.5.1: the reason is not UTF-8');
    return { kind: 'close', code, reason: payload.toString('utf8', 2) };
}

/* The server's side of a connection after the 101, as events: {kind: 'text' | 'binary' | 'ping' |
 * 'pong', payload} and {kind: 'close', code, reason}. Throws a Violation at what no server may send;
 * `inflate`, where the extension was agreed on, turns a compressed payload into the message's. */
export class EventReader {
    constructor(take, inflate) {
        this.take = take;
        this.inflate = inflate;
        this.pieces = [];
        this.opcode = 0; // of the message under way
        this.closed = false;
    }

    /* The next event; null at the end of the stream. */
    async next() {
        for (;;) {
            const frame = await readFrame(this.take);

            if (frame === null) return null;
            demand(!this.closed, '§5.5.1: a frame behind the close frame');
            const event = await this.event(frame);
            if (event) return event;
        }
    }

    event({ opcode, rsv, fin, payload }) {
        const mayCompress = this.inflate !== undefined && (opcode === TEXT || opcode === BINARY);

        demand(rsv === 0 || (rsv === 4 && mayCompress), `§5.2: reserved bits ${rsv}`);
        this.closed = opcode === CLOSE;
        if (opcode === CLOSE) return readClose(payload);
        if (opcode === PING || opcode === PONG) return { kind: opcode === PING ? 'ping' : 'pong', payload };
        demand((opcode === CONTINUATION) === (this.opcode !== 0), '§5.4: fragments of two messages mixed');
        if (opcode !== CONTINUATION) Object.assign(this, { opcode, compressed: rsv === 4 });
        this.pieces.push(payload);
        return fin ? this.message() : null;
    }

    async message() {
        const whole = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
        const payload = this.compressed ? await this.inflate(whole) : whole;
        const kind = this.opcode === TEXT ? 'text' : 'binary';

        demand(kind === 'binary' || isUtf8(payload), '§8.1: text that is not UTF-8');
        Object.assign(this, { pieces: [], opcode: 0 });
        return { kind, payload };
    }
}
