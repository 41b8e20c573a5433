// input.js - keyboard, mouse, touch and game pad into usercmd fields, as the look's `controls` say.
//
// Whatever is held is let go when the page loses the focus, and while a text field or a menu has it. A
// source (touch.js, pad.js) has `held`, a set of codes of keys.js and of 'primary' and 'secondary', and
// `angle`, in radians, or null.

import { PAGE_KEYS, keysOf } from './keys.js';

const TURN = Math.PI * 2;
const POINTER_BUTTONS = { 0: 'primary', 2: 'secondary' };
const ELSEWHERE = 'input, textarea, select, button, a, dialog, #timeline';

/* What may be held, by name, to bits of one field. */
function bitsByName(control, changes) {
    const buttons = typeof control.pointer === 'object' ? Object.entries(control.pointer) : [];

    return [...Object.entries(keysOf(control, changes)), ...buttons];
}

export class Input {
    /* `angleOf(event)` is the angle of a pointer event from the own body, in radians. */
    constructor(element, angleOf, sources) {
        this.held = new Set(); // key codes, and 'primary', 'secondary'
        this.pressed = new Set(); // since the last read: a press between two frames counts
        this.angle = 0;
        this.sources = sources;
        this.game = null;
        this.controls = {};
        this.tables = new Map();
        this.names = new Set();
        this.#listenToKeys();
        this.#listenToMouse(element, angleOf);
    }

    /* From now on steers that game; `changes` is what the player changed of its keys. */
    use(game, controls, changes) {
        this.game = game;
        this.controls = controls;
        this.tables = new Map(
            Object.entries(controls).map(([field, control]) => [field, bitsByName(control, changes[field])]),
        );
        this.names = new Set([...this.tables.values()].flat().map(([name]) => name));
        this.release();
    }

    release() {
        this.held.clear();
        this.pressed.clear();
    }

    /* The usercmd's fields by name, as asked for now. */
    read() {
        const input = {};

        for (const source of this.sources) this.angle = source.angle ?? this.angle;
        for (const { name, min, max } of this.game?.usercmdFields ?? []) {
            if (this.#isAngle(name)) {
                const turns = (this.angle / TURN + 1) % 1;

                input[name] = min + Math.round(turns * (max - min + 1)) % (max - min + 1);
            } else {
                input[name] = this.#bits(this.tables.get(name) ?? []);
            }
        }
        this.pressed.clear();
        return input;
    }

    /* The angle, in radians, that the player commands by the field of that name; undefined: none. */
    commandedAngle = (name) => (this.#isAngle(name) ? this.angle : undefined);

    #isAngle(name) {
        return this.controls[name]?.pointer === 'angle';
    }

    #isHeld(name) {
        return this.held.has(name) || this.pressed.has(name) || this.sources.some(({ held }) => held.has(name));
    }

    #bits(table) {
        return table.reduce((bits, [name, value]) => (this.#isHeld(name) ? bits | value : bits), 0);
    }

    #press(name) {
        if (!name) return;
        this.held.add(name);
        this.pressed.add(name);
    }

    #listenToKeys() {
        addEventListener('keydown', (event) => {
            if (event.target.closest?.(ELSEWHERE)) return;
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            if (!this.names.has(event.code) || PAGE_KEYS.has(event.code)) return;
            event.preventDefault();
            if (!event.repeat) this.#press(event.code);
        });
        addEventListener('keyup', (event) => this.held.delete(event.code));
        addEventListener('blur', () => this.release());
    }

    #listenToMouse(element, angleOf) {
        const isTouch = ({ pointerType }) => pointerType === 'touch'; // that is for the sticks

        element.addEventListener('pointerdown', (event) => {
            if (isTouch(event)) return;
            this.angle = angleOf(event);
            this.#press(POINTER_BUTTONS[event.button]);
            element.setPointerCapture?.(event.pointerId);
        });
        addEventListener('pointermove', (event) => {
            if (!isTouch(event)) this.angle = angleOf(event);
        });
        addEventListener('pointerup', (event) => this.held.delete(POINTER_BUTTONS[event.button]));
        addEventListener('pointercancel', () => this.release());
        element.addEventListener('contextmenu', (event) => event.preventDefault());
    }
}
