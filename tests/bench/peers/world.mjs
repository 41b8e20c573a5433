// world.mjs - the world that servers are compared on, for those in JavaScript: the rules of
// tests/bench/worlds/drift_rules.h, in floating point. Half of the entities turn by up to 0.15 rad a tick and go on at a
// speed of their own, one in forty changes hp, edges wrap. Whoever rides an entity steers it: a turn that was asked for
// takes the place of the one by chance.

export const HZ = 20;
export const TURN_MAX = 0.15;
const VIEW = 437; // radius that holds about 30 entities, by the density
const AREA = 20000; // square units to each entity
const QUANTA = 32; // of one unit, on the wire
const FULL_TURN = 2 * Math.PI;

/* mulberry32: numbers in [0, 1), the same for the same seed. */
export function makeRandom(seed) {
    let state = seed;
    return () => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

export class World {
    constructor({ seed = 12345, count = 200 } = {}) {
        this.random = makeRandom(seed);
        this.size = Math.sqrt(count * AREA);
        this.tick = 0;
        this.entities = Array.from({ length: count }, (_, id) => ({
            id,
            kind: id % 8,
            hp: 100,
            x: this.random() * this.size,
            y: this.random() * this.size,
            angle: this.random() * FULL_TURN,
            speed: 4 + this.random() * 8,
            turn: null, // asked for, until the next tick
        }));
        for (const e of this.entities) this.quantize(e);
    }

    /* What is sent of an entity: 16 bits each of x, y and angle. */
    quantize(e) {
        e.qx = Math.floor(e.x * QUANTA);
        e.qy = Math.floor(e.y * QUANTA);
        e.qa = Math.floor((e.angle / FULL_TURN) * 65536);
    }

    move(e) {
        const turn = e.turn ?? (this.random() - 0.5) * 2 * TURN_MAX;

        e.turn = null;
        e.angle = (e.angle + turn + FULL_TURN) % FULL_TURN;
        e.x = (e.x + Math.cos(e.angle) * e.speed + this.size) % this.size;
        e.y = (e.y + Math.sin(e.angle) * e.speed + this.size) % this.size;
        this.quantize(e);
    }

    hit() {
        const e = this.entities[Math.floor(this.random() * this.entities.length)];
        e.hp = e.hp > 5 ? e.hp - 1 - Math.floor(this.random() * 5) : 100;
    }

    step() {
        const count = this.entities.length;

        this.tick++;
        for (let id = 0; id < count / 2; id++) this.move(this.entities[id]);
        for (let n = 0; n < count / 40; n++) this.hit();
    }

    steer(id, turn) {
        const e = this.entities[id];

        if (typeof turn === 'number' && Math.abs(turn) <= TURN_MAX) e.turn = turn;
    }

    sees(me, e) {
        let dx = Math.abs(me.x - e.x);
        let dy = Math.abs(me.y - e.y);

        if (dx > this.size / 2) dx = this.size - dx;
        if (dy > this.size / 2) dy = this.size - dy;
        return dx * dx + dy * dy < VIEW * VIEW;
    }
}

/* Of what a client should see, or says that it sees: entities of {id, x, y, a, h, k} in any order. */
export function hashView(entities) {
    let hash = 0;

    for (const { id, x, y, a, h, k } of entities) {
        let one = Math.imul(id + 1, 0x9e3779b1) ^ Math.imul(x, 0x85ebca6b) ^ Math.imul(y, 0xc2b2ae35);
        one = Math.imul(one ^ (one >>> 15), 0x27d4eb2f) ^ Math.imul(a + 77 * h + 13 * k, 0x165667b1);
        hash = (hash + (one ^ (one >>> 13))) | 0;
    }
    return hash;
}

export const asSeen = (e) => ({ id: e.id, x: e.qx, y: e.qy, a: e.qa, h: e.hp, k: e.kind });
