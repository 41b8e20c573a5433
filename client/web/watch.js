// watch.js - the bar by which one moves through a recording: timeline, speed, whom to follow; and the camera.
//
// It stands on what the server says about the playback (Tickwire.playback()) and about the recording (onabout);
// the marks are the game's own events, in the words of its look. A spectator of a running match has the camera
// and a way back into the match's past.

import { find, setText } from './dom.js';
import { CAMERA, CONTROL, PHASE, SEAT_NONE } from './tickwire.js';

const TICKS_PER_S = 20;
const JUMP_TICKS = 5 * TICKS_PER_S;
const REWIND_TICKS = 10 * TICKS_PER_S;
const SPEED_MIN = -3;
const SPEED_MAX = 4;
const SEEK_MS = 250; // without an answer for so long, the next seek goes out all the same
const CAMERA_MS = 100;
const CAMERA_UNITS_PER_S = 700;
const CAMERA_STEP_UNITS = 8;
const NEAR_PIXELS = 6;
const COPIED_MS = 1500;
const MARK_COLOURS = ['#ff6b81', '#ffb454', '#b38bff', '#5fb8ff', '#d6e35a', '#ff8ad8'];
const JOIN_COLOUR = '#5ff0d0';
const PAN_KEYS = { KeyW: [0, -1], KeyS: [0, 1], KeyA: [-1, 0], KeyD: [1, 0] };
const CHOICE = { AUTO: 'auto', FREE: 'free' };

/* 83.4 s is 1:23; with tenths, 1:23.4. */
export function clockText(ticks, tenths = false) {
    const seconds = Math.max(0, ticks) / TICKS_PER_S;
    const minutes = Math.floor(seconds / 60);
    const rest = tenths ? (Math.floor(seconds * 10) / 10 - minutes * 60).toFixed(1) : String(Math.floor(seconds % 60));
    const hours = Math.floor(minutes / 60);

    if (hours === 0) return `${minutes}:${rest.padStart(tenths ? 4 : 2, '0')}`;
    return `${hours}:${String(minutes % 60).padStart(2, '0')}:${rest.padStart(tenths ? 4 : 2, '0')}`;
}

const speedText = (speed) => (speed >= 0 ? `${2 ** speed}×` : `1/${2 ** -speed}×`);

export class Watch {
    /* `say(text)` tells the watcher something for a moment. */
    constructor(tickwire, canvas, say) {
        this.tickwire = tickwire;
        this.canvas = canvas;
        this.say = say;
        this.held = new Set();
        this.about = null;
        this.choice = CHOICE.AUTO;
        this.frame = null;
        this.#listen();
        new ResizeObserver(() => this.#drawMarks()).observe(find('#marks'));
    }

    /* From now on watches that game; `texts(tick)` is what its texts need to know. */
    use(game, look, renderer, texts) {
        const wasWatching = this.game !== undefined;

        Object.assign(this, { game, look, renderer, texts, seekingTick: null, wantedTick: null, drawnTick: null });
        this.isOn = game.seat === SEAT_NONE;
        document.body.classList.toggle('watching', this.isOn);
        find('#watch').hidden = !this.isOn;
        if (!this.isOn) return;
        renderer.watched = {};
        this.#drawMarks();
        if (wasWatching) this.#choose(this.choice); // a new connection knows nothing of it
    }

    /* What the recording holds: the message `about` of PROTOCOL.md. */
    tell(about) {
        this.about = about;
        this.#drawMarks();
    }

    get tick() {
        return this.frame?.tick ?? 0;
    }

    // ---- per frame ----------------------------------------------------------------------------------

    /* Takes note of a frame before it is drawn. */
    update(frame, nowMs) {
        const playback = this.tickwire.playback();

        if (!this.isOn || frame.phase !== PHASE.PLAYING) return;
        this.frame = frame;
        this.#forgetTrailsAfterJump(frame.tick);
        this.#moveCamera(nowMs);
        this.playback = playback;
        this.isPast = Boolean(playback) && !playback.isLive;
        find('#watch').classList.toggle('live', !this.isPast);
        this.#seekOn(nowMs);
        this.#showPlace(playback);
        this.#showControls(playback);
        this.#listPlayers();
    }

    /* What was drawn before does not lead to what is drawn now. */
    #forgetTrailsAfterJump(tick) {
        if (this.drawnTick !== null && Math.abs(tick - this.drawnTick) > JUMP_TICKS) this.renderer.trails.clear();
        this.drawnTick = tick;
    }

    /* The moment that the bar shows: the one that is wanted, while one drags. */
    #shownTick() {
        return this.wantedTick ?? this.seekingTick ?? this.tick;
    }

    #showPlace(playback) {
        if (!this.isPast) return;
        const { first, last } = playback;
        const tick = Math.min(Math.max(this.#shownTick(), first), last);
        const part = last > first ? (tick - first) / (last - first) : 0;
        const timeline = find('#timeline');

        timeline.style.setProperty('--part', part.toFixed(5));
        setText(find('#place'), `${clockText(tick - first, true)} / ${clockText(last - first)}`);
        if (last !== this.drawnLast) this.#drawMarks();
        if (Math.floor(tick / TICKS_PER_S) === this.toldSecond) return;
        this.toldSecond = Math.floor(tick / TICKS_PER_S);
        timeline.setAttribute('aria-valuemin', first);
        timeline.setAttribute('aria-valuemax', last);
        timeline.setAttribute('aria-valuenow', tick);
        timeline.setAttribute('aria-valuetext', `${clockText(tick - first)} of ${clockText(last - first)}`);
    }

    #showControls(playback) {
        const isStill = this.isPast && (playback.isPaused || playback.isAtEnd);

        find('#watch').classList.toggle('still', isStill);
        find('#pause').setAttribute('aria-label', isStill ? 'Play' : 'Pause');
        setText(find('#speed'), speedText(this.isPast ? playback.speed : 0));
        find('#live').hidden = this.isPast && !(playback.isRunning && this.isSpectating);
        find('#live').disabled = !this.isPast;
    }

    // ---- time ---------------------------------------------------------------------------------------

    #control(kind, value = 0) {
        this.tickwire.control(kind, value);
    }

    /* One seek is under way at a time; while one drags, the next one is the last that was wanted. */
    seek(tick) {
        this.wantedTick = Math.round(tick);
        this.#seekOn(performance.now());
    }

    #seekOn(nowMs) {
        const isAnswered = this.playback && this.playback.tick === this.seekingTick && this.tick === this.seekingTick;

        if (isAnswered || nowMs - this.soughtMs > SEEK_MS) this.seekingTick = null;
        if (this.wantedTick === null || this.seekingTick !== null) return;
        this.seekingTick = this.wantedTick;
        this.wantedTick = null;
        this.soughtMs = nowMs;
        this.#control(CONTROL.SEEK, this.seekingTick);
    }

    #jump(ticks) {
        if (!this.isPast) {
            if (ticks < 0) this.#control(CONTROL.SEEK_BY, -REWIND_TICKS);
            return;
        }
        const { first, last } = this.playback;

        this.seek(Math.min(Math.max(this.#shownTick() + ticks, first), last));
    }

    #step(ticks) {
        if (this.isPast) this.#control(CONTROL.STEP, ticks);
    }

    #pause() {
        const { playback } = this;

        if (!this.isPast) return;
        this.#control(playback.isPaused || playback.isAtEnd ? CONTROL.PLAY : CONTROL.PAUSE);
    }

    #changeSpeed(by) {
        if (!this.isPast) return;
        const speed = Math.min(Math.max(this.playback.speed + by, SPEED_MIN), SPEED_MAX);

        if (speed !== this.playback.speed) this.#control(CONTROL.SPEED, speed);
    }

    /* A link to what is shown now, for anybody who may watch. */
    async #copyLink() {
        const id = this.about?.recording;

        if (!id) return;
        const link = `${location.origin}/replay/${id}?t=${this.#shownTick()}`;

        try {
            await navigator.clipboard.writeText(link);
            this.say('Link to this moment copied');
        } catch {
            this.say(link); // without a clipboard one can read it
        }
        find('#link').classList.add('done');
        setTimeout(() => find('#link').classList.remove('done'), COPIED_MS);
    }

    // ---- the camera ---------------------------------------------------------------------------------

    /* Those who play at the moment that is shown: [{seat, name, isBot}], people first. */
    #players() {
        const { tick, about } = this;

        if (this.isPast && about) {
            return about.players
                .filter(([, , , from, to]) => from <= tick && (to === null || to >= tick))
                .map(([seat, name, isBot]) => ({ seat, name: name || `player ${seat}`, isBot }));
        }
        const seats = new Set();

        for (let i = 0; i < this.frame.count; i++) {
            if (this.game.kinds[this.frame.kind(i)].isBody && this.frame.owner(i) !== SEAT_NONE)
                seats.add(this.frame.owner(i));
        }
        if (typeof this.choice === 'number') seats.add(this.choice);
        return [...seats].sort((a, b) => a - b)
            .map((seat) => ({ seat, name: this.tickwire.name(seat) || `player ${seat}`, isBot: false }));
    }

    #listPlayers() {
        const players = this.#players();
        const text = JSON.stringify(players);
        const select = find('#follow');

        if (text === this.listed) return;
        this.listed = text;
        select.replaceChildren(
            new Option('Anybody', CHOICE.AUTO),
            new Option('Free camera', CHOICE.FREE),
            ...players.map(({ seat, name, isBot }) => new Option(isBot ? `${name} (bot)` : name, String(seat))),
        );
        select.value = String(this.choice);
        if (select.value === '') { // whoever is followed has left
            select.append(new Option(this.tickwire.name(this.choice) || `player ${this.choice}`, String(this.choice)));
            select.value = String(this.choice);
        }
    }

    #choose(choice) {
        const { tickwire, renderer } = this;

        this.choice = choice;
        find('#follow').value = String(choice);
        this.canvas.classList.toggle('pannable', choice === CHOICE.FREE);
        if (choice === CHOICE.FREE) {
            renderer.watched = { place: { ...renderer.camera } };
            this.#sendPlace();
        } else if (choice === CHOICE.AUTO) {
            renderer.watched = {};
            tickwire.camera(CAMERA.AUTO);
        } else {
            renderer.watched = { seat: choice };
            tickwire.camera(CAMERA.SEAT, choice);
        }
    }

    #chooseNext(by) {
        const seats = this.#players().map(({ seat }) => seat);
        const at = seats.indexOf(this.choice);

        if (seats.length === 0) return;
        this.#choose(seats[at < 0 ? (by > 0 ? 0 : seats.length - 1) : (at + by + seats.length) % seats.length]);
    }

    #sendPlace() {
        const { x, y } = this.renderer.watched.place;

        this.sentPlace = { x, y };
        this.sentMs = performance.now();
        this.tickwire.camera(CAMERA.PLACE, Math.round(x), Math.round(y));
    }

    #pan(x, y) {
        const { map, tileUnits } = this.game;
        const { place } = this.renderer.watched;

        place.x = Math.min(Math.max(place.x + x, 0), map.width * tileUnits);
        place.y = Math.min(Math.max(place.y + y, 0), map.height * tileUnits);
    }

    #moveCamera(nowMs) {
        const passedS = Math.min(nowMs - (this.movedMs ?? nowMs), 100) / 1000;

        this.movedMs = nowMs;
        if (this.choice !== CHOICE.FREE || !this.renderer.watched.place) return;
        for (const code of this.held) {
            const [x, y] = PAN_KEYS[code];

            this.#pan(x * passedS * CAMERA_UNITS_PER_S, y * passedS * CAMERA_UNITS_PER_S);
        }
        const { place } = this.renderer.watched;
        const far = Math.hypot(place.x - this.sentPlace.x, place.y - this.sentPlace.y);

        if (far >= CAMERA_STEP_UNITS && nowMs - this.sentMs >= CAMERA_MS) this.#sendPlace();
    }

    // ---- the timeline -------------------------------------------------------------------------------

    /* Marks: [{tick, colour, text()}], from the recording's events, and from who came. */
    #marks() {
        const { about, look, texts } = this;

        if (!about || !look) return [];
        const nameAt = (seat, tick) =>
            about.players.find(([s, , , from, to]) => s === seat && from <= tick && (to === null || to >= tick))?.[1];
        const events = about.marks.map(([tick, index, ...values]) => {
            const { type, fields } = about.kinds[index];
            const value = (name) => values[fields.indexOf(name)] ?? SEAT_NONE;
            const { feed, announce } = look.events.get(type) ?? {};
            const words = { ...texts(tick), name: (seat) => nameAt(seat, tick) || texts(tick).name(seat) };

            return {
                tick,
                colour: MARK_COLOURS[index % MARK_COLOURS.length],
                text: () => (feed ?? announce)?.(value, words) ?? type.replaceAll('_', ' '),
            };
        });
        const joins = about.players.filter(([, , isBot]) => !isBot).map(([, name, , from]) => ({
            tick: from,
            colour: JOIN_COLOUR,
            isJoin: true,
            text: () => `${name || 'somebody'} joined`,
        }));

        return [...events, ...joins];
    }

    #xOf(tick) {
        const { first, last } = this.playback;

        return last > first ? ((tick - first) / (last - first)) * find('#marks').clientWidth : 0;
    }

    #drawMarks() {
        const canvas = find('#marks');
        const ratio = window.devicePixelRatio || 1;
        const context = canvas.getContext('2d');

        if (!this.playback || canvas.clientWidth === 0) return;
        this.drawnLast = this.playback.last;
        this.marks = this.#marks();
        canvas.width = Math.round(canvas.clientWidth * ratio);
        canvas.height = Math.round(canvas.clientHeight * ratio);
        context.scale(ratio, ratio);
        const height = canvas.clientHeight;

        for (const { tick, colour, isJoin } of this.marks) {
            const x = this.#xOf(tick);

            context.fillStyle = colour;
            context.globalAlpha = isJoin ? 1 : 0.75;
            if (isJoin) {
                context.beginPath();
                context.moveTo(x - 4, height);
                context.lineTo(x + 4, height);
                context.lineTo(x, height - 7);
                context.fill();
            } else {
                context.fillRect(x - 1, height * 0.3, 2, height * 0.45);
            }
        }
    }

    #tickAt(clientX) {
        const box = find('#marks').getBoundingClientRect();
        const { first, last } = this.playback;
        const part = Math.min(Math.max((clientX - box.left) / box.width, 0), 1);

        return Math.round(first + part * (last - first));
    }

    /* What happened under the pointer, and when. */
    #showHint(event) {
        const hint = find('#hint');
        const box = find('#marks').getBoundingClientRect();

        if (!this.isPast) return;
        const tick = this.#tickAt(event.clientX);
        const x = event.clientX - box.left;
        const near = (this.marks ?? [])
            .filter((mark) => Math.abs(this.#xOf(mark.tick) - x) <= NEAR_PIXELS)
            .sort((a, b) => Math.abs(a.tick - tick) - Math.abs(b.tick - tick))[0];

        hint.hidden = false;
        hint.style.left = `${Math.min(Math.max(x, 40), box.width - 40)}px`;
        setText(hint, [clockText(tick - this.playback.first), near?.text()].filter(Boolean).join('  '));
    }

    // ---- pointers and keys --------------------------------------------------------------------------

    #listen() {
        const timeline = find('#timeline');
        const click = (id, act) => find(id).addEventListener('click', act);

        timeline.addEventListener('pointerdown', (event) => {
            if (!this.isPast || event.button !== 0) return;
            timeline.setPointerCapture(event.pointerId);
            this.isDragging = true;
            this.seek(this.#tickAt(event.clientX));
        });
        timeline.addEventListener('pointermove', (event) => {
            this.#showHint(event);
            if (this.isDragging) this.seek(this.#tickAt(event.clientX));
        });
        for (const end of ['pointerup', 'pointercancel'])
            timeline.addEventListener(end, () => (this.isDragging = false));
        timeline.addEventListener('pointerleave', () => (find('#hint').hidden = true));

        click('#back', () => this.#jump(-JUMP_TICKS));
        click('#step-back', () => this.#step(-1));
        click('#pause', () => this.#pause());
        click('#step-on', () => this.#step(1));
        click('#on', () => this.#jump(JUMP_TICKS));
        click('#slower', () => this.#changeSpeed(-1));
        click('#faster', () => this.#changeSpeed(1));
        click('#link', () => this.#copyLink());
        click('#live', () => this.#control(CONTROL.LIVE));
        find('#follow').addEventListener('change', ({ target: { value } }) => {
            this.#choose(Object.values(CHOICE).includes(value) ? value : Number(value));
            this.canvas.focus();
        });
        this.canvas.addEventListener('pointermove', (event) => this.#drag(event));
        addEventListener('keydown', (event) => this.#key(event));
        addEventListener('keyup', (event) => this.held.delete(event.code));
        addEventListener('blur', () => this.held.clear());
    }

    #drag(event) {
        if (!this.isOn || this.choice !== CHOICE.FREE || (event.buttons & 1) === 0) return;
        const from = this.renderer.fromCamera(event.clientX, event.clientY);
        const to = this.renderer.fromCamera(event.clientX - event.movementX, event.clientY - event.movementY);

        this.#pan(to.x - from.x, to.y - from.y);
    }

    #key(event) {
        const keys = {
            Space: () => this.#pause(),
            ArrowLeft: () => this.#jump(-JUMP_TICKS),
            ArrowRight: () => this.#jump(JUMP_TICKS),
            Comma: () => this.#step(-1),
            Period: () => this.#step(1),
            Home: () => this.isPast && this.seek(this.playback.first),
            End: () => this.isPast && this.seek(this.playback.last),
            KeyE: () => this.#chooseNext(1),
            KeyQ: () => this.#chooseNext(-1),
            KeyF: () => this.#choose(this.choice === CHOICE.FREE ? CHOICE.AUTO : CHOICE.FREE),
            KeyC: () => this.#copyLink(),
            KeyL: () => this.isPast && this.isSpectating && this.#control(CONTROL.LIVE),
        };
        const isTyping = event.target.closest?.('input, select, dialog');
        const isButton = event.target.closest?.('button') && (event.code === 'Space' || event.code === 'Enter');

        if (!this.isOn || !this.frame || isTyping || isButton || event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === '+' || event.key === '=') this.#changeSpeed(1);
        else if (event.key === '-') this.#changeSpeed(-1);
        else if (keys[event.code]) keys[event.code]();
        else if (PAN_KEYS[event.code]) this.held.add(event.code);
        else return;
        event.preventDefault();
    }
}
