import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import t from 'tap';
import { hallParts } from '../hall-parts.js';
import { openModbusTcpServer } from '../peers/modbus/modbus-tcp-server.js';
import { NativeDevice } from '../peers/native/native-device.js';
import { QueueMachine } from '../peers/native/queue-machine.js';
import { loadProfiles } from '../profiled/load-profiles.js';
import { ModbusDevice } from '../profiled/modbus-device.js';
import { noBrowser, openBrowser, pageTimeoutMs, watchErrors } from './browser.js';
import { testFolder } from './test-folder.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

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
  const relays = new ModbusDevice(loadProfiles().get('moxa/iologik-e1214')!, { lively: false });
  const bus = await openModbusTcpServer(new Map([[1, relays]]));
  t.teardown(async () => {
    await bus[Symbol.asyncDispose]();
    relays[Symbol.dispose]();
  });
  const hall = await TestHall.open({
    firstSignIn: false,
    edge: {
      serial: [{ id: 'led', path: join(dir, 'tty', 'led-display'), discover: true }],
      modbus: [
        {
          ...{ id: 'relays', url: `tcp://127.0.0.1:${bus.port}` },
          devices: [{ unitId: 1, profile: 'moxa/iologik-e1214' }],
        },
      ],
    },
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
  page.setDefaultTimeout(pageTimeoutMs);
  const errors = watchErrors(page);
  const go = (path: string) => page.goto(`${hall.api.origin}${path}`);
  const main = page.getByRole('main');

  await t.test('a wrong password is told, the one-time password must be changed', async (t) => {
    await go('/');
    await signIn(page, 'not this one');
    await page.getByText('用户名或密码不对。').waitFor();
    await signIn(page, hall.oneTimePassword);
    await page.getByRole('heading', { name: '设置自己的密码' }).waitFor();
    await page.getByLabel('新密码', { exact: true }).fill(hall.password);
    await page.getByLabel('再输一次新密码').fill(hall.password);
    await page.getByRole('button', { name: '保存并进入' }).click();
    await page.getByRole('heading', { name: '今日', level: 1 }).waitFor();
    t.pass();
  });
  await hall.api.signIn('admin', hall.password);

  await t.test('the bell opens what there is to be told, also where that is nothing', async (t) => {
    const bell = page.getByRole('banner').getByRole('button', { name: '通知' });
    await bell.click();
    const told = page.getByRole('region', { name: '通知' });
    await told.getByText(/^没有通知/).waitFor();
    await bell.click();
    await told.waitFor({ state: 'hidden' });
    t.pass();
  });

  await t.test('the devices are there, live, and a page is drawn from the thing model', async (t) => {
    await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: /^设备/ }).click();
    await main.getByRole('row', { name: /QM-CONSOLE.*在线/ }).waitFor();
    // A line with an unknown device is searched for some seconds: the queue machine is there long before.
    const display = await waitUntil('the display', async () => {
      const list = await hall.api.all<{ id: string; deviceClass: string; presence: string }>('/devices');
      return list.find((d) => d.deviceClass === 'led-display' && d.presence === 'online');
    });
    await go(`/devices/${display.id}`);
    await main.getByRole('button', { name: /^亮度 5/ }).waitFor();
    await main.getByRole('button', { name: /^箱体温度 36/ }).waitFor();
    t.pass();
  });

  await t.test(
    'a command goes out by its typed form and comes back done; a wrong input is told at the field',
    async (t) => {
      const call = main.getByRole('region', { name: '显示叫号' });
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

  await t.test('a setting of a Modbus device is written in place, and its past is looked at', async (t) => {
    const list = await waitUntil('the relays', async () => {
      const found = await hall.api.all<{ id: string; model: string }>('/devices');
      return found.find(({ model }) => model === 'iologik-e1214');
    });
    await go(`/devices/${list.id}`);
    const before = relays.values().output2;
    await main.getByRole('button', { name: '修改输出 2' }).click();
    const edit = main.getByRole('region', { name: '输出 2', exact: true });
    await edit.getByText(before ? '断开' : '接通').click();
    await edit.getByRole('button', { name: '写入' }).click();
    await edit.getByText('已写入，设备已确认').waitFor();
    t.equal(relays.values().output2, !before, 'the relay itself has moved');
    await main.getByRole('button', { name: before ? /^输出 2 断开/ : /^输出 2 接通/ }).click();
    await main.getByRole('img', { name: '输出 2 · 历史' }).waitFor();
    await main.getByRole('list', { name: '变化记录' }).getByRole('listitem').first().waitFor();
    await main.getByPlaceholder('按名称查找').fill('计数');
    await main.getByRole('button', { name: /^输入 1 计数/ }).click();
    await main.getByText('30 天').click();
    await main.getByRole('img', { name: /^输入 1 计数/ }).waitFor();
  });

  await t.test('no page has a serious fault for those who do not see or cannot point', async (t) => {
    const require = createRequire(join(import.meta.dirname, '../../../cloud/console/package.json'));
    const scanner = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    const display = page.url().replace(/\?.*/, '').replace(hall.api.origin, '');
    const pages = ['/', '/devices', '/devices/models', display, '/units', '/alarms', '/alarms/rules', '/halls', '/me'];
    for (const path of [...pages, '/admin/people', '/admin/audit']) {
      await go(path);
      await main.getByRole('heading', { level: 1 }).waitFor();
      // Evaluated by the debugger, which the page's content security policy does not bind.
      await page.evaluate(scanner);
      const found = await page.evaluate<{ id: string; impact: string; nodes: { target: string[] }[] }[]>(
        `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
      );
      const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      t.same(
        serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`),
        [],
        path,
      );
    }
  });

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
