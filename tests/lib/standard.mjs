// standard.mjs - the browser code that everyone writes for a WebSocket, to be run in a page of a test.

/* Runs in the page. `hold` is what getUpdateData() asks for: the buttons of the default game. Answers what
 * was seen until `updates` had come, and the world as it was then. */
export function standardProgram({ hold, updates, url = 'wss://game.example.com/ws/updates' }) {
    return new Promise((fulfil) => {
        const world = { entities: {}, you: {} };
        const seen = { welcome: null, sizes: [], places: [], ticks: [], closed: null, errors: 0 };
        let seq = 0, tick = 0;

        function getUpdateData() {
            return JSON.stringify({ type: 'input', seq: ++seq, ack: tick, buttons: hold, aim: 90 });
        }

        function handleUpdateData(data) {
            const update = JSON.parse(data);
            if (update.type === 'welcome') seen.welcome = update;
            if (update.type !== 'update') return;
            if (update.full) world.entities = {};
            for (const [id, changed] of Object.entries(update.put ?? {}))
                world.entities[id] = Object.assign(world.entities[id] ?? {}, changed);
            for (const id of update.del ?? []) delete world.entities[id];
            Object.assign(world.you, update.you ?? {});
            tick = update.tick;
            seen.ticks.push(tick);
            seen.sizes.push(data.length);
            const own = world.entities[world.you.id];
            if (own) seen.places.push([own.x, own.y]);
            if (seen.ticks.length === updates) { socket.close(1000); }
        }

        function onSocketClose(event) { seen.closed = event.code; fulfil({ ...seen, world }); }
        function onSocketError() { seen.errors++; }

        const socket = new WebSocket(url);
        socket.onopen = function () { setInterval(function () { if (socket.bufferedAmount == 0) socket.send(getUpdateData()); }, 50); };
        socket.onmessage = function (event) { handleUpdateData(event.data); };
        socket.onclose = function (event) { onSocketClose(event); };
        socket.onerror = function (event) { onSocketError(event); };
    });
}
