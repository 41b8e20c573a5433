// pad.js - a game pad, a source of input.js, that may come and go at any time. Its left stick does what its
// cross does; its right stick aims.

import { directionsOf } from './touch.js';

const AIM_DEAD = 0.35;
/* The buttons of the standard mapping by the codes of keys.js. */
const CODES = [
    'PadA', 'PadB', 'PadX', 'PadY', 'PadL1', 'PadR1', 'PadL2', 'PadR2', 'PadBack', 'PadStart', 'PadL3', 'PadR3',
    'PadUp', 'PadDown', 'PadLeft', 'PadRight',
];

export class Pad {
    /* `say(text)` tells of a pad that comes or goes; `menu()` is called for the button in the middle. */
    constructor(say, menu) {
        this.held = new Set();
        this.angle = null;
        this.menu = menu;
        addEventListener('gamepadconnected', () => say('Game pad connected'));
        addEventListener('gamepaddisconnected', () => say('Game pad gone'));
    }

    /* Call it once a frame, before the input is read. */
    poll() {
        const pad = document.hasFocus() ? [...(navigator.getGamepads?.() ?? [])].find((p) => p?.connected) : null;
        const held = pad ? this.#heldOf(pad) : new Set();

        if (held.has('PadStart') && !this.held.has('PadStart')) this.menu();
        this.held = held;
        this.angle = pad ? this.#angleOf(pad) : null;
    }

    #heldOf({ axes, buttons }) {
        const pressed = CODES.filter((_, index) => buttons[index]?.pressed);

        return new Set([...directionsOf(axes[0] ?? 0, axes[1] ?? 0), ...pressed]);
    }

    #angleOf({ axes: [, , x = 0, y = 0] }) {
        return Math.hypot(x, y) > AIM_DEAD ? Math.atan2(y, x) : null;
    }
}
