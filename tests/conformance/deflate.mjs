// deflate.mjs - the client's half of permessage-deflate (RFC 7692): reads the terms of a 101, compresses
// and inflates by them.

import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';

const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]); // §7.2.1: taken off, and put on again
const BITS = /^([89]|1[0-5])$/;

/* Reads the server's choice, which must answer `offers`, and nothing beyond them (§7.1). Answers
 * {serverTakesOver, serverBits, clientTakesOver, clientBits}. */
export function readTerms(answer, offers) {
    const [name, ...parameters] = answer.split(';').map((part) => part.trim());
    const terms = Object.fromEntries(parameters.map((parameter) => parameter.split('=')));
    const mayLimitClient = offers.some((offer) => offer.includes('client_max_window_bits'));

    if (name !== 'permessage-deflate') throw new Error(`RFC 7692 §7: ${answer}`);
    if (Object.keys(terms).length !== parameters.length)
        throw new Error(`RFC 7692 §7.1: a parameter twice: ${answer}`);
    for (const [key, value] of Object.entries(terms)) {
        const isFlag = /^(server|client)_no_context_takeover$/.test(key) && value === undefined;
        const isBits = /^(server|client)_max_window_bits$/.test(key) && BITS.test(value);

        if (!isFlag && !isBits) throw new Error(`RFC 7692 §7.1: ${key}=${value}`);
    }
    if ('client_max_window_bits' in terms && !mayLimitClient)
        throw new Error('RFC 7692 §7.1.2.2: a limit nobody offered');
    if (!offers.some((offer) => isAnsweredBy(offer, terms)))
        throw new Error(`RFC 7692 §7.1: ${answer} answers no offer`);
    return {
        serverTakesOver: !('server_no_context_takeover' in terms),
        serverBits: Number(terms.server_max_window_bits ?? 15),
        clientTakesOver: !('client_no_context_takeover' in terms),
        clientBits: Number(terms.client_max_window_bits ?? 15),
    };
}

/* What the offer asks of the server, the server must grant (§7.1.1.1, §7.1.2.1). */
function isAnsweredBy(offer, terms) {
    const bits = /server_max_window_bits="?(\d+)/.exec(offer)?.[1];

    if (offer.includes('server_no_context_takeover') && !('server_no_context_takeover' in terms)) return false;
    return bits === undefined || Number(terms.server_max_window_bits) <= Number(bits);
}

/* One direction: gives the stream bytes and takes out what they become. */
class Stream {
    constructor(stream, takesOver) {
        Object.assign(this, { stream, takesOver, chunks: [], failure: undefined });
        stream.on('data', (chunk) => this.chunks.push(chunk));
        stream.on('error', (error) => {
            this.failure = error;
            this.settle?.();
        });
    }

    async run(bytes) {
        await new Promise((fulfil) => {
            this.settle = fulfil;
            this.stream.write(bytes);
            this.stream.flush(constants.Z_SYNC_FLUSH, fulfil);
        });
        if (this.failure) throw new Error(`RFC 7692 §7.2.2: ${this.failure.message}`);
        if (!this.takesOver) this.stream.reset();
        return Buffer.concat(this.chunks.splice(0));
    }
}

export class Codec {
    constructor({ serverTakesOver, serverBits, clientTakesOver, clientBits }) {
        this.deflater = new Stream(createDeflateRaw({ windowBits: clientBits }), clientTakesOver);
        this.inflater = new Stream(createInflateRaw({ windowBits: serverBits }), serverTakesOver);
    }

    /* Compresses a message's payload. */
    async deflate(bytes) {
        const all = await this.deflater.run(bytes);

        // An empty message is one empty block (§7.2.3.6).
        return all.length > TAIL.length ? all.subarray(0, -TAIL.length) : Buffer.from([0]);
    }

    async inflate(bytes) {
        return this.inflater.run(Buffer.concat([bytes, TAIL]));
    }
}
