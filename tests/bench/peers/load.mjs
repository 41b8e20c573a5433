// load.mjs - clients of our small servers, each by its peer's own client library: they decode every update, keep the
// view it makes, and send input at 20 Hz, their turns spread over the tick.
//
//     node load.mjs ws|socketio|colyseus PORT --count N --seconds S
//
// Prints "ready" once all are there and has S seconds measured from a second later on; then one JSON object. Where the
// server tells what should be seen (--check), each view is compared at each tick.

import { parseArgs } from 'node:util';
import { connectors } from './clients.mjs';
import { HZ, TURN_MAX, hashView } from './world.mjs';

const { values, positionals } = parseArgs({
    options: { count: { type: 'string', default: '200' }, seconds: { type: 'string', default: '5' } },
    allowPositionals: true,
});
const [peer, port] = positionals;
const COUNT = Number(values.count);
const SECONDS = Number(values.seconds);
const sleep = (ms) => new Promise((fulfil) => setTimeout(fulfil, ms));
const totals = { updates: 0, checked: 0, wrong: 0, closed: 0, gaps: 0 };
let leaving = false;

/* What a connector tells of one client. */
function makeViewer() {
    return {
        tick: 0,
        updated(tick) {
            if (this.tick !== 0 && tick !== this.tick + 1) totals.gaps++;
            this.tick = tick;
            totals.updates++;
        },
        check(hash, entities) {
            totals.checked++;
            if (hashView(entities) !== hash) totals.wrong++;
        },
        closed() {
            if (!leaving) totals.closed++;
        },
    };
}

const clients = [];
for (let i = 0; i < COUNT; i += 20) {
    const some = Array.from({ length: Math.min(20, COUNT - i) }, async () => {
        const viewer = makeViewer();
        return { viewer, seq: 0, ...(await connectors[peer](Number(port), viewer)) };
    });
    clients.push(...(await Promise.all(some)));
}

function sendInput(client) {
    client.send({ seq: ++client.seq, ack: client.viewer.tick, turn: (Math.random() * 2 - 1) * TURN_MAX });
}

let due = 0;
const began = performance.now();
const inputs = setInterval(() => {
    const now = Math.floor(((performance.now() - began) * HZ * COUNT) / 1000);
    for (due = Math.max(due, now - COUNT); due < now; due++) sendInput(clients[due % COUNT]);
}, 5);

const look = () => ({
    ...totals,
    bytes: clients.reduce((sum, client) => sum + client.bytesRead(), 0),
    ms: performance.now(),
    cpu: process.cpuUsage(),
});
console.log('ready');
await sleep(1000);
const before = look();
await sleep(SECONDS * 1000);
const after = look();
const between = (read) => read(after) - read(before);
const seconds = between((x) => x.ms) / 1000;

console.log(
    JSON.stringify({
        connected: clients.length,
        updates_per_s: between((x) => x.updates) / seconds / COUNT,
        bytes_per_update: between((x) => x.bytes) / between((x) => x.updates),
        cpu_percent: between((x) => x.cpu.user + x.cpu.system) / seconds / 1e4,
        gaps: between((x) => x.gaps),
        checked: between((x) => x.checked),
        wrong: between((x) => x.wrong),
        closed: after.closed,
    }),
);
leaving = true;
clearInterval(inputs);
for (const client of clients) client.close();
setTimeout(() => process.exit(0), 200);
