// colyseus_schema.mjs - the state as Colyseus knows it, on both ends. Without TypeScript its decorators are functions.

import { MapSchema, Schema, type, view } from '@colyseus/schema';

export class Thing extends Schema {}
type('uint16')(Thing.prototype, 'x');
type('uint16')(Thing.prototype, 'y');
type('uint16')(Thing.prototype, 'a');
type('uint8')(Thing.prototype, 'h');
type('uint8')(Thing.prototype, 'k');

export class State extends Schema {
    constructor() {
        super();
        this.t = 0;
        this.things = new MapSchema();
    }
}
type('uint32')(State.prototype, 't');
type({ map: Thing })(State.prototype, 'things');
view()(State.prototype, 'things');
