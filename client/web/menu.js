// menu.js - what one can do besides playing: the dialog behind Escape, the corner's button and a pad's.

import { find } from './dom.js';

export class Menu {
    constructor({ openSettings, toggleGraph, leave }) {
        this.dialog = find('#menu');
        find('#menu-settings').addEventListener('click', () => {
            this.dialog.close();
            openSettings();
        });
        find('#menu-graph').addEventListener('click', () => {
            this.dialog.close();
            toggleGraph();
        });
        find('#menu-leave').addEventListener('click', () => {
            this.dialog.close();
            leave();
        });
        find('#menu-full').hidden = !document.fullscreenEnabled;
        find('#menu-full').addEventListener('click', () => this.#toggleFullScreen());
        document.addEventListener('fullscreenchange', () => this.#nameFullScreen());
    }

    toggle() {
        if (this.dialog.open) this.dialog.close();
        else if (!find('#corner').hidden && !document.querySelector('dialog[open]')) this.dialog.showModal();
    }

    close() {
        this.dialog.close();
    }

    async #toggleFullScreen() {
        this.dialog.close();
        try {
            if (document.fullscreenElement) await document.exitFullscreen();
            else await document.documentElement.requestFullscreen();
        } catch {
            // The browser would rather not; then it stays as it is.
        }
    }

    #nameFullScreen() {
        find('#menu-full').textContent = document.fullscreenElement ? 'Leave full screen' : 'Full screen';
    }
}
