// tickwire.d.ts - the types of tickwire.js, for games written in TypeScript or checked by it.

/** What a view is doing. */
export const PHASE: { readonly IDLE: 0; readonly JOINING: 1; readonly PLAYING: 2; readonly ENDED: 3 };

/** Bits of {@link Frame.flags}. */
export const FLAG: {
    /** The own body. */
    readonly OWN: 1;
    /** Belongs to the own seat. */
    readonly MINE: 2;
    /** Drawn beyond the newest state. */
    readonly EXTRAPOLATED: 4;
    /** Has stood still for want of news. */
    readonly HELD: 8;
    /** Moved ahead by the own input. */
    readonly PREDICTED: 16;
};

/** Words from one entity of {@link Frame.words} to the next. */
export const DRAWN_WORDS: 26;
/** An entity's first field word. */
export const FIRST_WORD: 2;
/** The seat of nobody. */
export const SEAT_NONE: 65535;

export const KIND_FLAG: { readonly BODY: 1; readonly EVERYWHERE: 2 };
export const FIELD: {
    readonly POSITION: 0;
    readonly ANGLE: 1;
    readonly UNSIGNED: 2;
    readonly ENUM: 3;
    readonly SEAT: 4;
    readonly WARP: 5;
    readonly NUMBER: 6;
};
export const USERCMD: { readonly BUTTONS: 0; readonly ANGLE: 1; readonly UNSIGNED: 2; readonly SIGNED: 3 };
export const EVENT: { readonly NUMBER: 0; readonly SEAT: 1; readonly POSITION: 2 };

/** What {@link Tickwire.control} asks of a recording, or of a spectator's past. */
export const CONTROL: {
    readonly PAUSE: 0;
    readonly PLAY: 1;
    /** By a power of two, -3 to 4: 0 as it was played, 1 twice as fast. */
    readonly SPEED: 2;
    /** To a tick. */
    readonly SEEK: 3;
    /** By ticks, on or back. */
    readonly SEEK_BY: 4;
    /** By up to 1000 ticks, on or back, and pauses there. */
    readonly STEP: 5;
    /** Back to the running match. */
    readonly LIVE: 6;
};

/** Whom or where {@link Tickwire.camera} looks at. */
export const CAMERA: { readonly AUTO: 0; readonly SEAT: 1; readonly ENTITY: 2; readonly PLACE: 3 };

type ValueOf<T> = T[keyof T];

export interface Options {
    /** Up to 24 bytes of UTF-8; without it the server makes one up. */
    name?: string;
    /** 1 to 12, an entry of the look's palette; 0: by the seat; without it a seat keeps its own. */
    colour?: number;
    /** 'socketio' where WebSockets are known not to get through; else that is tried by itself. */
    transport?: 'websocket' | 'socketio';
}

interface Attempt {
    /** How often in a row it was tried in vain. */
    attempt: number;
}

export type Status =
    | ({ state: 'connecting' } & Attempt)
    | ({ state: 'joined'; resumed: boolean } & Attempt)
    /** It will be tried again in `retryMs`. */
    | ({ state: 'lost'; code: number; reason: string; retryMs: number } & Attempt)
    /** The server's last word. */
    | ({ state: 'ended'; code: number; reason: string } & Attempt);

export interface Field {
    name: string;
    /** One of {@link FIELD}. */
    kind: number;
    /** For {@link Frame.word}. */
    word: number;
    /** How many values it has; 0 of what does not go round. */
    span: number;
}

export interface Kind {
    /** As told by {@link Frame.kind}. */
    index: number;
    name: string;
    /** What a player steers. */
    isBody: boolean;
    /** It has no place and is seen from everywhere. */
    isEverywhere: boolean;
    xWord: number;
    yWord: number;
    fields: Field[];
}

export interface UsercmdField {
    name: string;
    /** One of {@link USERCMD}. */
    kind: number;
    min: number;
    max: number;
}

export interface EventKind {
    name: string;
    fields: {
        name: string;
        /** One of {@link EVENT}. */
        value: number;
    }[];
}

/** What the game's tables say. */
export interface Game {
    name: string;
    room: string;
    /** The own seat; {@link SEAT_NONE} of a spectator. */
    seat: number;
    /** Words of positions to one unit of length. */
    unit: number;
    /** A map tile's edge, in units. */
    tileUnits: number;
    /** What one may see at most to each side, in units. */
    halfX: number;
    halfY: number;
    map: {
        width: number;
        height: number;
        /** Row by row, as characters; straight from the module's memory. */
        tiles: Uint8Array;
    };
    kinds: Kind[];
    usercmdFields: UsercmdField[];
    eventKinds: EventKind[];
}

/** What to draw now. Valid until the next call of anything. */
export interface Frame {
    phase: ValueOf<typeof PHASE>;
    /** The module's memory: field word w of entity i is at `at + i * DRAWN_WORDS + FIRST_WORD + w`. */
    words: Int32Array;
    at: number;
    count: number;
    /** Of the own body, -1: one has none. */
    ownIndex: number;
    /** Of everything but the own body. */
    tick: number;
    slot(i: number): number;
    generation(i: number): number;
    /** Indexes {@link Game.kinds}. */
    kind(i: number): number;
    /** A seat, or {@link SEAT_NONE}. */
    owner(i: number): number;
    /** Bits of {@link FLAG}. */
    flags(i: number): number;
    word(i: number, word: number): number;
}

export interface ChatLine {
    tick: number;
    chat: {
        /** {@link SEAT_NONE}: the server says it. */
        seat: number;
        text: string;
    };
    event?: undefined;
}

export interface EventLine {
    tick: number;
    event: {
        kind: EventKind;
        /** By field name; positions in units, left out where they are out of sight. */
        values: { [field: string]: number };
    };
    /** Not 0: the own doing, not yet told by the server; see {@link Tickwire.takeWithdrawn}. */
    foreseen: number;
    chat?: undefined;
}

export type Line = ChatLine | EventLine;

/** Where a recording stands. */
export interface Playback {
    /** The first tick that may be sought, and the last. */
    first: number;
    last: number;
    /** The one shown. */
    tick: number;
    /** A power of two: 0 as it was played, -1 half as fast. */
    speed: number;
    isPaused: boolean;
    isAtEnd: boolean;
    /** The match goes on, and `last` grows. */
    isRunning: boolean;
    /** What is shown is the running match. */
    isLive: boolean;
}

/** What a recording holds: shared/PROTOCOL.md, "Watching". */
export interface About {
    recording: string;
    room: string;
    game: string;
    /** Milliseconds since 1970. */
    started: number;
    /** Ticks a second. */
    rate: number;
    status: 'recording' | 'complete' | 'incomplete' | 'truncated';
    kinds: { type: string; fields: string[] }[];
    /** Seat, name, whether a bot, the first tick, the last (null: to the end), the colour. */
    players: [number, string, boolean, number, number | null, number][];
    /** Tick, index into `kinds`, the values of its fields. */
    marks: [number, number, ...(number | null)[]][];
}

export interface Stats {
    /** -1: not known yet. */
    stateAgeUs: number;
    rttUs: number;
    rttMinUs: number;
    jitterUs: number;
    /** How far behind the server's time others are drawn. */
    delayUs: number;
    updatesPerS: number;
    bytesPerS: number;
    /** Of the own body, ever. */
    corrections: number;
    hashErrors: number;
    decodeErrors: number;
    /** Inputs that the server has not confirmed. */
    pending: number;
    /** Ticks between two snapshots. */
    cadence: number;
    /** Inputs that wait in the room. */
    queued: number;
    /** Entities that stand still for want of news. */
    held: number;
    /** How far the last correction moved the own body, in words of a position. */
    correctedBy: number;
    unsentBytes: number;
}

export interface Verdict {
    cause: 'fine' | 'link' | 'server' | 'machine' | 'unknown';
    text: string;
    /** How often each was it, ever. */
    stutters: { link: number; server: number; machine: number };
}

/** A connection, and the view behind it. One page has one, for it follows the page's visibility. */
export class Tickwire {
    /** Loads the module: tickwire.wasm beside this file, unless said otherwise. */
    static load(url?: string | URL): Promise<Tickwire>;
    /** Of an instance's exports, where load() will not do. */
    constructor(wasm: WebAssembly.Exports);

    onstatus: (status: Status) => void;
    /** Called once for each recording that is watched. */
    onabout: (about: About) => void;
    /** Null until one has joined, and again while one comes back. */
    readonly game: Game | null;
    readonly attempt: number;
    /** What the socket held when the last frame began. */
    readonly unsentBytes: number;

    /** Connects, and again whenever the connection is lost, until disconnect() or the server's last word. */
    connect(url: string, options?: Options): void;
    disconnect(): void;
    /** The next connect() is somebody new. */
    forgetSeat(): void;

    /** What the player does now, by the names of game.usercmdFields; what is missing is 0. */
    setInput(input: { [field: string]: number }): void;
    /** Sends what is due and computes what to draw: to be called for each animation frame. */
    frame(): Frame;
    /** What has happened in the time drawn by the last frame(). */
    takeLines(): Line[];
    /** Foreseen lines that turned out not to be true: what was drawn for them is to go. */
    takeWithdrawn(): number[];
    /** False: it is too long, or not showable. */
    say(text: string): boolean;

    /** Of the recording that is watched; null if none is. */
    playback(): Playback | null;
    /** False: too many wait. */
    control(kind: ValueOf<typeof CONTROL>, value?: number): boolean;
    /** `a` and `b`: a seat; a slot and a generation; or a place in units. */
    camera(kind: ValueOf<typeof CAMERA>, a?: number, b?: number): void;

    /** '' if it is not known. */
    name(seat: number): string;
    /** As chosen, 1 to 12; 0: by the seat. */
    colour(seat: number): number;

    /** The last seconds of what came and went, for tickwire-replay; null before a match. */
    capture(): Blob | null;
    stats(): Stats;
    /** Whose fault the last stutter was. */
    verdict(): Verdict;
}
