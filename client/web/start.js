// start.js - the first screen: who one is, and where one plays. A room that is chosen calls
// `join({room, spectate})`.

import { append, find, setText } from './dom.js';
import { Look, paletteOf } from './look.js';
import { Swatches } from './swatches.js';

const REFRESH_MS = 3000;

const playersText = ({ players, players_max: max }) => `${players} of ${max} players`;

export class Start {
    constructor(settings, { join, openSettings, useLook }) {
        this.settings = settings;
        this.join = join;
        this.useLook = useLook;
        this.rooms = [];
        this.looks = new Map(); // by a game's name: what its look says
        this.swatches = new Swatches(find('#who .swatches'), settings);
        this.isOpen = false;
        this.#listen(openSettings);
        settings.watch(['palette'], () => this.#showColours());
    }

    open() {
        this.isOpen = true;
        find('#start').hidden = false;
        this.#refresh();
        this.timer = setInterval(() => this.#refresh(), REFRESH_MS);
        find('#name').focus();
    }

    close() {
        this.isOpen = false;
        find('#start').hidden = true;
        clearInterval(this.timer);
    }

    #listen(openSettings) {
        const name = find('#name');
        const other = find('#other-room');

        this.settings.watch(['name'], (values) => (name.value = values.name));
        name.addEventListener('input', () => this.settings.set('name', name.value.trim()));
        find('#who').addEventListener('submit', (event) => {
            event.preventDefault();
            this.join({ room: this.rooms[0]?.name ?? '' });
        });
        find('#other').addEventListener('submit', (event) => {
            event.preventDefault();
            if (other.value) this.join({ room: other.value });
        });
        find('#start-settings').addEventListener('click', openSettings);
    }

    // ---- rooms --------------------------------------------------------------------------------------

    async #refresh() {
        if (document.hidden && this.shown) return;
        try {
            const response = await fetch('/rooms');

            if (response.status === 403) throw new Error('This server does not tell its rooms: type the name of yours.');
            if (!response.ok) throw new Error(`The server answered ${response.status}. Asking again…`);
            this.#show(await response.json());
        } catch (error) {
            const isAnswer = !(error instanceof TypeError || error instanceof SyntaxError);

            this.#show([], isAnswer ? error.message : 'The server does not answer. Asking again…');
        }
    }

    /* Rows are kept while only their figures change, so that the focus stays where it is. */
    #show(rooms, problem = '') {
        const names = JSON.stringify([rooms.map(({ name, game }) => [name, game]), problem]);

        this.rooms = rooms;
        if (names !== this.shown) {
            this.shown = names;
            find('#rooms').replaceChildren();
            this.rows = rooms.map((room) => this.#addRow(room));
            find('#rooms-none').textContent = problem || 'There is no room.';
            find('#rooms-none').hidden = rooms.length > 0;
            this.#showColours();
        }
        rooms.forEach((room, i) => this.#update(this.rows[i], room));
    }

    #addRow({ name, game }) {
        const item = append(find('#rooms'), 'li');
        const title = append(item, 'span', '', 'title');

        append(title, 'b', name);
        append(title, 'small', game);
        const players = append(item, 'span', '', 'players');
        const bar = append(item, 'i', '', 'filled');
        const watch = append(item, 'button', 'Watch');
        const play = append(item, 'button', 'Play', 'main');

        for (const [button, spectate] of [[watch, true], [play, false]]) {
            button.type = 'button';
            button.setAttribute('aria-label', `${button.textContent} in ${name}`);
            button.addEventListener('click', () => this.join({ room: name, spectate }));
        }
        return { item, players, bar, play };
    }

    #update({ item, players, bar, play }, room) {
        const isFull = room.players >= room.players_max;

        setText(players, isFull ? `full: ${playersText(room)}` : playersText(room));
        bar.style.setProperty('--part', Math.min(1, room.players / room.players_max).toFixed(3));
        item.classList.toggle('full', isFull);
        play.disabled = isFull;
    }

    // ---- colours ------------------------------------------------------------------------------------

    /* As the first room's game has them. */
    async #showColours() {
        const game = this.rooms?.[0]?.game;

        if (!this.swatches) return;
        if (game && !this.looks.has(game)) this.looks.set(game, await Look.fetchData(game));
        const data = this.looks.get(game) ?? {};

        this.swatches.show(paletteOf(data, this.settings.get('palette')));
        this.useLook(data);
    }
}
