// screens.mjs - brings the page to each of its screens against a real server: for tests of them, and for
// pictures of them (tests/e2e/screenshots.mjs).
//
//     const stage = await openStage(t);
//     await SCREENS.kicked(page, stage);

import { copyFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { launchBrowser } from './browser.mjs';
import { JsonClient } from './clients.mjs';
import { scratchFolder } from './recordings.mjs';
import { startServer } from './server.mjs';

const GOLDEN = new URL('../vectors/recordings', import.meta.url).pathname;
const WAIT_MS = 20000;

/* A link to the server that can be cut, and mended. */
function startLink(t, server) {
    const sockets = new Set();
    const link = { isCut: false };
    const listener = net.createServer((near) => {
        const far = net.connect(server.port, '127.0.0.1');

        for (const socket of [near, far]) {
            sockets.add(socket);
            socket.on('error', () => {});
            socket.on('close', () => [near, far].forEach((s) => s.destroy()) ?? sockets.delete(socket));
        }
        if (link.isCut) near.destroy();
        near.pipe(far).pipe(near);
    });

    link.cut = () => {
        link.isCut = true;
        for (const socket of sockets) socket.destroy();
    };
    link.mend = () => (link.isCut = false);
    t.after(() => listener.close() && link.cut());
    return new Promise((fulfil) => {
        listener.listen(0, '127.0.0.1', () => {
            link.url = `http://127.0.0.1:${listener.address().port}`;
            fulfil(link);
        });
    });
}

/* One server with a room of each sort and two recordings, a link to it, and one browser. */
export async function openStage(t) {
    const dir = scratchFolder(t);

    for (const name of ['v1_plain', 'v1_fields_added']) copyFileSync(join(GOLDEN, `${name}.db`), join(dir, `${name}.db`));
    const server = await startServer(t, {
        args: [
            '--record', dir, '--room', 'arena,bots=8', '--room', 'duel,players=1,bots=0',
            '--room', 'grass,game=snake,bots=4', '--room', 'quiet,bots=0',
        ],
    });
    const holder = new JsonClient(t, `${server.wsUrl}/ws/updates?room=duel&name=Grace`);

    await holder.until((c) => c.welcome, 'a place in the duel');
    return { t, server, link: await startLink(t, server), browser: await launchBrowser(t) };
}

/* A page of its own, with its own storage. `problems` collects the console's errors and exceptions. */
export async function openTab(stage, options = {}) {
    const context = await stage.browser.newContext({ viewport: { width: 960, height: 540 }, ...options });
    const page = await context.newPage();
    const problems = [];

    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.stack));
    return { page, problems, close: () => context.close() };
}

export async function untilScreen(page, screen) {
    await page.waitForSelector(`body[data-screen="${screen}"]`, { timeout: WAIT_MS });
}

async function play(page, { server }, room = 'arena', base = server.url) {
    await page.goto(`${base}/?room=${room}&name=Ada`);
    await untilScreen(page, 'playing');
}

/* By name: leads a page there. */
export const SCREENS = {
    async start(page, { server }) {
        await page.goto(server.url);
        await page.waitForSelector('#rooms li');
        await page.fill('#name', 'Ada');
    },
    async settings(page, stage) {
        await SCREENS.start(page, stage);
        await page.click('#start-settings');
        await page.waitForSelector('#keys .keys');
    },
    async connecting(page, { server }) {
        await page.routeWebSocket(/\/ws\/updates/, () => {}); // takes what is said, and never answers
        await page.goto(`${server.url}/?room=arena`);
        await untilScreen(page, 'connecting');
    },
    async playing(page, stage) {
        await play(page, stage);
    },
    async menu(page, stage) {
        await play(page, stage);
        await page.keyboard.press('Escape');
        await page.waitForSelector('#menu[open]');
    },
    async reconnecting(page, stage) {
        stage.link.mend();
        await play(page, stage, 'arena', stage.link.url);
        stage.link.cut();
        await page.waitForFunction(() => Number.parseFloat(document.querySelector('#countdown').textContent) > 1, undefined, { timeout: WAIT_MS });
    },
    async full(page, { server }) {
        await page.goto(`${server.url}/?room=duel&name=Ada`);
        await untilScreen(page, 'full');
    },
    async closing(page, { t }) {
        const other = await startServer(t, { args: ['--room', 'arena,bots=8'] });

        await play(page, { server: other });
        await other.stop();
        await untilScreen(page, 'closing');
        return other;
    },
    async kicked(page, stage) {
        await play(page, stage);
        const [twin] = await Promise.all([
            page.waitForEvent('popup'),
            page.evaluate(() => void globalThis.open(location.href)), // with what this tab remembers: its seat
        ]);

        await untilScreen(page, 'kicked');
        await twin.close();
    },
    async ended(page, { server }) {
        await page.goto(`${server.url}/?room=nowhere`);
        await untilScreen(page, 'ended');
    },
    async spectating(page, { server }) {
        await page.goto(`${server.url}/?room=arena&spectate=1`);
        await untilScreen(page, 'playing');
    },
    async replay(page, { server }) {
        await page.goto(`${server.url}/replay/v1_plain?t=60`);
        await untilScreen(page, 'playing');
    },
    async replays(page, { server }) {
        await page.goto(`${server.url}/replays`);
        await page.waitForSelector('#recordings a');
    },
};

/* Says what the audit found against the page as it stands: one line each, none if it is fine. What fades has
 * faded then: in between nothing has its colours. */
export async function audit(page, axeSource) {
    await page.evaluate(() => {
        const fades = document.getAnimations().filter((animation) => animation instanceof CSSTransition);

        return Promise.allSettled(fades.map(({ finished }) => finished));
    });
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));

    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

