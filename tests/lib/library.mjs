// library.mjs - the page that client/README.md shows of another game, for the tests that check and play it.

import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDir } from './server.mjs';

const README = new URL('../../client/README.md', import.meta.url);

/* The script as it stands there. */
export function exampleOf() {
    const [, script] = /```js\n([\s\S]*?)```/.exec(readFileSync(README, 'utf8'));

    return script;
}

/* A folder with that page and what it needs, which goes with the test: for the server's --web-root. */
export function makeExample(t) {
    const root = mkdtempSync(join(tmpdir(), 'tickwire-example-'));
    const [, page] = /`(<!doctype html>.*?<\/script>)`/.exec(readFileSync(README, 'utf8'));

    t.after(() => rmSync(root, { recursive: true, force: true }));
    for (const name of ['tickwire.js', 'tickwire.wasm', 'socketio.js', 'assets/maps']) {
        cpSync(join(buildDir, 'web', name), join(root, name), { recursive: true });
    }
    writeFileSync(join(root, 'example.html'), page);
    writeFileSync(join(root, 'example.js'), exampleOf());
    assert.match(page, /example\.js/);
    return root;
}
