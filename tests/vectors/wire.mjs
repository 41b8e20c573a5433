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

    /* A word of a prefix code, which is a map from '1101', say, to a symbol. */
    symbol(code) {
        let word = '';

        while (!code.has(word)) word += this.u(1);
        return code.get(word);
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

/* The code whose words have these lengths (0: no word). */
function codeOf(lengths) {
    const code = new Map();
    let word = 0;

    for (let length = 1; length <= 12; length++) {
        word *= 2;
        lengths.forEach((its, symbol) => {
            if (its === length) code.set((word++).toString(2).padStart(length, '0'), symbol);
        });
    }
    return code;
}

/* The sine of 1/65536ths of a turn, in 1/2^20: between the entries of a table of a quarter turn. */
const quarter = Array.from({ length: 257 }, (_, i) => Math.round(16384 * Math.sin((i * Math.PI) / 512)));

function sine(turn) {
    const angle = ((turn % 65536) + 65536) % 65536;
    const within = angle & 16384 ? 16384 - (angle % 16384) : angle % 16384;
    const low = quarter[within >> 6];
    const size = low * 64 + ((quarter[(within >> 6) + 1] ?? low) - low) * (within % 64);

    return angle >= 32768 ? -size : size;
}

/* The sum of the directions that it had in `age` ticks, turning evenly from heading to heading. */
function courseOf(field, from, to, age) {
    const scale = 65536 / 2 ** field.bits;
    const start = (from - field.min) * scale;
    const turned = ((((to - from) * scale) % 65536) + 98304) % 65536 - 32768;
    let x = 0;
    let y = 0;

    for (let i = 1; i <= age; i++) {
        const turn = start + Math.trunc((turned * i) / age);

        x += sine(turn + 16384);
        y += sine(turn);
    }
    return { x, y };
}

/* Its speed along the course, 1/16 quanta a tick. Products pass 2^53, so they are BigInts. */
function speedAlong(course, dx, dy, age) {
    if (age === 1) return Math.floor((dx * course.x + dy * course.y + 32768) / 65536);
    const [x, y] = [Math.floor(course.x / 256), Math.floor(course.y / 256)];
    const squared = x * x + y * y;

    if (squared < age * age * 2 ** 22) return 0;
    return Number((BigInt(dx * x + dy * y) * 65536n) / BigInt(squared));
}

const goAlong = (speed, course) => Number((BigInt(speed) * BigInt(course) + (1n << 23n)) >> 24n);

const MISS_FAR = 25;
const RESIDUE_RAW = 51;

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
        heading: wire.findIndex((field) => field.heading),
        codes: kind.codes,
    };
}

export class Client {
    constructor(table) {
        this.table = table;
        this.kinds = table.kinds.map(sort);
        this.codes = table.codes.map(codeOf);
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

    moveBy(field, from, by) {
        const value = from + by;

        if (!field.wraps && value !== confine(field, value)) throw new RangeError(`${field.name} is out of its range`);
        return confine(field, value);
    }

    residue(bits, kind, at, expected) {
        const field = kind.wire[at];
        const symbol = bits.symbol(this.codes[kind.codes.residues[at]]);
        const bucket = Math.ceil(symbol / 2);
        let size = bucket;

        if (symbol === RESIDUE_RAW) return this.absolute(bits, field);
        if (bucket > 7) {
            const top = 3 + ((bucket - 8) >> 1);

            size = (2 + ((bucket - 8) % 2)) * 2 ** (top - 1) + bits.u(top - 1);
        }
        return this.moveBy(field, expected, symbol % 2 === 1 ? size : -size);
    }

    /* What is expected of the moving fields. */
    expected(kind, base, heading, age) {
        const place = (at, ahead) => confine(kind.wire[at], base.wire[at] + ahead);

        if (kind.heading < 0) {
            return kind.moving.map((at, i) => place(at, Math.floor((base.velocity[i] * age + 8) / 16)));
        }
        const course = courseOf(kind.wire[kind.heading], base.wire[kind.heading], heading, age);

        return [course.x, course.y].map((along, i) => place(kind.moving[i], goAlong(base.velocity[0], along)));
    }

    /* Reads an update and returns the entity moved on. */
    update(bits, base, age) {
        const kind = this.kindOf(base);
        const moved = base.velocity.some((velocity) => velocity !== 0);
        const now = [...base.wire];

        if (kind.wire.length === 0) return base;
        const shape = bits.symbol(this.codes[kind.codes.shapes[moved ? 1 : 0]]);
        const miss = shape % 26;

        if ((shape / 26) & 1) for (const at of kind.turning) now[at] = this.residue(bits, kind, at, now[at]);
        const expected = this.expected(kind, base, now[kind.heading], age);
        const place = miss <= 12 ? miss - 1 : miss;
        const near = miss === 0 ? [0, 0] : [Math.floor(place / 5) - 2, (place % 5) - 2];

        kind.moving.forEach((at, i) => {
            now[at] =
                miss === MISS_FAR
                    ? this.residue(bits, kind, at, expected[i])
                    : this.moveBy(kind.wire[at], expected[i], near[i] ?? 0);
        });
        if (shape >= 52) this.readRare(bits, kind, now);
        return { ...base, wire: now, velocity: this.velocity(kind, base, now, age) };
    }

    readRare(bits, kind, now) {
        const count = kind.rare.length;
        const mask = count > 6 ? bits.u(count) : count > 1 ? bits.symbol(this.codes[kind.codes.mask]) + 1 : 1;

        kind.rare.forEach((at, i) => {
            if ((mask >> i) & 1) now[at] = this.residue(bits, kind, at, now[at]);
        });
    }

    velocity(kind, base, now, age) {
        const warped = kind.warp >= 0 && now[kind.warp] !== base.wire[kind.warp];
        const moved = kind.moving.map((at) => (warped ? 0 : difference(kind.wire[at], now[at], base.wire[at])));

        if (kind.heading >= 0 && moved.some((by) => by !== 0)) {
            const course = courseOf(kind.wire[kind.heading], base.wire[kind.heading], now[kind.heading], age);

            return [speedAlong(course, ...moved, age), 0];
        }
        return moved.map((by) => {
            const size = Math.floor((16 * Math.abs(by) + Math.floor(age / 2)) / age);

            return size === 0 ? 0 : Math.sign(by) * size;
        });
    }

    add(bits, slot) {
        const entity = { slot, kind: bits.u(this.table.kind_bits), generation: bits.u(8), owner: bits.seat() };
        const kind = this.kindOf(entity);

        entity.wire = kind.wire.map((field) => this.absolute(bits, field));
        const moves = kind.moving.length > 0 && bits.flag();
        entity.velocity = kind.moving.map((_, i) => (moves && (i === 0 || kind.heading < 0) ? bits.signed(8) : 0));
        return entity;
    }

    readSelf(bits, base, list) {
        if (!bits.flag()) return null;
        const same = bits.flag();
        const self = same
            ? { ...base, words: [...base.words] }
            : { slot: bits.u(16), generation: bits.u(8), kind: bits.u(this.table.kind_bits), words: Array(10).fill(0) };
        const own = list.find(
            (e) => e.slot === self.slot && e.generation === self.generation && e.kind === self.kind,
        );
        const kind = this.kindOf(self);
        const asExpected = !bits.flag();

        for (const field of kind.self) {
            const wire = own?.wire[kind.wire.indexOf(field)];

            self.words[field.word] = this.selfWord(asExpected ? null : bits, field, self.words[field.word], wire);
        }
        return self;
    }

    /* `wire` is what the list says of the word, undefined if it says nothing. */
    selfWord(bits, field, before, wire) {
        const low = wire === undefined ? 0 : 2 ** field.shift - 1;
        const inPlace = wire === undefined || confine(field, Math.floor(before / 2 ** field.shift)) === wire;
        const expected = inPlace ? before : (wire << field.shift) | (before & low);
        const moving = low > 0 && (field.group === 'moving' || field.heading);

        if (bits === null || (!moving && !bits.flag())) return expected;
        if (low > 0 && !bits.flag()) return (expected & ~low) | bits.u(field.shift);
        return (expected + bits.signed(6)) | 0;
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
        return Array.from({ length: bits.u(5) }, () => {
            const [seat, length] = [bits.golomb(6), bits.u(5)];

            return length === 0 ? [seat, '', 0] : [seat, bits.text(length), bits.u(4)];
        });
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

        if (bits.u(3) !== 2) throw new RangeError('no snapshot');
        const [full, self, more] = [bits.flag(), bits.flag(), bits.flag()];
        const [clock, echo, names, lines, hash, partial] = Array.from({ length: 6 }, () => more && bits.flag());
        let age = 0;
        let tick;

        if (full) {
            tick = bits.u(32);
        } else {
            const low = bits.u(4);

            age = bits.flag() ? 1 : bits.u(6);
            tick = (this.tick + age) % U32;
            if (tick % 16 !== low) throw new RangeError('a delta from another base');
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
        const list = this.readEntities(bits, base.list, age, partial);
        const newSelf = self ? this.readSelf(bits, base.self, list) : base.self;

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
        const flags = bits.u(8);

        if (flags & 1) Object.assign(m, { token: hex(bits, 16), token_seat: bits.u(16) });
        if (flags & 2) m.colour = bits.u(8);
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
    control(bits) {
        const kind = bits.u(8);
        const value = bits.u(32);

        return kind === 3 ? { kind, tick: value } : { kind, amount: value | 0 };
    },
    camera(bits) {
        const kind = bits.u(8);

        if (kind === 1) return { kind, seat: bits.u(16) };
        if (kind === 2) return { kind, slot: bits.u(16), generation: bits.u(8) };
        if (kind === 3) return { kind, x: bits.u(32) | 0, y: bits.u(32) | 0 };
        return { kind };
    },
    playback: (bits) => ({
        first: bits.u(32),
        last: bits.u(32),
        tick: bits.u(32),
        speed: (bits.u(8) << 24) >> 24,
        paused: bits.flag(),
        ended: bits.flag(),
        running: bits.flag(),
        live: bits.flag(),
    }),
    input(bits, table, nearTick) {
        const extend = (low) => nearTick + ((((low - nearTick) % 65536) + 98304) % 65536) - 32768;
        const m = bits.flag() ? { ack: extend(bits.u(16)) } : {};

        m.stamp_ms = bits.u(16);
        const count = bits.u(4);
        const seq = count > 0 ? bits.u(32) : 0;
        let before = { view_tick: 0, view_part: 0, words: [0, 0, 0, 0] };

        m.usercmds = Array.from({ length: count }, (_, i) => {
            const { view_tick, view_part } = bits.flag()
                ? { view_tick: before.view_tick + 1, view_part: before.view_part }
                : bits.flag()
                  ? { view_tick: extend(bits.u(16)), view_part: bits.u(4) }
                  : { view_tick: 0, view_part: 0 };
            const words = before.words.map((word, at) => {
                const field = table.usercmd[at];

                return field !== undefined && bits.flag() ? bits.u(field.bits) + field.min : word;
            });

            return (before = { seq: seq + i, view_tick, view_part, words });
        });
        return m;
    },
};

function hex(bits, length) {
    return Buffer.from(Array.from({ length }, () => bits.u(8))).toString('hex');
}

export const types = {
    ...{ hello: 1, input: 2, chat: 3, view: 5, control: 6, camera: 7 },
    ...{ welcome: 1, bye: 4, pace: 6, playback: 7 },
};
