// runner.mjs - plays cases against a server, several at a time, and prints how they went.
//
// A case without a delivery of its own is played in one or more of these: `whole` (each send in one
// segment), `frames` (one segment each), `bytes` (byte by byte), or a number (pieces of that many bytes).

import { connectPeer } from './peer.mjs';

const PLAYED_AT_ONCE = 8;

/* Plays one case; answers why it failed, or null. */
async function play(oneCase, target, delivery) {
    let peer;

    try {
        peer = await connectPeer(target);
        for (const step of oneCase.steps) await step(peer, delivery);
        return null;
    } catch (error) {
        return error.message;
    } finally {
        peer?.socket.destroy();
    }
}

function listPlays(cases, targets, deliveries) {
    const concerns = (target, oneCase) => target.topics?.some((id) => isOf(oneCase, id)) ?? true;

    return targets.flatMap((target) =>
        cases
            .filter((oneCase) => concerns(target, oneCase))
            .flatMap((oneCase) =>
                (oneCase.delivery ? [oneCase.delivery] : deliveries).map((delivery) => ({ oneCase, target, delivery })),
            ),
    );
}

/* Plays each of `cases` against each of `targets` in each of `deliveries`. A target is {name, port,
 * path, stepMs}, with `ca` for TLS, with `topics` if it is for these alone. Answers [{oneCase, target,
 * delivery, why, ms}], in that order; `why` is null for what passed. */
export async function playAll(cases, targets, deliveries = ['whole']) {
    const plays = listPlays(cases, targets, deliveries);
    let next = 0;

    async function playOneByOne() {
        while (next < plays.length) {
            const one = plays[next++], started = performance.now();

            one.why = await play(one.oneCase, one.target, one.delivery);
            one.ms = performance.now() - started;
        }
    }
    await Promise.all(Array.from({ length: PLAYED_AT_ONCE }, playOneByOne));
    return plays;
}

/* `pattern` is an id, or a topic or group of ids: '6', '6.4', '6.4.1'. */
export const isOf = (oneCase, pattern) => oneCase.id === pattern || oneCase.id.startsWith(`${pattern}.`);

export const nameOf = ({ oneCase, target, delivery }) =>
    `${oneCase.id} ${target.name} ${delivery}: §${oneCase.section.replace(/^§/, '')} ${oneCase.title}`;

/* The table by case id: in each case's row, its passed plays of all, and its longest one's time. */
export function tableOf(plays) {
    const rows = new Map();

    for (const { oneCase, why, ms } of plays) {
        const row = rows.get(oneCase) ?? { played: 0, passed: 0, ms: 0 };

        rows.set(oneCase, { played: row.played + 1, passed: row.passed + (why === null), ms: Math.max(row.ms, ms) });
    }
    return Array.from(rows, ([{ id, section, title }, { played, passed, ms }]) =>
        [
            passed === played ? 'ok  ' : 'FAIL', id.padEnd(8), `${passed}/${played}`.padStart(5),
            `${ms.toFixed(0)} ms`.padStart(8), section.padEnd(9), title,
        ].join('  '),
    );
}
