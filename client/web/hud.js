// hud.js - the figures around the field, as the look's `hud`, `leaderboard` and `clock` say, and chat.
//
// Elements are made once per game; a frame changes only texts that differ. All texts of players are set
// as text, never as markup.

import { append, find, setText } from './dom.js';
import { DRAWN_WORDS, FIRST_WORD, SEAT_NONE } from './tickwire.js';

const FEED_LINES = 6;
const CHAT_LINES = 8;
const FEED_SECONDS = 5;
const CHAT_SECONDS = 12;
const ANNOUNCE_SECONDS = 6;
const BOARD_LINES = 8;
const TICKS_PER_S = 20;

const WATCH_HELP = 'Space: pause. ← →: five seconds. , and .: one tick. + and −: speed. Q and E: whom to follow. '
    + 'F: free camera, by WASD or dragging. C: copy a link to this moment.';

const minutes = (ticks) => {
    const seconds = Math.ceil(ticks / TICKS_PER_S);

    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

export class Hud {
    constructor(tickwire) {
        this.tickwire = tickwire;
        this.feed = find('#feed');
        this.chat = find('#chat');
        this.timers = new Set();
    }

    /* From now on shows that game. */
    use(game, look) {
        this.game = game;
        this.look = look;
        find('#hud').hidden = false;
        find('#bars').replaceChildren();
        find('#values').replaceChildren();
        this.bars = look.hud.bars.map((bar) => ({ ...bar, element: this.#makeBar(bar) }));
        this.values = look.hud.values.map((value) => ({ ...value, element: this.#makeValue(value) }));
        find('#own').hidden = game.seat === SEAT_NONE || this.bars.length + this.values.length === 0;
        find('#board').hidden = !look.leaderboard && !look.clock;
        this.rows = this.#makeRows();
        setText(find('#room'), game.room);
        setText(find('#help'), game.seat === SEAT_NONE ? WATCH_HELP : [look.data.help, 'Enter: chat. M: mute. Escape: menu. N: net graph. F8: capture a bug.'].filter(Boolean).join(' '));
        setText(find('#menu-help'), find('#help').textContent);
        setText(find('#notice'), '');
        this.feed.replaceChildren();
    }

    /* What texts of the look need to know, at `tick`. */
    texts(tick) {
        return {
            name: (seat) => this.nameOf(seat),
            secondsUntil: (until) => Math.max(0, Math.ceil((until - tick) / TICKS_PER_S)),
        };
    }

    nameOf(seat) {
        if (seat === SEAT_NONE || seat === undefined) return 'nobody';
        return this.tickwire.name(seat) || `player ${seat}`;
    }

    // ---- per frame ----------------------------------------------------------------------------------

    update(frame) {
        this.#updateOwn(frame);
        this.#updateBoard(frame);
        this.#updateClock(frame);
    }

    #reader(frame, i) {
        const base = frame.at + i * DRAWN_WORDS + FIRST_WORD;

        return (word) => frame.words[base + word];
    }

    #updateOwn(frame) {
        const { notices } = this.look.hud;

        if (frame.ownIndex < 0) {
            setText(find('#notice'), '');
            return;
        }
        const read = this.#reader(frame, frame.ownIndex);

        for (const { word, max, inverted, colour, low, element } of this.bars) {
            const part = Math.max(0, Math.min(1, read(word) / max));
            const shown = inverted ? 1 - part : part;

            element.style.setProperty('--part', shown.toFixed(3));
            element.style.setProperty('--colour', low && shown < 0.3 ? low : colour);
        }
        for (const { word, element } of this.values) setText(element, String(read(word)));
        const notice = notices.find(({ holds }) => holds(read, true));

        setText(find('#notice'), notice ? notice.textOf(notice.values(read), this.texts(frame.tick)) : '');
    }

    #updateBoard(frame) {
        const { leaderboard } = this.look;

        if (!leaderboard) return;
        const lines = [];

        for (let i = 0; i < frame.count; i++) {
            if (frame.kind(i) !== leaderboard.kind) continue;
            const read = this.#reader(frame, i);
            const seat = leaderboard.seat === undefined ? frame.owner(i) : read(leaderboard.seat);

            if (seat !== SEAT_NONE) lines.push({ seat, order: read(leaderboard.order), read });
        }
        lines.sort((a, b) => (a.order - b.order) * leaderboard.sign);
        this.rows.forEach(({ row, name, cells }, i) => {
            const line = lines[i];

            row.hidden = !line;
            if (!line) return;
            setText(name, this.nameOf(line.seat));
            name.style.color = this.look.nameColour(line.seat, this.game.seat);
            row.classList.toggle('own', line.seat === this.game.seat);
            cells.forEach((cell, j) => setText(cell, String(line.read(leaderboard.columns[j]))));
        });
    }

    #updateClock(frame) {
        const { clock } = this.look;
        let text = '';

        for (let i = 0; clock && i < frame.count; i++) {
            if (frame.kind(i) !== clock.kind) continue;
            const read = this.#reader(frame, i);

            // The field may hold the tick's lower bits only.
            const left = (((read(clock.word) - frame.tick) % clock.span) + clock.span) % clock.span;

            if (clock.holds(read, false)) text = minutes(left > clock.span / 2 ? 0 : left);
        }
        setText(find('#clock'), text);
    }

    // ---- lines --------------------------------------------------------------------------------------

    /* A line of takeLines() that stands in words: an event with a feed text, or chat. */
    show(line) {
        if (line.chat) {
            this.#say(line.chat);
            return;
        }
        const { feed, announce } = this.look.events.get(line.event.kind.name);
        const values = (name) => line.event.values[name];

        if (feed) this.#addLine(this.feed, FEED_LINES, append(this.feed, 'li', feed(values, this.texts(line.tick))), FEED_SECONDS);
        if (announce) this.announce(announce(values, this.texts(line.tick)));
    }

    announce(text) {
        const element = find('#announcement');

        setText(element, text);
        clearTimeout(this.announceTimer);
        this.announceTimer = setTimeout(() => setText(element, ''), ANNOUNCE_SECONDS * 1000);
    }

    #say({ seat, text }) {
        const item = append(this.chat, 'li');

        if (seat !== SEAT_NONE) {
            append(item, 'b', `${this.nameOf(seat)}: `).style.color = this.look.nameColour(seat, this.game.seat);
        }
        item.append(text);
        while (this.chat.children.length > CHAT_LINES) this.chat.firstChild.remove();
        setTimeout(() => item.classList.add('old'), CHAT_SECONDS * 1000);
    }

    #addLine(list, limit, item, seconds) {
        while (list.children.length > limit) list.firstChild.remove();
        setTimeout(() => item.remove(), seconds * 1000);
    }

    // ---- elements -----------------------------------------------------------------------------------

    #makeBar({ label, field }) {
        const element = append(find('#bars'), 'label', label ?? field);

        return append(element, 'i');
    }

    #makeValue({ label, field }) {
        const group = append(find('#values'), 'div');

        append(group, 'dt', label ?? field);
        return append(group, 'dd');
    }

    #makeRows() {
        const list = find('#board ol');
        const columns = this.look.leaderboard?.columns ?? [];

        list.replaceChildren();
        return Array.from({ length: BOARD_LINES }, () => {
            const row = append(list, 'li');

            row.hidden = true;
            return { row, name: append(row, 'span'), cells: columns.map(() => append(row, 'span')) };
        });
    }
}
