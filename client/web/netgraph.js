// netgraph.js - the link in figures, in words and in two curves: state age and round trip of the last 10 seconds.

const SAMPLES = 200;
const SAMPLE_MS = 50;
const TEXT_MS = 250;
const SCALE_MS = 400; // the graph's height
const ms = (us) => (us < 0 ? '–' : `${Math.round(us / 1000)} ms`);

const count = (n, one) => `${n} ${one}${n === 1 ? '' : 's'}`;

const ROWS = [
    ['state age', ({ stateAgeUs }) => ms(stateAgeUs)],
    ['round trip', ({ rttUs, jitterUs }) => `${ms(rttUs)} ± ${ms(jitterUs)}`],
    ['drawn behind', ({ delayUs }) => ms(delayUs)],
    ['updates', ({ updatesPerS, cadence }) => `${updatesPerS}/s${cadence > 1 ? ` (1 of ${cadence})` : ''}`],
    ['received', ({ bytesPerS }) => `${(bytesPerS / 1000).toFixed(1)} kB/s`],
    ['unsent up', ({ unsentBytes }) => `${unsentBytes} B`],
    ['held back down', ({ held }) => count(held, 'update')],
    ['unconfirmed', ({ pending, queued }) => `${pending} (${queued} queued)`],
    ['corrections', ({ corrections }) => String(corrections)],
    ['hash / decode errors', ({ hashErrors, decodeErrors }) => `${hashErrors} / ${decodeErrors}`],
];
const STUTTERS = ({ link, server, machine }) => `link ${link}, server ${server}, machine ${machine}`;

export class NetGraph {
    constructor(root) {
        this.root = root;
        this.canvas = root.querySelector('canvas');
        this.context = this.canvas.getContext('2d');
        this.samples = [];
        this.sampledMs = this.textMs = 0;
        this.words = root.querySelector('.verdict');
        this.cells = [...ROWS.map(([label]) => label), 'stutters'].map((label) => {
            const row = root.querySelector('table').insertRow();

            row.insertCell().textContent = label;
            return row.insertCell();
        });
    }

    toggle() {
        this.root.hidden = !this.root.hidden;
    }

    /* Call it once a frame; `stats` is Tickwire.stats(), `judge` returns Tickwire.verdict(). */
    update(stats, judge, nowMs) {
        if (nowMs - this.sampledMs >= SAMPLE_MS) {
            this.sampledMs = nowMs;
            this.samples.push(stats);
            if (this.samples.length > SAMPLES) this.samples.shift();
        }
        if (this.root.hidden || nowMs - this.textMs < TEXT_MS) return;
        this.textMs = nowMs;
        ROWS.forEach(([, textOf], i) => (this.cells[i].textContent = textOf(stats)));
        this.#judge(judge());
        this.#plot();
    }

    /* Told again only when it says something else: screen readers would read it each time. */
    #judge({ cause, text, stutters }) {
        if (this.words.textContent !== text) this.words.textContent = text;
        this.words.className = `verdict ${cause}`;
        this.cells.at(-1).textContent = STUTTERS(stutters);
    }

    #plot() {
        const { context, canvas } = this;

        context.clearRect(0, 0, canvas.width, canvas.height);
        context.fillStyle = '#ffffff18';
        for (let level = 100; level < SCALE_MS; level += 100) {
            context.fillRect(0, canvas.height * (1 - level / SCALE_MS), canvas.width, 1);
        }
        this.#curve('#5ff0d0', ({ stateAgeUs }) => stateAgeUs);
        this.#curve('#ffb454', ({ rttUs }) => rttUs);
    }

    #curve(colour, valueOf) {
        const { context, canvas } = this;

        context.strokeStyle = colour;
        context.lineWidth = 1.5;
        context.beginPath();
        this.samples.forEach((stats, i) => {
            const part = Math.min(1, Math.max(0, valueOf(stats) / 1000 / SCALE_MS));

            context.lineTo((i / (SAMPLES - 1)) * canvas.width, canvas.height * (1 - part));
        });
        context.stroke();
    }
}
