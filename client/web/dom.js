// dom.js - the few words for elements that all of the page's files use.

export const find = (selector) => document.querySelector(selector);

/* Texts of players come in as text, never as markup. */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

export function append(parent, tag, text = '', className = '') {
    const element = document.createElement(tag);

    element.textContent = text;
    if (className) element.className = className;
    parent.append(element);
    return element;
}
