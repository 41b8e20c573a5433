// The short list against the release's echo, over ws and wss: a test for each case and transport.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases } from './cases/index.mjs';
import { nameOf, playAll } from './runner.mjs';
import { SHORT_DELIVERIES, startTargets } from './targets.mjs';

const cleanup = [];
const targets = await startTargets({ after: (what) => cleanup.push(what) });
const short = cases.filter((one) => !one.isLong);
const plays = await playAll(short, targets, SHORT_DELIVERIES);

for (const play of plays) test(nameOf(play), () => assert.equal(play.why, null));

test('the server ends without a complaint', async () => {
    for (const what of cleanup.reverse()) await what();
});

test('each case has an id of its own, and there are several hundred', () => {
    assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length);
    assert.ok(short.length > 500, `${short.length} cases`);
});
