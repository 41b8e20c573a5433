// The page's modules that need no page: which keys do what, and where a stick points.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importPage } from './page_modules.mjs';

const { changeKey, keyLabel, keysOf, listActions } = await importPage('keys.js');
const { directionsOf } = await importPage('touch.js');

const CONTROLS = {
    buttons: {
        keys: { KeyW: 1, ArrowUp: 1, KeyS: 2, ArrowDown: 2, Space: 32 },
        pointer: { primary: 16, secondary: 32 },
        actions: { up: 1, down: 2, fire: 16, beam: 32 },
    },
    aim: { pointer: 'angle' },
};
const [UP, DOWN, FIRE] = listActions(CONTROLS, {});

test('a game pad does what arrow keys and the pointer do, without a line in the look', () => {
    const keys = keysOf(CONTROLS.buttons);

    assert.deepEqual([keys.PadUp, keys.PadDown, keys.PadA, keys.PadR2, keys.PadB], [1, 2, 16, 16, 32]);
    assert.equal(keys.PadLeft, undefined);
    assert.equal(keysOf({ keys: { Space: 4 } }).PadA, 4, 'without a pointer the space bar');
});

test('actions are listed with the keys that do them', () => {
    assert.deepEqual(UP, { field: 'buttons', bits: 1, label: 'up', codes: ['KeyW', 'ArrowUp', 'PadUp'] });
    assert.deepEqual(FIRE.codes, ['PadA', 'PadR2']);
    assert.deepEqual(listActions({ buttons: { keys: { KeyW: 1 } } }, {}), []);
});

test('only what differs from the look is kept', () => {
    const moved = changeKey(CONTROLS, {}, UP, 'KeyI', 'KeyW');

    assert.deepEqual(moved, { buttons: { KeyW: 0, KeyI: 1 } });
    assert.deepEqual(keysOf(CONTROLS.buttons, moved.buttons).KeyI, 1);
    assert.equal(keysOf(CONTROLS.buttons, moved.buttons).KeyW, undefined);
    assert.deepEqual(changeKey(CONTROLS, moved, UP, 'KeyW', 'KeyI'), {}, 'and back again');
});

test('a key does one thing: what it did before it does no longer', () => {
    const changed = changeKey(CONTROLS, {}, DOWN, 'KeyW');
    const [up, down] = listActions(CONTROLS, changed);

    assert.deepEqual(changed, { buttons: { KeyW: 2 } });
    assert.ok(!up.codes.includes('KeyW') && down.codes.includes('KeyW'));
    assert.deepEqual(changeKey(CONTROLS, {}, UP, null, 'KeyW'), { buttons: { KeyW: 0 } });
    assert.equal(CONTROLS.buttons.keys.KeyW, 1, 'the look stays as it is');
});

test('keys have labels', () => {
    assert.deepEqual(['KeyW', 'Digit1', 'ArrowUp', 'PadR2', 'Comma'].map(keyLabel), ['W', '1', '↑', 'Pad R2', 'Comma']);
});

test('a stick points into eight directions of equal width, and near its middle nowhere', () => {
    const ways = Array.from({ length: 8 }, (_, i) => directionsOf(Math.cos((i * Math.PI) / 4), Math.sin((i * Math.PI) / 4)).join(' '));

    assert.deepEqual(ways, [
        'PadRight', 'PadDown PadRight', 'PadDown', 'PadDown PadLeft', 'PadLeft', 'PadUp PadLeft', 'PadUp', 'PadUp PadRight',
    ]);
    assert.deepEqual(directionsOf(0.2, 0.1), []);
    // 20° off the axis is still straight ahead, 25° is not.
    assert.deepEqual([20, 25].map((deg) => directionsOf(Math.cos((deg * Math.PI) / 180), Math.sin((deg * Math.PI) / 180)).length), [1, 2]);
});
