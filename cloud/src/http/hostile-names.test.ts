import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { chromium } from 'playwright-core';
import t from 'tap';
import { startCloud } from '../app.js';
import { readConfig } from '../config/read-config.js';
import { makeTestFolder } from '../db/testing.js';
import { makeWorld } from './rights-matrix/world.js';

t.setTimeout(300_000);

const executablePath = '/usr/bin/chromium';
const built = fileURLToPath(new URL('../../console/dist/index.html', import.meta.url));
const skip = !existsSync(executablePath)
  ? 'Chromium is missing: apt-get install chromium'
  : !existsSync(built) && 'The console is not built: npm run check';

const hostile = `"><img src=x onerror="window.hurt=1"><script>window.hurt=1</script>{{constructor.constructor('window.hurt=1')()}}`;
const pages = [
  '/',
  '/halls',
  '/devices',
  '/devices/pending',
  '/units',
  '/alarms',
  '/alarms/rules',
  '/admin/people',
  '/admin/roles',
  '/admin/api-keys',
  '/admin/audit',
  '/me',
];

t.test(
  'names that are markup stay text on every page, and the content security policy is never broken',
  { skip, timeout: 180_000 },
  async (t) => {
    const folder = makeTestFolder();
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];
    const cloud = await startCloud({
      config: readConfig(['--data', folder, ...ports], {}),
      log: pino({ level: process.env.LOG ?? 'silent' }),
      progress: () => {},
    });
    t.teardown(() => cloud.close());
    const { ownerPool } = cloud.database;
    const { rows } = await ownerPool.query('SELECT id FROM tenants ORDER BY created_at, id LIMIT 1');
    const world = await makeWorld(cloud.database, rows[0].id);
    const text = hostile.slice(0, 200);
    await ownerPool.query('UPDATE halls SET name = $1', [text]);
    await ownerPool.query('UPDATE regions SET name = $1', [text]);
    await ownerPool.query('UPDATE units SET name = $1', [text]);
    await ownerPool.query(
      'UPDATE devices SET name = $1, vendor = $1, model = $1, serial = serial || $1, address = $1',
      [text],
    );
    await ownerPool.query('UPDATE alarms SET message = $1, note = $2', [JSON.stringify({ zh: text, en: text }), text]);
    await ownerPool.query('UPDATE alarm_rules SET label = $1', [JSON.stringify({ zh: text, en: text })]);
    await ownerPool.query('UPDATE commands SET name = $1, issued_by_name = $1', [text]);
    await ownerPool.query(`UPDATE users SET display_name = $1 WHERE user_name <> 'admin'`, [text]);
    await ownerPool.query('UPDATE roles SET label_zh = $1 WHERE NOT built_in', [text]);
    await ownerPool.query('UPDATE api_keys SET name = $1', [text]);
    await ownerPool.query(
      `INSERT INTO audit_entries (id, tenant_id, actor_kind, actor_name, action, target_kind, target_name, before, after, user_agent)
     VALUES (gen_random_uuid(), $1, 'user', $2, $2, $2, $2, $3, $3, $2)`,
      [world.tenantId, text, JSON.stringify({ [text]: text })],
    );

    const browser = await chromium.launch({
      timeout: 120_000,
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    });
    t.teardown(() => browser.close());
    const context = await browser.newContext({ locale: 'zh-CN' });
    context.setDefaultTimeout(90_000);
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on('dialog', (dialog) => {
      wrong.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) wrong.push(`${page.url()}: ${message.text()}`);
    });
    await page.goto(cloud.http);
    const next = 'Correct-Horse-Battery-7';
    const post = async (path: string, data: object) =>
      (await page.request.post(`${cloud.http}/api/v1${path}`, { data, headers: { origin: cloud.http } })).status();
    const password = cloud.firstUser?.oneTimePassword ?? '';
    t.equal(await post('/session', { userName: 'admin', password }), 200);
    t.equal(await post('/me/password', { current: password, next }), 204);
    const [own] = world.sites;
    const shots = process.env.HALLHUB_SHOTS;
    for (const path of [
      ...pages,
      `/devices/${own?.ids.deviceId}`,
      `/units/${own?.ids.unitId}`,
      `/halls/${own?.ids.hallId}`,
    ]) {
      await page.goto(cloud.http + path);
      await page.locator('h1').first().waitFor();
      await page.waitForLoadState('load');
      if (['/halls', '/devices', '/units', '/admin/people', '/admin/audit'].includes(path))
        await page.getByText('onerror=').first().waitFor();
      if (shots && path.startsWith('/admin'))
        await page.screenshot({ path: `${shots}/${path.replaceAll('/', '_')}.png` });
      if (await page.evaluate(() => 'hurt' in globalThis)) wrong.push(`${path}: a name was run`);
      if ((await page.locator('img[src="x"]').count()) > 0) wrong.push(`${path}: a name became an element`);
    }
    t.same(wrong, []);
    t.ok((await page.locator('script:not([src])').count()) === 0, 'no inline script in the page');
  },
);
