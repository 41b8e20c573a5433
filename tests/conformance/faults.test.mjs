// The runner proves itself: a test build's echo has each of these faults when its path says so
// (server/ws/faults.h), and the cases named here catch it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cases } from './cases/index.mjs';
import { connectPeer } from './peer.mjs';
import { playAll } from './runner.mjs';
import { startFaultyEcho, startTargets } from './targets.mjs';

/* Fault: the cases that must fail with it. */
const faults = {
    'unmasked-accepted': ['1.52.1', '1.52.2', '1.52.3'],
    'reserved-bits-accepted': ['3.1', '3.5', '3.6', '3.50.4'],
    'reserved-opcode-accepted': ['4.1.1', '4.2.1', '4.51.2'],
    'long-length-form-accepted': ['1.53.1', '1.53.4', '1.53.8'],
    'negative-length-accepted': ['1.53.9', '1.53.10'],
    'fragmented-control-accepted': ['5.50.5', '5.50.6'],
    'long-control-accepted': ['2.5', '2.50.1', '7.3.6'],
    'lone-continuation-accepted': ['5.9', '5.17', '5.50.4'],
    'interrupted-message-accepted': ['5.18', '5.50.1', '5.50.2'],
    'short-close-accepted': ['7.3.2'],
    'any-close-code-accepted': ['7.9.1', '7.9.4', '7.13.2'],
    'any-close-reason-accepted': ['7.5.1', '7.52.1'],
    'pong-answered': ['2.7', '2.8', '2.9'],
    'ping-in-message-lost': ['5.6', '2.51.1'],
    'frames-behind-close-answered': ['7.1.3', '7.1.4'],
    'utf8-unchecked': ['6.3.1', '6.8.1', '6.50.1'],
    'utf8-checked-late': ['6.4.1', '6.4.2', '6.51.1'],
    'utf8-checked-by-fragment': ['6.2.3', '6.2.4', '6.52.3'],
    'pong-payload-cut': ['2.2', '2.4'],
    'pong-out-of-order': ['2.10', '2.51.4'],
    'ping-unanswered': ['2.1', '2.2'],
    'close-unanswered': ['7.3.3', '7.1.1'],
    'close-code-wrong': ['3.1', '6.3.1', '7.7.2'],
    'close-code-lost': ['7.3.3', '4.1.1'],
    'speaks-after-close': ['7.3.3', '7.1.1'],
    'stream-left-open': ['7.3.3', '7.1.1'],
    'answers-masked': ['1.1.2', '2.2'],
    'long-length-form-sent': ['1.1.2', '1.2.3'],
    'reserved-bit-sent': ['1.1.2', '1.2.2'],
    'text-echoed-as-binary': ['1.1.2', '5.3'],
    'empty-message-lost': ['1.1.1', '1.2.1', '6.1.1'],
    'length-cut-to-16-bits': ['1.1.7', '1.2.7'],
};

/* A binary message, which all faults leave alone but those that spoil each connection. */
const CONTROL = '1.2.2';
const SPOILED = ['frames-behind-close-answered', 'close-unanswered', 'close-code-lost', 'speaks-after-close',
    'stream-left-open',
    'answers-masked', 'long-length-form-sent', 'reserved-bit-sent'];

const byId = (id) => {
    const found = cases.find((one) => one.id === id);

    assert.ok(found, `there is no case ${id}`);
    return found;
};

async function checkFault(fault, ids, target) {
    const plays = await playAll([...ids, CONTROL].map(byId), [target]);

    for (const { oneCase, why } of plays) {
        const mustFail = oneCase.id !== CONTROL || SPOILED.includes(fault);
        assert.equal(why !== null, mustFail, `${oneCase.id} ${oneCase.title}: ${why}`);
    }
}

test('each fault is caught by its cases, the others leave a message alone', { concurrency: 8 }, async (t) => {
    const targetWith = await startFaultyEcho(t);

    await Promise.all(Object.entries(faults).map(([fault, ids]) =>
        t.test(fault, () => checkFault(fault, ids, targetWith(fault)))));
});

test('a fault that nobody knows is refused', async (t) => {
    const peer = await connectPeer((await startFaultyEcho(t))('none-such'));

    t.after(() => peer.socket.destroy());
    await assert.rejects(peer.open(), /status 400/);
});

test('the release knows no faults', async (t) => {
    const [plain] = await startTargets(t);
    const ids = [...new Set(Object.values(faults).flat())];
    const faulty = Object.keys(faults).map((fault) => ({ ...plain, path: `/ws/echo?fault=${fault}` }));
    const plays = await playAll(ids.slice(0, 10).map(byId), faulty);

    for (const { oneCase, why } of plays) assert.equal(why, null, oneCase.title);
});
