// png.mjs - reads a PNG, for tests that look at a picture's content.

import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';

const SIGNATURE = '89504e470d0a1a0a';
const CHANNELS = { 2: 3, 6: 4 }; // by colour type: RGB, RGBA

function* chunks(file) {
    for (let at = 8; at < file.length; ) {
        const length = file.readUInt32BE(at);

        yield { type: file.toString('latin1', at + 4, at + 8), data: file.subarray(at + 8, at + 8 + length) };
        at += length + 12;
    }
}

function paeth(left, above, corner) {
    const estimate = left + above - corner;
    const [toLeft, toAbove, toCorner] = [left, above, corner].map((v) => Math.abs(estimate - v));

    if (toLeft <= toAbove && toLeft <= toCorner) return left;
    return toAbove <= toCorner ? above : corner;
}

/* By filter type (PNG §9.2): what is added to a byte, from its neighbours. */
const PREDICTORS = [
    () => 0,
    (left) => left,
    (left, above) => above,
    (left, above) => (left + above) >> 1,
    paeth,
];

function unfilter(raw, width, height, channels) {
    const stride = width * channels;
    const pixels = Buffer.alloc(stride * height);

    for (let y = 0; y < height; y++) {
        const predict = PREDICTORS[raw[y * (stride + 1)]];

        for (let x = 0; x < stride; x++) {
            const at = y * stride + x;
            const left = x >= channels ? pixels[at - channels] : 0;
            const above = y > 0 ? pixels[at - stride] : 0;
            const corner = x >= channels && y > 0 ? pixels[at - stride - channels] : 0;

            pixels[at] = raw[y * (stride + 1) + 1 + x] + predict(left, above, corner);
        }
    }
    return pixels;
}

/* Reads a PNG of 8 bits a channel without interlacing: {width, height, at(x, y) => [r, g, b]}. */
export function readPng(path) {
    const file = readFileSync(path);

    if (file.toString('hex', 0, 8) !== SIGNATURE) throw new Error(`${path} is no PNG`);
    const all = [...chunks(file)];
    const header = all.find(({ type }) => type === 'IHDR').data;
    const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
    const channels = CHANNELS[header[9]];

    if (header[8] !== 8 || !channels || header[12] !== 0) throw new Error(`${path}: not read here`);
    const data = Buffer.concat(all.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data));
    const pixels = unfilter(inflateSync(data), width, height, channels);

    return {
        width,
        height,
        at: (x, y) => [...pixels.subarray((y * width + x) * channels, (y * width + x) * channels + 3)],
    };
}
