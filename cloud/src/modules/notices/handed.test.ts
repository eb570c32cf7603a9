import type { TicketCommand } from '@hallhub/shared/ticket';
import t, { type Test } from 'tap';
import { registerTicketHook } from '../tickets/index.js';
import { bringUpTickets, shippedKind } from '../tickets/testing.js';
import { noticeHook, noticeRoutes } from './index.js';

/** A request that a worker has signed for; its step is of the mode. */
const signed = async (t: Test, mode: 'single' | 'free') => {
  const kind = shippedKind('citizen_request');
  const steps = kind.steps.map((one) => (one.id === 'handle' ? { ...one, mode } : one));
  const cloud = await bringUpTickets(t, { kinds: [{ ...kind, steps }], routes: () => noticeRoutes() });
  registerTicketHook(cloud.db, noticeHook);
  const owner = await cloud.signInAs('owner');
  const [worker, other, third] = [
    await cloud.signInAs('ticket-handler'),
    await cloud.signInAs('ticket-handler'),
    await cloud.signInAs('ticket-handler'),
  ];
  for (const office of [cloud.offices.reception, cloud.offices.dispatch]) await cloud.join(office, [owner.userId]);
  await cloud.join(cloud.offices.works, [worker.userId]);
  await cloud.join(cloud.offices.greens, [other.userId, third.userId]);
  const ctx = await cloud.ctxOf(owner);
  const { id } = await cloud.make(ctx);
  const doing = async (as: typeof worker, command: object): Promise<void> => {
    const task = (await as.get(`/tickets/${id}`)).body.myTask.id as string;
    await cloud.act(await cloud.ctxOf(as), id, { task, ...command } as TicketCommand);
  };
  await doing(owner, { do: 'submit', action: 'to_dispatch', fields: {} });
  const to = [{ kind: 'office', id: cloud.offices.works }];
  await doing(owner, { do: 'submit', action: 'dispatch', fields: {}, to });
  await doing(worker, { do: 'sign' });
  const rules = async (as: typeof worker) =>
    (await as.get('/me/notices')).body.items.map(({ rule }: { rule: string }) => rule);
  return { cloud, owner, worker, other, third, doing, rules };
};

const person = ({ userId }: { readonly userId: string }) => ({ kind: 'person', id: userId });

t.test('whoever is given a ticket, lent it or asked for more time is told', async (t) => {
  const { cloud, owner, worker, other, third, doing, rules } = await signed(t, 'single');
  await doing(worker, { do: 'transfer', to: person(other), opinion: '归你们管' });
  t.same(await rules(other), ['handed']);
  t.match((await other.get('/me/notices')).body.items, [{ text: { zh: /路灯不亮 转到您处/ } }]);
  t.notOk((await rules(worker)).includes('handed'), 'nobody is told what they did');
  await doing(other, { do: 'sign' });
  await doing(other, { do: 'askExtension', minutes: 60, opinion: '等料' });
  t.ok((await rules(owner)).includes('extension_asked'), 'the office that approves');
  await doing(other, { do: 'delegate', to: { kind: 'office', id: cloud.offices.greens } });
  t.same(await rules(third), ['handed'], 'all of an office');
});

t.test('from whom a colleague takes a ticket over is told who has it now; who took it has it to do', async (t) => {
  const { cloud, worker, other, third, doing, rules } = await signed(t, 'single');
  await cloud.join(cloud.offices.works, [third.userId]);
  const [listed] = (await third.get('/tickets?view=office')).body.items;
  const page = (await third.get(`/tickets/${listed.id}`)).body;
  const offer = page.offers.find((one: { do: string }) => one.do === 'takeOver');
  t.match(offer, { task: String, opinion: 'optional' });
  const act = { do: 'takeOver', task: offer.task, opinion: '他今天请假' };
  const elsewhere = await cloud.ctxOf(other);
  await t.rejects(cloud.act(elsewhere, listed.id, act as TicketCommand), { code: 'conflict' }, 'of another office');
  const taken = await third.post(`/tickets/${listed.id}/acts`, act, { 'if-match': `"${page.seq}"` });
  t.equal(taken.status, 200);
  t.match(taken.body.myTask, { state: 'signed' });
  const before = taken.body.tasks.find(({ id }: { id: string }) => id === offer.task);
  t.match(before, { state: 'gone', handedTo: { kind: 'person', id: third.userId } }, 'and whose it is now');
  const again = await worker.post(`/tickets/${listed.id}/acts`, act, { 'if-match': `"${page.seq}"` });
  t.match(
    [again.status, again.body],
    [412, { context: { type: 'signed' } }],
    'whoever was at it learns what came between',
  );
  t.ok((await rules(worker)).includes('taken_over'));
  t.match((await worker.get('/me/notices')).body.items, [{ text: { zh: /已由.+接办/, en: /was taken over by/ } }]);
  t.same(await rules(third), []);
  t.same((await worker.get('/tickets?view=todo')).body.items, []);
  t.equal((await third.get('/tickets?view=todo')).body.items.length, 1);
  const lines = (await worker.get(`/tickets/${listed.id}/history`)).body.items;
  t.match(
    lines.find(({ how }: { how: string }) => how === 'take_over'),
    { type: 'handed', parties: [{ kind: 'person', id: worker.userId }], opinion: '他今天请假' },
  );
  await doing(third, { do: 'release' });
  t.match((await worker.get(`/tickets/${listed.id}`)).body.myTask, { state: 'open' }, 'the office’s again');
});

t.test('free flow: a hand-on is silent, and in the list of whoever gets it', async (t) => {
  const { worker, other, doing, rules } = await signed(t, 'free');
  await doing(worker, { do: 'transfer', to: person(other), opinion: '你接着跟' });
  t.same(await rules(other), []);
  t.equal((await other.get('/tickets?view=todo')).body.items.length, 1);
});
