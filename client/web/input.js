// input.js - keyboard and mouse into usercmd fields, as the look's `controls` say.
//
// Keys go by KeyboardEvent.code, so by their place and not by the layout. Whatever is held is let go when
// the page loses the focus, and while a text field has it.

const TURN = Math.PI * 2;
const POINTER_BUTTONS = { 0: 'primary', 2: 'secondary' };

export class Input {
    /* `angleOf(event)` is the angle of a pointer event from the own body, in radians. */
    constructor(element, angleOf) {
        this.held = new Set(); // key codes, and 'primary', 'secondary'
        this.pressed = new Set(); // since the last read: a press between two frames counts
        this.angle = 0;
        this.game = null;
        this.controls = {};

        addEventListener('keydown', (event) => this.#key(event));
        addEventListener('keyup', (event) => this.held.delete(event.code));
        addEventListener('blur', () => this.release());
        element.addEventListener('pointerdown', (event) => {
            this.angle = angleOf(event);
            this.#press(POINTER_BUTTONS[event.button]);
            element.setPointerCapture?.(event.pointerId);
        });
        addEventListener('pointermove', (event) => (this.angle = angleOf(event)));
        addEventListener('pointerup', (event) => this.held.delete(POINTER_BUTTONS[event.button]));
        addEventListener('pointercancel', () => this.release());
        element.addEventListener('contextmenu', (event) => event.preventDefault());
    }

    /* From now on steers that game. */
    use(game, controls) {
        this.game = game;
        this.controls = controls;
        this.codes = new Set(Object.values(controls).flatMap(({ keys }) => Object.keys(keys ?? {})));
        this.release();
    }

    release() {
        this.held.clear();
        this.pressed.clear();
    }

    /* The usercmd's fields by name, as asked for now. */
    read() {
        const input = {};

        for (const { name, min, max } of this.game?.usercmdFields ?? []) {
            const { keys = {}, pointer } = this.controls[name] ?? {};

            if (pointer === 'angle') {
                const turns = (this.angle / TURN + 1) % 1;

                input[name] = min + Math.round(turns * (max - min + 1)) % (max - min + 1);
            } else {
                input[name] = this.#bits(keys) | this.#bits(pointer ?? {});
            }
        }
        this.pressed.clear();
        return input;
    }

    /* The angle, in radians, that the player commands by the field of that name; undefined: none. */
    commandedAngle = (name) => (this.controls[name]?.pointer === 'angle' ? this.angle : undefined);

    #bits(table) {
        let bits = 0;

        for (const [code, value] of Object.entries(table)) {
            if (this.held.has(code) || this.pressed.has(code)) bits |= value;
        }
        return bits;
    }

    #press(code) {
        if (!code) return;
        this.held.add(code);
        this.pressed.add(code);
    }

    #key(event) {
        if (event.target.closest?.('input, textarea')) return;
        if (event.ctrlKey || event.metaKey || event.altKey || !this.codes?.has(event.code)) return;
        event.preventDefault();
        if (!event.repeat) this.#press(event.code);
    }
}
