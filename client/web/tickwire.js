// tickwire.js - a connection to a Tickwire server and the view behind it (client/view, as WebAssembly).
//
//     const tickwire = await Tickwire.load();
//     tickwire.onstatus = ({ state, reason, retryMs }) => …;
//     tickwire.connect('wss://host/ws/updates', { name: 'Ada' });
//     // per animation frame:
//     tickwire.setInput({ buttons: 8, aim: 256 });
//     const frame = tickwire.frame();
//     for (const line of tickwire.takeLines()) …;
//
// It sends only when the socket holds nothing (bufferedAmount == 0), comes back into its seat after a
// break, and tells the server while the page is hidden. Drawn entities are read from the module's
// memory without copying: `frame.words` is valid until the next call.

import { SocketIoWire } from './socketio.js';

/* Close codes after which it is worth trying again; the others are the server's last word. */
const RETRY_CODES = new Set([1001, 1006, 1011, 1012, 1013]);
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5000;
const SILENCE_MS = 10000; // without a message this long, the connection counts as lost
const HIDDEN_POLL_MS = 1000;
const SEAT_KEY = 'tickwire.seat';
const TOKEN_BYTES = 16;
const RESULT_OK = 0;
const RESULT_INVALID = 2;

const VIEW = { entities: 1024, pasts: 32, seats: 65535, tiles: 1024 * 1024, halfX: 4096, halfY: 4096 };

/* enum view_phase of client/view/view.h. */
export const PHASE = { IDLE: 0, JOINING: 1, PLAYING: 2, ENDED: 3 };

/* enum drawn_flags, and the words of struct drawn of client/view/drawn.h. */
export const FLAG = { OWN: 1, MINE: 2, EXTRAPOLATED: 4, HELD: 8, PREDICTED: 16 };
export const DRAWN_WORDS = 26;
export const FIRST_WORD = 2;
export const SEAT_NONE = 0xffff;

/* Kinds and classes of shared/fields.h. */
export const KIND_FLAG = { BODY: 1, EVERYWHERE: 2 };
export const FIELD = { POSITION: 0, ANGLE: 1, UNSIGNED: 2, ENUM: 3, SEAT: 4, WARP: 5, NUMBER: 6 };
export const USERCMD = { BUTTONS: 0, ANGLE: 1, UNSIGNED: 2, SIGNED: 3 };
const EVENT_UNSEEN = -1;
export const EVENT = { NUMBER: 0, SEAT: 1, POSITION: 2 };

/* enum stats_word of client/web/wasm.c. */
const STATS = [
    'stateAgeUs', 'rttUs', 'rttMinUs', 'jitterUs', 'delayUs', 'updatesPerS', 'bytesPerS',
    'corrections', 'hashErrors', 'decodeErrors', 'pending', 'cadence', 'queued', 'held', 'correctedBy',
];

/* enum verdict_cause of client/view/verdict.h. */
const CAUSES = ['fine', 'link', 'server', 'machine', 'unknown'];

/* enum control_kind and enum camera_kind of shared/message.h, and the words of read_playback(). */
export const CONTROL = { PAUSE: 0, PLAY: 1, SPEED: 2, SEEK: 3, SEEK_BY: 4, STEP: 5, LIVE: 6 };
export const CAMERA = { AUTO: 0, SEAT: 1, ENTITY: 2, PLACE: 3 };
const PLAYBACK = ['first', 'last', 'tick', 'speed', 'isPaused', 'isAtEnd', 'isRunning', 'isLive'];
const MESSAGE_ABOUT = 0;

const nowUs = () => performance.now() * 1000;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/* Session storage may be forbidden; then a reload is a new seat. */
function loadSeat(url) {
    try {
        const seat = JSON.parse(sessionStorage.getItem(SEAT_KEY));

        return seat?.url === url ? seat : null;
    } catch {
        return null;
    }
}

function saveSeat(seat) {
    try {
        if (seat) sessionStorage.setItem(SEAT_KEY, JSON.stringify(seat));
        else sessionStorage.removeItem(SEAT_KEY);
    } catch {
        // Without storage we go on.
    }
}

export class Tickwire {
    /* Called with {state, code, reason, retryMs, attempt}; state: 'connecting', 'joined' (also `resumed`),
     * 'lost' (it will try again in retryMs) or 'ended'. */
    onstatus = () => {};

    /* Called with what a recording holds, once for each that is watched. */
    onabout = () => {};

    /* What the game's tables say, from the welcome on: see readGame(). */
    game = null;
    attempt = 0;
    unsentBytes = 0; // when the last frame began

    static async load(url = new URL('tickwire.wasm', import.meta.url)) {
        const { instance } = await WebAssembly.instantiateStreaming(fetch(url), {});

        return new Tickwire(instance.exports);
    }

    constructor(wasm) {
        this.wasm = wasm;
        this.memory = wasm.memory.buffer;
        this.bytes = new Uint8Array(this.memory);
        this.words = new Int32Array(this.memory);
        this.halves = new Uint16Array(this.memory);
        if (!wasm.init(VIEW.entities, VIEW.pasts, VIEW.seats, VIEW.tiles, VIEW.halfX, VIEW.halfY)) {
            throw new Error('the view does not fit into its module');
        }
        document.addEventListener('visibilitychange', () => this.#followVisibility());
        setInterval(() => this.#watch(), HIDDEN_POLL_MS);
    }

    // ---- the connection -----------------------------------------------------------------------------

    /* Connects, and again whenever the connection is lost, until disconnect() or the server's last word.
     * `colour`: an entry of the look's palette from 1 on, 0: by the seat; without it a seat keeps its own. */
    connect(url, { name = '', colour, transport = 'websocket' } = {}) {
        this.disconnect();
        this.url = url;
        this.transport = transport;
        this.hasFailed = false;
        this.wasm.forget_seat();
        this.#putText(name);
        this.wasm.set_name();
        if (colour !== undefined) this.wasm.set_colour(colour);
        this.#restoreSeat();
        this.attempt = 0;
        this.#open();
    }

    disconnect() {
        clearTimeout(this.retryTimer);
        this.socket?.close(1000);
        this.socket = null;
    }

    /* Gives the seat up: the next connect() is somebody new. */
    forgetSeat() {
        saveSeat(null);
        this.wasm.forget_seat();
    }

    /* A WebSocket, or, where `transport` says so or WebSockets do not get through, what stands for one. */
    #makeSocket() {
        const isAsked = this.transport === 'socketio' || this.hasFailed;

        return isAsked && SocketIoWire.carries(this.url)
            ? new SocketIoWire(this.url)
            : new WebSocket(this.url, 'tickwire.v1');
    }

    #open() {
        const socket = this.#makeSocket();
        let isOpen = false;

        this.socket = socket;
        this.heardMs = performance.now();
        this.#report('connecting');
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => {
            if (socket !== this.socket) return;
            isOpen = true;
            this.wasm.connect();
            this.game = null;
            this.wasm.set_hidden(document.hidden);
            this.#send();
        };
        socket.onmessage = ({ data }) => {
            if (socket === this.socket) this.#receive(data);
        };
        socket.onclose = ({ code, reason }) => {
            if (socket !== this.socket) return;
            // Which of the two does not get through shows when the other one does.
            if (!this.game) this.hasFailed = !isOpen;
            this.#close(code, reason);
        };
    }

    /* Decoded at once; drawn with the next frame. */
    #receive(data) {
        this.heardMs = performance.now();
        if (typeof data === 'string' || data.byteLength > this.wasm.in_bytes()) return;
        this.bytes.set(new Uint8Array(data), this.wasm.in_at());
        const result = this.wasm.receive(data.byteLength, nowUs());
        const [type] = new Uint8Array(data, 0, Math.min(1, data.byteLength));

        if (type === MESSAGE_ABOUT) this.onabout(JSON.parse(decoder.decode(new Uint8Array(data, 1))));

        if (result !== RESULT_OK && result !== RESULT_INVALID) {
            const code = this.wasm.bye_code();

            this.bye = { code, reason: this.#text(this.wasm.bye_reason_at()) };
        }
        if (!this.game && this.wasm.map_tiles_at()) this.#join();
    }

    #join() {
        this.game = this.#readGame();
        this.attempt = 0;
        const at = this.wasm.token_at();
        const seat = this.wasm.own_seat();

        if (seat !== SEAT_NONE) {
            const token = Array.from(this.bytes.subarray(at, at + TOKEN_BYTES));

            saveSeat({ url: this.url, seat, token });
        }
        this.#report('joined', { resumed: Boolean(this.wasm.is_resumed()) });
    }

    #close(closeCode, closeReason) {
        const { code, reason } = this.bye ?? { code: closeCode, reason: closeReason };

        this.bye = null;
        this.socket = null;
        if (!RETRY_CODES.has(code)) {
            if (code !== 1000) saveSeat(null);
            this.#report('ended', { code, reason });
            return;
        }
        // Half of the wait is random, so that many who were lost together do not return together.
        const fullMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.attempt);
        const retryMs = fullMs / 2 + Math.random() * (fullMs / 2);

        this.attempt++;
        this.#report('lost', { code, reason, retryMs });
        this.retryTimer = setTimeout(() => this.#open(), retryMs);
    }

    #report(state, details = {}) {
        this.onstatus({ state, attempt: this.attempt, ...details });
    }

    #restoreSeat() {
        const seat = loadSeat(this.url);

        if (!seat) return;
        this.bytes.set(seat.token.slice(0, TOKEN_BYTES), this.wasm.text_at());
        this.wasm.set_seat(seat.seat);
    }

    #send() {
        const { socket, wasm } = this;

        if (socket?.readyState !== WebSocket.OPEN) return;
        let length;

        // What is not sent now waits in the view: usercmds merge there, and nothing else piles up.
        while ((length = wasm.poll(nowUs(), socket.bufferedAmount)) > 0) {
            socket.send(this.bytes.slice(wasm.out_at(), wasm.out_at() + length));
        }
    }

    #followVisibility() {
        this.wasm.set_hidden(document.hidden);
        this.heardMs = performance.now();
        this.#send();
    }

    /* Once a second, also while no frames are drawn. */
    #watch() {
        this.#send();
        if (!this.socket || document.hidden) return;
        if (performance.now() - this.heardMs < SILENCE_MS) return;
        // A close handshake with a peer that is gone would take as long again.
        const { socket } = this;

        socket.onclose = null;
        socket.close();
        this.#close(1006, '');
    }

    // ---- per frame ----------------------------------------------------------------------------------

    /* Takes {field: number} by the names of game.usercmdFields; what is missing is 0. */
    setInput(input) {
        const at = this.wasm.input_at() / 4;

        this.game?.usercmdFields.forEach(({ name }, i) => {
            this.words[at + i] = input[name] ?? 0;
        });
        this.wasm.set_input();
    }

    /* Sends what is due and computes what to draw. Entity i has, in `words` (an Int32Array), its field word w
     * at at + i * DRAWN_WORDS + FIRST_WORD + w; slot(i), kind(i) and so on tell the rest. */
    frame() {
        this.unsentBytes = this.socket?.bufferedAmount ?? 0;
        this.#send();
        const phase = this.wasm.frame(nowUs());
        const at = this.wasm.drawn_at() / 4;

        return {
            phase,
            words: this.words,
            at,
            count: this.wasm.drawn_count(),
            ownIndex: this.wasm.own_index(),
            tick: this.wasm.moment_tick(),
            slot: (i) => this.halves[(at + i * DRAWN_WORDS) * 2],
            generation: (i) => this.bytes[(at + i * DRAWN_WORDS) * 4 + 2],
            kind: (i) => this.bytes[(at + i * DRAWN_WORDS) * 4 + 3] - 1,
            owner: (i) => this.halves[(at + i * DRAWN_WORDS) * 2 + 2],
            flags: (i) => this.halves[(at + i * DRAWN_WORDS) * 2 + 3],
            word: (i, word) => this.words[at + i * DRAWN_WORDS + FIRST_WORD + word],
        };
    }

    /* The lines that have happened since: {tick, chat: {seat, text}} or {tick, event: {kind, values}}, where
     * kind is one of game.eventKinds and values are by field name: positions in units, if in sight. With
     * `foreseen`, a number, it is one's own doing and not yet told by the server: see takeWithdrawn(). */
    takeLines() {
        const { wasm } = this;
        const lines = [];

        while (this.game && wasm.take_line()) {
            const tick = wasm.line_tick();

            lines.push(wasm.line_is_chat()
                ? { tick, chat: { seat: wasm.line_chat_seat(), text: this.#chatText() } }
                : { tick, event: this.#event(), foreseen: wasm.line_foreseen() });
        }
        return lines;
    }

    /* The numbers of foreseen lines that turned out not to be true: what was drawn for them is to go. */
    takeWithdrawn() {
        const numbers = [];

        for (let number; (number = this.wasm.take_withdrawn()) !== 0; ) numbers.push(number);
        return numbers;
    }

    /* Says a line of chat. False: it is too long, or not showable. */
    say(text) {
        return this.#putText(text) && Boolean(this.wasm.say());
    }

    /* What came and went in the last seconds as a file for tickwire-replay; null before a match. */
    capture() {
        const { wasm } = this;
        const parts = [];

        if (!wasm.capture_save(Date.now(), nowUs())) return null;
        for (let i = 0; wasm.capture_part_at(i); i++) {
            const at = wasm.capture_part_at(i);
            parts.push(this.bytes.slice(at, at + wasm.capture_part_bytes(i)));
        }
        return new Blob(parts, { type: 'application/octet-stream' });
    }

    /* What the server said last about the recording that is watched, null if none is: {first, last, tick,
     * speed (a power of two), isPaused, isAtEnd, isRunning, isLive}. */
    playback() {
        const at = this.wasm.read_playback() / 4;

        if (at === 0) return null;
        const [first, last, tick, speed, ...flags] = this.words.subarray(at, at + PLAYBACK.length);

        return Object.fromEntries(PLAYBACK.map((name, i) => [name, [first, last, tick, speed][i] ?? flags[i - 4] !== 0]));
    }

    /* Asks for another moment or pace: a CONTROL, and its tick or amount. False: too many wait. */
    control(kind, value = 0) {
        const isTaken = Boolean(this.wasm.control(kind, value));

        this.#send();
        return isTaken;
    }

    /* Looks from elsewhere: a CAMERA, and a seat, a slot and generation, or a place in units. */
    camera(kind, a = 0, b = 0) {
        this.wasm.camera(kind, a, b);
        this.#send();
    }

    stats() {
        this.wasm.read_stats(nowUs());
        const at = this.wasm.stats_at() / 4;
        const stats = Object.fromEntries(STATS.map((name, i) => [name, this.words[at + i]]));

        return { ...stats, unsentBytes: this.unsentBytes };
    }

    /* Whose fault the last stutter was, in words: {cause: 'fine', 'link', 'server', 'machine' or 'unknown',
     * text, stutters: {link, server, machine}}, the last ever counted. */
    verdict() {
        const cause = CAUSES[this.wasm.read_verdict(nowUs())];
        const counted = ['link', 'server', 'machine'].map((name) => [name, this.wasm.verdict_count(CAUSES.indexOf(name))]);

        return { cause, text: this.#text(this.wasm.verdict_at()), stutters: Object.fromEntries(counted) };
    }

    /* The name of the player in that seat; '' if unknown. */
    name(seat) {
        return this.#text(this.wasm.name_at(seat));
    }

    /* The colour that player has chosen, an entry of the look's palette from 1 on; 0: by the seat. */
    colour(seat) {
        return this.wasm.colour(seat);
    }

    // ---- reading the module -------------------------------------------------------------------------

    #chatText() {
        const at = this.wasm.line_chat_at();

        return decoder.decode(this.bytes.subarray(at, at + this.wasm.line_chat_bytes()));
    }

    #event() {
        const kind = this.game.eventKinds[this.wasm.line_event_kind()];
        const at = this.wasm.line_event_words() / 4;
        const values = {};

        kind.fields.forEach(({ name, value }, i) => {
            const word = this.words[at + i];

            // A place that one cannot see is not told.
            if (value !== EVENT.POSITION) values[name] = word;
            else if (word !== EVENT_UNSEEN) values[name] = word / this.game.unit;
        });
        return { kind, values };
    }

    #text(at) {
        return at === 0 ? '' : decoder.decode(this.bytes.subarray(at, this.bytes.indexOf(0, at)));
    }

    #putText(text) {
        const at = this.wasm.text_at();
        const area = this.bytes.subarray(at, at + this.wasm.text_bytes() - 1);
        const { read, written } = encoder.encodeInto(text, area);

        area[written] = 0;
        return read === text.length;
    }

    #readGame() {
        const { wasm } = this;
        const list = (count, read) => Array.from({ length: count }, (_, i) => read(i));

        return {
            name: this.#text(wasm.game_at()),
            room: this.#text(wasm.room_at()),
            seat: wasm.own_seat(),
            unit: wasm.game_unit(),
            tileUnits: wasm.game_tile_units(),
            halfX: wasm.game_half_x(),
            halfY: wasm.game_half_y(),
            map: {
                width: wasm.map_width(),
                height: wasm.map_height(),
                tiles: this.bytes.subarray(
                    wasm.map_tiles_at(),
                    wasm.map_tiles_at() + wasm.map_width() * wasm.map_height(),
                ),
            },
            kinds: list(wasm.kind_count(), (kind) => ({
                index: kind,
                name: this.#text(wasm.kind_name_at(kind)),
                isBody: (wasm.kind_flags(kind) & KIND_FLAG.BODY) !== 0,
                isEverywhere: (wasm.kind_flags(kind) & KIND_FLAG.EVERYWHERE) !== 0,
                xWord: wasm.kind_x_word(kind),
                yWord: wasm.kind_y_word(kind),
                fields: list(wasm.kind_field_count(kind), (field) => ({
                    name: this.#text(wasm.field_name_at(kind, field)),
                    kind: wasm.field_kind(kind, field),
                    word: wasm.field_word(kind, field),
                    span: wasm.field_span(kind, field),
                })),
            })),
            usercmdFields: list(wasm.usercmd_field_count(), (field) => ({
                name: this.#text(wasm.usercmd_name_at(field)),
                kind: wasm.usercmd_kind(field),
                min: wasm.usercmd_min(field),
                max: wasm.usercmd_max(field),
            })),
            eventKinds: list(wasm.event_kind_count(), (kind) => ({
                name: this.#text(wasm.event_kind_name_at(kind)),
                fields: list(wasm.event_field_count(kind), (field) => ({
                    name: this.#text(wasm.event_field_name_at(kind, field)),
                    value: wasm.event_field_value(kind, field),
                })),
            })),
        };
    }
}
