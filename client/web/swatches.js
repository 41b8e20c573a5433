// swatches.js - the colours that one can choose among, as radio buttons: 0 is what the seat gives.

import { append } from './dom.js';

const NAMES = {
    '#ff6b81': 'red', '#ffb454': 'amber', '#b38bff': 'violet', '#5fb8ff': 'blue', '#ff8ad8': 'pink', '#d6e35a': 'lime',
    '#ff8f5c': 'orange', '#7ee787': 'green',
};

/* Fills the fieldset by the palette's colours; they follow settings, and set them. */
export class Swatches {
    constructor(root, settings) {
        this.root = root;
        this.settings = settings;
        this.row = append(root, 'div', '', 'row');
        root.addEventListener('change', ({ target }) => settings.set('colour', Number(target.value)));
        settings.watch(['colour'], () => this.#check());
    }

    /* From now on shows those colours. */
    show({ own, others }) {
        const key = JSON.stringify([own, others]);

        if (key === this.shown) return;
        this.shown = key;
        this.row.replaceChildren();
        this.#add(0, 'by seat', [own, others[0]]);
        others.forEach((colour, i) => this.#add(i + 1, NAMES[colour] ?? `colour ${i + 1}`, [colour, colour]));
        this.#check();
    }

    #add(value, name, [left, right]) {
        const label = append(this.row, 'label', '', 'swatch');
        const input = append(label, 'input');

        Object.assign(input, { type: 'radio', name: this.root.dataset.name, value: String(value) });
        label.title = name;
        label.style.setProperty('--left', left);
        label.style.setProperty('--right', right);
        append(label, 'span', name, 'unseen');
    }

    #check() {
        for (const input of this.row.querySelectorAll('input')) {
            input.checked = Number(input.value) === this.settings.get('colour');
        }
    }
}
