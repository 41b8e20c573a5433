// serve.mjs - what our small servers have in common: the world at 20 Hz on absolute deadlines, a port, figures at
// /stats, and whether clients are to be told what they should see (`check`), which is not measured.
//
//     node server_ws.mjs [--count N] [--seed N] [--check]

import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { HZ, World, asSeen, hashView } from './world.mjs';

const { values } = parseArgs({
    options: {
        count: { type: 'string', default: '200' },
        seed: { type: 'string', default: '12345' },
        check: { type: 'boolean', default: false },
    },
});

export const checks = values.check;
export const world = new World({ count: Number(values.count), seed: Number(values.seed) });
export const stats = { clients: 0, updates: 0, late: 0 };

export const http = createServer((request, response) => {
    if (request.url !== '/stats') return; // another's
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ ...stats, tick: world.tick }));
});

/* What the client that rides entity `id` should see now, as one number. */
export const hashFor = (id) => {
    const me = world.entities[id];

    return hashView(world.entities.filter((e) => world.sees(me, e)).map(asSeen));
};

/* The free seat with the lowest number; -1: none. */
const taken = new Set();
export function takeSeat() {
    for (let id = 0; id < world.entities.length; id++) {
        if (taken.has(id)) continue;
        taken.add(id);
        stats.clients++;
        return id;
    }
    return -1;
}
export function giveSeat(id) {
    if (taken.delete(id)) stats.clients--;
}

/* Steps the world every 50 ms and calls send() behind it; ticks that come too late are left out. */
export function run(send) {
    let due = performance.now();
    const turn = () => {
        world.step();
        send();
        due += 1000 / HZ;
        for (; due < performance.now(); due += 1000 / HZ) stats.late++;
        setTimeout(turn, due - performance.now());
    };
    setTimeout(turn, 0);
}

export function listen() {
    http.listen(0, '127.0.0.1', () => console.log(`port ${http.address().port}`));
}

/* The update of one client, as objects: what has come into its view, what of it has changed, what has left. `known` is
 * what it was sent, by id; it is brought up to now. */
export function makeDelta(id, known) {
    const me = world.entities[id];
    const put = [];
    const del = [];

    for (const e of world.entities) {
        const old = known.get(e.id);

        if (!world.sees(me, e)) {
            if (old && known.delete(e.id)) del.push(e.id);
            continue;
        }
        if (!old) {
            const seen = asSeen(e);
            known.set(e.id, seen);
            put.push(seen);
            continue;
        }
        if (old.x === e.qx && old.y === e.qy && old.a === e.qa && old.h === e.hp) continue;
        const changed = { id: e.id };
        if (old.x !== e.qx) changed.x = old.x = e.qx;
        if (old.y !== e.qy) changed.y = old.y = e.qy;
        if (old.a !== e.qa) changed.a = old.a = e.qa;
        if (old.h !== e.hp) changed.h = old.h = e.hp;
        put.push(changed);
    }
    const update = { t: world.tick, put };
    if (del.length > 0) update.del = del;
    if (checks) update.hash = hashFor(id);
    return update;
}
