import type { Locator, Page } from 'playwright-core';
import t from 'tap';
import { ApiClient } from './api-client.js';
import { noBrowser, openBrowser, watchErrors } from './browser.js';
import { startPart } from './part-process.js';
import { testFolder } from './test-folder.js';

t.setTimeout(180_000);

const password = 'Tickets-2026-walk';

interface Choices {
  /** Offices or people, by name. */
  readonly to?: readonly string[];
  readonly opinion?: string;
  readonly fill?: (panel: Locator) => Promise<void>;
  /** Done with the first press. */
  readonly asksNothing?: boolean;
}

/** One person at a ticket's page, as they would press and type. */
class Desk {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get main() {
    return this.page.getByRole('main');
  }

  async act(name: string, { to = [], opinion, asksNothing = false, fill }: Choices = {}): Promise<void> {
    const bar = this.main.getByRole('toolbar', { name: '可以做的' });
    const button = bar.getByRole('button', { name: new RegExp(`^${name}( |$|\\d|[a-z])`) });
    if (asksNothing) return this.#sent(() => button.click());
    await button.click();
    const panel = this.main.getByRole('group', { name, exact: true });
    for (const party of to) {
      await panel.getByRole('combobox').fill(party);
      await this.page.locator('.ant-select-item-option', { hasText: party }).first().click();
      await this.page.keyboard.press('Escape');
    }
    if (opinion !== undefined) await panel.getByLabel(/^意见/).fill(opinion);
    await fill?.(panel);
    await this.#sent(() => panel.getByRole('button', { name: new RegExp(`^(确认)?${name}`) }).click());
    await panel.waitFor({ state: 'hidden' });
  }

  /** Answered by the server, and the page shows what came of it. */
  async #sent(press: () => Promise<void>): Promise<void> {
    const answered = this.page.waitForResponse((response) => response.url().endsWith('/acts'));
    await press();
    const answer = await answered;
    if (answer.status() !== 200) throw new Error(`${answer.status()}: ${await answer.text()}`);
    const { seq } = (await answer.json()) as { seq: number };
    await this.main.locator(`[data-seq="${seq}"]`).first().waitFor();
  }

  async stands(state: string): Promise<void> {
    await this.page.locator('.page-title-row').getByText(state, { exact: true }).waitFor();
  }

  field(name: string) {
    return this.main.locator('[data-field]').filter({ has: this.page.locator('label', { hasText: name }) });
  }
}

t.test('a citizen’s request, from its making to its close', { skip: noBrowser }, async (t) => {
  const data = testFolder(t);
  const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];
  const cloud = await startPart('cloud/src/main.ts', { args: ['--data', data, ...ports, '--seed-demo'] });
  t.teardown(() => cloud.stop());
  const origin = String(cloud.ready.http);
  const { userName, oneTimePassword } = cloud.ready.firstUser as { userName: string; oneTimePassword: string };
  const api = new ApiClient(origin);
  await api.signInFirst(userName, oneTimePassword, password);
  const browser = await openBrowser();
  t.teardown(() => browser.close());
  const context = await browser.newContext({
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    viewport: { width: 1440, height: 1000 },
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = watchErrors(page);
  const desk = new Desk(page);
  const { main } = desk;

  await page.goto(`${origin}/tickets/new?kind=citizen_request`);
  await page.getByLabel('用户名').fill(userName);
  await page.getByRole('textbox', { name: '密码' }).fill(password);
  await page.getByRole('button', { name: '登录' }).click();

  await t.test('made in the console; what is missing is told at the field', async (t) => {
    await main.getByRole('button', { name: /^提交/ }).click();
    await desk.field('标题').getByRole('alert').getByText('必填').waitFor();
    await desk.field('标题').getByRole('textbox').fill('文三路 12 号门前路灯不亮');
    await desk.field('诉求内容').getByRole('textbox').fill('三盏路灯连续两晚不亮，行人多，请尽快修。');
    await desk.field('诉求类型').getByText('求助').click();
    await desk.field('诉求人').getByRole('textbox').fill('王女士');
    await desk.field('联系电话').getByRole('textbox').fill('1380013800');
    await desk.field('诉求人').getByRole('textbox').click();
    await desk
      .field('联系电话')
      .getByText(/电话号码不对/)
      .waitFor();
    await desk.field('联系电话').getByRole('textbox').fill('13800138000');
    await main.getByRole('button', { name: /^提交/ }).click();
    await main.getByRole('heading', { level: 1, name: '文三路 12 号门前路灯不亮' }).waitFor();
    await desk.stands('待登记');
    t.pass();
  });

  await t.test('registered, dispatched, returned, dispatched again to two', async (t) => {
    await desk.act('转派遣');
    await desk.stands('待派遣');
    const category = desk.field('事项分类').getByRole('combobox');
    await category.click();
    await category.fill('路灯');
    await page.locator('.ant-cascader-menu-item', { hasText: '路灯' }).first().click();
    await desk.act('派遣主办单位', { to: ['市政所'] });
    await desk.stands('待处置');
    await desk.act('签收', { asksNothing: true });
    await desk.act('退单', { opinion: '有一盏归环卫所管，请改为会办' });
    await desk.stands('待派遣');
    await main.getByText('有一盏归环卫所管，请改为会办').waitFor();
    await desk.act('派遣会办', { to: ['市政所', '环卫所'] });
    await desk.stands('待处置');
    t.pass();
  });

  const turnTo = async (task: RegExp) => {
    const tasks = main.getByRole('radiogroup', { name: '你手上的几件事' });
    await tasks.locator('.ant-segmented-item', { hasText: task }).click();
  };

  await t.test('handled together, with more time that somebody grants', async (t) => {
    await turnTo(/市政所/);
    await desk.act('签收', { asksNothing: true });
    await desk.act('申请延期', {
      opinion: '要等备件',
      fill: (panel) => panel.getByRole('spinbutton').fill('8'),
    });
    await turnTo(/审批延期/);
    await desk.act('审批延期', {
      fill: async (panel) => {
        await panel.getByText('同意', { exact: true }).click();
        await panel.getByRole('spinbutton').fill('8');
      },
    });
    await main.getByText(/同意延期 8 小时/).waitFor();
    await turnTo(/环卫所/);
    await desk.act('签收', { asksNothing: true });
    await desk.field('办理结果').getByRole('textbox').fill('更换灯泡两只，线路检查正常。');
    await desk.field('对诉求人的答复').getByRole('textbox').fill('路灯已修好。');
    await desk.act('办结');
    await desk.stands('待处置');
    await desk.act('办结');
    await desk.stands('待核查');
    t.pass();
  });

  const visit = async (level: string) => {
    await desk.field('回访是否联系上').getByText('是', { exact: true }).click();
    await desk.field('满意度').getByText(level, { exact: true }).click();
  };

  await t.test('a dissatisfied visit sends it back; the next one closes it', async (t) => {
    await desk.act('核查通过');
    await desk.stands('待回访');
    await visit('不满意');
    await desk.act('不满意，重新派遣', { opinion: '当晚又灭了' });
    await desk.stands('待派遣');
    await desk.act('派遣主办单位', { to: ['市政所'] });
    await desk.act('签收', { asksNothing: true });
    await desk.act('办结');
    await desk.act('核查通过');
    await visit('满意');
    await desk.act('满意，结案');
    await desk.stands('已结案');
    t.pass();
  });

  await t.test('reopened, and closed for good', async (t) => {
    await desk.act('重新办理', { opinion: '诉求人来电：又不亮了' });
    await desk.stands('待派遣');
    await desk.act('派遣主办单位', { to: ['市政所'] });
    await desk.act('签收', { asksNothing: true });
    await desk.act('办结');
    await desk.act('核查通过');
    await visit('很满意');
    await desk.act('满意，结案');
    await desk.stands('已结案');
    await page.goto(`${origin}/tickets?view=done`);
    await main.getByRole('row', { name: /文三路 12 号门前路灯不亮/ }).waitFor();
    t.pass();
  });

  const { items } = await api.get<{ items: { id: string }[] }>('/tickets?view=all');
  const story = await api.get<{ items: { type: string; outcome?: string }[] }>(`/tickets/${items[0]?.id}/history`);
  const types = story.items.map(({ type }) => type);
  for (const type of ['made', 'returned', 'extension_asked', 'extension_decided', 'reopened'])
    t.ok(types.includes(type), type);
  t.equal(types.filter((type) => type === 'ended').length, 2, 'closed, and closed again');
  t.equal(types.at(-1), 'ended');
  t.same(errors, [], 'nothing broke in the browser meanwhile');
});
