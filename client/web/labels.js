// labels.js - names over bodies, each drawn once as a picture: text is what costs most in a crowd.

const FONT_UNITS = 11;
const FONT = 'system-ui, "Segoe UI", sans-serif';
const EDGE_UNITS = 2; // of the dark rim around letters
const KEPT = 1024; // as many as may be seen: with fewer, a larger crowd would be painted anew in every frame

export class Labels {
    #pictures = new Map(); // by colour and name
    #grain = 0;
    #size = 1; // of texts: the player's choice

    set size(size) {
        this.#size = size;
        this.#pictures.clear();
    }

    /* From now on one unit is so many pixels. */
    fit(scale) {
        if (scale === this.#grain) return;
        this.#grain = scale;
        this.#pictures.clear();
    }

    /* Draws `name` below (x, y), in units. */
    draw(context, name, colour, x, y) {
        const picture = this.#picture(name, colour);
        const [width, height] = [picture.width / this.#grain, picture.height / this.#grain];

        context.drawImage(picture, x - width / 2, y, width, height);
    }

    #picture(name, colour) {
        const key = colour + name;
        const known = this.#pictures.get(key);

        if (known) return known;
        const picture = this.#paint(name, colour);

        if (this.#pictures.size >= KEPT) this.#pictures.delete(this.#pictures.keys().next().value);
        this.#pictures.set(key, picture);
        return picture;
    }

    #paint(name, colour) {
        const picture = document.createElement('canvas');
        const context = picture.getContext('2d');
        const font = `600 ${FONT_UNITS * this.#size * this.#grain}px ${FONT}`;
        const edge = EDGE_UNITS * this.#grain;

        context.font = font;
        picture.width = Math.ceil(context.measureText(name).width + 2 * edge);
        picture.height = Math.ceil(FONT_UNITS * this.#size * this.#grain * 1.3 + 2 * edge);
        context.font = font; // a canvas of another size has forgotten it
        context.textBaseline = 'top';
        context.lineJoin = 'round';
        context.lineWidth = 1.5 * edge;
        context.strokeStyle = '#000000a0';
        context.strokeText(name, edge, edge);
        context.fillStyle = colour;
        context.fillText(name, edge, edge);
        return picture;
    }
}
