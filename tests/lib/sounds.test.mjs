// The sounds in assets/ are those that tools/sounds.mjs makes, and the looks name no others.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = new URL('../..', import.meta.url).pathname;
const SOUNDS = join(ROOT, 'assets/sounds');

test('the sounds are byte for byte what their maker makes', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'tickwire-sounds-'));

    t.after(() => rmSync(folder, { recursive: true }));
    execFileSync(process.execPath, [join(ROOT, 'tools/sounds.mjs'), folder]);
    const made = readdirSync(folder).sort();

    assert.deepEqual(readdirSync(SOUNDS).sort(), made);
    for (const file of made) {
        const bytes = readFileSync(join(folder, file));

        assert.ok(bytes.equals(readFileSync(join(SOUNDS, file))), file);
        assert.ok(new Int16Array(bytes.buffer, bytes.byteOffset + 44).some((value) => Math.abs(value) > 8000), `${file} is heard`);
    }
});

/* Every {"name": ...} of a sound in a look, wherever it stands. */
function soundNames(look) {
    const kinds = Object.values(look.kinds ?? {}).flatMap(({ sounds = {} }) => Object.values(sounds));
    const events = Object.values(look.events ?? {}).flat().filter(({ effect }) => effect === 'sound');

    return [...Object.values(look.sounds ?? {}), ...kinds, ...events].map(({ name }) => name);
}

test('each sound of a look is there and has a caption', () => {
    for (const game of readdirSync(join(ROOT, 'assets/games'))) {
        const look = JSON.parse(readFileSync(join(ROOT, 'assets/games', game, 'look.json'), 'utf8'));
        const names = soundNames(look);

        assert.ok(names.length > 0, game);
        for (const name of names) {
            assert.ok(readdirSync(SOUNDS).includes(`${name}.wav`), `${game}: ${name}`);
            assert.ok(look.captions[name], `${game}: a caption for ${name}`);
        }
    }
});
