// server_colyseus.mjs - the world by Colyseus: its state in a schema of 16-bit fields, each client's view by StateView.

import { Room, Server } from '@colyseus/core';
import { Encoder, StateView } from '@colyseus/schema';
import { WebSocketTransport } from '@colyseus/ws-transport';
import { State, Thing } from './colyseus_schema.mjs';
import { checks, giveSeat, hashFor, http, run, stats, takeSeat, world } from './serve.mjs';

Encoder.BUFFER_SIZE = 256 * 1024;

class DriftRoom extends Room {
    maxClients = world.entities.length;
    patchRate = null; // patches go out behind each step
    autoDispose = false;

    onCreate() {
        this.setState(new State());
        this.things = world.entities.map((e) => {
            const thing = new Thing().assign({ x: e.qx, y: e.qy, a: e.qa, h: e.hp, k: e.kind });
            this.state.things.set(String(e.id), thing);
            return thing;
        });
        this.onMessage('input', (client, input) => {
            client.userData.ack = input.ack;
            world.steer(client.userData.id, input.turn);
        });
        run(() => this.publish());
    }

    onJoin(client) {
        client.view = new StateView();
        client.userData = { id: takeSeat(), seen: new Set(), ack: 0 };
    }

    onLeave(client) {
        giveSeat(client.userData.id);
    }

    /* Brings what the client's view holds up to what it sees now. */
    look(client) {
        const { id, seen } = client.userData;
        const me = world.entities[id];

        for (const e of world.entities) {
            const sees = world.sees(me, e);
            if (sees === seen.has(e.id)) continue;
            if (sees) {
                seen.add(e.id);
                client.view.add(this.things[e.id]);
            } else {
                seen.delete(e.id);
                client.view.remove(this.things[e.id]);
            }
        }
    }

    publish() {
        this.state.t = world.tick;
        for (const e of world.entities) {
            const thing = this.things[e.id];
            if (thing.x !== e.qx) thing.x = e.qx;
            if (thing.y !== e.qy) thing.y = e.qy;
            if (thing.a !== e.qa) thing.a = e.qa;
            if (thing.h !== e.hp) thing.h = e.hp;
        }
        for (const client of this.clients) this.look(client);
        this.broadcastPatch();
        for (const client of this.clients) {
            stats.updates++;
            if (checks) client.send('check', { t: world.tick, hash: hashFor(client.userData.id) });
        }
    }
}

const server = new Server({ transport: new WebSocketTransport({ server: http }), greet: false });

server.define('drift', DriftRoom);
await server.listen(0, '127.0.0.1');
console.log(`port ${http.address().port}`);
