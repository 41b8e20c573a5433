// options.js - the dialog of settings: each control with a `data-key` shows that setting and changes it, and
// keys are laid on what a game's look says one can do.

import { append, find } from './dom.js';
import { PAGE_KEYS, changeKey, keyLabel, listActions } from './keys.js';
import { paletteOf } from './look.js';
import { Swatches } from './swatches.js';

const HINT = 'Press a key’s button to lay another key on it, + to add one.';
const LISTENING = 'Press a key or a game pad’s button. Escape: as it was. Delete: nothing.';

export class Options {
    /* `pad` is asked for a game pad's buttons. */
    constructor(settings, pad) {
        this.settings = settings;
        this.pad = pad;
        this.dialog = find('#settings');
        this.data = {};
        this.swatches = new Swatches(find('#settings .swatches'), settings);
        this.controls = [...this.dialog.querySelectorAll('[data-key]')];
        this.#bind();
        settings.watch(['palette'], () => this.#showColours());
        settings.watch(['keys'], () => this.#listKeys());
        this.dialog.addEventListener('close', () => this.#stopListening());
        this.dialog.addEventListener('keydown', (event) => this.listening && this.#hear(event), true);
        find('#settings-reset').addEventListener('click', () => settings.reset());
    }

    open() {
        if (!this.dialog.open) this.dialog.showModal();
    }

    /* The game's look as its file says it: whose colours and keys these are. */
    useLook(data) {
        this.data = data;
        this.#showColours();
        this.#listKeys();
    }

    #bind() {
        for (const control of this.controls) {
            const key = control.dataset.key;
            const output = this.dialog.querySelector(`output[for="${control.id}"]`);
            const isCheck = control.type === 'checkbox';

            control.addEventListener('input', () => {
                const value = isCheck ? control.checked : control.type === 'range' ? Number(control.value) : control.value;

                this.settings.set(key, typeof value === 'string' ? value.trim() : value);
            });
            this.settings.watch([key], (values) => {
                if (isCheck) control.checked = values[key];
                else if (document.activeElement !== control || control.type === 'range') control.value = values[key];
                if (output) output.textContent = `${values[key]} %`;
            });
        }
    }

    #showColours() {
        this.swatches?.show(paletteOf(this.data, this.settings.get('palette')));
    }

    // ---- keys ---------------------------------------------------------------------------------------

    #listKeys() {
        const actions = listActions(this.data.controls ?? {}, this.settings.get('keys'));
        const list = find('#keys');
        const focused = this.dialog.contains(document.activeElement) ? document.activeElement.dataset.place : undefined;

        find('#keys-hint').textContent = actions.length > 0 ? HINT : 'The game of this room has no keys to be laid elsewhere.';
        list.replaceChildren();
        for (const action of actions) {
            const row = append(list, 'div', '', 'keys');

            append(row, 'span', action.label, 'action');
            for (const code of action.codes) this.#addKey(row, action, code);
            this.#addKey(row, action);
        }
        if (focused) list.querySelector(`[data-place="${CSS.escape(focused)}"]`)?.focus();
    }

    #addKey(row, action, code) {
        const button = append(row, 'button', code ? keyLabel(code) : '+', 'key');

        button.type = 'button';
        button.dataset.place = `${action.field} ${action.label} ${code ?? '+'}`;
        button.setAttribute('aria-label', code ? `${action.label}: ${keyLabel(code)}` : `${action.label}: add a key`);
        button.addEventListener('click', () => this.#listen(button, action, code));
    }

    #listen(button, action, former) {
        this.#stopListening();
        this.listening = { button, action, former, text: button.textContent, held: new Set(this.pad.held) };
        button.textContent = '…';
        button.classList.add('listening');
        find('#keys-hint').textContent = LISTENING;
        this.#hearPad();
    }

    #stopListening() {
        const { button, text } = this.listening ?? {};

        if (!button) return;
        button.textContent = text;
        button.classList.remove('listening');
        this.listening = null;
        find('#keys-hint').textContent = HINT;
    }

    #hear(event) {
        const { code } = event;

        event.preventDefault();
        event.stopPropagation();
        if (code === 'Escape') this.#stopListening();
        else if (code === 'Delete' || code === 'Backspace') this.#lay(null);
        else if (PAGE_KEYS.has(code)) find('#keys-hint').textContent = `${keyLabel(code)} is the page’s own. ${LISTENING}`;
        else this.#lay(code);
    }

    /* A pad has no events for its buttons. */
    #hearPad() {
        if (!this.listening) return;
        this.pad.poll();
        const code = [...this.pad.held].find((held) => !this.listening.held.has(held) && held !== 'PadStart');

        this.listening.held = new Set(this.pad.held);
        if (code) this.#lay(code);
        else requestAnimationFrame(() => this.#hearPad());
    }

    #lay(code) {
        const { action, former } = this.listening;

        this.#stopListening();
        this.settings.set('keys', changeKey(this.data.controls, this.settings.get('keys'), action, code, former));
    }
}
