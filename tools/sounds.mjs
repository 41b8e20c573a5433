// sounds.mjs - makes the sounds of assets/sounds from the formulas below. Run it as
// `node tools/sounds.mjs [FOLDER]`.
//
// 16 bit, mono, 22,050 Hz. Each run makes the same bytes: noise has a seed of its own, and Math.sin and
// Math.exp are V8's own code, the same on every machine.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const RATE_HZ = 22050;
const TURN = 2 * Math.PI;
const EDGE_S = 0.004; // fades in and out, so that nothing clicks

// ---- what sounds are made of: functions of the time in seconds, or lists of samples ----------------

/* xorshift32, from -1 to 1. */
function noise(seed) {
    let state = seed;

    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) / 0x80000000 - 1;
    };
}

function samples(seconds, at) {
    const count = Math.round(seconds * RATE_HZ);

    return Array.from({ length: count }, (_, i) => at(i / RATE_HZ));
}

/* A tone that glides from one pitch to another; `shape` makes its wave of the phase in turns. */
function glide(seconds, fromHz, toHz, shape) {
    let phase = 0;

    return samples(seconds, (t) => {
        phase += (fromHz * (toHz / fromHz) ** (t / seconds)) / RATE_HZ;
        return shape(phase);
    });
}

const sine = (phase) => Math.sin(TURN * phase);
const soft = (phase) => Math.sin(TURN * phase) + Math.sin(TURN * 3 * phase) / 5;
const reed = (phase) => [1, 2, 3, 4, 5].reduce((sum, k) => sum + Math.sin(TURN * k * phase) / k, 0) / 2;

/* Noise whose upper frequencies go, as far as `cut` (0..1) says at each time. */
function rumble(seconds, seed, cut) {
    const next = noise(seed);
    let low = 0;

    return samples(seconds, (t) => {
        low += (next() - low) * cut(t);
        return low;
    });
}

/* Falls to a third in `seconds`. */
const fading = (seconds) => (t) => Math.exp(-t / seconds);

const shaped = (list, strength) => list.map((value, i) => value * strength(i / RATE_HZ));

function mixed(...lists) {
    const count = Math.max(...lists.map((list) => list.length));

    return Array.from({ length: count }, (_, i) => lists.reduce((sum, list) => sum + (list[i] ?? 0), 0));
}

const delayed = (list, seconds) => [...samples(seconds, () => 0), ...list];

/* One struck tone after the other. */
function tune(notesHz, stepS, lastS) {
    return mixed(...notesHz.map((hz, i) => {
        const seconds = i === notesHz.length - 1 ? lastS : stepS * 2.5;

        return delayed(shaped(glide(seconds, hz, hz, soft), fading(seconds / 3)), i * stepS);
    }));
}

/* Its end goes over into its beginning: the part beyond `seconds` fades out above the start. */
function loop(list, seconds) {
    const count = Math.round(seconds * RATE_HZ);
    const tail = list.length - count;

    return list.slice(0, count).map((value, i) => {
        if (i >= tail) return value;
        const part = i / tail;

        return value * Math.sqrt(part) + list[count + i] * Math.sqrt(1 - part);
    });
}

// ---- the sounds ------------------------------------------------------------------------------------

const SOUNDS = {
    shot: () => mixed(
        shaped(glide(0.15, 1150, 260, reed), fading(0.045)),
        shaped(rumble(0.15, 11, () => 0.8), fading(0.012)),
    ),
    beam: () => mixed(
        shaped(glide(0.4, 1900, 700, sine), (t) => Math.exp(-t / 0.13) * (0.7 + 0.3 * Math.sin(TURN * 55 * t))),
        shaped(glide(0.4, 240, 90, reed), fading(0.1)),
        shaped(rumble(0.4, 12, () => 0.5), fading(0.05)),
    ),
    hit: () => mixed(
        shaped(glide(0.14, 420, 130, soft), fading(0.035)),
        shaped(rumble(0.14, 13, (t) => 0.7 - 3 * t), fading(0.03)),
    ),
    explosion: () => mixed(
        shaped(rumble(0.95, 14, (t) => 0.35 * Math.exp(-t / 0.25) + 0.03), (t) => 2.2 * Math.exp(-t / 0.28)),
        shaped(glide(0.95, 120, 34, sine), fading(0.3)),
    ),
    pickup: () => tune([659.26, 987.77], 0.07, 0.3),
    join: () => tune([392, 523.25, 783.99], 0.09, 0.4),
    lead: () => tune([783.99, 880, 1174.66], 0.08, 0.35),
    over: () => tune([523.25, 392], 0.16, 0.6),
    win: () => tune([523.25, 659.26, 783.99, 1046.5], 0.13, 0.8),
    engine: () => loop(mixed(
        glide(1.2, 55, 55, reed).map((value) => value * 0.35),
        rumble(1.2, 15, () => 0.05).map((value) => value * 2.5),
    ), 1),
};
const LOUDNESS = { shot: 0.5, beam: 0.6, hit: 0.6, explosion: 0.9, engine: 0.4 };
const LOUDNESS_OTHERS = 0.55;
const LOOPS = ['engine'];

// ---- files -----------------------------------------------------------------------------------------

/* At most as loud as `loudness`, with soft edges unless it repeats. */
function finished(list, loudness, repeats) {
    const peak = list.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const edge = EDGE_S * RATE_HZ;

    return list.map((value, i) => {
        const rim = repeats ? 1 : Math.min(1, i / edge, (list.length - 1 - i) / edge);

        return Math.round((value / peak) * loudness * rim * 32767);
    });
}

function wav(list) {
    const bytes = Buffer.alloc(44 + list.length * 2);

    bytes.write('RIFF', 0);
    bytes.writeUInt32LE(bytes.length - 8, 4);
    bytes.write('WAVEfmt ', 8);
    bytes.writeUInt32LE(16, 16);
    bytes.writeUInt16LE(1, 20); // PCM
    bytes.writeUInt16LE(1, 22); // channels
    bytes.writeUInt32LE(RATE_HZ, 24);
    bytes.writeUInt32LE(RATE_HZ * 2, 28);
    bytes.writeUInt16LE(2, 32);
    bytes.writeUInt16LE(16, 34);
    bytes.write('data', 36);
    bytes.writeUInt32LE(list.length * 2, 40);
    list.forEach((value, i) => bytes.writeInt16LE(value, 44 + i * 2));
    return bytes;
}

const folder = process.argv[2] ?? new URL('../assets/sounds', import.meta.url).pathname;

mkdirSync(folder, { recursive: true });
for (const [name, make] of Object.entries(SOUNDS)) {
    const list = finished(make(), LOUDNESS[name] ?? LOUDNESS_OTHERS, LOOPS.includes(name));

    writeFileSync(join(folder, `${name}.wav`), wav(list));
}
