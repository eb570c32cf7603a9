import t from 'tap';
import { joinHall } from './__fixtures__/told-device.js';
import type { ApiClient } from './api-client.js';
import { TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface Offer {
  readonly do: string;
  readonly task: string | null;
  readonly action: string | null;
}
interface TicketPage {
  readonly id: string;
  readonly number: string;
  readonly seq: number;
  readonly status: string;
  readonly outcome: string | null;
  readonly reopened: number;
  readonly step: { readonly id: string };
  readonly level: { readonly id: string } | null;
  readonly source: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly offers: readonly Offer[];
}

/** People’s acts at a ticket, as the console sends them. */
class Worker {
  constructor(
    private readonly api: ApiClient,
    private readonly me: string,
  ) {}

  async page(id: string): Promise<TicketPage> {
    const page = await this.api.get<TicketPage & { row?: Partial<TicketPage> }>(`/tickets/${id}`);
    return { ...page, ...page.row };
  }

  /** By the action’s name; `sign` signs for it. The platform may act in between: then it is tried again. */
  async act(id: string, action: string, more: object = {}): Promise<void> {
    await waitUntil(`${action} to be done`, async () => {
      const page = await this.page(id);
      const offer = page.offers.find((one) => one.action === action || (one.action === null && one.do === action));
      if (!offer) throw new Error(`${action} is not offered in ${page.step.id}: ${JSON.stringify(page.offers)}`);
      const command =
        offer.action === null
          ? { do: offer.do, task: offer.task }
          : { do: offer.do, task: offer.task, action, fields: {}, opinion: '办', ...more };
      const answer = await this.api.request('POST', `/api/v1/tickets/${id}/acts`, command, {
        'if-match': `"${page.seq}"`,
      });
      if (answer.status === 412) return false;
      if (answer.status !== 200) throw new Error(`${action}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return true;
    });
  }

  /** From wherever the repair stands to what waits to be verified. */
  async repair(id: string): Promise<void> {
    const { step } = await this.page(id);
    if (step.id === 'report') await this.act(id, 'to_assign');
    if (step.id !== 'diagnose') await this.act(id, 'assign', { to: [{ kind: 'person', id: this.me }] });
    await this.act(id, 'sign');
    await this.act(id, 'go', { fields: { diagnosis: '纸仓已空', cause: 'wear' } });
    await this.act(id, 'arrived');
    const fields = {
      result: '更换纸卷',
      method: 'on_site',
      condition: 'normal',
      parts: '热敏纸 1 卷',
      partsCost: 1200,
    };
    await this.act(id, 'repaired', { fields });
    await this.act(id, 'confirmed', { fields: { confirmedBy: '大堂经理' } });
  }
}

t.test('an alarm opens a repair; people repair; the alarm’s end verifies and closes it', async (t) => {
  const hall = await TestHall.open();
  t.teardown(() => hall[Symbol.asyncDispose]());
  const { api } = hall;
  const me = await api.get<{ user?: { id: string }; id?: string }>('/me');
  const worker = new Worker(api, me.user?.id ?? me.id ?? '');
  const machine = await joinHall(hall, 'qm-200', 'REPAIR-1');
  t.teardown(() => machine.device[Symbol.asyncDispose]());
  const rule = { hallId: null, fromSeverity: 'warning', kind: 'repair', levels: { warning: 'urgent' }, enabled: true };
  const put = await api.request('PUT', '/api/v1/repair-rules', { items: [{ ...rule, quietSeconds: 2 }] });
  t.equal(put.status, 200, JSON.stringify(put.body));
  await machine.line.telemetry({ paper: 'ok', waiting: 0 });

  const repairs = () => api.all<{ id: string; number: string; status: string }>('/tickets?view=all&kind=repair');
  const stands = (id: string, what: (page: TicketPage) => boolean, as: string) =>
    waitUntil(`the repair to be ${as}`, async () => {
      const page = await worker.page(id);
      return what(page) && page;
    });
  const alarms = async () =>
    (await api.all<{ state: string; deviceId: string }>('/alarms')).filter(({ deviceId }) => deviceId === machine.id);
  const clears = () =>
    waitUntil('the alarm to clear', async () => (await alarms()).every(({ state }) => state === 'cleared'));

  await machine.line.telemetry({ paper: 'out' });
  const { id, number } = await waitUntil('a repair', async () => (await repairs())[0]);
  t.match(await worker.page(id), { source: 'alarm', level: { id: 'urgent' }, step: { id: 'report' } });

  await t.test('its alarm cleared before the verification', async (t) => {
    await machine.line.telemetry({ paper: 'ok' });
    await clears();
    await worker.repair(id);
    const page = await stands(id, ({ status }) => status === 'ended', 'closed');
    t.match(page, { outcome: 'closed', fields: { alarmCleared: true } });
    const story = await api.get<{ items: { opinion: string | null }[] }>(`/tickets/${id}/history`);
    const said = story.items.flatMap(({ opinion }) => opinion ?? []);
    t.ok(
      said.some((one) => /自动核验通过$/.test(one)),
      said.join('; '),
    );
  });

  await t.test('it comes back soon: the same repair again, verified when the alarm clears after', async (t) => {
    await machine.line.telemetry({ paper: 'out' });
    await stands(id, ({ status, reopened }) => status === 'running' && reopened === 1, 'reopened');
    await worker.repair(id);
    await stands(id, ({ step, fields }) => step.id === 'verify' && fields.alarmCleared === false, 'kept from closing');
    await machine.line.telemetry({ paper: 'ok' });
    await stands(id, ({ status }) => status === 'ended', 'closed');
    t.equal((await repairs()).length, 1);
  });

  await t.test('the third failure advises replacement; the device tells its repairs', async (t) => {
    await machine.line.telemetry({ paper: 'out' });
    await stands(id, ({ status, reopened }) => status === 'running' && reopened === 2, 'reopened');
    await stands(id, ({ fields }) => fields.replaceAdvised === true, 'marked');
    const told = await api.get<{ items: object[] }>(`/devices/${machine.id}/repairs`);
    t.match(told, {
      total: 1,
      failures: 3,
      replaceAdvised: true,
      partsCost: 1200,
      items: [{ number, replaceAdvised: true }],
    });
  });

  await t.test('dissatisfied twice at one counter is one complaint', async (t) => {
    const evaluator = await joinHall(hall, 'ev-100', 'RATING-1');
    t.teardown(() => evaluator.device[Symbol.asyncDispose]());
    await api.post('/intake-rules', {
      ...{ name: '不满意转投诉', source: 'evaluator', kind: 'complaint', enabled: true, preset: { about: 'manner' } },
    });
    await evaluator.line.event('rated', { score: 'satisfied', responseTime: 2 });
    await evaluator.line.event('rated', { score: 'dissatisfied', ticket: 'A012', responseTime: 4 });
    await evaluator.line.event('rated', { score: 'veryDissatisfied', ticket: 'A013', responseTime: 3 });
    const log = await waitUntil('both to be taken', async () => {
      const { items } = await api.get<{ items: { outcome: string }[] }>('/intake-rules/log');
      return items.length >= 2 && items.map(({ outcome }) => outcome).sort();
    });
    t.same(log, ['joined', 'opened']);
    const complaints = await api.all<{ title: string; source: string }>('/tickets?view=all&kind=complaint');
    t.match(complaints, [{ source: 'evaluator', title: /不满意/ }]);
    t.equal(complaints.length, 1);
  });
});
