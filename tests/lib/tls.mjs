// tls.mjs - certificates for a test, by an authority of its own.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

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

/* Has the authority of `files` sign the certificate anew, valid between two dates (20200131000000Z), which
 * of openssl's commands only `ca` can. */
export function dateCertificate({ ca, cert, key }, from, to) {
    const dir = dirname(ca);
    const openssl = (...args) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
    const config = [
        '[ca]', 'default_ca=own', '[own]', 'database=index', 'new_certs_dir=.', 'default_md=sha256',
        'rand_serial=yes', 'policy=any', '[any]', 'commonName=supplied', '[names]', 'subjectAltName=DNS:localhost',
    ];

    writeFileSync(join(dir, 'index'), '');
    writeFileSync(join(dir, 'ca.cnf'), config.join('\n'));
    openssl('req', '-new', '-key', key, '-subj', '/CN=localhost', '-out', 'request');
    openssl('ca', '-batch', '-config', 'ca.cnf', '-cert', ca, '-keyfile', 'ca.key', '-in', 'request', '-out', cert,
        '-startdate', from, '-enddate', to, '-extensions', 'names', '-notext');
}
