// The native client in a window, as a player meets it: its menu by keyboard, its settings, its sound; how it is
// installed, and the program of client/README.md that is built on it. (Its link and its pictures are in
// client.test.mjs.)

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNear, share, startDisplay } from '../lib/display.mjs';
import { readPng } from '../lib/png.mjs';
import { buildDir, runProgram, spawnProgram, startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const ROOT = new URL('../..', import.meta.url).pathname;
const DEFAULT_ADDRESS = 'ws://localhost:8080/ws/updates';
const QUIET = ['--room', 'quiet,bots=0'];
const POLL_MS = 50;
const PATIENCE_MS = 20000;
const STILL_LOOKS = 5; // a tenth of a second apart

const TITLE = isNear([0x5f, 0xf0, 0xd0]);
const CHOSEN = isNear([0x12, 0x2b, 0x33], 2); // the row of a menu that Enter presses
const WALL = isNear([0x26, 0x31, 0x4d]);
const OWN = isNear([0x5f, 0xf0, 0xd0], 40);
const SAFE_OWN = isNear([0xf0, 0xe4, 0x42], 40);
const MINIMAP = { x0: 1104, y0: 454, x1: 1266, y1: 616, step: 1 };

const [HEAD, ROOM, ROW] = [118, 538, 38]; // above the rows of a menu, for them, and of each

const showsMenu = (picture) => share(picture, CHOSEN) > 0.005;
const SWATCH = isNear([0x56, 0xb4, 0xe9]); // the safe palette's first, on the page where one starts
const showsStart = (picture) => showsMenu(picture) && share(picture, SWATCH, { x0: 780, x1: 960, step: 2 }) > 0.0001;
const showsMatch = (picture) => share(picture, WALL) > 0.02 && share(picture, CHOSEN) < 0.001;

/* Whether the nth row of a menu of `count` rows is the chosen one. */
function isChosen({ height, at }, row, count) {
    let y = 0;

    while (y < height && !CHOSEN(at(400, y))) y++;
    return Math.abs(y - (HEAD + 0.3 * (ROOM - count * ROW) + row * ROW + 4)) < 3;
}

async function until(holds, what) {
    for (const endMs = Date.now() + PATIENCE_MS; Date.now() < endMs; await sleep(POLL_MS)) if (await holds()) return;
    throw new Error(`never: ${what}`);
}

function makeFolder(t) {
    const folder = mkdtempSync(join(tmpdir(), 'tickwire-native-'));

    t.after(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
}

/* Where on the minimap oneself is: the middle of the pixels of one's own colour. */
function ownPlace(picture) {
    const found = [];

    for (let y = MINIMAP.y0; y < MINIMAP.y1; y++) {
        for (let x = MINIMAP.x0; x < MINIMAP.x1; x++) if (OWN(picture.at(x, y))) found.push([x, y]);
    }
    assert.ok(found.length > 0, 'a dot on the minimap');
    return [0, 1].map((i) => found.reduce((sum, place) => sum + place[i], 0) / found.length);
}

const way = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

/* Holds keys until the dot has gone somewhere: there is room in one direction at least. */
async function fly(display) {
    for (const key of ['d', 'a', 's', 'w']) {
        const from = ownPlace(display.picture());

        display.hold(key);
        await sleep(700);
        display.release(key);
        if (way(from, ownPlace(display.picture())) > 2) return key;
    }
    throw new Error('the craft does not move');
}

/* Waits until the dot has stood for a while, and answers where. (SDL believes a lost focus after 200 ms.) */
async function stillPlace(display) {
    let place;
    let looks = 0;

    await display.until((picture) => {
        const now = ownPlace(picture);
        const stands = place !== undefined && way(place, now) < 0.5; // also a slow glide adds up

        if (!stands) place = now;
        looks = stands ? looks + 1 : 0;
        return looks === STILL_LOOKS;
    }, 'a craft that stands');
    return place;
}

const quiet = (file, from) => readFileSync(file).subarray(from).every((byte) => byte === 0);

test('from the menu into a match by keyboard; what was chosen is there the next time', async (t) => {
    const folder = makeFolder(t);
    const [settings, audio] = [join(folder, 'settings.json'), join(folder, 'audio.raw')];
    const [server, display] = await Promise.all([startServer(t, { args: QUIET }), startDisplay(t)]);
    const env = { ...display.env, SDL_AUDIODRIVER: 'disk', SDL_DISKAUDIOFILE: audio };
    const client = spawnProgram('tickwire-client', ['--settings', settings], { env });
    const url = `${server.wsUrl}/ws/updates`;

    t.after(() => client.kill('SIGKILL'));
    await display.until((picture) => showsMenu(picture) && share(picture, TITLE) > 0.001, 'the menu');
    display.key('Down');
    display.erase(DEFAULT_ADDRESS.length);
    display.type(`127.0.0.1:${server.port}`); // the rest is completed
    display.key('Down');
    display.type('Ada');
    display.key('Return');
    await display.until(showsMatch, 'the match');

    // Flying moves it; the same key moves nothing while one writes, nor after the window has lost the focus.
    const key = await fly(display);
    const back = { d: 'a', a: 'd', s: 'w', w: 's' }[key];
    await until(() => !quiet(audio, 0), 'the engine is heard');
    display.key('Return');
    const before = await stillPlace(display);
    display.hold(back);
    await sleep(500);
    display.release(back);
    assert.ok(way(before, await stillPlace(display)) < 1.5, 'chat does not steer');
    display.key('Escape');
    display.hold(back);
    await display.until((picture) => way(before, ownPlace(picture)) > 2, 'a craft under way');
    display.unfocus();
    const standing = await stillPlace(display);
    await sleep(300);
    assert.ok(way(standing, ownPlace(display.picture())) < 1.5, 'a lost focus lets go');
    display.release(back);
    display.focus('Tickwire');

    // M mutes at once.
    display.key('m');
    await until(() => existsSync(settings) && JSON.parse(readFileSync(settings)).muted, 'muted');
    await sleep(200);
    const { size } = statSync(audio);
    await sleep(400);
    assert.ok(quiet(audio, size), 'nothing sounds');

    // The settings, over the match: captions on, reduced motion, the other palette; then out of it.
    display.key('Escape');
    await display.until(showsMenu, 'the menu over the match');
    display.key('Down', 'Return', 'Down', 'Down', 'Right', 'Down', 'Right', 'Down', 'Right', 'Escape', 'Escape');
    await display.until((picture) => showsMatch(picture) && share(picture, SAFE_OWN) > 0.0001, 'the colour of the safe palette');
    display.key('Escape', 'Up', 'Return');
    await display.until(showsStart, 'the menu again');
    display.key('Escape');
    let code;

    client.exitCode.then((it) => { code = it; });
    await until(() => code !== undefined, 'the end of the client');
    assert.equal(code, 0, client.stderr);

    const kept = JSON.parse(readFileSync(settings, 'utf8'));
    assert.deepEqual(
        [kept.name, kept.muted, kept.captions, kept.reduced_motion, kept.palette, kept.recent],
        ['Ada', true, true, true, 'safe', [url]],
    );

    // The next time: one Enter joins the same server, as the same player.
    const path = join(folder, 'again.png');
    const again = spawnProgram('tickwire-client', ['--settings', settings], { env });

    t.after(() => again.kill('SIGKILL'));
    await display.until(showsStart, 'the menu of the next time');
    display.key('Return');
    await display.until((picture) => showsMatch(picture) && share(picture, SAFE_OWN) > 0.0001, 'the next match');
    const report = await runProgram('tickwire-client', [
        '--url', url, '--settings', settings, '--headless', '--seconds', '1.5', '--screenshot', path,
    ]);
    assert.equal(report.code, 0, report.stderr);
    assert.equal(JSON.parse(report.stdout).name, 'Ada');
    assert.ok(share(readPng(path), SAFE_OWN) > 0.0001, 'the safe palette without a window, too');
});

test('the rooms of a server: one is joined, a full one watched', async (t) => {
    const settings = join(makeFolder(t), 'settings.json');
    const rooms = ['--room', 'hall,bots=0', '--room', 'den,bots=0', '--room', 'cell,bots=0,players=1'];
    const [server, display] = await Promise.all([startServer(t, { args: rooms }), startDisplay(t)]);
    const address = `${server.wsUrl}/ws/updates`;
    const who = async () => {
        const list = await (await fetch(`${server.url}/api/rooms`)).json();

        return Object.fromEntries(list.map(({ name, players, spectators }) => [name, [players, spectators]]));
    };
    const inmate = spawnProgram('tickwire-client', ['--url', `${address}?room=cell`, '--headless', '--seconds', '60']);

    t.after(() => inmate.kill('SIGKILL'));
    await until(async () => (await who()).cell[0] === 1, 'a full room');
    writeFileSync(settings, JSON.stringify({ palette: 'safe', recent: [address] }));
    const client = spawnProgram('tickwire-client', ['--settings', settings], { env: display.env });

    t.after(() => client.kill('SIGKILL'));
    await display.until(showsStart, 'the menu');
    display.key('Down', 'Down', 'Down', 'Down', 'Down', 'Return'); // past the one recent server
    await display.until((picture) => isChosen(picture, 0, 8), 'the first of three rooms');
    display.key('Down', 'Down', 'Return');
    await display.until(showsMatch, 'the match');
    assert.deepEqual(await who(), { hall: [0, 0], den: [1, 0], cell: [1, 0] });

    // Again, from another address field: that of the room one was in.
    display.key('Escape');
    await display.until(showsMenu, 'the menu over the match');
    display.key('Up', 'Return');
    await display.until(showsStart, 'the menu again');
    display.key('Up', 'Up', 'Up', 'Up', 'Return');
    await display.until((picture) => isChosen(picture, 0, 8), 'the rooms again');
    display.key('Down', 'Down', 'Down', 'Down', 'Return');
    await display.until((picture) => isChosen(picture, 5, 8), 'that it is full: watch instead?');
    display.key('Return');
    await display.until(showsMatch, 'the full room');
    await until(async () => (await who()).cell[1] === 1, 'a spectator');
    assert.deepEqual((await who()).cell, [1, 1]);
    client.kill('SIGKILL');
    await until(async () => (await who()).cell[1] === 0, 'nobody who watches');

    // Whoever did not know that it is full is offered the same.
    const late = spawnProgram('tickwire-client', ['--url', `${address}?room=cell`], { env: display.env });

    t.after(() => late.kill('SIGKILL'));
    await display.until((picture) => share(picture, TITLE) > 0.001, 'that there is no place');
    await until(async () => {
        display.key('w');
        return (await who()).cell[1] === 1;
    }, 'that it watches');
    await display.until(showsMatch, 'the full room again');
    assert.deepEqual(JSON.parse(readFileSync(settings)).recent.slice(0, 2), [`${address}?room=cell`, `${address}?room=den`]);
});

test('a server whose rooms cannot be told is said to be so', async (t) => {
    const [right, wrong] = [makeCertificate(t, ['localhost']), makeCertificate(t, ['localhost'])];
    const answers = [
        [403, '', /This server does not tell its rooms: type the name of yours\./],
        [404, '', /The server answered 404\./],
        [302, '', /The server answered 302\./],
        [200, '[]', /There is no room\./],
        [200, '\xff[[[[', /is no list of rooms\./],
        [200, `[${' '.repeat(70000)}]`, /The answer is too long for a list of rooms\./],
    ];
    const asked = [];
    let answer;
    const reply = (request, response) => {
        asked.push(request.url);
        response.writeHead(answer[0], { location: '/elsewhere' }).end(answer[1]);
    };
    const files = ({ cert, key }) => ({ cert: readFileSync(cert), key: readFileSync(key) });
    const servers = [createServer(reply), createSecureServer(files(right), reply), createSecureServer(files(wrong), reply)];
    const [plain, trusted, strange] = await Promise.all(servers.map(async (server) => {
        await once(server.listen(0, '127.0.0.1'), 'listening');
        t.after(() => { server.close(); server.closeAllConnections(); });
        return server.address().port;
    }));
    const display = await startDisplay(t);
    const client = spawnProgram('tickwire-client', ['--settings', join(makeFolder(t), 'settings.json'), '--cafile', right.ca], {
        env: display.env,
    });
    let [address, told] = [DEFAULT_ADDRESS, ''];
    const isTold = async (sentence) => {
        await until(() => sentence.test(client.stderr.slice(told.length)), `${sentence} in ${client.stderr}`);
        told = client.stderr;
        display.key('Escape');
    };
    /* From the row of the rooms to the address and back. */
    const ask = (next) => {
        display.key('Up', 'Up', 'Up');
        display.erase(`${address}/ws/updates`.length);
        display.type(next);
        display.key('Down', 'Down', 'Down', 'Return');
        address = `wss://${next}`;
    };

    t.after(() => client.kill('SIGKILL'));
    await display.until(showsMenu, 'the menu');
    display.key('Down', 'Down', 'Down', 'Down');
    for (answer of answers) {
        if (answer === answers[0]) ask(`127.0.0.1:${plain}`);
        else display.key('Return');
        await isTold(answer[2]);
    }
    assert.deepEqual([...new Set(asked)], ['/rooms'], 'a redirection is not followed');
    answer = answers[3];
    for (const [next, sentence] of [
        [`https://localhost:${trusted}`, answer[2]],
        [`https://localhost:${strange}`, /The certificate of localhost:\d+ was issued by an authority unknown to this computer\./],
        [`https://127.0.0.1:${trusted}`, /The certificate shown at 127\.0\.0\.1:\d+ belongs to another host name/],
        [`wss://localhost:${plain}`, /localhost:\d+ does not speak TLS on this port/],
        ['127.0.0.1:1', /No server answers at 127\.0\.0\.1:1\./],
    ]) {
        ask(next);
        await isTold(sentence);
    }
});

test('keys laid elsewhere and the cross of a game pad steer', async (t) => {
    const settings = join(makeFolder(t), 'settings.json');
    const server = await startServer(t, { args: QUIET });

    writeFileSync(settings, '{"keys": {"buttons": {"KeyI": 1, "KeyK": 2, "KeyW": 0, "KeyS": 0}}}');
    const ways = await Promise.all(['I', 'K', 'PadLeft', 'PadRight', 'W', 'S'].map(async (key) => {
        const { code, stdout, stderr } = await runProgram('tickwire-client', [
            '--settings', settings, '--url', `${server.wsUrl}/ws/updates`, '--headless', '--seconds', '2', '--hold', key,
        ]);
        const { start_x, start_y, x, y } = JSON.parse(stdout);

        assert.equal(code, 0, stderr);
        return way([start_x, start_y], [x, y]);
    }));

    // Of two that lead apart, one has room.
    assert.ok(Math.max(ways[0], ways[1]) > 20, `I and K: ${ways}`);
    assert.ok(Math.max(ways[2], ways[3]) > 20, `the cross: ${ways}`);
    assert.ok(Math.max(ways[4], ways[5]) < 1, `W and S do nothing now: ${ways}`);
});

test('settings that are none are set aside with a sentence', async (t) => {
    const settings = join(makeFolder(t), 'settings.json');

    writeFileSync(settings, '{"volume": "loud"}');
    const { code, stderr } = await runProgram('tickwire-client', [
        '--settings', settings, '--url', 'ws://127.0.0.1:1/ws/updates', '--headless', '--seconds', '0.2',
    ]);

    assert.equal(code, 1);
    assert.match(stderr, /^tickwire-client: .*settings\.json: settings: volume: expected a number of 0 to 100; the defaults are used/);
    assert.equal(readFileSync(`${settings}.bad`, 'utf8'), '{"volume": "loud"}');
    assert.ok(!existsSync(settings));
});

test('installed, it finds its looks and sounds, and a desktop finds it', async (t) => {
    const folder = makeFolder(t);
    const installed = spawnSync('make', ['-s', '-o', 'all', 'install', `DESTDIR=${folder}`, 'PREFIX=/usr', `BUILD=${buildDir}`], {
        cwd: ROOT,
        encoding: 'utf8',
    });

    assert.equal(installed.status, 0, installed.stderr);
    const share_ = join(folder, 'usr/share');
    const entry = readFileSync(join(share_, 'applications/tickwire.desktop'), 'utf8');
    const value = (key) => new RegExp(`^${key}=(.*)$`, 'm').exec(entry)[1];
    const icon = readFileSync(join(share_, `icons/hicolor/scalable/apps/${value('Icon')}.svg`), 'utf8');

    assert.match(entry, /^\[Desktop Entry\]\nType=Application\n/);
    assert.ok(existsSync(join(folder, 'usr/bin', value('Exec'))));
    assert.match(value('Categories'), /^Game;/);
    assert.match(icon, /^<svg /);
    assert.ok(existsSync(join(share_, 'tickwire/web/assets/sounds/shot.wav')));

    const path = join(folder, 'picture.png');
    const server = await startServer(t, { args: QUIET });
    const { code, stderr } = await runProgram(
        'tickwire-client',
        ['--url', `${server.wsUrl}/ws/updates`, '--headless', '--seconds', '1.5', '--screenshot', path],
        { dir: join(folder, 'usr/bin'), cwd: folder },
    );

    assert.equal(code, 0, stderr);
    assert.equal(stderr, '');
    assert.ok(share(readPng(path), WALL) > 0.02, 'walls as the look has them');
});

test('the program of client/README.md is built as it says there, and plays', async (t) => {
    const folder = makeFolder(t);
    const page = readFileSync(join(ROOT, 'client/README.md'), 'utf8');
    const [, command] = /```sh\n(cc [^`]*?)\n\.\/example /.exec(page);
    const [, program] = /```c\n([^`]*?)```/.exec(page);
    const sanitizers = /-fsanitize=\S+/.exec(readFileSync(join(buildDir, 'generated/flags'), 'utf8'))?.[0] ?? '';
    const file = join(folder, 'example.c');

    assert.ok(program.trimEnd().split('\n').length <= 80);
    writeFileSync(file, program);
    const line = command
        .replace('cc ', `cc ${sanitizers} -Wall -Wextra -Werror `)
        .replace('-o example example.c', `-o ${join(folder, 'example')} ${file}`)
        .replaceAll('build/', `${buildDir}/`);
    const built = spawnSync('sh', ['-c', line], { cwd: ROOT, encoding: 'utf8' });

    assert.equal(built.status, 0, built.stderr);
    const server = await startServer(t, { args: QUIET });
    const { code, stdout, stderr } = await runProgram('example', [`${server.wsUrl}/ws/updates`, '3'], { dir: folder });
    const places = [...stdout.matchAll(/^ {2}craft Example at (-?\d+), (-?\d+) \(oneself\)$/gm)].map((m) => m.slice(1).map(Number));

    assert.equal(code, 0, stderr);
    assert.ok(places.length >= 2, stdout);
    assert.ok(places.some((place) => way(place, places[0]) > 10), stdout);
});
