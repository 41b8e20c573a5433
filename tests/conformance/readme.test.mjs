// The table of MUSTs in README.md names cases and tests that are there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cases } from './cases/index.mjs';
import { isOf } from './runner.mjs';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const plain = (text) => text.replaceAll("\\'", "'");

/* Whether the named test is in its file. */
const finders = {
    unit: (file, name) => read(`../unit/${file}.c`).includes(`START_TEST(${name})`),
    flow: (file, name) => plain(read(`../flow/${file}.test.mjs`)).includes(`'${name}`),
    conformance: (file, name) => plain(read(`./${file}.test.mjs`)).includes(`'${name}'`),
    vectors: (_, name) => read('../vectors/ws_frames.json').includes(`"name": "${name}"`),
};

function isThere(entry) {
    const [, suite, file, name] = /^(unit|flow|conformance|vectors)(?:\/(\w+))?: (.+)$/.exec(entry) ?? [];

    if (suite) return finders[suite](file, name);
    return entry.split(', ').every((id) => cases.some((one) => isOf(one, id.replace(/\.\*$/, ''))));
}

const rows = read('README.md').split('\n').filter((line) => /^\| (§|RFC 7692)/.test(line));

for (const row of rows) {
    const [, section, must, tests] = row.split(' | ').length === 3 ? [null, ...row.slice(2, -2).split(' | ')] : [];

    test(`${section}: ${must}`, () => {
        assert.ok(tests, row);
        for (const entry of tests.split('; ')) assert.ok(isThere(entry), entry);
    });
}

test('the table is not empty', () => assert.ok(rows.length > 40, `${rows.length} rows`));
