// The service: its unit, and its config for a server that faces the internet alone. (Proxies are in
// proxies.test.mjs.)

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { joinJson } from '../lib/clients.mjs';
import { startServer } from '../lib/server.mjs';
import { makeCertificate } from '../lib/tls.mjs';

const DEPLOY = new URL('../../tools/deploy/', import.meta.url).pathname;
const EXPOSURE_MAX = 20; // in tenths, of 100

function replaced(text, changes) {
    for (const [from, to] of changes) {
        assert.ok(text.includes(from), `there is no ${from}`);
        text = text.replaceAll(from, to);
    }
    return text;
}

test('the unit is fenced in as far as it says', () => {
    const run = spawnSync(
        'systemd-analyze',
        ['security', '--offline=true', `--threshold=${EXPOSURE_MAX}`, '--no-pager', join(DEPLOY, 'tickwire.service')],
        { encoding: 'utf8' },
    );

    assert.equal(run.status, 0, run.stderr + run.stdout);
});

test('as the unit starts it, alone with TLS, players join, and new certificates come by reload', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'tickwire-deploy-'));
    const files = makeCertificate(t);
    const config = join(dir, 'tickwire.json');
    const unit = readFileSync(join(DEPLOY, 'tickwire.service'), 'utf8');
    const [, command] = /^ExecStart=\/usr\/local\/bin\/tickwire-server (.*)$/m.exec(unit);

    t.after(() => rmSync(dir, { recursive: true }));
    writeFileSync(config, replaced(readFileSync(join(DEPLOY, 'tickwire.json'), 'utf8'), [
        [':443', '127.0.0.1:0'],
        ['/etc/tickwire/game.example.com.crt', files.cert],
        ['/etc/tickwire/game.example.com.key', files.key],
    ]));
    const args = replaced(command, [['/etc/tickwire/tickwire.json', config], ['/var/lib/tickwire', dir]]).split(' ');
    const server = await startServer(t, { args: ['--listen', '127.0.0.1:0', ...args] });
    const [, port] = await server.waitForLog(/event=listening .*port=(\d+) tls=1/); // of the config, not of a flag
    const url = `wss://127.0.0.1:${port}/ws/updates`;
    const options = { ca: readFileSync(files.ca), servername: 'game.example.com', headers: { Host: 'game.example.com' } };
    const ann = await joinJson(t, url, options);
    const [foreign] = await once(get({ ...options, port, host: '127.0.0.1', headers: { Host: 'evil.example.com' } }), 'response');

    foreign.resume();
    assert.equal(foreign.statusCode, 421);
    assert.match(unit, /^ExecReload=\/bin\/kill -HUP \$MAINPID$/m);
    server.kill('SIGHUP');
    await server.waitForLog(/event=certificates_reloaded/);
    await joinJson(t, url, options);
    const { updates } = ann;
    await ann.until((c) => c.updates > updates + 5, 'updates after the reload');
    await server.stop(); // before its folder goes
});
