// main.js - the page: its start or, where the address says which room, that room at once; then a frame
// whenever the screen takes one. address.js says what an address may hold; /replays lists recordings.

import { PHASE, SEAT_NONE, Tickwire } from './tickwire.js';
import * as address from './address.js';
import { Curtain } from './curtain.js';
import { find } from './dom.js';
import { Ears } from './ears.js';
import { Hud } from './hud.js';
import { Input } from './input.js';
import { Look } from './look.js';
import { Menu } from './menu.js';
import { Minimap } from './minimap.js';
import { NetGraph } from './netgraph.js';
import { Options } from './options.js';
import { Pad } from './pad.js';
import { Renderer } from './draw.js';
import { Replays } from './replays.js';
import { Settings } from './settings.js';
import { Sky } from './sky.js';
import { Sounds } from './sound.js';
import { Start } from './start.js';
import { Touch } from './touch.js';
import { Watch } from './watch.js';

const RELOAD_KEY = 'tickwire.reloaded';
const SCHEMA_DIFFERS = 4001;
const STALL_US = 1000000;
const REVOKE_MS = 10000; // a download may take its time to begin
const LARGE_PERCENT = 120; // of the text scale: beyond it what is only nice to have has no place
const STALE_TICKS = 20; // an event that happened longer ago is told, but not shown as if it were now

/* What a choice means for the page as a whole. */
function followSettings(settings) {
    settings.watch(['text_scale', 'reduced_motion'], ({ text_scale: percent }) => {
        document.documentElement.style.setProperty('--text', String(percent / 100));
        document.body.classList.toggle('large', percent > LARGE_PERCENT);
        document.body.classList.toggle('calm', settings.isCalm);
    });
}

class Page {
    constructor(tickwire, settings) {
        this.tickwire = tickwire;
        this.settings = settings;
        this.canvas = find('#field');
        this.renderer = null;
        this.sky = new Sky(this.canvas);
        this.hud = new Hud(tickwire);
        this.netgraph = new NetGraph(find('#netgraph'));
        this.curtain = new Curtain(address.replayId !== undefined);
        this.touch = new Touch();
        this.pad = new Pad((text) => this.hud.announce(text), () => this.menu.toggle());
        this.input = new Input(this.canvas, (event) => this.#angleOf(event), [this.touch, this.pad]);
        this.minimap = new Minimap(find('#minimap'));
        this.ears = new Ears(new Sounds(settings, find('#captions')));
        this.options = new Options(settings, this.pad);
        this.watch = new Watch(tickwire, this.canvas, (text) => this.hud.announce(text));
        this.watch.isSpectating = address.replayId === undefined;
        this.menu = new Menu({ openSettings: () => this.options.open(), toggleGraph: () => this.netgraph.toggle(), leave: () => this.leave() });
        this.start = new Start(settings, {
            join: (room) => this.join(room),
            openSettings: () => this.options.open(),
            useLook: (data) => this.options.useLook(data),
        });
        tickwire.onstatus = (status) => this.#showStatus(status);
        tickwire.onabout = (about) => this.watch.tell(about);
        this.#listen();
        this.#follow();
        this.#goByAddress();
        requestAnimationFrame(() => this.#frame());
    }

    connect() {
        this.tickwire.connect(address.updatesUrl(), {
            name: address.part('name') ?? this.settings.get('name'),
            colour: this.settings.get('colour'),
            transport: address.part('transport') ?? 'websocket',
        });
    }

    join(room) {
        address.enter(room);
        this.#goByAddress();
    }

    /* Back to the start; the seat is somebody else's then. */
    leave() {
        if (address.replayId) {
            location.assign('/');
            return;
        }
        address.leave();
        this.#goByAddress();
    }

    #goByAddress() {
        this.#stop();
        if (address.isDirect()) {
            this.start.close();
            this.connect();
        } else {
            document.body.dataset.screen = 'start';
            this.curtain.lift();
            this.start.open();
        }
    }

    #stop() {
        if (this.renderer) this.tickwire.forgetSeat();
        this.tickwire.disconnect();
        this.isJoined = false;
        this.renderer = null;
        this.ears.sounds.silence();
        this.touch.use(null);
        this.menu.close();
        for (const part of ['#hud', '#watch', '#corner']) find(part).hidden = true;
        document.body.classList.remove('watching');
    }

    #angleOf({ clientX, clientY }) {
        const from = this.renderer?.fromCamera(clientX, clientY) ?? { x: 0, y: 0 };

        return Math.atan2(from.y, from.x);
    }

    // ---- the link -----------------------------------------------------------------------------------

    #showStatus(status) {
        const { state, code, resumed } = status;

        document.body.dataset.link = state;
        this.isJoined = state === 'joined';
        if (state === 'ended' || state === 'lost') this.#rememberMoment();
        if (state === 'ended' && code === SCHEMA_DIFFERS) this.#reloadOnce();
        if (state === 'joined') this.#begin(resumed);
        else this.curtain.show(status, !address.replayId && !address.part('spectate'));
        if (state !== 'joined') this.menu.close();
        if (state !== 'joined') this.ears.sounds.silence();
        this.input.release();
        this.touch.release();
    }

    /* Who comes back to a recording comes back to where they were. */
    #rememberMoment() {
        if (!address.replayId || this.watch.tick === 0) return;
        address.note('t', String(this.watch.tick));
        this.tickwire.url = address.updatesUrl();
    }

    /* A page that is older than its server: a fresh one may fit, but only once. */
    #reloadOnce() {
        try {
            if (sessionStorage.getItem(RELOAD_KEY)) return;
            sessionStorage.setItem(RELOAD_KEY, '1');
            location.reload();
        } catch {
            // Without storage nobody knows whether it was once.
        }
    }

    async #begin(resumed) {
        const { game } = this.tickwire;
        const look = await Look.load(game);

        if (game !== this.tickwire.game) return; // lost again in the meantime
        const isPlayer = game.seat !== SEAT_NONE;

        look.chosenColour = (seat) => this.tickwire.colour(seat);
        look.usePalette(this.settings.get('palette'));
        this.look = look;
        this.renderer = new Renderer(this.canvas, game, look, (seat) => this.tickwire.name(seat));
        this.#applyToField();
        this.hud.use(game, look);
        this.input.use(game, look.controls, this.settings.get('keys'));
        this.touch.use(isPlayer ? look.controls : null);
        this.minimap.use(game, look);
        this.ears.use(game, look);
        this.options.useLook(look.data);
        this.watch.use(game, look, this.renderer, (tick) => this.hud.texts(tick));
        find('#corner').hidden = false;
        find('#chat-open').hidden = !isPlayer;
        document.body.dataset.game = game.name;
        sessionStorage.removeItem(RELOAD_KEY);
        if (resumed) this.hud.announce('Back in your seat');
        this.canvas.focus();
    }

    // ---- per frame ----------------------------------------------------------------------------------

    #frame() {
        requestAnimationFrame(() => this.#frame());
        const nowMs = performance.now();

        if (!this.renderer) this.sky.draw(nowMs / 1000, this.settings.isCalm);
        this.pad.poll();
        this.tickwire.setInput(this.input.read());
        const frame = this.tickwire.frame();
        const stats = this.tickwire.stats();

        this.netgraph.update(stats, () => this.tickwire.verdict(), nowMs);
        // Else the last picture stays; or a look is on its way.
        if (!this.isJoined || frame.phase !== PHASE.PLAYING || this.renderer?.game !== this.tickwire.game) return;
        const { renderer } = this;

        this.watch.update(frame, nowMs);
        this.#showLines(frame.tick, nowMs);
        renderer.draw(frame, nowMs / 1000, this.input.commandedAngle);
        this.ears.update(frame, renderer.camera, renderer.half, nowMs);
        this.minimap.update(frame, renderer.camera, renderer.half, nowMs);
        this.hud.update(frame);
        this.#showStall(stats);
        if (document.body.dataset.screen === 'playing') return;
        document.body.dataset.screen = 'playing';
        this.curtain.lift();
    }

    #showLines(tick, nowMs) {
        const { renderer, hud } = this;

        for (const line of this.tickwire.takeLines()) {
            hud.show(line);
            if (!line.event || tick - line.tick > STALE_TICKS) continue;
            const { kind, values } = line.event;
            const { effects } = this.look.events.get(kind.name);

            renderer.effects.start(
                effects,
                values,
                (seat) => renderer.colourOf(seat),
                hud.texts(line.tick),
                nowMs / 1000,
                line.foreseen,
            );
            this.ears.event(effects, values, nowMs);
        }
        for (const number of this.tickwire.takeWithdrawn()) renderer.effects.withdraw(number);
    }

    /* While nothing new comes, the picture stands still; then it should say so. */
    #showStall({ stateAgeUs }) {
        const isStalled = stateAgeUs > STALL_US;

        if (isStalled === this.isStalled) return;
        this.isStalled = isStalled;
        document.body.classList.toggle('stalled', isStalled);
    }

    /* The last seconds' messages as a file, for the report of a bug. */
    #saveCapture() {
        const capture = this.tickwire.capture();
        const link = document.createElement('a');

        if (!capture) return;
        link.href = URL.createObjectURL(capture);
        link.download = `tickwire-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}.capture`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_MS);
        this.hud.announce(`Saved the last seconds: ${link.download}`);
    }

    // ---- settings, forms and keys -------------------------------------------------------------------

    #applyToField() {
        if (!this.renderer) return;
        this.renderer.labels.size = this.settings.get('text_scale') / 100;
        this.renderer.isCalm = this.renderer.effects.isCalm = this.settings.isCalm;
    }

    #follow() {
        const { settings } = this;

        settings.watch(['reduced_motion', 'text_scale'], () => this.#applyToField());
        settings.watch(['palette'], ({ palette }) => this.look?.usePalette(palette));
        settings.watch(['keys'], ({ keys }) => this.renderer && this.input.use(this.renderer.game, this.look.controls, keys));
        settings.watch(['muted'], ({ muted }) => {
            find('#mute').setAttribute('aria-pressed', String(muted));
            find('#mute').title = muted ? 'Sound on (M)' : 'Mute (M)';
        });
    }

    #openChat() {
        if (!this.renderer || this.watch.isOn) return; // who watches has no say
        this.input.release();
        find('#say').hidden = false;
        find('#line').focus();
    }

    #listen() {
        const line = find('#line');
        const backToGame = () => this.renderer && this.canvas.focus();

        addEventListener('popstate', () => this.#goByAddress());
        addEventListener('keydown', (event) => this.#key(event));
        find('#say').addEventListener('submit', (event) => {
            event.preventDefault();
            if (line.value.trim()) this.tickwire.say(line.value.trim());
            line.value = '';
            this.canvas.focus();
        });
        line.addEventListener('blur', () => (find('#say').hidden = true));
        for (const dialog of document.querySelectorAll('dialog')) dialog.addEventListener('close', backToGame);
        find('#menu-open').addEventListener('click', () => this.menu.toggle());
        find('#chat-open').addEventListener('click', () => this.#openChat());
        find('#mute').addEventListener('click', () => this.#toggleSound());
        find('#again').addEventListener('click', () => this.connect());
        find('#leave').addEventListener('click', () => this.leave());
        find('#watch-on').addEventListener('click', () => this.join({ room: address.part('room') ?? '', spectate: true }));
    }

    #toggleSound() {
        this.settings.set('muted', !this.settings.get('muted'));
    }

    #key(event) {
        const isTyping = event.target.closest?.('input, textarea, select');
        const isChosen = event.target.closest?.('button, a, select'); // Enter is theirs

        if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('dialog')) return;
        if (isTyping) {
            if (event.code === 'Escape' && this.renderer) this.canvas.focus();
            return;
        }
        if (event.code === 'Escape' && this.renderer) {
            event.preventDefault(); // or it would close at once what it opens
            this.menu.toggle();
        }
        if (event.code === 'KeyN' && this.renderer) this.netgraph.toggle();
        if (event.code === 'KeyM') this.#toggleSound();
        if (event.code === 'F8') this.#saveCapture();
        if (event.code !== 'Enter' || isChosen) return;
        event.preventDefault();
        this.#openChat();
    }
}

try {
    const settings = new Settings();

    followSettings(settings);
    if (location.pathname === '/replays') globalThis.tickwireReplays = new Replays();
    else globalThis.tickwirePage = new Page(await Tickwire.load(), settings); // for the console, and the tests
} catch (error) {
    find('#state').textContent = 'This page could not start';
    find('#reason').textContent = error.message;
    throw error;
}
