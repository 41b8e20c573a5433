// kill -9 at a random moment, while 50 bots play and are recorded.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { integrityOf, killServers, listRecordings, replay, scratchFolder } from '../lib/recordings.mjs';

const KILLS = 5;
const BOTS = 50;
const OPEN_SECOND = 20; // ticks: what is not committed yet
const ON_ITS_WAY = 10; // between the room and the recorder's thread, on a busy machine

test('kill -9 costs the open second at most, and what is left is sound and verifies', async (t) => {
    const dir = scratchFolder(t);
    const rounds = await killServers(t, dir, { kills: KILLS, bots: BOTS });
    const listed = await listRecordings(dir);
    const losses = rounds.map(({ seenTick, lastTick }) => seenTick - lastTick);

    t.diagnostic(`ticks that a client saw and the file lacks: ${losses.join(' ')}`);
    assert.equal(listed.length, KILLS);
    for (const { status, reason, players } of listed) {
        assert.equal(status, 'truncated');
        assert.equal(reason, 'the server was killed');
        assert.ok(players > 1, `${players} players`);
    }
    for (const { path, integrity } of rounds) {
        const { code, stdout, stderr } = await replay('verify', path);

        assert.equal(integrity, 'ok', 'as the crash left it');
        assert.equal(await integrityOf(path), 'ok', 'as the next start left it');
        assert.equal(code, 0, stdout + stderr);
    }
    for (const lost of losses) assert.ok(lost <= OPEN_SECOND + ON_ITS_WAY, `${lost} ticks are lost`);
});
