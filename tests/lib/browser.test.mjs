// The browser tests prove something about TLS only if the browser really checks certificates.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { test } from 'node:test';
import { launchBrowser } from './browser.mjs';
import { makeCertificate } from './tls.mjs';

/* Serves one page over TLS until the test ends; answers its address. */
async function servePage(t, { cert, key }) {
    const server = createServer(
        { cert: readFileSync(cert), key: readFileSync(key) },
        (_, response) => {
            response.end('<title>here</title>');
        },
    );

    await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
    t.after(() => server.close());
    return `127.0.0.1:${server.address().port}`;
}

async function visit(t, url, options) {
    const page = await (await launchBrowser(t, options)).newPage();

    await page.goto(url);
    return page.title();
}

test('a name leads where the test says, with the certificate of its authority', async (t) => {
    const files = makeCertificate(t);
    const hosts = { 'game.example.com': await servePage(t, files) };

    assert.equal(await visit(t, 'https://game.example.com/', { ca: files.ca, hosts }), 'here');
});

test('an unknown authority is refused', async (t) => {
    const hosts = { 'game.example.com': await servePage(t, makeCertificate(t)) };

    await assert.rejects(
        visit(t, 'https://game.example.com/', { hosts }),
        /ERR_CERT_AUTHORITY_INVALID/,
    );
});

test('a certificate of another name is refused', async (t) => {
    const files = makeCertificate(t, ['other.example.com']);
    const hosts = { 'game.example.com': await servePage(t, files) };

    await assert.rejects(
        visit(t, 'https://game.example.com/', { ca: files.ca, hosts }),
        /ERR_CERT_COMMON_NAME_INVALID/,
    );
});
