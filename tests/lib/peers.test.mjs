// What the servers that we compare with share: the world, deltas of it, and how results are shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawSvg, writeTable } from '../bench/peers/show.mjs';
import { World, asSeen, hashView } from '../bench/peers/world.mjs';

function walk(world, ticks) {
    for (let i = 0; i < ticks; i++) world.step();
    return world.entities.map(asSeen);
}

test('one seed, one world; another seed, another', () => {
    assert.deepEqual(walk(new World({ seed: 7 }), 100), walk(new World({ seed: 7 }), 100));
    assert.notDeepEqual(walk(new World({ seed: 7 }), 100), walk(new World({ seed: 8 }), 100));
});

test('half of the entities move, edges wrap, and about thirty are in sight', () => {
    const world = new World({ count: 200 });
    const before = world.entities.map(asSeen);
    const after = walk(world, 400);

    after.forEach((e, id) => assert.equal(e.x !== before[id].x, id < 100, `entity ${id}`));
    for (const { x, y, a } of after) for (const value of [x, y, a]) assert.ok(value >= 0 && value < 65536);
    const seen = world.entities.map((me) => world.entities.filter((e) => world.sees(me, e)).length);
    const mean = seen.reduce((a, b) => a + b) / 200;
    assert.ok(mean > 25 && mean < 40, `${mean} in sight`);
});

test('a steered entity turns as it was told, and by no more than it may', () => {
    const world = new World();
    const [first] = world.entities;
    const { angle } = first;
    world.steer(0, 0.1);
    world.step();
    assert.ok(Math.abs(((first.angle - angle + 9 * Math.PI) % (2 * Math.PI)) - Math.PI - 0.1) < 1e-9);
    world.steer(0, 3);
    assert.equal(first.turn, null);
});

test('the hash of a view tells one quantum, and knows no order', () => {
    const view = new World().entities.slice(0, 30).map(asSeen);
    const moved = view.map((e, i) => (i === 12 ? { ...e, x: e.x + 1 } : e));

    assert.equal(hashView([...view].reverse()), hashView(view));
    assert.notEqual(hashView(moved), hashView(view));
    assert.notEqual(hashView(view.slice(1)), hashView(view));
});

test('results become a table row and a picture', () => {
    const figures = { bytes: 61, user_us: 1, system_us: 9, cpu_us: 10, over_bare: 1.1, updates_per_s: 20, idle_percent: 50, steal_percent: 0 };
    const results = { date: '2026-01-31', machine: 'a machine', rounds: 3, hz: 20, with_200: { tickwire: figures, bare: figures } };

    assert.match(writeTable(results), /\| 200 \| Tickwire \| 61\.0 \| 10\.0 \| 1\.00 \| 9\.0 \| 1\.10 \|/);
    assert.match(drawSvg(results), /^<svg [^]*bare program[^]*a machine[^]*<\/svg>\n$/);
});
