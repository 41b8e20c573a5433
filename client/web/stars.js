// stars.js - the sky beyond the map's edges, farther away than the ground: it moves more slowly.

const TILE = 512; // pixels, before it repeats
const STARS = 150;
const PARALLAX = 0.35;
const SEED = 20;

/* A small generator of its own, so that the sky is the same on every page. */
function* randoms(state) {
    for (;;) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        yield state / 2 ** 32;
    }
}

function paint(colour, seed) {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('2d');
    const random = randoms(seed);
    const next = () => random.next().value;

    canvas.width = canvas.height = TILE;
    context.fillStyle = colour;
    for (let i = 0; i < STARS; i++) {
        const size = 0.5 + 1.3 * next() ** 3;

        context.globalAlpha = 0.15 + 0.6 * next() ** 2;
        context.beginPath();
        context.arc(next() * TILE, next() * TILE, size, 0, Math.PI * 2);
        context.fill();
    }
    return canvas;
}

export class Stars {
    /* Another `seed` is another sky. */
    constructor(colour, seed = SEED) {
        this.picture = paint(colour, seed);
    }

    /* Fills the canvas, whose transform is that of pixels; `camera` is in pixels, too. */
    draw(context, camera) {
        this.pattern ??= context.createPattern(this.picture, 'repeat');
        const x = -camera.x * PARALLAX % TILE;
        const y = -camera.y * PARALLAX % TILE;

        context.save();
        context.translate(x, y);
        context.fillStyle = this.pattern;
        context.fillRect(-x, -y, context.canvas.width, context.canvas.height);
        context.restore();
    }
}
