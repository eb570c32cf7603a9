import type { Page } from 'playwright-core';
import t from 'tap';
import { ApiClient } from './api-client.js';
import { noBrowser, openBrowser, pageTimeoutMs, watchErrors } from './browser.js';
import { startPart } from './part-process.js';
import { testFolder } from './test-folder.js';

t.setTimeout(600_000);

const password = 'Designer-2026-walk';

/** Chooses in one of antd's selects as a person does. */
const choose = async (page: Page, name: string, option: string): Promise<void> => {
  await page.getByRole('combobox', { name, exact: true }).last().click();
  await page.locator('.ant-select-dropdown:visible .ant-select-item-option', { hasText: option }).first().click();
};

t.test(
  'a kind is made in the designer, tried, published, and used without a restart',
  { skip: noBrowser },
  async (t) => {
    const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];
    const cloud = await startPart('cloud/src/main.ts', { args: ['--data', testFolder(t), ...ports, '--seed-demo'] });
    t.teardown(() => cloud.stop());
    const origin = String(cloud.ready.http);
    const { userName, oneTimePassword } = cloud.ready.firstUser as { userName: string; oneTimePassword: string };
    await new ApiClient(origin).signInFirst(userName, oneTimePassword, password);
    const browser = await openBrowser();
    t.teardown(() => browser.close());
    const context = await browser.newContext({
      ...{ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', viewport: { width: 1440, height: 1000 } },
    });
    const page = await context.newPage();
    page.setDefaultTimeout(pageTimeoutMs);
    const errors = watchErrors(page);
    const main = page.getByRole('main');
    const tab = (name: string) =>
      main
        .getByRole('navigation', { name: '设计' })
        .getByRole('link', { name: new RegExp(`^${name}`) })
        .click();
    const saved = () => main.getByRole('status').getByText('已保存').waitFor();

    await page.goto(`${origin}/tickets/kinds`);
    await page.getByLabel('用户名').fill(userName);
    await page.getByRole('textbox', { name: '密码' }).fill(password);
    await page.getByRole('button', { name: '登录' }).click();

    await t.test('it begins as a blank one', async (t) => {
      await main.getByRole('row', { name: /群众诉求/ }).waitFor();
      await main.getByRole('button', { name: '新建类型' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('名称', { exact: true }).fill('设备借用');
      await dialog.getByLabel('代码').fill('loan');
      await dialog.getByRole('button', { name: '建立' }).click();
      await main.getByRole('heading', { level: 1, name: '设备借用' }).waitFor();
      t.match(page.url(), /\/tickets\/kinds\/loan/);
      await main.getByText('未发布').waitFor();
    });

    await t.test('a field is added and may be written in a step', async (t) => {
      await tab('字段');
      await main.getByRole('button', { name: '新字段' }).click();
      await main.getByLabel('名称（中文）').first().fill('借用物品');
      await main.getByLabel('代码', { exact: true }).fill('thing');
      await main.getByLabel('代码', { exact: true }).press('Enter');
      await main.getByRole('button', { name: /^借用物品/ }).waitFor();
      await tab('流程');
      const step = main.getByRole('button', { name: /^步骤 派单/ });
      await step.focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      await main.getByRole('button', { name: /^步骤 办理/, pressed: true }).waitFor();
      await step.click();
      await main.getByRole('checkbox', { name: '借用物品 必填' }).check();
      t.ok(await main.getByRole('checkbox', { name: '借用物品 可填' }).isChecked(), 'what is asked for can be written');
      await saved();
    });

    await t.test('a step that nothing leads to is told at its place, and taken back', async (t) => {
      await main.getByRole('button', { name: '新步骤' }).click();
      await main.getByText('走不到这个步骤').first().waitFor();
      await main.getByRole('button', { name: '发布', exact: true, disabled: true }).waitFor();
      await main.getByRole('button', { name: '撤销' }).click();
      await main.getByText('走不到这个步骤').first().waitFor({ state: 'detached' });
      await saved();
      t.pass();
    });

    await t.test('another process is begun by it, filled with what is alike', async (t) => {
      await tab('关联流程');
      await main.getByRole('button', { name: '新关联流程', exact: true }).click();
      await main.getByLabel('用途（中文）').fill('转维修');
      await choose(page, '建哪种工单', '设备维修');
      await main.getByRole('combobox', { name: '“故障”填什么' }).waitFor();
      await main.getByText('那种工单一开始就要').first().waitFor();
      await saved();
      // A warning keeps nobody.
      await main.getByRole('button', { name: '发布', exact: true, disabled: false }).waitFor();
      t.pass();
    });

    await t.test('it is played to its end', async (t) => {
      await tab('试运行');
      await main.getByRole('button', { name: '建一张试单' }).click();
      const play = async (action: string) => {
        await main.getByRole('button', { name: action, exact: true }).click();
        await main.getByRole('button', { name: '做', exact: true }).click();
      };
      await main.getByRole('button', { name: '派单', exact: true }).click();
      await choose(page, '交给', '运维班');
      await page.keyboard.press('Escape');
      await main.getByRole('button', { name: '做', exact: true }).click();
      await main.getByText('启动关联流程“转维修”').waitFor();
      for (const action of ['签收', '办结', '通过']) await play(action);
      await main.getByText('已结案', { exact: true }).first().waitFor();
      t.pass();
    });

    await t.test('published, it is there to be made, with its field', async (t) => {
      await main.getByRole('button', { name: '发布', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: '发布', exact: true }).click();
      await page.getByText('第 1 版已发布').waitFor();
      const grey = main.getByRole('button', { name: '发布', exact: true, disabled: true });
      await grey.focus();
      await page.getByRole('tooltip').getByText('没有可发布的改动').waitFor();
      t.ok(await grey.getAttribute('aria-describedby'), 'and who hears the page is told');
      await page.goto(`${origin}/tickets/new?kind=loan`);
      const field = (name: string) =>
        main
          .locator('[data-field]')
          .filter({ has: page.locator('label', { hasText: name }) })
          .getByRole('textbox');
      await field('标题').fill('借投影仪一天');
      await field('借用物品').fill('投影仪');
      await main.getByRole('button', { name: /^提交/ }).click();
      await main.getByRole('heading', { level: 1, name: '借投影仪一天' }).waitFor();
      await page.locator('.page-title-row').getByText('待派单', { exact: true }).waitFor();
      t.pass();
    });

    t.same(errors, []);
  },
);
