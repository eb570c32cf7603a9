import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import t from 'tap';
import { unzip } from '../../../cloud/src/workbook/__fixtures__/unzip.js';
import { joinHall } from './__fixtures__/told-device.js';
import type { ApiClient } from './api-client.js';
import { noBrowser, openBrowser } from './browser.js';
import { TestHall } from './test-hall.js';
import { DeskTickets } from './tickets/desk-tickets.js';
import { addPeople, Rooms } from './tickets/people.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const inShanghai = (at: number): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short' }).format(new Date(at));

/** Two tasks in hand, one that is over; two incidents; a machine without paper that failed three times. */
const prepare = async (hall: TestHall, deviceId: string): Promise<void> => {
  const tickets = new DeskTickets(hall.api);
  const { hallId } = hall;
  const dueOn = inShanghai(Date.now() + 12 * 86_400_000);
  const supervise = async (title: string, office: string): Promise<string> => {
    const fields = { title, basis: 'instruction', requirement: '两周内见效', dueOn };
    const id = await tickets.make('supervised_task', fields, { level: 'leader', hallId });
    await tickets.act(id, { do: 'submit', action: 'propose', fields: {} });
    await tickets.act(id, { do: 'submit', action: 'give', fields: {}, to: await tickets.office(office) });
    return id;
  };
  await supervise('整治窗口排队', 'street-works');
  await supervise('=更换破损座椅', 'sanitation');
  const over = await supervise('补齐引导标识', 'street-works');
  await tickets.act(over, { do: 'sign' });
  await tickets.act(over, { do: 'submit', action: 'done', fields: { result: '已补齐十二块' } });
  await tickets.act(over, { do: 'submit', action: 'close', fields: { verdict: 'done' }, opinion: '已看过' });
  const incident = { content: '打不开', contract: 'grid', scope: '三个窗口', people: 12 };
  await tickets.make('incident', { title: '全厅断网', ...incident }, { level: 'major', hallId });
  await tickets.make('incident', { title: '叫号屏黑屏', ...incident }, { level: 'general', hallId });
  for (const title of ['卡纸', '再次卡纸', '又卡纸']) await tickets.make('repair', { title }, { deviceId, hallId });
};

const alarmOf = (api: ApiClient, deviceId: string) =>
  waitUntil('the alarm', async () => {
    const alarms = await api.all<{ deviceId: string | null; message: { zh: string } }>('/alarms');
    return alarms.find((one) => one.deviceId === deviceId)?.message.zh;
  });

/** What the browser saves by a press. */
const saved = async (page: Page, press: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> => {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) };
};

t.test(
  'the supervision desk, the incident ledger and what is to be replaced, pressed',
  { skip: noBrowser },
  async (t) => {
    const hall = await TestHall.open();
    t.teardown(() => hall[Symbol.asyncDispose]());
    const machine = await joinHall(hall, 'qm-200', 'DESK-1');
    t.teardown(() => machine.device[Symbol.asyncDispose]());
    await machine.line.telemetry({ paper: 'out', waiting: 0 });
    await prepare(hall, machine.id);
    const alarm = await alarmOf(hall.api, machine.id);
    const role = 'hall-manager';
    await addPeople(hall.api, [
      { userName: 'watcher', displayName: '周督', role, offices: [] },
      { userName: 'manager', displayName: '陈厅长', role, offices: [], hallId: hall.hallId },
    ]);
    const browser = await openBrowser();
    t.teardown(() => browser.close());
    const rooms = new Rooms(browser, hall.api.origin);
    const { page, main } = await rooms.desk('watcher', '/tickets/supervision');
    const choose = async (filter: string, option: string): Promise<void> => {
      await main.getByLabel(filter, { exact: true }).click();
      await page.locator('.ant-select-item-option', { hasText: option }).first().click();
    };
    const exported = (format: string) =>
      saved(page, async () => {
        await main.getByRole('button', { name: '导出' }).click();
        await page.getByRole('menuitem', { name: format }).click();
      });
    const card = (title: string) => main.getByRole('article', { name: title });

    await t.test('the ledger: what is in hand and what is over, by year', async (t) => {
      await card('整治窗口排队').waitFor();
      await card('=更换破损座椅').waitFor();
      await main.getByText(/^在办 2 · 逾期 0 · 已销号 1/).waitFor();
      await main.locator('.ant-segmented-item', { hasText: '已销号' }).click();
      await card('补齐引导标识').getByText('已补齐十二块').waitFor();
      t.equal(await main.getByRole('article').count(), 1);
      const year = Number(inShanghai(Date.now()).slice(0, 4));
      await choose('立项年份', String(year - 1));
      await main.getByText('没有符合条件的工单').waitFor();
      await choose('立项年份', String(year));
      await card('补齐引导标识').waitFor();
      await main.locator('.ant-segmented-item', { hasText: '在办' }).click();
      await card('整治窗口排队').waitFor();
      await choose('承办单位', '环卫所');
      await main.getByText(/^在办 1 /).waitFor();
      t.equal(await card('=更换破损座椅').count(), 1);
      t.equal(await main.getByRole('article').count(), 1);
      await page.goto('/tickets/supervision');
    });

    await t.test('pressed from a card, and the card says so', async (t) => {
      const dialog = page.getByRole('dialog');
      await card('整治窗口排队').getByRole('button', { name: '催办' }).click();
      await dialog.getByRole('button', { name: '催办' }).click();
      await card('整治窗口排队').locator('.trouble-mark', { hasText: '催办' }).waitFor();
      await card('整治窗口排队').getByRole('button', { name: '批示' }).click();
      const give = dialog.getByRole('button', { name: '批示' });
      await give.waitFor();
      t.ok(await give.isDisabled(), 'no instruction without words');
      await dialog.locator('textarea').fill('月底前见效');
      await give.click();
      await card('整治窗口排队').getByText('周督批示').waitFor();
      await card('整治窗口排队').getByText('月底前见效').waitFor();
    });

    await t.test('exported, and read back', async (t) => {
      const sheet = await exported('Excel');
      t.match(sheet.name, /^hallhub-supervision-running.*\.xlsx$/);
      const files = unzip(sheet.bytes);
      t.match(files.get('xl/workbook.xml'), /name="督办台账"/);
      const rows = files.get('xl/worksheets/sheet1.xml')?.split('<row ') ?? [];
      t.equal(rows.length, 1 + 3, 'titles and two tasks');
      for (const words of ['整治窗口排队', '月底前见效', '市政所'])
        t.ok(
          rows.find((row) => row.includes(words)),
          words,
        );
      t.match(rows.join(''), '>=更换破损座椅<', 'as text it is what it says');
      const csv = await saved(page, async () => {
        await main.getByRole('button', { name: '导出' }).press('Enter');
        await page.getByRole('menuitem', { name: 'CSV' }).press('Enter');
      });
      const lines = csv.bytes.toString().split('\r\n');
      t.match(lines[0], /^\ufeff编号,督办事项,/);
      t.match(lines.slice(1).sort(), ['', /整治窗口排队/, /,'=更换破损座椅,/]);
      t.equal(lines.length, 4);
    });

    await t.test('the incident ledger by level, with its raw faults as a sheet', async (t) => {
      await page.goto('/tickets/incidents?period=year');
      await main.getByText('全厅断网').waitFor();
      await main.getByText('叫号屏黑屏').waitFor();
      await choose('等级', '重大');
      await main.getByText('叫号屏黑屏').waitFor({ state: 'hidden' });
      await main.getByText('全厅断网').waitFor();
      const faults = main.getByRole('region', { name: '原始故障数据' });
      await faults.getByText(/[1-9]\d* 条告警/).waitFor();
      const raw = await saved(page, () => faults.getByRole('link', { name: '下载明细' }).click());
      t.match(raw.name, /^hallhub-faults-.*\.csv$/);
      t.ok(raw.bytes.toString().includes(`,${alarm},`), raw.bytes.toString());
      const names = unzip((await exported('Excel')).bytes).get('xl/workbook.xml') ?? '';
      for (const name of ['汇总', '事件台账', '支持热线', '原始故障数据']) t.match(names, `name="${name}"`);
    });

    await t.test('the calls of a day: more answered than came are refused; written, then put right', async (t) => {
      const line = main.getByRole('region', { name: '支持热线' });
      const field = (name: string) => line.getByLabel(name, { exact: true });
      const write = line.getByRole('button', { name: '记入' });
      await field('来电').fill('40');
      await field('接通').fill('41');
      await line.getByText('接通不能多于来电').waitFor();
      t.ok(await write.isDisabled());
      await field('接通').fill('37');
      await write.click();
      await line.getByRole('cell', { name: '92.5 %' }).waitFor();
      await line.getByText(/^低于目标 95 %/).waitFor();
      await line.getByRole('cell', { name: '周督' }).waitFor();
      await line.getByRole('button', { name: '改正' }).waitFor();
      t.equal(await field('来电').inputValue(), '40', 'what stands is put right');
      await field('接通').fill('39');
      await field('备注').fill('补记');
      await line.getByRole('button', { name: '改正' }).click();
      await line.getByRole('cell', { name: '97.5 %' }).waitFor();
      await line.getByRole('cell', { name: '补记' }).waitFor();
      t.equal(await line.getByRole('row').count(), 2, 'one day is one row');
    });

    await t.test('the line is the organisation’s: who supervises one hall reads it', async (t) => {
      const { main: other } = await rooms.desk('manager', '/tickets/incidents?period=year');
      const line = other.getByRole('region', { name: '支持热线' });
      await line.getByRole('cell', { name: '97.5 %' }).waitFor();
      t.equal(await line.getByRole('button').count(), 0);
    });

    await t.test('a device that failed three times is named above the devices', async (t) => {
      await page.goto('/devices');
      await main.getByText('1 台设备 30 天内故障满 3 次').waitFor();
      const table = await main.getByRole('table').boundingBox();
      t.ok(table && table.x < 400, 'the devices stand below, not beside');
      await main.getByRole('link', { name: /^qm-200 DESK-1（.*3 次）$/ }).click();
      await main.getByText('建议更换：30 天内故障 3 次').waitFor();
      t.pass();
    });

    t.same(rooms.errors.flat(), [], 'nothing broke in any browser meanwhile');
  },
);
