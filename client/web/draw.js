// draw.js - one frame on a canvas: ground, entities as their look says, effects on top.

import { FIRST_WORD, DRAWN_WORDS, FLAG, SEAT_NONE } from './tickwire.js';
import { Effects } from './effects.js';
import { drawGlow } from './glow.js';
import { Ground } from './ground.js';
import { Labels } from './labels.js';
import { Stars } from './stars.js';

const TURN = Math.PI * 2;
const PULSE_HZ = 1.2;
const TRAIL_JUMP_UNITS = 200; // farther apart, two places are no way flown
const TRAIL_PIECES = 8;
const PIXELS_MAX = 2560 * 1440; // more only heats: a 4K screen is drawn at a coarser grain

/* One polygon as a Path2D, made once. */
const paths = new WeakMap();

function pathOf(points) {
    let path = paths.get(points);

    if (!path) {
        path = new Path2D();
        points.forEach(([x, y], i) => (i === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
        path.closePath();
        paths.set(points, path);
    }
    return path;
}

const circles = new Map();

function circleOf(radius) {
    let path = circles.get(radius);

    if (!path) {
        path = new Path2D();
        path.arc(0, 0, radius, 0, TURN);
        circles.set(radius, path);
    }
    return path;
}

export class Renderer {
    /* `nameOf(seat)` is a player's name. */
    constructor(canvas, game, look, nameOf) {
        this.canvas = canvas;
        this.context = canvas.getContext('2d', { alpha: false });
        this.game = game;
        this.look = look;
        this.nameOf = nameOf;
        this.ground = new Ground(game, look);
        this.stars = look.data.stars ? new Stars(look.data.stars) : null;
        this.effects = new Effects();
        this.labels = new Labels();
        this.isCalm = false; // nothing pulses, flickers or leaves a trail
        this.half = { x: 0, y: 0 }; // of what is seen, in units
        this.watched = {}; // of who has no body: {seat} to follow, {place}, or nobody in particular
        this.trails = new Map(); // by identity: [{x, y, s}]
        this.camera = {
            x: (game.map.width * game.tileUnits) / 2,
            y: (game.map.height * game.tileUnits) / 2,
        };
    }

    /* Fits the canvas to its place on the screen. What a client may see fills it at least. */
    resize() {
        const { clientWidth, clientHeight } = this.canvas;
        const ratio = window.devicePixelRatio || 1;
        const grain = Math.min(ratio, Math.sqrt(PIXELS_MAX / Math.max(1, clientWidth * clientHeight)));
        const width = Math.max(1, Math.round(clientWidth * grain));
        const height = Math.max(1, Math.round(clientHeight * grain));

        this.scale = Math.max(width / (2 * this.game.halfX), height / (2 * this.game.halfY));
        if (this.canvas.width === width && this.canvas.height === height) return; // setting it would blank it
        this.canvas.width = width;
        this.canvas.height = height;
    }

    colourOf(seat) {
        return this.look.seatColour(seat, this.game.seat);
    }

    /* Where a point of the page lies in the world, in units from the camera. */
    fromCamera(clientX, clientY) {
        const box = this.canvas.getBoundingClientRect();
        const perPixel = this.canvas.width / box.width / this.scale;

        return {
            x: (clientX - box.left - box.width / 2) * perPixel,
            y: (clientY - box.top - box.height / 2) * perPixel,
        };
    }

    /* Draws `frame` (Tickwire.frame()); ownAngle(field) is an angle that the player commands now. */
    draw(frame, nowS, ownAngle) {
        this.resize();
        const { context, canvas, scale } = this;

        this.#follow(frame);
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.fillStyle = this.look.data.background;
        context.fillRect(0, 0, canvas.width, canvas.height);
        const half = { x: canvas.width / 2 / scale, y: canvas.height / 2 / scale };

        this.half = half;
        const box = {
            left: this.camera.x - half.x, right: this.camera.x + half.x,
            top: this.camera.y - half.y, bottom: this.camera.y + half.y,
        };

        if (!this.ground.covers(box)) {
            this.stars?.draw(context, { x: this.camera.x * scale, y: this.camera.y * scale });
        }
        this.corner = box;
        context.setTransform(scale, 0, 0, scale, -box.left * scale, -box.top * scale);
        this.ground.draw(context, box, scale);
        this.#drawEntities(frame, nowS, ownAngle);
        context.setTransform(scale, 0, 0, scale, -box.left * scale, -box.top * scale);
        this.effects.draw(context, nowS);
        this.#drawLabels(frame);
    }

    #place(frame, i, kind) {
        return {
            x: frame.word(i, kind.xWord) / this.game.unit,
            y: frame.word(i, kind.yWord) / this.game.unit,
        };
    }

    /* The own body stands in the middle; who has none sees from a place, or follows somebody, or whoever
     * has the lowest seat. Whoever has no body now is waited for. */
    #follow(frame) {
        const { place, seat } = this.watched;
        let index = frame.ownIndex;
        let lowest = SEAT_NONE;

        if (place) {
            this.camera = { ...place };
            return;
        }
        for (let i = 0; frame.ownIndex < 0 && this.game.seat === SEAT_NONE && i < frame.count; i++) {
            const owner = frame.owner(i);
            const isChoice = seat === undefined ? owner < lowest : owner === seat;

            if (!isChoice || !this.game.kinds[frame.kind(i)].isBody) continue;
            index = i;
            lowest = owner;
        }
        if (index >= 0) this.camera = this.#place(frame, index, this.game.kinds[frame.kind(index)]);
    }

    /* From now on 0, 0 is that place in units, and everything is turned and grown so. Cheaper than to save the
     * context and to restore it, hundreds of times a frame. */
    #moveTo(x, y, angle, size) {
        const scale = this.scale * size;
        const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
        const { left, top } = this.corner;

        this.context.setTransform(cos, sin, -sin, cos, (x - left) * this.scale, (y - top) * this.scale);
    }

    #drawEntities(frame, nowS, ownAngle) {
        const { context, scale, corner } = this;
        const seen = new Set();

        for (const look of this.look.kinds) {
            context.setTransform(scale, 0, 0, scale, -corner.left * scale, -corner.top * scale);
            if (look.trail && !this.isCalm) this.#drawTrails(frame, look, nowS, seen);
            for (let i = 0; i < frame.count; i++) {
                if (frame.kind(i) === look.kind.index) this.#drawEntity(frame, i, look, nowS, ownAngle);
            }
        }
        for (const [identity, trail] of this.trails) {
            if (!seen.has(identity) && nowS - trail.lastS > 1) this.trails.delete(identity);
        }
    }

    #drawEntity(frame, i, look, nowS, ownAngle) {
        const { context } = this;
        const isOwn = (frame.flags(i) & FLAG.OWN) !== 0;
        const base = frame.at + i * DRAWN_WORDS + FIRST_WORD;
        const read = (word) => frame.words[base + word];

        if (!look.holds(read, isOwn)) return;
        const { x, y } = this.#place(frame, i, look.kind);
        const owner = this.colourOf(frame.owner(i));
        const fades = frame.flags(i) & FLAG.HELD ? 0.5 : 1; // it stands still for want of news

        for (const layer of look.layers) {
            if (!layer.holds(read, isOwn)) continue;
            const angle = layer.turnOf ? layer.turnOf(read, isOwn ? ownAngle : null) : 0;

            this.#drawLayer(layer, { x, y, angle }, owner, fades, nowS, frame.slot(i));
        }
        context.globalAlpha = 1;
    }

    #drawLayer(layer, { x, y, angle }, owner, alpha, nowS, slot) {
        const { context } = this;
        const colour = (name) => (name === 'owner' ? owner : name);
        const pulse = layer.pulse * Math.sin((nowS * PULSE_HZ + slot / 7) * TURN);
        const size = this.isCalm ? 1 : 1 + pulse - layer.flicker * Math.random();

        const [atX, atY] = layer.at;

        this.#moveTo(
            x + atX * Math.cos(angle) - atY * Math.sin(angle),
            y + atX * Math.sin(angle) + atY * Math.cos(angle), angle, size,
        );
        context.globalAlpha = alpha;
        if (layer.shape === 'glow') {
            drawGlow(context, 0, 0, layer.radius, colour(layer.fill), layer.alpha);
            return;
        }
        context.globalAlpha = layer.alpha * alpha;
        const path = layer.shape === 'polygon' ? pathOf(layer.points) : circleOf(layer.radius);

        if (layer.fill) {
            context.fillStyle = colour(layer.fill);
            context.fill(path);
        }
        if (layer.stroke) {
            context.strokeStyle = colour(layer.stroke);
            context.lineWidth = layer.width;
            context.lineJoin = 'round';
            context.stroke(path);
        }
    }

    // ---- trails -------------------------------------------------------------------------------------

    #trailOf(frame, i, look, nowS) {
        const identity = frame.slot(i) * 65536 + frame.generation(i) * 256 + frame.kind(i);
        const place = this.#place(frame, i, look.kind);
        let trail = this.trails.get(identity);

        if (!trail) this.trails.set(identity, (trail = { identity, points: [] }));
        const last = trail.points.at(-1);

        if (last && Math.hypot(last.x - place.x, last.y - place.y) > TRAIL_JUMP_UNITS) trail.points = [];
        // The newest point goes along, until it is old enough to stay.
        if (trail.points.length > 1 && nowS - trail.points.at(-2).s < look.trail.seconds / TRAIL_PIECES) trail.points.pop();
        trail.points.push({ ...place, s: nowS });
        trail.lastS = nowS;
        while (nowS - trail.points[0].s > look.trail.seconds) trail.points.shift();
        return trail;
    }

    #drawTrails(frame, look, nowS, seen) {
        const { context } = this;
        const { colour, width = 3, seconds, alpha = 0.7 } = look.trail;

        context.save();
        context.globalCompositeOperation = 'lighter';
        context.lineCap = 'butt'; // round ones would add up where two pieces meet
        for (let i = 0; i < frame.count; i++) {
            if (frame.kind(i) !== look.kind.index) continue;
            const base = frame.at + i * DRAWN_WORDS + FIRST_WORD;

            if (!look.holds((word) => frame.words[base + word], false)) continue;
            const { identity, points } = this.#trailOf(frame, i, look, nowS);

            seen.add(identity);
            context.strokeStyle = colour === 'owner' ? this.colourOf(frame.owner(i)) : colour;
            for (let j = 1; j < points.length; j++) {
                const freshness = Math.max(0, 1 - (nowS - points[j].s) / seconds);

                context.globalAlpha = alpha * freshness;
                context.lineWidth = Math.max(0.3, width * freshness);
                context.beginPath();
                context.moveTo(points[j - 1].x, points[j - 1].y);
                context.lineTo(points[j].x, points[j].y);
                context.stroke();
            }
        }
        context.restore();
    }

    // ---- names and bars -----------------------------------------------------------------------------

    #drawLabels(frame) {
        const { context } = this;

        this.labels.fit(this.scale);
        for (const look of this.look.kinds) {
            if (!look.name && look.bars.length === 0) continue;
            for (let i = 0; i < frame.count; i++) {
                if (frame.kind(i) !== look.kind.index || frame.flags(i) & FLAG.OWN) continue;
                const base = frame.at + i * DRAWN_WORDS + FIRST_WORD;
                const read = (word) => frame.words[base + word];

                if (!look.holds(read, false)) continue;
                const place = this.#place(frame, i, look.kind);

                if (look.name) this.#drawName(frame.owner(i), place, look.name);
                for (const bar of look.bars) this.#drawBar(bar, read(bar.word), place);
            }
        }
    }

    #drawName(seat, { x, y }, { offset = 20 }) {
        const name = this.nameOf(seat);

        if (name) this.labels.draw(this.context, name, this.look.nameColour(seat, this.game.seat), x, y + offset);
    }

    #drawBar({ max, offset, width = 28, colour, low, back = '#00000080' }, value, { x, y }) {
        const { context } = this;
        const part = Math.max(0, Math.min(1, value / max));

        context.fillStyle = back;
        context.fillRect(x - width / 2 - 0.7, y + offset - 0.7, width + 1.4, 4.4);
        if (part === 0) return;
        context.fillStyle = low && part < 0.3 ? low : colour;
        context.fillRect(x - width / 2, y + offset, width * part, 3);
    }
}
