// minimap.js - the whole map small: walls, what is in view, one's own body, and how far one sees.

import { DRAWN_WORDS, FIRST_WORD, FLAG } from './tickwire.js';

const PIXELS = 320; // of the longer edge
const DRAW_MS = 66;
const DOT = 4.5;
const OWN_DOT = 7;

export class Minimap {
    constructor(canvas) {
        this.canvas = canvas;
        this.context = canvas.getContext('2d');
        this.drawnMs = 0;
    }

    /* From now on shows that game's map. */
    use(game, look) {
        const { width, height } = game.map;

        this.game = game;
        this.look = look;
        this.perTile = PIXELS / Math.max(width, height);
        this.canvas.width = Math.max(1, Math.round(width * this.perTile));
        this.canvas.height = Math.max(1, Math.round(height * this.perTile));
        this.ground = this.#paintGround();
    }

    /* Draws, but not with every frame; `camera` is in units, `half` half of what is seen. */
    update(frame, camera, half, nowMs) {
        if (!this.game || nowMs - this.drawnMs < DRAW_MS || this.canvas.hidden) return;
        const { context, canvas } = this;

        this.drawnMs = nowMs;
        context.clearRect(0, 0, canvas.width, canvas.height);
        context.drawImage(this.ground, 0, 0);
        this.#drawView(camera, half);
        for (let i = 0; i < frame.count; i++) this.#drawBody(frame, i);
    }

    /* Walls as they are outlined on the ground, pits as they are there. */
    #paintGround() {
        const { map } = this.game;
        const picture = document.createElement('canvas');
        const context = picture.getContext('2d');
        const size = Math.ceil(this.perTile);

        picture.width = this.canvas.width;
        picture.height = this.canvas.height;
        for (let y = 0; y < map.height; y++) {
            for (let x = 0; x < map.width; x++) {
                const style = this.look.tiles.get(map.tiles[y * map.width + x]);

                if (!style || style.height === 0) continue;
                context.fillStyle = style.height > 0 ? style.edge : style.fill;
                context.globalAlpha = style.height > 0 ? 0.6 : 1;
                context.fillRect(Math.floor(x * this.perTile), Math.floor(y * this.perTile), size, size);
            }
        }
        return picture;
    }

    #pixels(units) {
        return (units / this.game.tileUnits) * this.perTile;
    }

    #drawView(camera, half) {
        const { context } = this;
        const [x, y] = [this.#pixels(camera.x - half.x), this.#pixels(camera.y - half.y)];

        context.fillStyle = '#ffffff12';
        context.strokeStyle = '#e6ecf780';
        context.lineWidth = 1.5;
        context.beginPath();
        context.rect(x, y, this.#pixels(2 * half.x), this.#pixels(2 * half.y));
        context.fill();
        context.stroke();
    }

    #drawBody(frame, i) {
        const { context, game, look } = this;
        const kind = game.kinds[frame.kind(i)];
        const kindLook = kind.isBody && look.kinds.find(({ kind: { index } }) => index === kind.index);
        const base = frame.at + i * DRAWN_WORDS + FIRST_WORD;

        if (!kindLook || !kindLook.holds((word) => frame.words[base + word], false)) return;
        const isOwn = (frame.flags(i) & FLAG.OWN) !== 0;

        context.fillStyle = look.seatColour(frame.owner(i), game.seat);
        context.beginPath();
        context.arc(
            this.#pixels(frame.word(i, kind.xWord) / game.unit),
            this.#pixels(frame.word(i, kind.yWord) / game.unit),
            isOwn ? OWN_DOT : DOT, 0, Math.PI * 2,
        );
        context.fill();
        if (!isOwn) return;
        context.strokeStyle = '#ffffff';
        context.lineWidth = 2;
        context.stroke();
    }
}
