// ears.js - what of a frame is heard: shots and others that come into being, engines that go on, events.

import { DRAWN_WORDS, FIRST_WORD, FLAG } from './tickwire.js';

const ANSWER_MS = 1000; // by then the server has told of what one fired oneself, or never will

const identityOf = (frame, i) =>
    `${frame.slot(i)} ${frame.generation(i)} ${frame.kind(i)} ${frame.flags(i) & FLAG.PREDICTED}`;

export class Ears {
    constructor(sounds) {
        this.sounds = sounds;
    }

    /* From now on listens to that game. */
    use(game, look) {
        Object.assign(this, { game, look, known: null, foreseenMs: [] });
        this.sounds.use(look);
        if (look.data.sounds?.join) this.sounds.play(look.data.sounds.join, null, performance.now());
    }

    /* Call it once a frame; `camera` is in units, `half` half of what is seen. */
    update(frame, camera, half, nowMs) {
        const seen = new Set();
        const loops = [];

        Object.assign(this, { camera, half });
        for (const look of this.look.kinds) {
            if (!look.appear && !look.loop) continue;
            for (let i = 0; i < frame.count; i++) {
                if (frame.kind(i) !== look.kind.index) continue;
                const identity = identityOf(frame, i);

                seen.add(identity);
                if (look.appear && this.known && !this.known.has(identity)) this.#appear(frame, i, look, nowMs);
                if (look.loop && this.#holds(frame, i, look)) {
                    loops.push({ identity, sound: look.loop, place: this.#placeOf(frame, i, look.kind) });
                }
            }
        }
        this.known = seen; // of the first frame nothing came into being
        this.sounds.loop(loops, nowMs);
    }

    /* The sounds among the effects of an event; its places are in units. */
    event(effects, values, nowMs) {
        for (const effect of effects) {
            if (effect.effect !== 'sound') continue;
            if (effect.for && values[effect.for] !== this.game.seat) continue;
            const [x, y] = (effect.at ?? []).map((field) => values[field]);

            if (effect.at && (x === undefined || y === undefined)) continue; // out of sight
            this.sounds.play(effect, effect.at ? this.#fromMiddle(x, y) : null, nowMs);
        }
    }

    /* What one fires oneself is there before the server tells of it, and must not be heard twice. */
    #appear(frame, i, look, nowMs) {
        const flags = frame.flags(i);

        this.foreseenMs = this.foreseenMs.filter((ms) => nowMs - ms < ANSWER_MS);
        if (flags & FLAG.PREDICTED) this.foreseenMs.push(nowMs);
        else if (flags & FLAG.MINE && this.foreseenMs.shift() !== undefined) return;
        this.sounds.play(look.appear, this.#placeOf(frame, i, look.kind), nowMs);
    }

    #holds(frame, i, look) {
        const base = frame.at + i * DRAWN_WORDS + FIRST_WORD;
        const read = (word) => frame.words[base + word];
        const isOwn = (frame.flags(i) & FLAG.OWN) !== 0;

        return look.holds(read, isOwn) && look.loop.holds(read, isOwn);
    }

    #placeOf(frame, i, kind) {
        return this.#fromMiddle(frame.word(i, kind.xWord) / this.game.unit, frame.word(i, kind.yWord) / this.game.unit);
    }

    #fromMiddle(x, y) {
        if (!this.half) return null;
        return { x: (x - this.camera.x) / this.half.x, y: (y - this.camera.y) / this.half.y };
    }
}
