// wire.test.mjs - the golden vectors of the wire, read twice: the wasm build writes the very file that is
// kept, and a decoder written from PROTOCOL.md alone (wire.mjs) finds in it what it says.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildDir } from '../lib/server.mjs';
import { Bits, Client, messages, types } from './wire.mjs';

const text = readFileSync(new URL('wire.json', import.meta.url));
const vectors = JSON.parse(text);
const NEAR_TICK = 70002;

const bytesOf = (hex) => Buffer.from(hex, 'hex');

test('the wasm build writes the same vectors', async () => {
    const { instance } = await WebAssembly.instantiate(readFileSync(join(buildDir, 'tests/wire_vectors.wasm')), {});
    const wasm = instance.exports;
    const length = wasm.write();

    assert.ok(Buffer.from(wasm.memory.buffer, wasm.text_at(), length).equals(text));
});

test('bits and Golomb codes', () => {
    for (const vector of vectors.bits) {
        const bits = new Bits(bytesOf(vector.hex));

        for (const [code, value, width] of vector.put) {
            assert.equal(code === 'bits' ? bits.u(width) : bits[code](width), value);
        }
        assert.equal(bits.used, vector.bits);
        bits.end();
    }
});

test('updates of one entity', () => {
    const client = new Client(vectors.table);

    for (const vector of vectors.updates) {
        const bits = new Bits(bytesOf(vector.hex));
        const kind = 1 + vectors.table.kinds.findIndex(({ name }) => name === vector.kind);
        const now = client.update(bits, { kind, wire: vector.base, velocity: vector.velocity }, vector.age);

        assert.deepEqual(now.wire, vector.now);
        assert.deepEqual(now.velocity, vector.then);
        assert.equal(bits.used, vector.bits);
    }
});

vectors.sessions.forEach((session, number) => {
    test(`snapshots of session ${number + 1}`, () => {
        const client = new Client(vectors.table);

        for (const { hex, hash, entities, self, ...rest } of session) {
            const message = client.snapshot(bytesOf(hex));
            const list = client.list.map((e) => [e.slot, e.kind, e.generation, e.owner, e.wire, e.velocity]);

            assert.deepEqual(message, rest);
            assert.deepEqual(list, entities);
            assert.deepEqual(client.self ?? undefined, self);
            assert.equal(client.hash(client.list), hash);
        }
    });
});

test('every prefix of a snapshot is refused', () => {
    for (const [{ hex }] of vectors.sessions) {
        const bytes = bytesOf(hex);

        for (let cut = 0; cut < bytes.length; cut++) {
            assert.throws(() => new Client(vectors.table).snapshot(bytes.subarray(0, cut)), RangeError);
        }
    }
});

for (const { type, hex, ...fields } of vectors.messages) {
    test(`message ${type} ${hex.slice(0, 16)}`, () => {
        const bits = new Bits(bytesOf(hex));

        assert.equal(bits.u(8), types[type]);
        assert.deepEqual(messages[type](bits, vectors.table, NEAR_TICK), fields);
        bits.end();
    });
}

/* PROTOCOL.md's ten lines, to the letter, in a page of their own. */
function programOfTheManual() {
    const manual = readFileSync(new URL('../../shared/PROTOCOL.md', import.meta.url), 'utf8');
    const [, program] = manual.match(/```js\n([^]*?)```/);
    const [upToTheSocket] = program.split('const socket');

    return new Function('console', `${upToTheSocket}; return { world, you, names, getUpdateData, handleUpdateData };`);
}

test('the manual’s client applies updates', () => {
    const others = [];
    const page = programOfTheManual()({ log: (message) => others.push(message.type) });
    const expected = {};

    assert.deepEqual(JSON.parse(page.getUpdateData()), { type: 'input', seq: 1, buttons: 0, aim: 0 });
    for (const message of vectors.json) {
        page.handleUpdateData(JSON.stringify(message));
        for (const [id, fields] of Object.entries(message.put ?? {})) expected[id] = { ...expected[id], ...fields };
        for (const id of message.del ?? []) delete expected[id];
    }
    assert.deepEqual(page.world, expected);
    assert.equal(page.you.id, 1);
    assert.equal(page.names[3], 'Ann');
    assert.deepEqual(others, ['welcome', 'bye', 'error', 'pong', 'pace', 'playback']);
    assert.equal(JSON.parse(page.getUpdateData()).ack, 503);
});

test('the manual’s client replaces an entity that another took the place of', () => {
    const page = programOfTheManual()(console);
    const put = (fields) => page.handleUpdateData(JSON.stringify({ type: 'update', tick: 1, put: { 7: fields } }));

    put({ kind: 'craft', x: 1, health: 5 });
    put({ x: 2 });
    assert.deepEqual(page.world, { 7: { kind: 'craft', x: 2, health: 5 } });
    put({ kind: 'crate', x: 3 });
    assert.deepEqual(page.world, { 7: { kind: 'crate', x: 3 } });
});
