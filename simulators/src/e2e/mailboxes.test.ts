import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { hasDovecot, startDovecot } from '../../../cloud/src/modules/ticket-intake/mail/dovecot.js';
import { ApiClient } from './api-client.js';
import { noBrowser, openBrowser } from './browser.js';
import { startPart } from './part-process.js';
import { testFolder } from './test-folder.js';
import { addPeople, Rooms } from './tickets/people.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const letter = [
  ...['From: =?utf-8?B?546L5aWz5aOr?= <wang@example.org>', 'To: desk@hall.example', 'Message-ID: <m1@example.org>'],
  `Subject: =?utf-8?B?${Buffer.from('路灯不亮').toString('base64')}?=`,
  ...['MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', '', '人民路八十号门前的路灯坏了三天。', ''],
].join('\r\n');

t.test(
  'a mailbox is tried, set up and read from the page: each mistake is told by its name, a letter becomes a ticket',
  { skip: noBrowser || (hasDovecot ? false : 'Dovecot is missing: apt-get install dovecot-imapd') },
  async (t) => {
    const mail = join(testFolder(t), 'dovecot');
    const server = await startDovecot(t, mail);
    const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];
    const cloud = await startPart('cloud/src/main.ts', {
      args: ['--data', testFolder(t), ...ports, '--seed-demo'],
      env: { HALLHUB_ALLOW_PRIVATE_EXCHANGE: '1' },
    });
    t.teardown(() => cloud.stop());
    const { userName, oneTimePassword } = cloud.ready.firstUser as { userName: string; oneTimePassword: string };
    const api = new ApiClient(String(cloud.ready.http));
    await api.signInFirst(userName, oneTimePassword, 'Mailboxes-2026-owner');
    await addPeople(api, [{ userName: 'setup', displayName: '何设', role: 'owner', offices: ['reception'] }]);
    const browser = await openBrowser();
    t.teardown(() => browser.close());
    const rooms = new Rooms(browser, String(cloud.ready.http));
    const { page } = await rooms.signIn('setup', '/tickets/mailboxes');
    await page.getByRole('button', { name: '添加邮箱' }).first().click();
    const dialog = page.getByRole('dialog');
    const control = (label: string) => dialog.getByLabel(new RegExp(`^${label}`)).first();
    const fill = (label: string, text: string) => control(label).fill(text);
    const choose = async (label: string, option: string | RegExp) => {
      await control(label).click();
      await page.locator('.ant-select-dropdown:visible').getByTitle(option).click();
    };
    const told = dialog.locator('.mailbox-try [role=status]');
    const tries = async (words: RegExp): Promise<void> => {
      await dialog.getByRole('button', { name: '测试连接' }).click();
      await told.filter({ hasText: words }).waitFor();
    };
    await fill('名称', '诉求邮箱');
    await fill('邮箱地址', 'desk@hall.example');
    await fill('IMAP 服务器', 'no-such-host.invalid');
    await fill('账号', 'desk');
    await dialog.getByRole('button', { name: '测试连接' }).click();
    await dialog.getByText('必填').first().waitFor();
    t.equal(await told.textContent(), '', 'nothing is tried without a password');
    await fill('密码或授权码', 'falsch');
    await tries(/找不到这台服务器/);
    await fill('IMAP 服务器', 'localhost');
    await waitUntil('the old answer to go', async () => (await told.textContent()) === '' || undefined);
    await fill('端口', String(server.tls));
    await tries(/证书不受信任/);
    await fill('颁发机构证书', readFileSync(server.certificate, 'utf8'));
    await tries(/账号或密码不对/);
    await fill('密码或授权码', 'geheim');
    await tries(/连接成功/);
    await choose('加密', /不加密/);
    await fill('IMAP 服务器', '203.0.113.7');
    await tries(/服务器在公网/);
    t.equal(await dialog.getByText('对方原话').count(), 0, 'nobody else said that');
    await fill('IMAP 服务器', 'localhost');
    await fill('端口', String(server.plain));
    await tries(/连接成功/);
    await choose('加密', /全程加密/);
    await fill('端口', String(server.tls));
    await choose('登记为', '群众诉求');
    await dialog
      .getByRole('button', { name: '保 存' })
      .or(dialog.getByRole('button', { name: '保存' }))
      .click();
    await dialog.waitFor({ state: 'hidden' });
    const row = page.getByRole('row', { name: /诉求邮箱/ });
    await row.getByText('正常').waitFor();

    // As a mail server delivers it.
    writeFileSync(join(mail, 'mail', 'new', '1.m1.hall'), letter, { mode: 0o644 });
    const ticket = await waitUntil(
      'the letter to become a ticket',
      async () => {
        const { items } = await api.get<{ items: { id: string; title: string; source: string }[] }>(
          '/tickets?view=all',
        );
        return items.find(({ source }) => source === 'email');
      },
      { everyMs: 500 },
    );
    t.equal(ticket.title, '路灯不亮');
    await row.click();
    const panel = page.getByRole('complementary').or(page.locator('aside')).last();
    await panel.getByText('路灯不亮').waitFor();
    await row.getByRole('cell', { name: '1', exact: true }).waitFor();
    await panel.getByRole('link', { name: /^SQ\d+/ }).click();
    await page
      .getByRole('heading', { name: /路灯不亮/ })
      .first()
      .waitFor();
    t.same(rooms.errors.flat(), []);
  },
);
