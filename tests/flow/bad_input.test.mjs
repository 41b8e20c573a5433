// What comes from outside and is wrong: each has its answer, and nobody else notices.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BinaryClient, JsonClient, joinJson } from '../lib/clients.mjs';
import { runProgram, startServer } from '../lib/server.mjs';

/* A player whose updates must go on, whatever others do to the server. */
const file = { ends: [], after: (end) => file.ends.push(end) };
let server;
let witness;

before(async () => {
    server = await startServer(file, { args: ['--workers', '2', '--room', 'arena,bots=0'] });
    witness = await joinJson(file, `${server.wsUrl}/ws/updates?name=Witness`);
    witness.hold({ buttons: 0 });
});
after(async () => {
    for (const end of file.ends) await end();
});

async function besidePlayer(t, act) {
    await act(`${server.wsUrl}/ws/updates`, server);
    const { tick } = witness;
    await witness.until((c) => c.tick >= tick + 10, 'ten more updates');
    assert.equal(witness.closed, null);
}

test('an unknown room is closed with 4004 and a bye', (t) =>
    besidePlayer(t, async (url) => {
        const client = new JsonClient(t, `${url}?room=nowhere`);
        const { code, reason } = await client.end();

        assert.equal(code, 4004);
        assert.match(reason, /no such room/);
        assert.equal(client.bye.code, 4004);
    }));

for (const [what, name] of [
    ['with control characters', 'a%01b'],
    ['with a line break', 'a%0Ab'],
    ['that turns the writing direction', '%E2%80%AEabc'],
    ['of 25 bytes', 'x'.repeat(25)],
    ['of blanks', '%20%20'],
]) {
    test(`a name ${what} is closed with 1008`, (t) =>
        besidePlayer(t, async (url) => {
            const client = new JsonClient(t, `${url}?name=${name}`);

            assert.equal((await client.end()).code, 1008);
        }));
}

test('a name of 10 KB is refused before the handshake', (t) =>
    besidePlayer(t, async (url) => {
        const client = new JsonClient(t, `${url}?name=${'x'.repeat(10240)}`);
        await client.end();

        assert.match(String(client.error), /414|431/);
    }));

test('a subprotocol that nobody knows gets 400', (t) =>
    besidePlayer(t, async (url) => {
        const client = new JsonClient(t, url, { protocols: ['chess.v7'] });
        await client.end();

        assert.match(String(client.error), /400/);
    }));

test('JSON that is no input is answered twice, and closed with 1008 the third time', (t) =>
    besidePlayer(t, async (url) => {
        const client = await joinJson(t, url);
        client.say('{"type":"input"');
        client.say('{"type":"dance"}');
        await client.until((c) => c.errors.length === 2, 'two errors');
        client.say('[1,2,3]');
        const { code, reason } = await client.end();

        assert.equal(code, 1008);
        assert.ok(reason.length > 0);
    }));

for (const [what, text] of [
    ['too deep', '['.repeat(100) + ']'.repeat(100)],
    ['a word out of its range', '{"type":"input","buttons":1000000}'],
    ['a NUL', '{"type":"input\u0000"}'],
    ['a lone surrogate', '{"type":"chat","text":"\\ud800"}'],
    ['an ack of the future', '{"type":"input","ack":1000000000}'],
]) {
    test(`JSON with ${what} is answered by an error`, (t) =>
        besidePlayer(t, async (url) => {
            const client = await joinJson(t, url);
            client.say(text);
            await client.until((c) => c.errors.length === 1, 'an error');
        }));
}

test('a malformed binary message is closed with 1008 and a reason', (t) =>
    besidePlayer(t, async (url) => {
        const client = new BinaryClient(t, url, { hello: false });
        client.socket.on('open', () => client.socket.send(Buffer.from('0102030405', 'hex')));
        const { code, reason } = await client.end();

        assert.equal(code, 1008);
        assert.ok(reason.length > 0);
    }));

test('text on the binary flavour is closed with 1003', (t) =>
    besidePlayer(t, async (url) => {
        const client = new BinaryClient(t, url, { hello: false });
        client.socket.on('open', () => client.socket.send('{"type":"hello"}'));

        assert.equal((await client.end()).code, 1003);
    }));

test('a schema that differs is closed with 4001', (t) =>
    besidePlayer(t, async (url) => {
        const client = new BinaryClient(t, url, { hello: false });
        // hello: type, version, one schema hash, view 640 x 400, 64 entities, no token, no name
        const hello = Buffer.from('010101efbeadde8002900140000000', 'hex');
        client.socket.on('open', () => client.socket.send(hello));

        assert.equal((await client.end()).code, 4001);
    }));

test('no hello within 5 s is closed with 1008', (t) =>
    besidePlayer(t, async (url) => {
        const client = new BinaryClient(t, url, { hello: false });

        assert.equal((await client.end()).code, 1008);
    }));

test('a message over the limit is closed with 1009', (t) =>
    besidePlayer(t, async (url) => {
        const client = await joinJson(t, url);
        client.say(JSON.stringify({ type: 'chat', text: 'x'.repeat(5000) }));

        assert.equal((await client.end()).code, 1009);
    }));

test('a flood of inputs is closed with 1008', (t) =>
    besidePlayer(t, async (url) => {
        const client = await joinJson(t, url, { perMessageDeflate: false });
        for (let i = 0; i < 1000; i++) client.say({ type: 'input', seq: i + 1, buttons: 1 });

        assert.equal((await client.end()).code, 1008);
    }));

test('a flood of chat is cut, not passed on', (t) =>
    besidePlayer(t, async (url) => {
        const client = await joinJson(t, url);
        for (let i = 0; i < 30; i++) client.say({ type: 'chat', text: `line ${i}` });
        await client.until((c) => c.updates > 30, 'updates');
        const lines = client.events.filter((e) => e.type === 'chat');

        assert.ok(lines.length >= 1 && lines.length <= 10, `${lines.length} lines came through`);
    }));

for (const [what, content, expected] of [
    ['no JSON', '{"name":', /map/],
    ['no rows', '{"name":"x"}', /rows/],
    ['rows of different lengths', '{"name":"x","rows":["###","##"]}', /row/],
    ['a tile that cannot be printed', '{"name":"x","rows":["#\\u0001#"]}', /tile|row/],
]) {
    test(`a map file with ${what} ends the server with 2 and names it`, async (t) => {
        const dir = mkdtempSync(join(tmpdir(), 'tickwire-map-'));
        t.after(() => rmSync(dir, { recursive: true, force: true }));
        const file = join(dir, 'broken.json');
        writeFileSync(file, content);
        const args = ['--listen', '127.0.0.1:0', '--record', 'none', '--room', `arena,map=${file}`];
        const { code, stderr } = await runProgram('tickwire-server', args);

        assert.equal(code, 2, stderr);
        assert.match(stderr, /broken\.json/);
        assert.match(stderr, expected);
        assert.equal(stderr.trim().split('\n').length, 1);
    });
}

test('a game that is not built in ends the server with 2', async () => {
    const args = ['--listen', '127.0.0.1:0', '--record', 'none', '--room', 'x,game=chess'];
    const { code, stderr } = await runProgram('tickwire-server', args);

    assert.equal(code, 2);
    assert.match(stderr, /chess/);
});
