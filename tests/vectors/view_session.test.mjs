// view_session.test.mjs - the page's wasm, given the recorded bytes and times, sends and draws exactly what
// the native build does (tests/unit/test_view_golden.c records and replays the same files).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildDir } from '../lib/server.mjs';

const DRAWN_BYTES = 104;
const RESULT_OK = 0;

const CRC32C = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;

    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    return crc;
});

function crc32c(bytes) {
    let crc = ~0;

    for (const byte of bytes) crc = CRC32C[(crc ^ byte) & 0xff] ^ (crc >>> 8);
    return ~crc >>> 0;
}

async function loadView() {
    const bytes = readFileSync(join(buildDir, 'web/tickwire.wasm'));
    const { instance } = await WebAssembly.instantiate(bytes, {});

    return instance.exports;
}

/* What each kind of line does; all but the words are times in µs. */
function replayer(wasm) {
    const area = (at, length) => new Uint8Array(wasm.memory.buffer, at, length);

    return {
        config(...sizes) {
            assert.ok(wasm.init(...sizes.map(Number)));
            area(wasm.text_at(), 4).set(Buffer.from('Ada\0'));
            wasm.set_name();
            wasm.connect();
        },
        input(...words) {
            new Int32Array(wasm.memory.buffer, wasm.input_at(), 4).set(words.map(Number));
            wasm.set_input();
        },
        receive(time, hex) {
            const bytes = Buffer.from(hex, 'hex');

            area(wasm.in_at(), bytes.length).set(bytes);
            assert.equal(wasm.receive(bytes.length, Number(time)), RESULT_OK);
        },
        poll(time, hex) {
            const length = wasm.poll(Number(time), hex === '-' ? 1 : 0);
            const sent = Buffer.from(area(wasm.out_at(), length)).toString('hex');

            assert.equal(sent || '-', hex);
        },
        frame(time, count, ownIndex, crc) {
            wasm.frame(Number(time));
            assert.equal(wasm.drawn_count(), Number(count));
            assert.equal(wasm.own_index(), Number(ownIndex));
            assert.equal(
                crc32c(area(wasm.drawn_at(), wasm.drawn_count() * DRAWN_BYTES)),
                parseInt(crc, 16),
            );
        },
    };
}

test('the module needs no imports and never grows', async () => {
    const wasm = await loadView();

    assert.throws(() => wasm.memory.grow(1), RangeError);
});

for (const name of ['view_session', 'view_lost_time']) {
    test(`${name} is drawn as recorded`, async () => {
        const replay = replayer(await loadView());
        const session = readFileSync(new URL(`${name}.txt`, import.meta.url), 'utf8');
        const lines = session.trimEnd().split('\n');

        assert.ok(lines.length > 500);
        lines.forEach((line, index) => {
            const [kind, ...words] = line.split(' ');

            try {
                replay[kind](...words);
            } catch (error) {
                error.message = `line ${index + 1}: ${error.message}`;
                throw error;
            }
        });
    });
}
