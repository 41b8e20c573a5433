// tls.mjs - certificates for a test, by an authority of its own.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DEVCERT = new URL('../../tools/devcert.sh', import.meta.url).pathname;

/* Makes a new authority and a certificate for `names`. Answers the paths {ca, cert, key}; the files
 * last until the test `t` ends. Two calls give two authorities that do not know each other. */
export function makeCertificate(t, names = ['game.example.com', 'localhost', '127.0.0.1']) {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-tls-'));

    t.after(() => rmSync(dir, { recursive: true, force: true }));
    execFileSync(DEVCERT, ['--dir', dir, ...names]);
    return {
        ca: join(dir, 'ca.crt'),
        cert: join(dir, `${names[0]}.crt`),
        key: join(dir, `${names[0]}.key`),
    };
}
