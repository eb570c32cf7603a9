import t from 'tap';
import { ApiClient } from './api-client.js';
import { noBrowser, openBrowser } from './browser.js';
import { startPart } from './part-process.js';
import { testFolder } from './test-folder.js';
import { Citizen } from './tickets/citizen.js';
import { addPeople, Rooms } from './tickets/people.js';

t.setTimeout(600_000);

const phone = '13800138000';
const title = '文三路 12 号门前路灯不亮';

t.test(
  'a citizen’s request, from the public form to its close, through five people’s hands',
  {
    skip: noBrowser,
  },
  async (t) => {
    const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];
    const cloud = await startPart('cloud/src/main.ts', { args: ['--data', testFolder(t), ...ports, '--seed-demo'] });
    t.teardown(() => cloud.stop());
    const origin = String(cloud.ready.http);
    const { userName, oneTimePassword } = cloud.ready.firstUser as { userName: string; oneTimePassword: string };
    const api = new ApiClient(origin);
    await api.signInFirst(userName, oneTimePassword, 'Tickets-2026-owner');
    await addPeople(api, [
      { userName: 'receiver', displayName: '林晓', role: 'ticket-clerk', offices: ['reception'] },
      { userName: 'dispatcher', displayName: '周派', role: 'ticket-dispatcher', offices: ['dispatch'] },
      { userName: 'works', displayName: '郑工', role: 'ticket-handler', offices: ['street-works'] },
      { userName: 'clean', displayName: '何净', role: 'ticket-handler', offices: ['sanitation'] },
      { userName: 'leader', displayName: '高主任', role: 'ticket-dispatcher', offices: ['dispatch'], isLeader: true },
    ]);
    const browser = await openBrowser();
    t.teardown(() => browser.close());
    const rooms = new Rooms(browser, origin);
    const citizen = new Citizen((await rooms.open()).page);

    await t.test('asked at the public form; number and PIN lead to its progress', async (t) => {
      await citizen.ask(
        'citizen',
        { 标题: title, 诉求内容: '三盏路灯连续两晚不亮，行人多，请尽快修。', 您的姓名: '王女士', 联系电话: phone },
        { nature: '求助' },
      );
      t.match(citizen.number, /^SQ\d{13}$/);
      // Whoever reloads the slip sends the form once more: it is the same request, with the same PIN.
      await citizen.page.reload();
      const slip = citizen.page.getByRole('status').locator('.keys dd');
      await slip.nth(1).waitFor();
      t.same(await slip.allTextContents(), [citizen.number, citizen.pin]);
      const { items } = await api.get<{ items: { number: string }[] }>(
        `/tickets?view=all&q=${encodeURIComponent('文三路')}`,
      );
      t.match(items, [{ number: citizen.number }]);
      t.equal(items.length, 1);
      await citizen.sees('待登记');
      const text = (await citizen.page.locator('main').textContent()) ?? '';
      for (const secret of [phone, '王女士', title]) t.notMatch(text, secret, 'the page of progress names nobody');
    });

    const receiver = await rooms.signIn('receiver', '/tickets');
    await receiver.main.getByRole('row', { name: new RegExp(title) }).click();
    await receiver.main.getByRole('link', { name: '打开完整页面' }).click();
    await receiver.stands('待登记');
    const path = new URL(receiver.page.url()).pathname;

    await t.test('registered by who may read telephones', async (t) => {
      t.equal(await receiver.field('联系电话').getByRole('textbox').inputValue(), phone);
      await receiver.act('转派遣');
      await receiver.stands('待派遣');
      await citizen.sees('待派遣');
    });

    const [dispatcher, works, clean] = [
      await rooms.desk('dispatcher', path),
      await rooms.desk('works', '/tickets'),
      await rooms.desk('clean', '/tickets'),
    ];

    await t.test('dispatched; the office takes it from its list, sees no telephone, and returns it', async (t) => {
      await dispatcher.category('事项分类', '路灯');
      const suggested = dispatcher.main.getByRole('complementary', { name: '建议' });
      await dispatcher.act('派遣主办单位', {
        fill: async () => {
          await suggested.getByText(/按分类“.*路灯不亮”/).waitFor();
          await suggested.getByRole('button', { name: '市政所', exact: true }).click();
        },
      });
      await citizen.sees('待处置');
      await works.main.getByRole('row', { name: new RegExp(title) }).waitFor();
      await works.page.goto(path);
      await works.main.getByText('138****8000').waitFor();
      t.notMatch((await works.main.textContent()) ?? '', /13800138000|王女士/, 'personal data is masked');
      await works.act('签收', { asksNothing: true });
      await works.act('退单', { opinion: '有一盏归环卫所管，请改为会办' });
      await works.stands('待派遣');
      await citizen.sees('待派遣');
    });

    await t.test('dispatched again, to two', async (t) => {
      await dispatcher.main.getByText('有一盏归环卫所管，请改为会办').waitFor();
      await dispatcher.act('派遣会办', { to: ['市政所', '环卫所'] });
      await dispatcher.stands('待处置');
      await clean.main.getByRole('row', { name: new RegExp(title) }).waitFor();
      await clean.page.goto(path);
      t.pass();
    });

    const leader = await rooms.desk('leader', path);

    await t.test('handled together, with more time that the leader grants', async (t) => {
      await works.act('签收', { asksNothing: true });
      await works.act('申请延期', { opinion: '要等备件', fill: (panel) => panel.getByRole('spinbutton').fill('8') });
      await leader.act('审批延期', {
        fill: async (panel) => {
          await panel.getByText('同意', { exact: true }).click();
          await panel.getByRole('spinbutton').fill('8');
        },
      });
      await works.main.getByText(/同意延期 8 小时/).waitFor();
      await clean.act('签收', { asksNothing: true });
      await clean.field('办理结果').getByRole('textbox').fill('一盏由我所更换。');
      await clean.act('办结');
      await clean.stands('待处置');
      await citizen.sees('待处置');
      await works.field('办理结果').getByRole('textbox').fill('更换灯泡三只，线路检查正常。');
      await works.act('办结');
      await works.stands('待核查');
      await dispatcher.field('对诉求人的答复').getByRole('textbox').fill('路灯已修好。');
      t.notMatch((await (await citizen.look()).textContent()) ?? '', '路灯已修好', 'no answer before it was checked');
    });

    const again = async () => {
      await dispatcher.act('派遣主办单位', { to: ['市政所'] });
      await works.act('签收', { asksNothing: true });
      await works.field('办理结果').getByRole('textbox').fill('更换整流器，夜里复查正常。');
      await works.field('对诉求人的答复').getByRole('textbox').fill('已更换整流器。');
      await works.act('办结');
      await dispatcher.act('核查通过');
      await citizen.sees('待回访');
    };

    await t.test('the citizen reads the answer, is not content, and says why; it is done again', async (t) => {
      await dispatcher.act('核查通过');
      await citizen.sees('待回访');
      await citizen.page.getByText('路灯已修好。').waitFor();
      await citizen.judges('不满意', { cause: '问题未解决', words: '当晚又灭了' });
      await citizen.sees('待派遣');
      await dispatcher.main.getByText('当晚又灭了').first().waitFor();
      await again();
      await citizen.judges('满意');
      await citizen.sees('已结案');
      t.equal(await citizen.page.getByRole('radio').count(), 0, 'what is closed is judged no more');
    });

    await t.test('reopened by the receiver after a call, and closed for good', async (t) => {
      await receiver.stands('已结案');
      await receiver.act('重新办理', { opinion: '诉求人来电：又不亮了' });
      await citizen.sees('待派遣');
      await again();
      await citizen.judges('很满意');
      await citizen.sees('已结案');
      const states = await citizen.page.locator('.story b').allTextContents();
      t.same([states[0], states.at(-1)], ['已结案', '待登记'], 'the whole way, the newest first');
      t.equal(states.filter((state) => state === '待处置').length, 4);
    });

    const id = path.split('/').at(-1);
    const story = await api.get<{ items: { type: string; by: { name: string } }[] }>(`/tickets/${id}/history`);
    const types = story.items.map(({ type }) => type);
    for (const type of ['made', 'returned', 'extension_asked', 'extension_decided', 'reopened'])
      t.ok(types.includes(type), type);
    t.equal(types.filter((type) => type === 'ended').length, 2, 'closed, and closed again');
    const names = new Set(story.items.map(({ by }) => by.name));
    for (const name of ['林晓', '周派', '郑工', '何净', '高主任']) t.ok(names.has(name), `${name} had a hand in it`);
    t.same(rooms.errors.flat(), [], 'nothing broke in any browser meanwhile');
  },
);
