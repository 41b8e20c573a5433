// curtain.js - what lies over the field while there is no game, and says why: connecting, reconnecting,
// full, closing, kicked, ended. Which of them it is stands in the body's `data-screen`, for the style.

import { find, setText } from './dom.js';

const COUNT_MS = 100;
const FULL = 1013;
const KICKED = 4003;

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

/* Why a page waits before it tries again, by the close code. */
const WAITS = {
    1001: ['closing', 'The server is closing. Trying again…'],
    1012: ['closing', 'The server is closing. Trying again…'],
    1013: ['full', 'No place for now. Trying again…'],
};
const LOST = ['reconnecting', 'Connection lost. Trying again…'];

export class Curtain {
    constructor(isReplay) {
        this.isReplay = isReplay;
        this.root = find('#curtain');
    }

    /* Says how the link is: what Tickwire.onstatus tells. `canWatch`: whoever finds no place may look on. */
    show({ state, code, reason, retryMs, attempt }, canWatch) {
        const why = reason || REASONS[code] || (code ? `Close code ${code}.` : '');

        clearInterval(this.timer);
        if (state === 'connecting' && attempt === 0) this.#sayFirst();
        if (state === 'connecting' && attempt > 0) this.#sayAgain();
        if (state === 'lost') this.#sayWait(code, why, Boolean(reason));
        if (state === 'lost') this.#count(retryMs);
        if (state === 'ended') this.#sayEnd(code, why);
        find('#again').hidden = state === 'connecting' && attempt === 0;
        setText(find('#again'), this.#againText(state));
        if (state !== 'connecting') find('#watch-on').hidden = code !== FULL || !canWatch;
        find('#leave').hidden = false;
        this.root.classList.remove('open');
        if (state === 'ended') find('#again').focus();
    }

    /* Nothing is in the way any more. */
    lift() {
        clearInterval(this.timer);
        this.wait = null;
        this.root.classList.add('open');
    }

    /* A server that has said that it closes does not answer for a while: that is still the reason, until
     * another is told. */
    #sayWait(code, why, isTold) {
        const [screen, text] = WAITS[code] ?? LOST;

        if (screen !== 'reconnecting' || !this.wait || isTold) this.wait = { screen, text, why };
        this.#say(this.wait.screen, this.wait.text, this.wait.why);
    }

    #sayFirst() {
        this.#say('connecting', 'Connecting…');
        find('#watch-on').hidden = true;
    }

    #sayEnd(code, why) {
        if (code === KICKED) this.#say('kicked', 'You are out', why);
        else this.#say('ended', this.isReplay ? 'This recording is over for this page' : 'The game is over for this page', why);
    }

    /* In a moment it may be as before: then nothing should have moved. */
    #sayAgain() {
        setText(find('#state'), 'Connecting again…');
        setText(find('#countdown'), '…');
    }

    #againText(state) {
        if (state !== 'ended') return 'Try now';
        return this.isReplay ? 'Watch again' : 'Play again';
    }

    #say(screen, text, why = '') {
        document.body.dataset.screen = screen;
        setText(find('#state'), text);
        setText(find('#reason'), why);
        setText(find('#countdown'), '');
        this.root.style.removeProperty('--part');
    }

    #count(ms) {
        const endMs = performance.now() + ms;
        const tell = () => {
            const leftMs = Math.max(0, endMs - performance.now());

            setText(find('#countdown'), `${(leftMs / 1000).toFixed(1)} s`);
            this.root.style.setProperty('--part', (leftMs / ms).toFixed(3));
        };

        tell();
        this.timer = setInterval(tell, COUNT_MS);
    }
}
