// look.js - how a game looks: reads assets/games/<game>/look.json and ties it to the game's tables.
//
// The format is described in client/README.md. What a look names and the game has not is left out, so
// that an older look draws a newer game as far as it goes.

import { FIELD, SEAT_NONE, USERCMD } from './tickwire.js';

const GENERIC = {
    background: '#07090f',
    stars: '#8b95ab',
    palette: {
        own: '#5ff0d0',
        others: ['#ff6b81', '#ffb454', '#b38bff', '#5fb8ff', '#ff8ad8', '#d6e35a'],
        nobody: '#8b95ab',
        safe: {
            own: '#f0e442',
            others: ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#4a86ff', '#d55e00'],
        },
    },
    floor: { fill: '#0b101b', line: '#141c2d' },
    tiles: { '#': { fill: '#26314d', edge: '#5773b8', side: '#131a2c', height: 6 } },
    disc: { layers: [{ shape: 'circle', radius: 8, fill: '#0b101b', stroke: 'owner', width: 2 }] },
    keys: {
        KeyW: 1, ArrowUp: 1, KeyS: 2, ArrowDown: 2, KeyA: 4, ArrowLeft: 4, KeyD: 8, ArrowRight: 8, Space: 16,
    },
};

const TURN = Math.PI * 2;

const channels = (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);

/* As WCAG 2 counts it. */
function luminance(colour) {
    const [r, g, b] = channels(colour).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));

    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const readables = new Map();

/* The colour, lightened until it can be read on a dark panel: 4.5 to 1, with the ground's 0.006. */
function readable(colour) {
    let text = readables.get(colour);

    if (text) return text;
    text = colour.slice(0, 7);

    for (let i = 0; i < 8 && luminance(text) + 0.05 < 4.5 * 0.056; i++) {
        text = `#${channels(text).map((c) => Math.round((c + (1 - c) * 0.12) * 255).toString(16).padStart(2, '0')).join('')}`;
    }
    readables.set(colour, text);
    return text;
}

/* The colours of a look's data, by the name of a palette. */
export function paletteOf(data, name) {
    const palette = data.palette ?? GENERIC.palette;

    return name === 'safe' ? { ...palette, ...(palette.safe ?? GENERIC.palette.safe) } : palette;
}

const always = () => true;

/* A look for a game that has none. */
function genericLook(game) {
    const kinds = {};
    const controls = {};

    for (const kind of game.kinds) {
        if (kind.isEverywhere) continue;
        kinds[kind.name] = kind.isBody ? { ...GENERIC.disc, name: { offset: 18 } } : GENERIC.disc;
    }
    for (const { name, kind } of game.usercmdFields) {
        if (kind === USERCMD.BUTTONS) controls[name] = { keys: GENERIC.keys };
        if (kind === USERCMD.ANGLE) controls[name] = { pointer: 'angle' };
    }
    return { ...GENERIC, kinds, controls };
}

/* Compiles a condition list into (read) => boolean, where read(word) gives a word of the entity. */
function compileConditions(list, kind) {
    const tests = (list ?? []).map((condition) => {
        if ('own' in condition) return (read, isOwn) => isOwn === condition.own;
        const word = wordOf(kind, condition.field);

        if (word === undefined) return () => false;
        const { mask = -1, is, min = -Infinity, max = Infinity } = condition;

        if (is !== undefined) return (read) => (read(word) & mask) === is;
        return (read) => read(word) >= min && read(word) <= max;
    });

    return tests.length === 0 ? always : (read, isOwn) => tests.every((t) => t(read, isOwn));
}

function fieldOf(kind, name) {
    return kind?.fields.find((field) => field.name === name);
}

function wordOf(kind, name) {
    return fieldOf(kind, name)?.word;
}

/* Compiles a turn into (read, ownAngle) => radians; ownAngle(field name) is the player's own, still
 * fresher than the body's. */
function compileTurn(turn, kind) {
    const field = fieldOf(kind, turn?.field);

    if (!field) return null;
    if (turn.degrees) return (read) => ((turn.degrees[read(field.word)] ?? 0) / 360) * TURN;
    if (turn.steps) return (read) => ((read(field.word) + (turn.offset ?? 0)) / turn.steps) * TURN;
    if (field.kind !== FIELD.ANGLE) return null;
    return (read, ownAngle) => ownAngle?.(field.name) ?? (read(field.word) / field.span) * TURN;
}

function compileKind(look, kind) {
    const withWord = (part) => ({ ...part, word: wordOf(kind, part.field) });

    return {
        ...look,
        kind,
        holds: compileConditions(look.if, kind),
        appear: look.sounds?.appear,
        loop: look.sounds?.loop && { ...look.sounds.loop, holds: compileConditions(look.sounds.loop.if, kind) },
        bars: (look.bars ?? []).map(withWord).filter(({ word }) => word !== undefined),
        layers: (look.layers ?? []).map((layer) => ({
            alpha: 1, width: 1, at: [0, 0], pulse: 0, flicker: 0,
            ...layer,
            holds: compileConditions(layer.if, kind),
            turnOf: compileTurn(layer.turn, kind),
        })),
    };
}

/* Compiles a text into (values, context) => string; context: {name(seat), secondsUntil(tick)}. */
function compileText(template, words = {}, seatFields = new Set()) {
    const parts = String(template).split(/\{(\w+)(\|seconds)?\}/);

    return (values, { name, secondsUntil }) => {
        let text = parts[0];

        for (let i = 1; i < parts.length; i += 3) {
            const [field, seconds, after] = parts.slice(i, i + 3);
            const value = values(field);

            if (seconds) text += secondsUntil(value);
            else if (seatFields.has(field)) text += name(value);
            else text += words[field]?.[value] ?? value ?? '';
            text += after;
        }
        return text;
    };
}

const seatFieldsOf = (eventKind) =>
    new Set(eventKind.fields.filter(({ value }) => value === 1).map(({ name }) => name));

/* The value of a field of an entity by name. */
function reader(kind) {
    const byName = new Map(kind.fields.map(({ name, word }) => [name, word]));

    return (read) => (name) => (byName.has(name) ? read(byName.get(name)) : undefined);
}

export class Look {
    /* Tells which colour a seat's player has chosen, from 1 on; 0: none. */
    chosenColour = () => 0;

    /* What the file of the game of that name says; of one that has none, nothing. */
    static async fetchData(gameName) {
        try {
            const response = await fetch(`/assets/games/${encodeURIComponent(gameName)}/look.json`);

            if (response.ok) return await response.json();
        } catch (error) {
            console.warn('the game is drawn plainly:', error);
        }
        return {};
    }

    static async load(game) {
        return new Look(game, { ...genericLook(game), ...(await Look.fetchData(game.name)) });
    }

    constructor(game, data) {
        const byName = new Map(game.kinds.map((kind) => [kind.name, kind]));
        const body = game.kinds.find(({ isBody }) => isBody);

        this.game = game;
        this.data = data;
        this.palette = data.palette;
        this.kinds = Object.entries(data.kinds)
            .filter(([name]) => byName.has(name))
            .map(([name, look]) => compileKind(look, byName.get(name)));
        this.tiles = new Map(
            Object.entries(data.tiles ?? {}).map(([tile, look]) => [tile.charCodeAt(0), look]),
        );
        this.controls = data.controls ?? {};
        this.events = new Map(game.eventKinds.map((kind) => [kind.name, this.#eventLook(kind)]));
        this.hud = this.#hudLook(data.hud ?? {}, body);
        this.leaderboard = this.#boardLook(data.leaderboard, byName);
        this.clock = this.#clockLook(data.clock, byName);
        this.soundNames = this.#soundNames();
    }

    /* 'standard', or 'safe': for eyes that confuse red and green. */
    usePalette(name) {
        this.palette = paletteOf(this.data, name);
    }

    /* The colour of what belongs to `seat`, for a player who sits at `ownSeat`: as chosen, else by the seat. */
    seatColour(seat, ownSeat) {
        if (seat === SEAT_NONE || seat === undefined) return this.palette.nobody;
        const { own, others } = this.palette;
        const chosen = this.chosenColour(seat);

        if (chosen > 0) return others[(chosen - 1) % others.length];
        return seat === ownSeat ? own : others[seat % others.length];
    }

    /* The same for texts. */
    nameColour(seat, ownSeat) {
        return readable(this.seatColour(seat, ownSeat));
    }

    #soundNames() {
        const events = [...this.events.values()].flatMap(({ effects }) => effects);
        const kinds = this.kinds.flatMap(({ appear, loop }) => [appear, loop]);
        const all = [...events.filter(({ effect }) => effect === 'sound'), ...kinds, this.data.sounds?.join];

        return new Set(all.filter(Boolean).map(({ name }) => name));
    }

    #eventLook(kind) {
        const { data } = this;
        const seats = seatFieldsOf(kind);
        const text = (source) =>
            source?.text === undefined ? null : compileText(source.text, source.words, seats);

        return {
            effects: (data.events?.[kind.name] ?? []).map((effect) => ({ ...effect, textOf: text(effect) })),
            feed: text(data.feed?.[kind.name]),
            announce: text(data.announce?.[kind.name]),
        };
    }

    #hudLook({ bars = [], values = [], notices = [] }, body) {
        const known = ({ field }) => wordOf(body, field) !== undefined;
        const withWord = (part) => ({ ...part, word: wordOf(body, part.field) });

        return {
            bars: bars.filter(known).map(withWord),
            values: values.filter(known).map(withWord),
            notices: body
                ? notices.map((notice) => ({
                      holds: compileConditions(notice.if, body),
                      values: reader(body),
                      textOf: compileText(notice.text, notice.words),
                  }))
                : [],
        };
    }

    #boardLook(board, byName) {
        const kind = byName.get(board?.kind);
        const order = wordOf(kind, board?.order);

        if (order === undefined) return null;
        return {
            kind: kind.index,
            order,
            sign: board.ascending ? 1 : -1,
            seat: wordOf(kind, board.seat),
            columns: (board.columns ?? []).map((field) => wordOf(kind, field)).filter((w) => w !== undefined),
        };
    }

    #clockLook(clock, byName) {
        const kind = byName.get(clock?.kind);
        const field = fieldOf(kind, clock?.field);

        if (!field) return null;
        return {
            kind: kind.index,
            word: field.word,
            span: field.span,
            holds: compileConditions(clock.if, kind),
        };
    }
}
