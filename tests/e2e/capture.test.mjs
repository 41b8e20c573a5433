// F8 in the page downloads what came and went in the last seconds; tickwire-replay compares it with the
// recording of the match.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openPage } from '../lib/page.mjs';
import { replay, scratchFolder } from '../lib/recordings.mjs';
import { startServer } from '../lib/server.mjs';

test('F8 saves a capture, and what was shown is what was', async (t) => {
    const dir = scratchFolder(t);
    const server = await startServer(t, { args: ['--record', join(dir, 'recordings'), '--room', 'arena,bots=8'] });
    const { page, problems } = await openPage(t, `${server.url}/?name=Ada`, { acceptDownloads: true });
    await page.keyboard.down('KeyD');
    await page.waitForTimeout(2500);
    await page.keyboard.up('KeyD');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('F8')]);
    const file = join(dir, download.suggestedFilename());
    await download.saveAs(file);
    const announced = await page.textContent('#announcement');
    await server.stop();
    const { code, stdout, stderr } = await replay('info', file, join(dir, 'recordings'), '--json');
    const info = JSON.parse(stdout);

    assert.match(download.suggestedFilename(), /^tickwire-\d{8}T\d{6}Z\.capture$/);
    assert.match(announced, /Saved the last seconds/);
    assert.equal(code, 0, stderr + info.difference);
    assert.ok(info.compared_snapshots >= 30, `${info.compared_snapshots} snapshots`);
    assert.ok(info.sent > 10 && info.not_understood === 0);
    assert.deepEqual(problems.filter((text) => !/WebSocket|Failed to load/.test(text)), []);
});
