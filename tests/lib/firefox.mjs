// firefox.mjs - Debian's Firefox for a test, through WebDriver BiDi, with certificate checks kept on.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { createStore } from './browser.mjs';

/* Starts a browser, which ends with the test `t`: a Browser of puppeteer-core.
 *   ca      the certificate authority to trust, a file
 *   hosts   names that lead to 127.0.0.1, at the port of their URL */
export async function launchFirefox(t, { ca, hosts = [] } = {}) {
    const home = mkdtempSync(join(tmpdir(), 'tickwire-firefox-'));
    let browser;

    t.after(async () => {
        await browser?.close();
        rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    });
    if (ca) createStore(home, ca);
    browser = await puppeteer.launch({
        browser: 'firefox',
        executablePath: '/usr/bin/firefox-esr',
        headless: true,
        userDataDir: home,
        env: { ...process.env, HOME: home },
        extraPrefsFirefox: { 'network.dns.localDomains': hosts.join(',') },
        protocolTimeout: 120000,
        timeout: 120000,
    });
    return browser;
}
