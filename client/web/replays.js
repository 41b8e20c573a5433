// replays.js - the page /replays: what has been recorded, the newest first.

import { append, find } from './dom.js';
import { clockText } from './watch.js';

const TICKS_PER_S = 20;
const REFRESH_MS = 5000;
const STATUS = {
    recording: ['live', 'being recorded'],
    incomplete: ['incomplete', 'ticks are missing'],
    truncated: ['cut short', 'the server was killed'],
};

function sizeText(bytes) {
    if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
    return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

const startedText = (ms) =>
    new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/* A match that is still played has no length yet: it grows while we look. */
function lengthText({ status, ticks, started }) {
    const isRunning = status === 'recording';

    return clockText(isRunning ? ((Date.now() - started) / 1000) * TICKS_PER_S : ticks);
}

/* Where in the match how much happened: one bar for each part of it. */
function drawMarks(parent, marks = []) {
    const most = Math.max(1, ...marks);
    const strip = append(parent, 'span', '', 'marks');

    for (const count of marks) append(strip, 'i').style.setProperty('--height', (count / most).toFixed(2));
    strip.title = `${marks.reduce((sum, count) => sum + count, 0)} events`;
}

function addRow(list, recording) {
    const row = append(append(list, 'li'), 'a');
    const [label, why] = STATUS[recording.status] ?? [];
    const name = append(row, 'span', '', 'name');

    row.href = `/replay/${recording.id}`;
    row.dataset.id = recording.id;
    append(name, 'b', recording.room);
    append(name, 'small', recording.game);
    if (label) append(name, 'em', label, recording.status).title = recording.reason || why;
    append(row, 'span', startedText(recording.started), 'when');
    drawMarks(row, recording.marks);
    append(row, 'span', lengthText(recording), 'length');
    append(row, 'span', recording.players === 1 ? '1 player' : `${recording.players} players`, 'players');
    append(row, 'span', sizeText(recording.bytes), 'size');
}

export class Replays {
    constructor() {
        this.recordings = [];
        document.title = 'Recordings – Tickwire';
        document.body.classList.add('listing');
        find('#replays').hidden = false;
        find('#curtain').classList.add('open');
        find('#field').hidden = true;
        find('#more').addEventListener('click', () => this.#loadMore());
        this.#refresh();
        setInterval(() => this.#refresh(), REFRESH_MS);
    }

    async #fetch(query = '') {
        const response = await fetch(`/api/recordings${query}`);

        if (response.status === 403) throw new Error('Recordings can be seen on the server’s own machine only.');
        if (response.status === 404) throw new Error('This server records nothing.');
        if (!response.ok) throw new Error(`The server answered ${response.status}.`);
        return response.json();
    }

    async #refresh() {
        try {
            const newest = await this.#fetch();
            const known = new Set(newest.map(({ id }) => id));
            const oldestStarted = newest.at(-1)?.started ?? 0;

            this.#show([...newest, ...this.recordings.filter((r) => !known.has(r.id) && r.started < oldestStarted)]);
        } catch (error) {
            this.#show([], error.message);
        }
    }

    async #loadMore() {
        const older = await this.#fetch(`?before=${encodeURIComponent(this.recordings.at(-1).id)}`);

        this.#show([...this.recordings, ...older]);
        find('#more').hidden = older.length === 0;
    }

    /* Only what differs is made anew, so that the focus stays where it is. */
    #show(recordings, problem = '') {
        const text = JSON.stringify(recordings) + problem;
        const list = find('#recordings');
        const focused = document.activeElement?.dataset?.id;

        if (text === this.shown) return;
        this.shown = text;
        this.recordings = recordings;
        list.replaceChildren();
        for (const recording of recordings) addRow(list, recording);
        if (focused) list.querySelector(`[data-id="${focused}"]`)?.focus();
        find('#none').textContent = problem || 'Nothing has been recorded yet: play a match first.';
        find('#none').hidden = recordings.length > 0;
        find('#more').hidden = recordings.length < 100; // a page of the server's has more than that
    }
}
