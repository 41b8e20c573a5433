// sound.js - what a look's events and entities sound like, and the words for those who do not hear it.
//
// A sound is a file of assets/sounds, fetched when a game that names it is joined. Browsers let a page be
// heard only after a click or a key: everything before that is silent. A sound comes from where it happened:
// its place is {x, y} from the middle of what is seen, in halves of it, or null: everywhere.

const AT_ONCE_MAX = 24;
const LOOPS_MAX = 8;
const SAME_MS = 40; // the same sound again so soon is one sound
const FAR = 2; // silent from there on
const PAN = 0.8;
const FADE_S = 0.06;
const CAPTION_MS = 1600;
const CAPTIONS_MAX = 4;
const SIDE = 0.3; // from there on a caption tells the side

const loudnessAt = (place) => (place ? Math.max(0, 1 - Math.hypot(place.x, place.y) / FAR) ** 2 : 1);
const panAt = (place) => Math.max(-1, Math.min(1, (place?.x ?? 0) * PAN));

/* ◀ and ▶ say where it came from. */
function withSide(text, place) {
    if (!place || Math.abs(place.x) < SIDE) return text;
    return place.x < 0 ? `◀ ${text}` : `${text} ▶`;
}

export class Sounds {
    /* `list` is the element for captions. */
    constructor(settings, list) {
        this.list = list;
        this.buffers = new Map(); // by name: AudioBuffer, ArrayBuffer until one may be heard, null: not there
        this.heardMs = new Map();
        this.loops = new Map(); // by identity: {node, gain, pan}
        this.going = new Set(); // names of those
        this.playing = 0;
        settings.watch(['volume', 'muted', 'captions'], ({ volume, muted, captions }) => {
            this.loudness = muted ? 0 : (volume / 100) ** 2; // as ears count
            this.list.hidden = !captions;
            if (this.master) this.master.gain.value = this.loudness;
        });
        for (const type of ['keydown', 'pointerdown']) addEventListener(type, () => this.#wake());
        // A hidden page draws no frames, and an engine would go on for ever.
        document.addEventListener('visibilitychange', () => document.hidden && this.silence());
    }

    /* From now on sounds like that game. */
    use(look) {
        this.captions = look.data.captions ?? {};
        this.silence();
        for (const name of look.soundNames) this.#fetch(name);
    }

    play({ name, volume = 1 }, place, nowMs) {
        const loudness = volume * loudnessAt(place);

        if (loudness <= 0 || nowMs - this.heardMs.get(name) < SAME_MS) return;
        this.heardMs.set(name, nowMs);
        this.#caption(this.captions?.[name], place, nowMs);
        if (this.playing >= AT_ONCE_MAX) return;
        const source = this.#makeSource(name, loudness, place);

        if (!source) return;
        this.playing++;
        source.node.onended = () => this.playing--;
        source.node.start();
    }

    /* What goes on: [{identity, sound, place}], all of it, once a frame. */
    loop(wanted, nowMs) {
        const audible = wanted.filter(({ place }) => loudnessAt(place) > 0).slice(0, LOOPS_MAX);
        const names = new Set(audible.map(({ sound }) => sound.name));
        const kept = new Set(audible.map(({ identity }) => identity));
        const now = this.context?.currentTime ?? 0;

        for (const name of names) if (!this.going.has(name)) this.#caption(this.captions?.[name], null, nowMs);
        this.going = names;
        for (const { identity, sound, place } of audible) {
            if (!this.loops.has(identity)) this.#startLoop(identity, sound.name, place);
            const loop = this.loops.get(identity);

            loop?.gain.gain.setTargetAtTime((sound.volume ?? 1) * loudnessAt(place), now, FADE_S);
            loop?.pan.pan.setTargetAtTime(panAt(place), now, FADE_S);
        }
        for (const [identity, { node, gain }] of this.loops) {
            if (kept.has(identity)) continue;
            gain.gain.setTargetAtTime(0, now, FADE_S);
            node.stop(now + 6 * FADE_S);
            this.loops.delete(identity);
        }
        for (const item of [...this.list.children]) if (item.dataset.untilMs < nowMs) item.remove();
    }

    /* The game is left, or another begins. */
    silence() {
        this.loop([], performance.now());
        this.list.replaceChildren();
    }

    // ---- what is heard ------------------------------------------------------------------------------

    #wake() {
        if (!this.context) {
            this.context = new AudioContext();
            this.master = new GainNode(this.context, { gain: this.loudness });
            this.master.connect(this.context.destination);
        }
        if (this.context.state === 'suspended') this.context.resume().catch(() => {});
        for (const [name, buffer] of this.buffers) if (buffer instanceof ArrayBuffer) this.#decode(name, buffer);
    }

    async #fetch(name) {
        if (this.buffers.has(name)) return;
        this.buffers.set(name, null);
        try {
            const response = await fetch(`/assets/sounds/${encodeURIComponent(name)}.wav`);

            if (!response.ok) throw new Error(`status ${response.status}`);
            this.buffers.set(name, await response.arrayBuffer());
            if (this.context) this.#decode(name, this.buffers.get(name));
        } catch (error) {
            console.warn(`the sound ${name} stays silent:`, error);
        }
    }

    async #decode(name, bytes) {
        this.buffers.set(name, null); // decoding takes the bytes away
        this.buffers.set(name, await this.context.decodeAudioData(bytes).catch(() => null));
    }

    #makeSource(name, loudness, place) {
        const buffer = this.buffers.get(name);

        if (!(buffer instanceof AudioBuffer) || this.loudness === 0 || this.context.state !== 'running') return null;
        const node = new AudioBufferSourceNode(this.context, { buffer });
        const gain = new GainNode(this.context, { gain: loudness });
        const pan = new StereoPannerNode(this.context, { pan: panAt(place) });

        node.connect(gain).connect(pan).connect(this.master);
        return { node, gain, pan };
    }

    #startLoop(identity, name, place) {
        const loop = this.#makeSource(name, 0, place);

        if (!loop) return;
        loop.node.loop = true;
        loop.node.start();
        this.loops.set(identity, loop);
    }

    // ---- what is read -------------------------------------------------------------------------------

    /* The same words again last longer; they are not said twice. */
    #caption(text, place, nowMs) {
        if (this.list.hidden || !text) return;
        const line = withSide(text, place);
        let item = [...this.list.children].find(({ textContent }) => textContent === line);

        if (!item) {
            item = document.createElement('li');
            item.textContent = line;
            this.list.append(item);
        }
        item.dataset.untilMs = nowMs + CAPTION_MS;
        while (this.list.children.length > CAPTIONS_MAX) this.list.firstChild.remove();
    }
}
