// main.js - the page: joins at once, draws a frame whenever the screen takes one, and says how the link is.
//
// Parameters of the page's address: room, spectate=1, name. At /replay/ID it plays that recording, from the
// tick t on; /replays lists them.

import { PHASE, SEAT_NONE, Tickwire } from './tickwire.js';
import { Hud } from './hud.js';
import { Input } from './input.js';
import { Look } from './look.js';
import { NetGraph } from './netgraph.js';
import { Renderer } from './draw.js';
import { Replays } from './replays.js';
import { Watch } from './watch.js';

const NAME_KEY = 'tickwire.name';
const RELOAD_KEY = 'tickwire.reloaded';
const SCHEMA_DIFFERS = 4001;
const STALL_US = 1000000;
const REVOKE_MS = 10000; // a download may take its time to begin
const STALE_TICKS = 20; // an event that happened longer ago is told, but not shown as if it were now

const find = (selector) => document.querySelector(selector);
const page = new URLSearchParams(location.search);

/* Words for close codes that come without a reason. */
const REASONS = {
    1000: 'The connection was closed.',
    1001: 'The server is going away.',
    1006: 'The connection broke.',
    1008: 'The server refused what this page sent.',
    1011: 'The server has a problem.',
    1012: 'The server is restarting.',
    1013: 'The server is full.',
    4001: 'The server has another version of this game. Load the page anew.',
    4003: 'You were kicked.',
    4004: 'There is no such room.',
    4005: 'This recording cannot be played.',
};

const replayId = location.pathname.match(/^\/replay\/([\w-]+)$/)?.[1];

function updatesUrl() {
    const url = new URL(replayId ? `/ws/replay/${replayId}` : '/ws/updates', location.href);

    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    for (const key of replayId ? ['t'] : ['room', 'spectate']) {
        if (page.has(key)) url.searchParams.set(key, page.get(key));
    }
    return url.href;
}

function remembered(storage, key) {
    try {
        return storage.getItem(key) ?? '';
    } catch {
        return '';
    }
}

function remember(storage, key, value) {
    try {
        if (value) storage.setItem(key, value);
        else storage.removeItem(key);
    } catch {
        // Not remembered, then.
    }
}

class Page {
    constructor(tickwire) {
        this.tickwire = tickwire;
        this.canvas = find('#field');
        this.hud = new Hud(tickwire);
        this.netgraph = new NetGraph(find('#netgraph'));
        this.input = new Input(this.canvas, (event) => this.#angleOf(event));
        this.renderer = null;
        this.watch = new Watch(tickwire, this.canvas, (text) => this.hud.announce(text));
        this.watch.isSpectating = !replayId;
        tickwire.onstatus = (status) => this.#showStatus(status);
        tickwire.onabout = (about) => this.watch.tell(about);
        this.#listen();
        this.connect();
        requestAnimationFrame(() => this.#frame());
    }

    connect() {
        this.tickwire.connect(updatesUrl(), {
            name: page.get('name') ?? remembered(localStorage, NAME_KEY),
            transport: page.get('transport') ?? 'websocket',
        });
    }

    #angleOf({ clientX, clientY }) {
        const from = this.renderer?.fromCamera(clientX, clientY) ?? { x: 0, y: 0 };

        return Math.atan2(from.y, from.x);
    }

    // ---- the link -----------------------------------------------------------------------------------

    #showStatus({ state, code, reason, retryMs, attempt, resumed }) {
        const say = (text, why = '') => {
            find('#state').textContent = text;
            find('#reason').textContent = why;
        };
        const why = reason || REASONS[code] || (code ? `Close code ${code}.` : '');

        document.body.dataset.link = state;
        find('#again').hidden = state !== 'ended';
        if (state === 'connecting') say(attempt === 0 ? 'Connecting…' : 'Connecting again…');
        if (state === 'lost') say(`Connection lost. Trying again in ${(retryMs / 1000).toFixed(1)} s…`, why);
        if (state === 'ended') say(replayId ? 'This recording is over for this page' : 'The game is over for this page', why);
        if (state === 'ended' || state === 'lost') this.#rememberMoment();
        find('#again').textContent = replayId ? 'Watch again' : 'Play again';
        if (state === 'ended' && code === SCHEMA_DIFFERS) this.#reloadOnce();
        if (state === 'joined') this.#start(resumed);
        else find('#curtain').classList.remove('open');
        this.input.release();
    }

    /* Who comes back to a recording comes back to where they were. */
    #rememberMoment() {
        if (!replayId || this.watch.tick === 0) return;
        page.set('t', String(this.watch.tick));
        this.tickwire.url = updatesUrl();
    }

    /* A page that is older than its server: a fresh one may fit, but only once. */
    #reloadOnce() {
        if (remembered(sessionStorage, RELOAD_KEY)) return;
        remember(sessionStorage, RELOAD_KEY, '1');
        location.reload();
    }

    async #start(resumed) {
        const { game } = this.tickwire;
        const look = await Look.load(game);

        if (game !== this.tickwire.game) return; // lost again in the meantime
        look.chosenColour = (seat) => this.tickwire.colour(seat);
        this.renderer = new Renderer(this.canvas, game, look, (seat) => this.tickwire.name(seat));
        this.hud.use(game, look);
        this.input.use(game, look.controls);
        this.look = look;
        find('#who').hidden = game.seat === SEAT_NONE;
        this.watch.use(game, look, this.renderer, (tick) => this.hud.texts(tick));
        if (!find('#name').value) find('#name').value = remembered(localStorage, NAME_KEY);
        document.body.dataset.game = game.name;
        remember(sessionStorage, RELOAD_KEY, '');
        if (resumed) this.hud.announce('Back in your seat');
        this.canvas.focus();
    }

    // ---- per frame ----------------------------------------------------------------------------------

    #frame() {
        requestAnimationFrame(() => this.#frame());
        const nowMs = performance.now();

        this.tickwire.setInput(this.input.read());
        const frame = this.tickwire.frame();
        const stats = this.tickwire.stats();

        this.netgraph.update(stats, nowMs);
        if (frame.phase !== PHASE.PLAYING || !this.renderer || !this.tickwire.game) return;
        if (this.renderer.game !== this.tickwire.game) return; // its look is on its way
        this.watch.update(frame, nowMs);
        this.#showLines(frame.tick, nowMs / 1000);
        this.renderer.draw(frame, nowMs / 1000, this.input.commandedAngle);
        this.hud.update(frame);
        this.#showStall(stats);
        find('#curtain').classList.add('open');
    }

    #showLines(tick, nowS) {
        const { renderer, hud } = this;

        for (const line of this.tickwire.takeLines()) {
            hud.show(line);
            if (!line.event || tick - line.tick > STALE_TICKS) continue;
            const { kind, values } = line.event;

            renderer.effects.start(
                this.look.events.get(kind.name).effects,
                values,
                (seat) => renderer.colourOf(seat),
                hud.texts(line.tick),
                nowS,
                line.foreseen,
            );
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

    // ---- forms and keys -----------------------------------------------------------------------------

    #listen() {
        const say = find('#say');
        const line = find('#line');
        const name = find('#name');

        addEventListener('keydown', (event) => {
            if (event.target.closest?.('input')) {
                if (event.code === 'Escape') this.canvas.focus();
                return;
            }
            if (event.code === 'KeyN') this.netgraph.toggle();
            if (event.code === 'F8') this.#saveCapture();
            if (event.code !== 'Enter' || !this.tickwire.game || event.target.closest?.('button')) return;
            if (this.watch.isOn || event.target.closest?.('select, a')) return; // who watches has no say
            event.preventDefault();
            say.hidden = false;
            line.focus();
        });
        say.addEventListener('submit', (event) => {
            event.preventDefault();
            if (line.value.trim()) this.tickwire.say(line.value.trim());
            line.value = '';
            this.canvas.focus();
        });
        line.addEventListener('focus', () => this.input.release());
        line.addEventListener('blur', () => (say.hidden = true));
        find('#who').addEventListener('submit', (event) => {
            event.preventDefault();
            remember(localStorage, NAME_KEY, name.value.trim());
            page.delete('name');
            this.canvas.focus();
            this.tickwire.disconnect();
            this.tickwire.forgetSeat();
            this.connect();
        });
        find('#again').addEventListener('click', () => this.connect());
    }
}

try {
    if (location.pathname === '/replays') globalThis.tickwireReplays = new Replays();
    else globalThis.tickwirePage = new Page(await Tickwire.load()); // for the console, and the tests
} catch (error) {
    find('#state').textContent = 'This page could not start';
    find('#reason').textContent = error.message;
    throw error;
}
