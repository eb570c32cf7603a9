import type { Route } from 'playwright-core';
import t from 'tap';
import { ApiClient } from './api-client.js';
import { noBrowser, openBrowser } from './browser.js';
import { startPart } from './part-process.js';
import { testFolder } from './test-folder.js';
import { Desk } from './tickets/desk.js';
import { DeskTickets } from './tickets/desk-tickets.js';
import { addPeople, Rooms } from './tickets/people.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const hostile = '<img src=x onerror=alert(1)>';
const names = ['../../etc/passwd.png', `${hostile}.png`, 'a\u202Egnp.exe.png', `${'长'.repeat(90)}.png`];
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

t.test('what a desk does all day, pressed', { skip: noBrowser }, async (t) => {
  const others = ['--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0', '--data', testFolder(t)];
  const start = (port: string, ...more: string[]) =>
    startPart('cloud/src/main.ts', { args: ['--port', port, ...others, ...more] });
  let cloud = await start('0', '--seed-demo');
  t.teardown(() => cloud.stop());
  const origin = String(cloud.ready.http);
  const { userName, oneTimePassword } = cloud.ready.firstUser as { userName: string; oneTimePassword: string };
  const api = new ApiClient(origin);
  await api.signInFirst(userName, oneTimePassword, 'Tickets-2026-owner');
  await addPeople(api, [
    { userName: 'dispatcher', displayName: '周派', role: 'ticket-dispatcher', offices: ['dispatch', 'visits'] },
    { userName: 'works', displayName: '郑工', role: 'ticket-handler', offices: ['street-works'] },
    { userName: 'mate', displayName: '何工', role: 'ticket-handler', offices: ['street-works'] },
  ]);
  const tickets = new DeskTickets(api);
  const [main, again, third] = [
    await tickets.toDispatch(`路灯 ${hostile}`),
    await tickets.toDispatch('路灯又灭了'),
    await tickets.toDispatch('井盖松动'),
  ];
  const browser = await openBrowser();
  t.teardown(() => browser.close());
  const rooms = new Rooms(browser, origin);
  const { page } = await rooms.desk('dispatcher', `/tickets/${main}`);
  // Of each ticket its own: what is newest of one says nothing of another.
  const deskAt = async (ticketId: string, at = page, newest = { seq: 0 }): Promise<Desk> => {
    if (!at.url().endsWith(ticketId)) await at.goto(`/tickets/${ticketId}`);
    await at.locator('.timeline').waitFor();
    return new Desk(at, newest);
  };
  const desk = await deskAt(main);
  const history = desk.main.locator('.timeline');
  const panel = desk.main.locator('.act-panel');
  const dialog = page.getByRole('dialog');

  await t.test('by keys alone; all of them stand behind ?', async (t) => {
    await history.waitFor();
    await page.keyboard.press('?');
    await dialog.getByText('备注').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.keyboard.press('r');
    await panel.waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'hidden' });
    const focused = async () => /退回登记/.test(String(await page.evaluate('document.activeElement.textContent')));
    t.ok(await waitUntil('the focus to go back', focused));
    await page.keyboard.press('c');
    await panel.locator('textarea').waitFor();
    await page.keyboard.type(`看过 ${hostile}`);
    await page.keyboard.press('Control+Enter');
    await history.getByText(`看过 ${hostile}`).waitFor();
    const number = (await desk.main.locator('.ticket-origin code').textContent()) ?? '';
    await page.keyboard.press('Control+k');
    await dialog.getByRole('combobox').fill(number);
    await dialog.getByRole('option', { name: new RegExp(number) }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: /^工单/ }).focus();
    const ring = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    t.equal(ring, 'solid', 'which link has the focus is seen');
  });

  await t.test('under supervision, and out of it', async (t) => {
    await desk.act('督办', { opinion: '领导关注', inMenu: true });
    await desk.act('解除督办', { opinion: '已了解', inMenu: true });
    await history.getByText('已了解').waitFor();
    t.pass();
  });

  await t.test('split in two, another merged into it', async (t) => {
    await desk.main.getByRole('button', { name: /^拆分/ }).click();
    await dialog.getByRole('button', { name: '再加一张' }).click();
    for (const i of [0, 1]) {
      const part = dialog.locator('.split-part').nth(i);
      await part
        .locator('input:not([type=radio])')
        .first()
        .fill(`第 ${i + 1} 盏`);
      await part.locator('textarea').first().fill('不亮');
      await part.getByText('求助', { exact: true }).click();
    }
    await dialog.getByRole('button', { name: '拆成 2 张' }).click();
    await desk.main.getByText('子工单', { exact: true }).nth(1).waitFor();
    const merged = await deskAt(again);
    await merged.act('并入', {
      ...{ opinion: '同一件事', inMenu: true },
      fill: async (form) => {
        await form.getByRole('combobox').fill('onerror');
        await page.locator('.ant-select-item-option', { hasText: 'onerror' }).first().click();
      },
    });
    await merged.stands('已结案');
    await merged.main.getByRole('link', { name: /^已并入/ }).waitFor();
    t.pass();
  });

  await t.test('given to two, taken back, given again; one more is added by who leads', async (t) => {
    const giver = await deskAt(third);
    await giver.act('派遣会办', { to: ['市政所', '环卫所'] });
    await giver.act('撤回', {});
    await giver.act('派遣会办', { to: ['市政所', '环卫所'] });
    const works = await deskAt(third, (await rooms.desk('works', `/tickets/${third}`)).page);
    await works.act('签收', { asksNothing: true });
    await works.main.getByText(/你是主办，等 环卫所 办完后再提交/).waitFor();
    await works.act('加办单位', { to: ['园林所'] });
    await works.main.getByText(/你是主办，等 .*园林所/).waitFor();
    const field = works.field('办理附件');
    for (const name of names) {
      await field.locator('input[type=file]').setInputFiles({ name, mimeType: 'image/png', buffer: png });
      await field.locator('.files-item').nth(names.indexOf(name)).waitFor();
    }
    t.equal(await field.locator('img[src="x"]').count(), 0, 'a name is a name');
    await works.page.close();
  });

  await t.test('waits, and goes on', async (t) => {
    const id = await tickets.toDispatch('护栏松动');
    await tickets.act(id, { do: 'submit', action: 'dispatch', fields: {}, to: await tickets.office('street-works') });
    const works = await deskAt(id, (await rooms.desk('works', `/tickets/${id}`)).page);
    await works.act('签收', { asksNothing: true });
    await works.main.getByRole('button', { name: /^办结/ }).click();
    const panel = works.main.getByRole('group', { name: '办结', exact: true });
    await panel.getByText('还没填：办理结果').waitFor();
    await panel.getByRole('button', { name: /^办结/ }).click();
    const led = async () =>
      (await works.page.evaluate('document.activeElement.closest("[data-field]")?.dataset.field')) === 'result';
    t.ok(await waitUntil('the empty field to have the focus', led), 'an act that lacks a field leads to it');
    await panel.getByRole('button', { name: '取消' }).click();
    await works.act('挂起', { opinion: '等雨停' });
    await works.stands('已挂起');
    await works.act('恢复办理', { opinion: '雨停了' });
    await works.stands('待处置');
    t.pass();
    await works.page.close();
  });

  await t.test('another acts meanwhile, and the session ends: what was typed stands', async (t) => {
    const id = await tickets.toDispatch('垃圾桶倒了');
    await deskAt(id);
    await desk.main.getByRole('button', { name: /^退回登记/ }).click();
    await panel.locator('textarea').fill('写了一半');
    await tickets.act(id, { do: 'comment', opinion: '我先看看' });
    await page.locator('.meanwhile').getByText('备注').waitFor();
    t.ok(await panel.getByRole('button', { name: /^退回登记/ }).isDisabled(), 'first it is read');
    await page.getByRole('button', { name: '知道了，继续' }).click();
    await page.context().clearCookies();
    await panel.getByRole('button', { name: /^退回登记/ }).click();
    await page.getByText('登录已过期').waitFor();
    await page.getByLabel('用户名').fill('dispatcher');
    await page.getByRole('textbox', { name: '密码' }).fill('Tickets-2026-walk');
    await page.getByRole('button', { name: '登录' }).click();
    t.equal(await panel.locator('textarea').inputValue(), '写了一半');
    await panel.getByRole('button', { name: /^退回登记/ }).click();
    await desk.stands('待登记');
  });

  await t.test('several at once, one of them refused; a filter kept, used and dropped', async (t) => {
    const [one] = [await tickets.toDispatch('批量甲'), await tickets.toDispatch('批量乙')];
    await page.goto('/tickets?q=批量');
    const boxes = desk.main.getByRole('checkbox', { name: '选择此行' });
    await boxes.nth(1).waitFor();
    await desk.main.getByRole('checkbox', { name: '全选' }).check();
    await desk.main.getByRole('button', { name: /^备注/ }).click();
    await dialog.locator('textarea').fill('同一回复');
    await tickets.act(one ?? '', { do: 'comment', opinion: '抢先一步' });
    await dialog.getByRole('button', { name: '备注 2 张' }).click();
    await dialog.getByText('2 张里办成了 1 张').waitFor();
    await dialog.getByText('刚有人办过，请看最新情况').waitFor();
    await dialog.locator('.ant-modal-footer').getByRole('button', { name: '关闭' }).click();
    await desk.main.getByRole('button', { name: '常用筛选' }).click();
    await page.getByPlaceholder('起个名字').fill('我的批量');
    await page.getByRole('button', { name: '存下' }).click();
    await page.getByRole('button', { name: '我的批量', exact: true }).waitFor();
    await page.goto('/tickets');
    await desk.main.getByRole('button', { name: '常用筛选' }).click();
    await page.getByRole('button', { name: '我的批量', exact: true }).click();
    await page.waitForURL(/q=/);
    await desk.main.getByRole('button', { name: '常用筛选' }).click();
    await page.getByRole('button', { name: '删除“我的批量”' }).click();
    await page.getByText('还没有常用筛选。').waitFor();
    t.pass();
  });

  await t.test('returned to the person, signed for or not; what the form refuses is grey and says why', async (t) => {
    const id = await tickets.toDispatch('隔音屏松动');
    const newest = { seq: 0 };
    const giver = await deskAt(id, page, newest);
    await giver.act('派遣主办单位', { to: ['市政所'] });
    const works = await deskAt(id, (await rooms.desk('works', `/tickets/${id}`)).page, newest);
    await works.act('签收', { asksNothing: true });
    await works.act('退单', { opinion: '归交警管' });
    await history.getByText('周派 办理').first().waitFor();
    await giver.main.getByText('本轮已退单').waitFor();
    await giver.act('派遣主办单位', { to: ['市政所'] });
    await works.act('签收', { asksNothing: true });
    const mate = await deskAt(id, (await rooms.desk('mate', `/tickets/${id}`)).page, newest);
    await mate.act('接办（郑工）', { opinion: '他今天休假' });
    await works.main.getByText('从 郑工 手中接办').waitFor();
    await works.main.getByRole('button', { name: /^接办（何工）/ }).waitFor();
    for (const name of ['办理结果', '对诉求人的答复']) await mate.field(name).getByRole('textbox').fill('已加固');
    await mate.act('办结');
    for (const { page: own } of [works, mate]) await own.close();
    await giver.act('核查通过');
    const close = giver.main.getByRole('button', { name: /^满意，结案/ });
    await giver.main.getByText(/才能“满意，结案”/).waitFor();
    t.ok(await close.isDisabled());
    await close.focus();
    await page
      .getByRole('tooltip')
      .getByText(/^要先填“/)
      .waitFor();
    t.equal(await giver.main.getByRole('button', { name: /转复核/ }).count(), 0, 'once returned is not enough for it');
    await giver.field('联系上').getByText('是', { exact: true }).click();
    await giver.field('满意度').getByText('满意', { exact: true }).click();
    await giver.act('满意，结案');
    await giver.stands('已结案');
  });

  await t.test(
    'the cloud is killed once it has heard, before it answers: done once, nothing typed is lost',
    async (t) => {
      const id = await tickets.toDispatch('发送途中断电');
      await deskAt(id);
      await desk.main.getByRole('button', { name: /^退回登记/ }).click();
      await panel.locator('textarea').fill('地址不对');
      const cut = async (route: Route) => {
        await route.fetch();
        await cloud.kill();
        await route.abort('connectionreset');
      };
      await page.route('**/acts', cut, { times: 1 });
      await panel.getByRole('button', { name: /^退回登记/ }).click();
      await panel.getByText('暂时连不上云端').waitFor();
      cloud = await start(new URL(origin).port);
      t.equal(await panel.locator('textarea').inputValue(), '地址不对');
      await panel.getByRole('button', { name: /^退回登记/ }).click();
      await desk.stands('待登记');
      const { items } = await api.get<{ items: { type: string }[] }>(`/tickets/${id}/history`);
      t.equal(items.filter(({ type }) => type === 'returned').length, 1);
    },
  );

  await t.test('running tickets go on by a new version, once it is said where', async (t) => {
    const path = '/ticket-kinds/citizen_request';
    const put = async (method: string, to: string, body: unknown) => {
      const { version } = await api.get<{ version: number }>(path);
      const answer = await api.request(method, `/api/v1${path}/${to}`, body, { 'if-match': `"${version}"` });
      t.ok(answer.status < 300, `${to}: ${JSON.stringify(answer.body)}`);
    };
    const { document } = await api.get<{ document: unknown }>(`${path}/versions/1`);
    await put('PUT', 'draft', JSON.parse(JSON.stringify(document).replaceAll('"dispatch"', '"send_out"')));
    await put('POST', 'publish', {});
    const owner = await rooms.open();
    const data = { userName, password: 'Tickets-2026-owner' };
    await owner.context.request.post('/api/v1/session', { headers: { origin }, data });
    await owner.page.goto('/tickets/kinds/citizen_request?part=versions');
    const look = owner.page.getByRole('button', { name: '先看看' });
    await look.click();
    await owner.page.getByText(/张不能迁移/).waitFor();
    await owner.page.getByLabel('“派遣”改到').click();
    await owner.page.locator('.ant-select-item-option', { hasText: '派遣' }).first().click();
    await look.click();
    await owner.page.getByRole('button', { name: /^迁移 \d+ 张/ }).click();
    await owner.page
      .getByText(/已迁移 \d+ 张/)
      .first()
      .waitFor();
    await deskAt(main);
    await desk.main.getByText('第 2 版').waitFor();
    await desk.main.getByRole('button', { name: /^派遣主办单位/ }).waitFor();
  });

  t.same(rooms.errors.flat(), [], 'nothing broke in any browser meanwhile');
});
