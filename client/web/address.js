// address.js - what the page's address says: room, spectate=1, name, transport. At /replay/ID it plays that
// recording, from the tick t on. An address that says anything of this joins at once; a bare one is the start.

const PARTS = ['room', 'spectate', 'name', 'transport'];
const query = () => new URLSearchParams(location.search);

export const replayId = location.pathname.match(/^\/replay\/([\w-]+)$/)?.[1];

export const isDirect = () => replayId !== undefined || PARTS.some((key) => query().has(key));

export const part = (key) => query().get(key);

/* Goes to a room, so that the address is a bookmark of it, and the browser's way back leads to the start. */
export function enter({ room = '', spectate = false }) {
    history.pushState(null, '', `/?${new URLSearchParams({ room, ...(spectate && { spectate: '1' }) })}`);
}

/* Says in the address what has become known meanwhile. */
export function note(key, value) {
    const noted = query();

    noted.set(key, value);
    history.replaceState(null, '', `${location.pathname}?${noted}`);
}

export function leave() {
    history.pushState(null, '', '/');
}

/* Where the server is asked for that, as a WebSocket. */
export function updatesUrl() {
    const url = new URL(replayId ? `/ws/replay/${replayId}` : '/ws/updates', location.href);

    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    for (const key of replayId ? ['t'] : ['room', 'spectate']) {
        if (part(key)) url.searchParams.set(key, part(key));
    }
    return url.href;
}
