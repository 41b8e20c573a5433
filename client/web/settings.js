// settings.js - what the player has chosen, kept by this browser as one JSON object. The native client
// keeps one of the same form.
//
//     const settings = new Settings();
//     settings.watch(['volume', 'muted'], ({ volume, muted }) => …); // now, and whenever one changes
//     settings.set('volume', 40);

const KEY = 'tickwire.settings';

const number = (low, high) => (value) => Number.isFinite(value) && value >= low && value <= high;
const flag = (value) => typeof value === 'boolean';
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/* Usercmd fields to codes to bits; 0: the key does nothing. */
const isKeys = (value) =>
    isObject(value) && Object.values(value).every((codes) => isObject(codes) && Object.values(codes).every(Number.isInteger));

/* By key: what it is at first, and what it may be. */
const FORM = {
    name: ['', (value) => typeof value === 'string' && value.length <= 24],
    colour: [0, number(0, 255)], // 0: the one that the seat gives
    volume: [70, number(0, 100)],
    muted: [false, flag],
    captions: [false, flag],
    reduced_motion: [false, flag],
    palette: ['standard', (value) => value === 'standard' || value === 'safe'],
    text_scale: [100, number(80, 200)],
    keys: [{}, isKeys],
};

const defaults = () => Object.fromEntries(Object.entries(FORM).map(([key, [value]]) => [key, value]));

/* What another version wrote, or somebody by hand, counts as far as it is well formed. */
function parse(text) {
    const values = defaults();

    try {
        for (const [key, value] of Object.entries(JSON.parse(text) ?? {})) {
            if (FORM[key]?.[1](value)) values[key] = value;
        }
    } catch {
        // Then as at first.
    }
    return values;
}

export class Settings {
    #values = defaults();
    #watchers = [];

    constructor() {
        this.#load();
        addEventListener('storage', ({ key }) => key === KEY && this.#load());
        this.stillness = matchMedia('(prefers-reduced-motion: reduce)');
        this.stillness.addEventListener('change', () => this.#tell(['reduced_motion']));
    }

    get(key) {
        return this.#values[key];
    }

    set(key, value) {
        if (!FORM[key][1](value) || this.#values[key] === value) return;
        this.#values = { ...this.#values, [key]: value };
        try {
            localStorage.setItem(KEY, JSON.stringify(this.#values));
        } catch {
            // Storage may be forbidden: it counts until the page is left.
        }
        this.#tell([key]);
    }

    /* As at first, but for who one is. */
    reset() {
        const { name, colour } = this.#values;

        for (const [key, value] of Object.entries({ ...defaults(), name, colour })) this.set(key, value);
    }

    /* Whether nothing should move that need not: asked for here, or of the whole system. */
    get isCalm() {
        return this.get('reduced_motion') || this.stillness.matches;
    }

    /* Calls act(values) now, and whenever one of these keys has another value. */
    watch(keys, act) {
        this.#watchers.push({ keys, act });
        act(this.#values);
    }

    #load() {
        try {
            this.#values = parse(localStorage.getItem(KEY));
        } catch {
            // Storage may be forbidden.
        }
        this.#tell(Object.keys(FORM));
    }

    #tell(changed) {
        for (const { keys, act } of this.#watchers) {
            if (keys.some((key) => changed.includes(key))) act(this.#values);
        }
    }
}
