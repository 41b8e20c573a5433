// sky.js - what stands behind the start screen: two layers of stars that drift, and light in the colours of
// the page. Still, where nothing should move.

import { drawGlow } from './glow.js';
import { Stars } from './stars.js';

const BACKGROUND = '#05070d';
const LIGHTS = [
    { x: 0.12, y: 0.15, radius: 0.75, colour: '#1d5e78' },
    { x: 0.95, y: 0.85, radius: 0.8, colour: '#3f2d78' },
];
const DRIFT = 14; // pixels a second
const FRAME_S = 1 / 30;
const PIXELS_MAX = 1920 * 1080;

export class Sky {
    constructor(canvas) {
        this.canvas = canvas;
        this.context = canvas.getContext('2d', { alpha: false });
        this.layers = [[new Stars('#b9c8ee'), 1], [new Stars('#5ff0d0', 7), 2.2]];
        this.drawnS = -1;
    }

    draw(nowS, isCalm) {
        const isResized = this.#fit();

        if (!isResized && (isCalm ? this.wasCalm : nowS - this.drawnS < FRAME_S)) return;
        const { context, canvas } = this;
        const way = isCalm ? 0 : nowS * DRIFT;

        this.drawnS = nowS;
        this.wasCalm = isCalm;
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.fillStyle = BACKGROUND;
        context.fillRect(0, 0, canvas.width, canvas.height);
        for (const { x, y, radius, colour } of LIGHTS) {
            drawGlow(context, x * canvas.width, y * canvas.height, radius * Math.max(canvas.width, canvas.height), colour, 0.5);
        }
        for (const [stars, speed] of this.layers) stars.draw(context, { x: way * speed, y: way * speed * 0.3 });
    }

    #fit() {
        const { clientWidth, clientHeight } = this.canvas;
        const grain = Math.min(window.devicePixelRatio || 1, Math.sqrt(PIXELS_MAX / Math.max(1, clientWidth * clientHeight)));
        const width = Math.max(1, Math.round(clientWidth * grain));
        const height = Math.max(1, Math.round(clientHeight * grain));

        if (this.canvas.width === width && this.canvas.height === height) return false;
        this.canvas.width = width;
        this.canvas.height = height;
        return true;
    }
}
