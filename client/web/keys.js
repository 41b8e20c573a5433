// keys.js - which keys do what: a look's `controls`, and what the player made of them.
//
// Keys go by KeyboardEvent.code, so by their place and not by the layout; only their labels ask for that. The
// buttons of a game pad have codes beside them: PadUp, PadA and so on (client/README.md).

/* What the page or the browser itself does with keys; they steer nothing. */
export const PAGE_KEYS = new Set([
    'Escape', 'Enter', 'Tab', 'KeyN', 'KeyM', 'F5', 'F8', 'F11', 'F12',
    'ControlLeft', 'ControlRight', 'AltLeft', 'AltRight', 'MetaLeft', 'MetaRight',
]);

const PAD_DIRECTIONS = { PadUp: 'ArrowUp', PadDown: 'ArrowDown', PadLeft: 'ArrowLeft', PadRight: 'ArrowRight' };
const PAD_PRIMARY = ['PadA', 'PadR2'];
const PAD_SECONDARY = ['PadB', 'PadL2'];

const LABELS = {
    ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Space: 'Space',
    ShiftLeft: 'Shift', ShiftRight: 'Right Shift',
    PadUp: 'Pad ↑', PadDown: 'Pad ↓', PadLeft: 'Pad ←', PadRight: 'Pad →',
};

let layout = new Map();

/* Some browsers tell what stands on the keys. */
globalThis.navigator?.keyboard?.getLayoutMap?.().then((map) => (layout = map), () => {});

export function keyLabel(code) {
    return LABELS[code] ?? layout.get(code)?.toUpperCase() ?? code.replace(/^Key|^Digit/, '').replace(/^Pad/, 'Pad ');
}

/* What the keys of a field do before the player changes anything: the look's, and a game pad's. */
function defaultKeys({ keys = {}, pointer }) {
    const { primary = keys.Space, secondary } = typeof pointer === 'object' ? pointer : {};
    const pad = [
        ...Object.entries(PAD_DIRECTIONS).map(([code, arrow]) => [code, keys[arrow]]),
        ...PAD_PRIMARY.map((code) => [code, primary]),
        ...PAD_SECONDARY.map((code) => [code, secondary]),
    ];

    return { ...keys, ...Object.fromEntries(pad.filter(([, bits]) => bits !== undefined)) };
}

/* Codes to bits of one field: as at first, and over it the player's changes. */
export function keysOf(control, changes = {}) {
    const keys = { ...defaultKeys(control), ...changes };

    return Object.fromEntries(Object.entries(keys).filter(([, bits]) => bits !== 0));
}

/* What one can do by keys: [{field, bits, label, codes}], in the order of the look's `actions`. */
export function listActions(controls, changes) {
    return Object.entries(controls).flatMap(([field, control]) => {
        const codes = Object.entries(keysOf(control, changes[field]));

        return Object.entries(control.actions ?? {}).map(([label, bits]) => ({
            field,
            bits,
            label,
            codes: codes.filter(([, b]) => b === bits).map(([code]) => code),
        }));
    });
}

/* The player's changes once `code` does that action, and `former` nothing any more; either may be missing. */
export function changeKey(controls, changes, { field, bits }, code, former) {
    const first = defaultKeys(controls[field]);
    const changed = { ...changes[field] };
    const give = (key, value) => {
        if ((first[key] ?? 0) === value) delete changed[key];
        else changed[key] = value;
    };

    if (former) give(former, 0);
    if (code) give(code, bits);
    const all = { ...changes, [field]: changed };

    if (Object.keys(changed).length === 0) delete all[field];
    return all;
}
