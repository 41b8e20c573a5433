// wire.mjs - the binary flavour read by other code than ours, written from shared/PROTOCOL.md alone: what
// a stranger's client would hold. It interprets a field table as wire.json describes it.

const U32 = 2 ** 32;

/* Bits, lowest first. Numbers up to 2^53. */
export class Bits {
    constructor(bytes) {
        this.bytes = bytes;
        this.used = 0;
    }

    u(width) {
        let value = 0;

        if (this.used + width > this.bytes.length * 8) throw new RangeError('the message ends too soon');
        for (let i = 0; i < width; i++, this.used++) {
            if ((this.bytes[this.used >> 3] >> (this.used & 7)) & 1) value += 2 ** i;
        }
        return value;
    }

    flag() {
        return this.u(1) === 1;
    }

    golomb(k) {
        let extra = 0;

        while (this.flag()) extra++;
        return (2 ** extra + this.u(extra) - 1) * 2 ** k + this.u(k);
    }

    signed(k) {
        const code = this.golomb(k);

        return code % 2 === 1 ? -(code + 1) / 2 : code / 2;
    }

    seat() {
        return this.flag() ? this.golomb(6) : 65535;
    }

    text(length) {
        return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from({ length }, () => this.u(8)));
    }

    end() {
        const rest = this.bytes.length * 8 - this.used;

        if (rest >= 8 || this.u(rest) !== 0) throw new RangeError('the message goes on behind its end');
    }
}

function confine(field, value) {
    const span = field.max - field.min + 1;

    if (field.wraps) return field.min + ((((value - field.min) % span) + span) % span);
    return Math.min(Math.max(value, field.min), field.max);
}

function difference(field, to, from) {
    const span = field.max - field.min + 1;
    const far = to - from;

    if (!field.wraps) return far;
    return far > Math.floor(span / 2) ? far - span : far < -Math.floor(span / 2) ? far + span : far;
}

/* A kind's fields as they stand on the wire, and the groups by their numbers there. */
function sort(kind) {
    const wire = kind.fields.filter((field) => field.bits > 0);
    const group = (name) => wire.flatMap((field, at) => (field.group === name ? [at] : []));

    return {
        wire,
        self: kind.fields.filter((field) => field.group !== 'none'),
        moving: group('moving'),
        turning: group('turning'),
        rare: group('rare'),
        warp: wire.findIndex((field) => field.warp),
    };
}

export class Client {
    constructor(table) {
        this.table = table;
        this.kinds = table.kinds.map(sort);
        this.list = [];
        this.self = null;
        this.tick = 0;
        this.inputSeq = 0;
    }

    kindOf(entity) {
        return this.kinds[entity.kind - 1];
    }

    absolute(bits, field) {
        const value = bits.u(field.bits) + field.min;

        if (value > field.max) throw new RangeError(`${field.name} is out of its range`);
        return value;
    }

    residue(bits, field, expected) {
        let size = 0;

        while (size < 9 && bits.flag()) size++;
        if (size === 0) return expected;
        if (size === 9) return this.absolute(bits, field);
        const sign = bits.flag() ? -1 : 1;
        const value = expected + sign * (2 ** (size - 1) + bits.u(size - 1));

        if (!field.wraps && value !== confine(field, value)) throw new RangeError(`${field.name} is out of its range`);
        return confine(field, value);
    }

    /* Reads an update and returns the entity moved on. */
    update(bits, base, age) {
        const kind = this.kindOf(base);
        const now = [...base.wire];
        const plain = (kind.moving.length > 0) + (kind.turning.length > 0);
        let code = 0;

        kind.moving.forEach((at, i) => {
            now[at] = confine(kind.wire[at], base.wire[at] + Math.floor((base.velocity[i] * age + 8) / 16));
        });
        while (code <= plain && bits.flag()) code++;
        const masked = code > plain;
        const moving = kind.moving.length > 0 && (masked ? bits.flag() : code >= 1);
        const turning = kind.turning.length > 0 && (masked ? bits.flag() : code >= 1 && code === plain);

        for (const at of moving ? kind.moving : []) now[at] = this.residue(bits, kind.wire[at], now[at]);
        for (const at of turning ? kind.turning : []) now[at] = this.residue(bits, kind.wire[at], now[at]);
        for (const at of masked ? kind.rare : []) if (bits.flag()) now[at] = this.absolute(bits, kind.wire[at]);
        return { ...base, wire: now, velocity: this.velocity(kind, base, now, age) };
    }

    velocity(kind, base, now, age) {
        const warped = kind.warp >= 0 && now[kind.warp] !== base.wire[kind.warp];

        return kind.moving.map((at) => {
            const scaled = 16 * difference(kind.wire[at], now[at], base.wire[at]);
            const size = Math.floor((Math.abs(scaled) + Math.floor(age / 2)) / age);

            return warped || size === 0 ? 0 : Math.sign(scaled) * size;
        });
    }

    add(bits, slot) {
        const entity = { slot, kind: bits.u(this.table.kind_bits), generation: bits.u(8), owner: bits.seat() };
        const kind = this.kindOf(entity);

        entity.wire = kind.wire.map((field) => this.absolute(bits, field));
        const moves = kind.moving.length > 0 && bits.flag();
        entity.velocity = kind.moving.map(() => (moves ? bits.signed(5) : 0));
        return entity;
    }

    readSelf(bits, base) {
        if (!bits.flag()) return null;
        const same = bits.flag();
        const self = same
            ? { ...base, words: [...base.words] }
            : { slot: bits.u(16), generation: bits.u(8), kind: bits.u(this.table.kind_bits), words: Array(10).fill(0) };

        for (const { word } of this.kindOf(self).self)
            if (bits.flag()) self.words[word] = (self.words[word] + bits.signed(6)) | 0;
        return self;
    }

    readEntities(bits, base, age, partial) {
        const removed = new Set();
        const added = new Map();

        for (let left = bits.golomb(0), next = 0; left > 0; left--) {
            removed.add((next += bits.golomb(3)));
            next++;
        }
        for (let left = bits.golomb(0), next = 0; left > 0; left--) {
            const slot = next + bits.golomb(4);

            added.set(slot, this.add(bits, slot));
            next = slot + 1;
        }
        const stayed = base.filter((_, index) => !removed.has(index));
        const updated = stayed.map((entity) => {
            const behind = (entity.behind ?? 0) + age;

            if (behind > 63) throw new RangeError('left out for too long');
            return partial && !bits.flag() ? { ...entity, behind } : { ...this.update(bits, entity, behind), behind: 0 };
        });

        return [...updated, ...added.values()].sort((a, b) => a.slot - b.slot);
    }

    readNames(bits) {
        return Array.from({ length: bits.u(5) }, () => [bits.golomb(6), bits.text(bits.u(5))]);
    }

    readLine(bits) {
        const isChat = bits.flag();
        const age = bits.golomb(0);

        if (isChat) return { age, seat: bits.seat(), text: bits.text(bits.u(7)) };
        const event = bits.u(5);
        const orders = { number: 4, seat: 5, position: 16 };

        return {
            age,
            event,
            seat: bits.seat(),
            words: this.table.events[event].values.map((value) => bits.signed(orders[value])),
        };
    }

    hash(list) {
        let h = (0x811c9dc5 ^ list.length) >>> 0;
        const mix = (value) => (h = Math.imul(h ^ value, 0x9e3779b1) >>> 0);

        for (const e of list) {
            mix(e.slot | (e.owner << 16));
            mix(e.kind | (e.generation << 8));
            for (const value of [...e.wire, ...e.velocity]) {
                mix(value);
                h = (h ^ (h >>> 15)) >>> 0;
            }
        }
        return h;
    }

    /* Applies one snapshot and returns what came with it. */
    snapshot(bytes) {
        const bits = new Bits(bytes);

        if (bits.u(8) !== 2) throw new RangeError('no snapshot');
        const [full, clock, echo, self, names, lines, hash, partial] = Array.from({ length: 8 }, () => bits.flag());
        let age = 0;
        let tick;

        if (full) {
            tick = bits.u(32);
        } else {
            const low = bits.u(16);

            age = bits.flag() ? 1 : bits.u(6);
            tick = (this.tick + age) % U32;
            if (tick % 65536 !== low) throw new RangeError('a delta from another base');
        }
        const baseSeq = full ? 0 : this.inputSeq;
        const message = { full, partial, tick, input_seq: !bits.flag() ? (baseSeq + age) % U32 : !bits.flag() ? baseSeq : bits.u(32) };

        if (clock) message.due_us = bits.u(64);
        if (echo) {
            message.echo = {
                stamp_ms: bits.u(16),
                hold_ms: bits.golomb(5),
                late_100us: bits.golomb(4),
                cadence: bits.u(3),
                queued: bits.golomb(1),
            };
        }
        const base = full ? { list: [], self: null } : this;
        const newSelf = self ? this.readSelf(bits, base.self) : base.self;
        const list = this.readEntities(bits, base.list, age, partial);

        if (names) message.names = this.readNames(bits);
        if (lines) message.lines = Array.from({ length: bits.u(7) }, () => this.readLine(bits));
        if (hash && bits.u(32) !== this.hash(list)) throw new RangeError('another list than the server has');
        bits.end();
        Object.assign(this, { list, self: newSelf, tick, inputSeq: message.input_seq });
        return message;
    }
}

/* The messages of whole bytes, and the input, as the two ends of PROTOCOL.md's tables. */
export const messages = {
    hello(bits) {
        if (bits.u(8) !== 1) throw new RangeError('another version');
        const m = { schemas: Array.from({ length: bits.u(8) }, () => bits.u(32)) };

        Object.assign(m, { half_x: bits.u(16), half_y: bits.u(16), entities_max: bits.u(16) });
        if (bits.u(8) === 1) Object.assign(m, { token: hex(bits, 16), token_seat: bits.u(16) });
        return { ...m, name: bits.text(bits.u(8)) };
    },
    welcome(bits) {
        if (bits.u(8) !== 1) throw new RangeError('another version');
        return {
            tick: bits.u(32),
            tick_hz: bits.u(8),
            seat: bits.u(16),
            resumed: bits.u(8) === 1,
            token: hex(bits, 16),
            schema_hash: bits.u(32),
            game: bits.text(bits.u(8)),
            room: bits.text(bits.u(8)),
            map: bits.text(bits.u(8)),
        };
    },
    pace: (bits) => ({ every: bits.u(8), bytes: bits.u(16) }),
    bye: (bits) => ({ code: bits.u(16), reason: bits.text(bits.u(8)) }),
    chat: (bits) => ({ text: bits.text(bits.u(8)) }),
    view: (bits) => ({ hidden: bits.u(8) === 1, half_x: bits.u(16), half_y: bits.u(16) }),
    input(bits, table, nearTick) {
        const extend = (low) => nearTick + ((((low - nearTick) % 65536) + 98304) % 65536) - 32768;
        const m = bits.flag() ? { ack: extend(bits.u(16)) } : {};

        m.stamp_ms = bits.u(16);
        const count = bits.u(4);
        const seq = count > 0 ? bits.u(32) : 0;
        let before = { view_tick: 0, words: [0, 0, 0, 0] };

        m.usercmds = Array.from({ length: count }, (_, i) => {
            const view_tick = bits.flag() ? before.view_tick + 1 : bits.flag() ? extend(bits.u(16)) : 0;
            const words = before.words.map((word, at) => {
                const field = table.usercmd[at];

                return field !== undefined && bits.flag() ? bits.u(field.bits) + field.min : word;
            });

            return (before = { seq: seq + i, view_tick, words });
        });
        return m;
    },
};

function hex(bits, length) {
    return Buffer.from(Array.from({ length }, () => bits.u(8))).toString('hex');
}

export const types = { hello: 1, input: 2, chat: 3, view: 5, welcome: 1, bye: 4, pace: 6 };
