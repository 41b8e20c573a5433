// browser.mjs - Debian's Chromium for a test, with certificate checks kept on.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/* Makes `dir` a store of certificates, as browsers keep them, with the authority `ca` for all there is. */
export function createStore(dir, ca) {
    mkdirSync(dir, { recursive: true });
    execFileSync('certutil', ['-d', `sql:${dir}`, '-N', '--empty-password']);
    execFileSync('certutil', ['-d', `sql:${dir}`, '-A', '-t', 'C,,', '-n', 'tickwire', '-i', ca]);
}

/* Starts a browser, which ends with the test `t`: a Browser of playwright-core.
 *   ca      the certificate authority to trust, a file; without it, only those that Chromium brings
 *   hosts   {'game.example.com': '127.0.0.1:4711'}: where a name leads, whatever the URL's port */
export async function launchBrowser(t, { ca, hosts = {}, args = [] } = {}) {
    const home = mkdtempSync(join(tmpdir(), 'tickwire-home-'));

    let browser;

    t.after(async () => {
        await browser?.close();
        rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    });
    if (ca) createStore(join(home, '.pki/nssdb'), ca);

    const rules = Object.entries(hosts).map(([name, address]) => `MAP ${name} ${address}`);
    browser = await chromium.launch({
        executablePath: '/usr/bin/chromium',
        env: { ...process.env, HOME: home },
        args: [`--host-resolver-rules=${rules.join(',')}`, ...args],
    });
    return browser;
}
