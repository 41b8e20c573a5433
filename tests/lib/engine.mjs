// engine.mjs - Engine.IO by hand: requests and WebSockets byte by byte, for tests that a client
// library would be too polite for.
//
//     const engine = new Engine(`${server.url}/engine.io/`);
//     const sid = await engine.open();
//     await engine.post(sid, '4hello');
//     assert.equal(await engine.poll(sid), '4hello');

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';

const WAIT_MS = 10000;

/* One request: {status, headers, text}. `agent` keeps connections alive; without one each request has
 * its own, as those of Node's official client have. */
export function ask(url, { method = 'GET', body, headers = {}, agent, signal } = {}) {
    return new Promise((fulfil, reject) => {
        const options = { method, headers: { ...headers }, agent: agent ?? false, signal };
        if (body !== undefined && options.headers['Transfer-Encoding'] === undefined)
            options.headers['Content-Length'] = Buffer.byteLength(body);
        const sent = request(url, options, async (response) => {
            const pieces = [];
            try {
                for await (const piece of response) pieces.push(piece);
            } catch (error) {
                reject(error);
            }
            fulfil({
                status: response.statusCode,
                headers: response.headers,
                text: Buffer.concat(pieces).toString(),
            });
        });
        sent.setTimeout(WAIT_MS, () => sent.destroy(new Error(`no answer from ${url}`)));
        sent.on('error', reject);
        sent.end(body);
    });
}

/* A WebSocket whose messages are read one after the other. */
export class Wire {
    constructor(t, url, options = {}) {
        this.socket = new WebSocket(url, options);
        this.waiting = [];
        this.messages = [];
        this.closed = new Promise((fulfil) => this.socket.on('close', (code) => fulfil(code)));
        this.socket.on('message', (data, isBinary) => {
            this.messages.push(isBinary ? data : data.toString());
            this.waiting.shift()?.();
        });
        this.socket.on('error', () => {});
        t.after(() => this.socket.terminate());
    }

    async opened() {
        await once(this.socket, 'open');
        return this;
    }

    send(data) {
        this.socket.send(data);
    }

    /* The next message: text, or bytes as a Buffer. */
    async next() {
        if (this.messages.length === 0) {
            const arrived = new Promise((fulfil) => this.waiting.push(fulfil));
            const why = await Promise.race([
                arrived,
                this.closed.then((code) => `closed with ${code}`),
                new Promise((fulfil) => setTimeout(fulfil, WAIT_MS, 'no message').unref()),
            ]);
            if (this.messages.length === 0) throw new Error(why);
        }
        return this.messages.shift();
    }
}

export class Engine {
    constructor(url, { agent } = {}) {
        this.url = url;
        this.agent = agent;
    }

    address(query) {
        return `${this.url}?${new URLSearchParams({ EIO: 4, transport: 'polling', ...query })}`;
    }

    get(sid, options) {
        return ask(this.address({ sid }), { agent: this.agent, ...options });
    }

    send(sid, body, options) {
        return ask(this.address({ sid }), { method: 'POST', body, agent: this.agent, ...options });
    }

    /* Opens a session on polling; answers its id. */
    async open() {
        const answer = await ask(this.address({}), { agent: this.agent });

        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.text[0], '0');
        return JSON.parse(answer.text.slice(1)).sid;
    }

    async post(sid, body) {
        const answer = await this.send(sid, body);
        assert.deepEqual([answer.status, answer.text], [200, 'ok']);
    }

    async poll(sid) {
        const answer = await this.get(sid);
        assert.equal(answer.status, 200, answer.text);
        return answer.text;
    }

    /* A WebSocket of its own, or, with a `sid`, one that takes the session over. */
    wire(t, query = {}, options) {
        return new Wire(t, this.address({ transport: 'websocket', ...query }).replace(/^http/, 'ws'), options);
    }

    async socket(t, query, options) {
        const wire = await this.wire(t, query, options).opened();
        const open = await wire.next();

        assert.equal(open[0], '0');
        wire.handshake = JSON.parse(open.slice(1));
        return wire;
    }
}

export const keptAlive = () => new Agent({ keepAlive: true });
