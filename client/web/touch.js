// touch.js - two sticks under the thumbs, a source of input.js: the left half of the screen flies, the
// right half aims, and fires once the thumb is far out; a button for what the mouse has on its right.
//
// A stick stands where the thumb comes down. They are there on screens that fingers point at, and from the
// first touch on anywhere else.

const RADIUS_PIXELS = 56;
const DEAD = 0.25; // of the radius
const FIRES = 0.6;
const SECTOR = 0.38; // sine of 22.5°: eight directions of equal width

const find = (selector) => document.querySelector(selector);

class Stick {
    constructor(zone) {
        this.zone = zone;
        this.ring = zone.querySelector('.ring');
        this.knob = zone.querySelector('.knob');
        this.x = this.y = 0; // from -1 to 1
        zone.addEventListener('pointerdown', (event) => this.#take(event));
        zone.addEventListener('pointermove', (event) => this.#move(event));
        for (const end of ['pointerup', 'pointercancel'])
            zone.addEventListener(end, (event) => event.pointerId === this.pointer && this.release());
    }

    get reach() {
        return Math.hypot(this.x, this.y);
    }

    release() {
        this.pointer = undefined;
        this.x = this.y = 0;
        this.zone.classList.remove('taken');
        this.ring.style.removeProperty('transform');
        this.knob.style.removeProperty('transform');
    }

    #take(event) {
        if (this.pointer !== undefined) return;
        event.preventDefault();
        this.pointer = event.pointerId;
        this.zone.setPointerCapture(event.pointerId);
        this.zone.classList.add('taken');
        const rest = this.ring.getBoundingClientRect();

        this.from = { x: event.clientX, y: event.clientY };
        const x = this.from.x - (rest.left + rest.width / 2);
        const y = this.from.y - (rest.top + rest.height / 2);

        this.ring.style.transform = `translate(${x}px, ${y}px)`;
    }

    #move(event) {
        if (event.pointerId !== this.pointer) return;
        const x = (event.clientX - this.from.x) / RADIUS_PIXELS;
        const y = (event.clientY - this.from.y) / RADIUS_PIXELS;
        const shorter = 1 / Math.max(1, Math.hypot(x, y));

        this.x = x * shorter;
        this.y = y * shorter;
        this.knob.style.transform = `translate(${this.x * RADIUS_PIXELS}px, ${this.y * RADIUS_PIXELS}px)`;
    }
}

/* The codes of keys.js that a stick at (x, y) stands for. */
export function directionsOf(x, y) {
    const reach = Math.hypot(x, y);

    if (reach < DEAD) return [];
    return [
        y < -SECTOR * reach && 'PadUp', y > SECTOR * reach && 'PadDown',
        x < -SECTOR * reach && 'PadLeft', x > SECTOR * reach && 'PadRight',
    ].filter(Boolean);
}

export class Touch {
    constructor() {
        this.root = find('#touch');
        this.move = new Stick(find('#stick-move'));
        this.aim = new Stick(find('#stick-aim'));
        this.second = find('#second');
        this.isSecond = false;
        this.isWanted = matchMedia('(pointer: coarse)').matches;
        this.second.addEventListener('pointerdown', () => (this.isSecond = true));
        for (const end of ['pointerup', 'pointercancel', 'pointerleave'])
            this.second.addEventListener(end, () => (this.isSecond = false));
        addEventListener('pointerdown', ({ pointerType }) => {
            if (pointerType === 'touch' && !this.isWanted) this.#show((this.isWanted = true));
        });
        addEventListener('blur', () => this.release());
    }

    /* From now on steers by these controls; null: nobody is steered. */
    use(controls) {
        const list = Object.values(controls ?? {});
        const { pointer, actions = {} } = list.find(({ pointer: p }) => typeof p === 'object') ?? {};
        const nameOf = (bits) => Object.keys(actions).find((name) => actions[name] === bits);

        this.isUsed = controls !== null;
        this.aim.zone.hidden = !list.some(({ pointer: p }) => p === 'angle');
        this.second.hidden = pointer?.secondary === undefined;
        this.second.textContent = nameOf(pointer?.secondary) ?? 'second';
        this.release();
        this.#show();
    }

    release() {
        this.move.release();
        this.aim.release();
        this.isSecond = false;
    }

    get held() {
        const held = new Set(directionsOf(this.move.x, this.move.y));

        if (this.aim.reach > FIRES) held.add('primary');
        if (this.isSecond) held.add('secondary');
        return held;
    }

    get angle() {
        return this.aim.reach > DEAD ? Math.atan2(this.aim.y, this.aim.x) : null;
    }

    #show() {
        this.root.hidden = !this.isUsed || !this.isWanted;
        document.body.classList.toggle('touched', this.isWanted);
    }
}
