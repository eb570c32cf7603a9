import type { Test } from 'tap';
import { brokerLiveBus } from '../../modules/live/broker-live-bus.js';
import type { LiveEvent } from '../../modules/live/live-port.js';
import { addTestUnit, TestUnit, until } from '../../modules/streams/testing.js';
import { listen, signIn, talker } from './browser.js';
import type { TwoClouds } from './two-clouds.js';

/** What one commits holds on the other at once. */
export const tellEachOther = async (
  t: Test,
  { a, b, broker, cookie, database, place, log }: TwoClouds,
): Promise<void> => {
  await t.test('a browser on either sees what the other committed', async (t) => {
    const heard = await Promise.all([listen(a.ready.http, cookie, t), listen(b.ready.http, cookie, t)]);
    const units = await Promise.all(Array.from({ length: 6 }, () => addTestUnit(database, place)));
    const open: TestUnit[] = [];
    for (const unit of units) {
      const connected = await TestUnit.connect(broker.url, unit);
      open.push(connected);
      await connected.hello();
    }
    for (const list of heard) {
      const online = () =>
        units.filter(({ unitId }) => list.some(({ name, data }) => name === 'unit.presence' && data.includes(unitId)));
      await until(async () => online().length === units.length);
    }
    t.pass('each heard of all six, though each unit was met by one of them only');
    await broker.kill();
    await until(async () => heard.every((list) => list.some(({ name }) => name === 'refetch')));
    t.pass('the broker goes: browsers are told to fetch again');
    const before = heard.map((list) => list.length);
    await broker.start();
    await until(async () => heard.every((list, i) => list.slice(before[i]).some(({ name }) => name === 'refetch')));
    t.pass('and when it is back, once more');
    const back = await until(async () => TestUnit.connect(broker.url, units[0]!).catch(() => undefined));
    await back.meet();
    for (const unit of [...open, back]) unit.cut();
  });

  await t.test(
    'what somebody may do changes at once on the other, and so does whether they are signed in',
    async (t) => {
      const owner = talker(a.ready.http, cookie);
      const roles = (await owner('GET', '/roles')).body.items as { id: string; key: string }[];
      const grants = [{ roleId: roles.find(({ key }) => key === 'observer')?.id, scope: { kind: 'tenant' } }];
      const made = await owner('POST', '/users', { userName: 'wang.fang', displayName: '王芳', grants });
      const { user, oneTimePassword } = made.body;
      const person = talker(b.ready.http, await signIn(b.ready.http, { userName: user.userName, oneTimePassword }));
      for (let again = 0; again < 2; again++) t.equal((await person('GET', '/places')).status, 200);
      const { version } = (await owner('GET', `/users/${user.id}`)).body;
      t.equal((await owner('PUT', `/users/${user.id}/grants`, [], version)).status, 200);
      t.equal((await person('GET', '/places')).status, 403, 'no grant');
      t.equal((await person('GET', '/me')).status, 200);
      const now = (await owner('GET', `/users/${user.id}`)).body.version;
      t.equal((await owner('PATCH', `/users/${user.id}`, { state: 'disabled' }, now)).status, 200);
      t.equal((await person('GET', '/me')).status, 401, 'disabled');
    },
  );

  await t.test('a kind of ticket that one publishes is used at once on the other', async (t) => {
    const [one, other] = [talker(a.ready.http, cookie), talker(b.ready.http, cookie)];
    const label = { zh: '设备借用' };
    const made = await one('POST', '/ticket-kinds', { code: 'loan', label });
    t.equal(made.status, 201, JSON.stringify(made.body));
    t.equal(
      (await other('POST', '/tickets', { kind: 'loan', fields: { title: '投影仪' } })).status,
      404,
      'a draft is none',
    );
    const draft = (await one('GET', '/ticket-kinds/loan')).body.draft.document;
    t.equal((await one('POST', '/ticket-kinds/loan/publish', undefined, 1)).status, 201);
    const first = await other('POST', '/tickets', { kind: 'loan', fields: { title: '投影仪' } });
    t.match(first, { status: 201, body: { kind: { code: 'loan', version: 1 } } });

    // Published there, used here, while the ticket of before goes on by its own version.
    const states = draft.states.map((state: { label: object }) => ({ ...state, label: { zh: '换了名字' } }));
    t.equal((await other('PUT', '/ticket-kinds/loan/draft', { ...draft, states }, 2)).status, 200);
    t.equal((await other('POST', '/ticket-kinds/loan/publish', undefined, 3)).status, 201);
    const second = await one('POST', '/tickets', { kind: 'loan', fields: { title: '音箱' } });
    t.match(second.body, { kind: { version: 2 }, state: { label: { zh: '换了名字' } } });
    const page = await one('GET', `/tickets/${first.body.id}`);
    t.match(page.body, { kind: { version: 1 } });
    const { seq } = page.body;
    t.not(page.body.state.label.zh, '换了名字');

    // Two desks, two processes: one wins, the other is told by whom and what.
    const act = { do: 'comment', opinion: '已看' };
    const acts = await Promise.all(
      [one, other].map((talk) => talk('POST', `/tickets/${first.body.id}/acts`, act, seq)),
    );
    t.same(acts.map(({ status }) => status).sort(), [200, 412]);
    t.match(acts.find(({ status }) => status === 412)?.body, { context: { seq: seq + 1, type: 'commented' } });
  });

  await t.test('a process that dies with things unsaid: the others are told', async (t) => {
    const events: LiveEvent[] = [];
    let gaps = 0;
    const bus = brokerLiveBus({ url: broker.url, log });
    t.teardown(() => bus.close());
    bus.subscribe(place.tenantId, { onEvent: (event) => events.push(event), onGap: () => gaps++ });
    await until(async () => gaps > 0);
    const before = gaps;
    await b.kill();
    await until(async () => gaps > before);
    t.pass('its will says so');
    await b.start();
  });
};
