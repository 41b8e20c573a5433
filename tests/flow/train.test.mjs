// train.test.mjs - tickwire-train reads recordings and makes codes of them: whole ones, and no worse than the
// untrained.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../lib/server.mjs';

const folder = fileURLToPath(new URL('../vectors/recordings/', import.meta.url));
const recordings = readdirSync(folder).filter((name) => name.endsWith('.db'));
const train = (...args) => runProgram('tickwire-train', args);

/* Whether every sequence of bits begins with some word of the code. */
const isWhole = (lengths) => lengths.reduce((sum, length) => sum + (length > 0 ? 2 ** -length : 0), 0) === 1;

async function gameOf(path) {
    for (const game of ['skirmish', 'snake']) {
        if ((await train('measure', game, path)).code === 0) return game;
    }
    return undefined;
}

test('the codes of each game are whole', async () => {
    for (const game of ['skirmish', 'snake']) {
        const { code, stdout } = await train('show', game);
        const { codes, kinds } = JSON.parse(stdout);

        assert.equal(code, 0);
        assert.ok(codes.length > 0 && codes.every(isWhole));
        for (const { shapes, mask, residues } of kinds) {
            for (const index of [...shapes, mask, ...Object.values(residues)]) assert.ok(index < codes.length);
        }
    }
});

test('codes fitted to recordings cost less than none', async () => {
    let measured = 0;

    for (const name of recordings) {
        const path = join(folder, name);
        const game = await gameOf(path);

        if (game === undefined) continue;
        const { stdout } = await train('measure', game, path);
        const bits = (what) => Number(new RegExp(`^${what}\\s+([0-9.]+) bits an update$`, 'm').exec(stdout)[1]);

        assert.ok(bits('fitted to these recordings') <= bits('untrained'), `${name}: ${stdout}`);
        measured++;
    }
    assert.ok(measured > 0);
});

test('what it writes is the source that a game includes', async () => {
    for (const name of recordings) {
        const path = join(folder, name);
        const game = await gameOf(path);

        if (game === undefined) continue;
        const { code, stdout } = await train('fit', game, path);
        const kept = readFileSync(new URL(`../../shared/games/${game}/codes.h`, import.meta.url), 'utf8');
        const shape = (text) => text.match(/^(static const|\/\*) .*$/gm).filter((line) => !/code_\d|recorded/.test(line));
        const lists = [...stdout.matchAll(/uint8_t code_\d+\[\] = \{([^}]*)\}/g)];

        assert.equal(code, 0);
        assert.deepEqual(shape(stdout), shape(kept));
        assert.ok(lists.length > 0 && lists.every(([, numbers]) => isWhole(numbers.match(/\d+/g).map(Number))));
    }
});

test('wrong usage is told', async () => {
    const cases = [[[], 2], [['fit', 'skirmish'], 2], [['show', 'chess'], 2], [['measure', 'skirmish', '/dev/null'], 1]];

    for (const [args, expected] of cases) {
        const { code, stderr } = await train(...args);

        assert.equal(code, expected);
        assert.notEqual(stderr, '');
    }
});
