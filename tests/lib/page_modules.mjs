// page_modules.mjs - the page's own modules in Node.js, those that need no page: import(name) of client/web.

import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../client/web/', import.meta.url);

/* A file of client/web as a module, without a folder that says that its .js files are such. */
export function importPage(name) {
    const source = readFileSync(new URL(name, FOLDER), 'utf8');

    return import(`data:text/javascript,${encodeURIComponent(source)}`);
}
