import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { hallParts } from '../hall-parts.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { QueueMachine } from '../peers/native/queue-machine.js';
import { noBrowser, openBrowser, watchErrors } from './browser.js';
import { testFolder } from './test-folder.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(300_000);

const signIn = async (page: Page, password: string) => {
  await page.getByLabel('用户名').fill('admin');
  await page.getByRole('textbox', { name: '密码' }).fill(password);
  await page.getByRole('button', { name: '登录' }).click();
};

/** A model that no profile describes. */
class UnknownModel extends QueueMachine {
  override readonly identity = { vendor: 'acme', model: 'mystery-9', serial: 'MYST-1', firmware: '1', hardware: 'A' };
}

t.test('a hall manager’s first day', { skip: noBrowser }, async (t) => {
  const dir = testFolder(t);
  const led = await hallParts['led-display']({ dataDir: dir, edgeMqtt: '', random: Math.random });
  t.teardown(() => led[Symbol.asyncDispose]());
  const hall = await TestHall.open({
    firstSignIn: false,
    edge: { serial: [{ id: 'led', path: join(dir, 'tty', 'led-display'), discover: true }] },
  });
  t.teardown(() => hall[Symbol.asyncDispose]());
  const devices = [new QueueMachine({ serial: 'QM-CONSOLE' }), new UnknownModel()].map((behaviour) => {
    const device = new NativeDevice({ url: hall.edgeMqtt, behaviour });
    device.start();
    t.teardown(() => device[Symbol.asyncDispose]());
    return device;
  });
  const browser = await openBrowser();
  t.teardown(() => browser.close());
  const context = await browser.newContext({
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: { width: 1280, height: 900 },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = watchErrors(page);
  const go = (path: string) => page.goto(`${hall.api.origin}${path}`);
  const main = page.getByRole('main');

  await t.test('a wrong password is told, the one-time password must be changed', async (t) => {
    await go('/');
    await signIn(page, 'not this one');
    await page.getByText('用户名或密码不对。').waitFor();
    await signIn(page, hall.oneTimePassword);
    await page.getByRole('heading', { name: '设置自己的密码' }).waitFor();
    await page.getByLabel('一次性密码').fill(hall.oneTimePassword);
    await page.getByLabel('新密码', { exact: true }).fill(hall.password);
    await page.getByLabel('再输一次新密码').fill(hall.password);
    await page.getByRole('button', { name: '保存并进入' }).click();
    await page.getByRole('heading', { name: '今日', level: 1 }).waitFor();
    t.pass();
  });
  await hall.api.signIn('admin', hall.password);

  await t.test('the devices are there, live, and a page is drawn from the thing model', async (t) => {
    await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: /^设备/ }).click();
    await main.getByRole('row', { name: /QM-CONSOLE.*在线/ }).waitFor();
    const list = await hall.api.all<{ id: string; deviceClass: string }>('/devices');
    const display = list.find((d) => d.deviceClass === 'led-display');
    await go(`/devices/${display?.id}`);
    await main.getByRole('button', { name: /^亮度 5/ }).waitFor();
    await main.getByRole('button', { name: /^箱体温度 36/ }).waitFor();
    t.pass();
  });

  await t.test(
    'a command goes out by its typed form and comes back done; a wrong input is told at the field',
    async (t) => {
      const call = main.getByRole('region', { name: '指令' });
      await call.getByLabel('号码').fill('A007');
      await call.getByLabel('窗口').fill('100');
      await call.getByRole('button', { name: '下发' }).first().click();
      await call
        .getByText(/1 .*99/)
        .first()
        .waitFor();
      await call.getByLabel('窗口').fill('3');
      await call.getByRole('button', { name: '下发' }).first().click();
      await call.getByText('已完成').first().waitFor();
      await main.getByRole('button', { name: /显示内容 请A007号到3号窗口/ }).waitFor();
      await main.getByRole('tab', { name: '指令记录' }).click();
      await main.getByRole('row', { name: /显示叫号.*已完成/ }).waitFor();
      t.pass();
    },
  );

  await t.test('an unknown model waits and is refused by a person', async (t) => {
    await go('/devices/pending');
    await main.getByText('mystery-9').first().waitFor();
    const pending = await hall.api.all<{ state: string; model: string }>('/devices?state=quarantined');
    t.match(pending, [{ model: 'mystery-9' }]);
    await main.getByRole('row', { name: /mystery-9/ }).click();
    await page.getByRole('button', { name: /^拒绝/ }).first().click();
    await page.getByLabel(/^拒绝原因/).fill('不是本厅的设备');
    await page.getByRole('button', { name: '拒绝接入' }).click();
    await waitUntil('the refusal', async () => (await hall.api.all('/devices?state=refused')).length === 1);
  });

  await t.test(
    'a device that goes away is shown with its reason and raises an alarm that can be acknowledged',
    async (t) => {
      devices[0]?.kill();
      const machine = (await hall.api.all<{ id: string; serial: string }>('/devices')).find(
        (d) => d.serial === 'QM-CONSOLE',
      );
      await go(`/devices/${machine?.id}`);
      await main.getByText('离线').first().waitFor();
      await main.getByRole('tab', { name: '在线记录' }).click();
      await main.getByText('离线').first().waitFor();
      t.pass();
    },
  );

  await t.test('English, dark and narrow', async (t) => {
    await page.getByRole('button', { name: 'Switch to English' }).click();
    await page
      .getByRole('link', { name: /^Devices/ })
      .first()
      .waitFor();
    for (const width of [360, 1280, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      for (const path of ['/', '/devices', '/units', '/alarms', '/halls', '/admin/people', '/admin/audit']) {
        await go(path);
        await main.getByRole('heading', { level: 1 }).waitFor();
        const overflow = await page.evaluate<number>(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        t.ok(overflow <= 0, `${path} does not scroll sideways at ${width} px (${overflow})`);
      }
    }
  });

  await t.test('everything that was done stands in the audit trail', async (t) => {
    const { items } = await hall.api.get<{ items: { action: string }[] }>('/audit?limit=100');
    const actions = items.map((entry) => entry.action);
    for (const word of ['password', 'command', 'refuse'])
      t.ok(
        actions.some((action) => action.includes(word)),
        `${word} in ${actions}`,
      );
  });

  t.same(errors, [], 'nothing broke in the browser meanwhile');
});
