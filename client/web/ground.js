// ground.js - the map as seen from above: floor, grid, and tiles with depth, kept as pictures of
// CHUNK x CHUNK tiles so that a frame copies a few of them.

const CHUNK = 16;
const CHUNKS_KEPT = 48;
const OUTLINE = 1.2;
const SHINE = 5; // of an outline, in units; painted once per picture, so it costs nothing per frame

export class Ground {
    constructor(game, look) {
        this.map = game.map;
        this.edge = game.tileUnits;
        this.look = look;
        this.chunks = new Map();
        this.scale = 0;
    }

    /* Whether nothing beyond the map's edges can be seen in the rectangle. */
    covers({ left, top, right, bottom }) {
        const { width, height } = this.map;

        return left >= 0 && top >= 0 && right <= width * this.edge && bottom <= height * this.edge;
    }

    /* Draws what of the map lies in the rectangle; the context is scaled to units. */
    draw(context, { left, top, right, bottom }, scale) {
        const size = CHUNK * this.edge;

        if (scale !== this.scale) {
            this.chunks.clear();
            this.scale = scale;
        }
        // One row and column more, for tops that stand out of the next chunk.
        const first = { x: Math.floor(left / size), y: Math.floor(top / size) };
        const last = { x: Math.floor(right / size), y: Math.floor((bottom + this.edge) / size) };

        for (let y = Math.max(0, first.y); y <= last.y && y * CHUNK < this.map.height; y++) {
            for (let x = Math.max(0, first.x); x <= last.x && x * CHUNK < this.map.width; x++) {
                context.drawImage(this.#chunk(x, y), x * size, y * size - this.edge, size, size + this.edge);
            }
        }
    }

    #tile(x, y) {
        const { width, height, tiles } = this.map;

        return x < 0 || y < 0 || x >= width || y >= height ? -1 : tiles[y * width + x];
    }

    #style(x, y) {
        return this.look.tiles.get(this.#tile(x, y));
    }

    /* The picture of one chunk, with a strip of one tile above it for tops that stand out. */
    #chunk(x, y) {
        const key = y * 65536 + x;
        const known = this.chunks.get(key);

        if (known) {
            this.chunks.delete(key);
            this.chunks.set(key, known);
            return known;
        }
        const pixels = Math.ceil(CHUNK * this.edge * this.scale);
        const picture = document.createElement('canvas');

        picture.width = pixels;
        picture.height = Math.ceil((CHUNK + 1) * this.edge * this.scale);
        const context = picture.getContext('2d');

        context.scale(pixels / (CHUNK * this.edge), pixels / (CHUNK * this.edge));
        context.translate(-x * CHUNK * this.edge, -(y * CHUNK - 1) * this.edge);
        this.#paint(context, x * CHUNK, y * CHUNK);
        if (this.chunks.size >= CHUNKS_KEPT) this.chunks.delete(this.chunks.keys().next().value);
        this.chunks.set(key, picture);
        return picture;
    }

    #paint(context, left, top) {
        const each = (paint) => {
            for (let y = top; y < Math.min(top + CHUNK, this.map.height); y++) {
                for (let x = left; x < Math.min(left + CHUNK, this.map.width); x++) {
                    paint(x, y, this.#style(x, y));
                }
            }
        };

        this.#paintFloor(context, left, top);
        each((x, y, style) => style?.height < 0 && this.#paintPit(context, x, y, style));
        each((x, y, style) => style?.height >= 0 && this.#paintShadow(context, x, y, style));
        each((x, y, style) => style?.height >= 0 && this.#paintBlock(context, x, y, style));
    }

    #paintFloor(context, left, top) {
        const { floor } = this.look.data;
        const { edge } = this;
        const right = Math.min(left + CHUNK, this.map.width) * edge;
        const bottom = Math.min(top + CHUNK, this.map.height) * edge;
        const line = (index, from, to, isAcross) => {
            const isAccent = floor.accent && index % floor.accent_every === 0;
            const at = index * edge;

            context.fillStyle = isAccent ? floor.accent : floor.line;
            if (isAcross) context.fillRect(from, at - 0.5, to - from, 1);
            else context.fillRect(at - 0.5, from, 1, to - from);
        };

        context.fillStyle = floor.fill;
        context.fillRect(left * edge, top * edge, right - left * edge, bottom - top * edge);
        for (let x = left; x * edge <= right; x++) line(x, top * edge, bottom, false);
        for (let y = top; y * edge <= bottom; y++) line(y, left * edge, right, true);
    }

    #paintShadow(context, x, y, { height }) {
        const { edge } = this;

        context.fillStyle = '#00000059';
        context.fillRect(x * edge + height * 0.6, y * edge + height * 0.6, edge, edge);
    }

    /* Its side shows where the tile below is lower, its outline where a neighbour is another. */
    #paintBlock(context, x, y, { fill, edge: outline, side, height }) {
        const { edge } = this;
        const at = { x: x * edge, y: y * edge - height };
        const below = this.#style(x, y + 1)?.height ?? 0;

        context.fillStyle = fill;
        context.fillRect(at.x, at.y, edge + 0.5, edge + 0.5);
        if (below < height) {
            context.fillStyle = side;
            context.fillRect(at.x, at.y + edge, edge + 0.5, height - Math.max(0, below));
        }
        context.fillStyle = outline;
        this.#paintOutline(context, at, x, y);
    }

    #paintPit(context, x, y, { fill, edge: outline, side, height }) {
        const { edge } = this;
        const at = { x: x * edge, y: y * edge };

        context.fillStyle = fill;
        context.fillRect(at.x, at.y, edge + 0.5, edge + 0.5);
        if (this.#tile(x, y - 1) !== this.#tile(x, y)) {
            context.fillStyle = side;
            context.fillRect(at.x, at.y, edge + 0.5, -height);
        }
        context.fillStyle = outline;
        this.#paintOutline(context, at, x, y);
    }

    #paintOutline(context, at, x, y) {
        const { edge } = this;
        const own = this.#tile(x, y);

        context.save();
        context.shadowColor = context.fillStyle;
        context.shadowBlur = SHINE * this.scale;
        if (this.#tile(x, y - 1) !== own) context.fillRect(at.x, at.y, edge, OUTLINE);
        if (this.#tile(x, y + 1) !== own) context.fillRect(at.x, at.y + edge - OUTLINE, edge, OUTLINE);
        if (this.#tile(x - 1, y) !== own) context.fillRect(at.x, at.y, OUTLINE, edge);
        if (this.#tile(x + 1, y) !== own) context.fillRect(at.x + edge - OUTLINE, at.y, OUTLINE, edge);
        context.restore();
    }
}
