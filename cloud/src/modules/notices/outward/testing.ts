import type { TicketKind } from '@hallhub/shared/ticket';
import type { Hono } from 'hono';
import pino from 'pino';
import type { Test } from 'tap';
import type { HttpEnv } from '../../../http/env.js';
import { createSealing } from '../../pki/sealing.js';
import { registerTicketHook } from '../../tickets/index.js';
import { bringUpTickets, shippedKind } from '../../tickets/testing.js';
import { type OutwardDeps, openNotices } from '../index.js';

/** A shipped kind that tells holders and the requester over every channel. */
export const loudKind = (): TicketKind => ({
  ...shippedKind('citizen_request'),
  notices: [
    {
      ...{ id: 'received', on: { on: 'made' }, to: [{ kind: 'requester', field: 'phone' }], channels: ['sms'] },
      text: { zh: '您的诉求已受理，编号 {number}。{link}' },
    },
    {
      ...{ id: 'given', on: { on: 'entered', step: 'handle' }, to: [{ kind: 'holders' }] },
      channels: ['in_app', 'email', 'webhook'],
      text: { zh: '{number} {title} 待签收', en: '{number} {title} waits' },
    },
    {
      ...{ id: 'reminded', on: { on: 'reminded' }, to: [{ kind: 'holders' }], channels: ['email'] },
      text: { zh: '催办：{number} {title}' },
    },
  ],
});

/** The test wakes it; its own timer would fire at each second that the clock is moved on. */
const neverMs = 3_650 * 86_400_000;

export const publicUrl = 'https://hall.example.org';

/** Tickets with channels outward, whose sender is driven by the test. */
export const bringUpOutward = async (t: Test, { allowPrivate = true }: { readonly allowPrivate?: boolean } = {}) => {
  let deps: OutwardDeps | undefined;
  let notices: ReturnType<typeof openNotices> | undefined;
  const cloud = await bringUpTickets(t, {
    kinds: [loudKind()],
    routes: ({ db, clock, bus, metrics }) => {
      deps = {
        ...{ database: db, clock, live: bus, metrics, publicUrl, allowPrivate, log: pino({ level: 'silent' }) },
        sealing: createSealing('test-secret-of-32-characters-or-more'),
      };
      notices = openNotices(deps, { random: () => 0, everyMs: neverMs });
      return notices.routes;
    },
  });
  if (!deps || !notices) throw new RangeError('no notices');
  const opened = notices;
  t.teardown(() => opened.close());
  opened.mount(cloud.app as Hono<HttpEnv>);
  registerTicketHook(cloud.db, opened.hook);
  const owner = await cloud.signInAs('owner');
  const worker = await cloud.signInAs('ticket-handler');
  await cloud.db.ownerPool.query('UPDATE users SET email = $2 WHERE id = $1', [worker.userId, 'worker@example.org']);
  for (const office of [cloud.offices.reception, cloud.offices.dispatch, cloud.offices.visits])
    await cloud.join(office, [owner.userId]);
  await cloud.join(cloud.offices.works, [worker.userId]);
  const ctx = await cloud.ctxOf(owner);
  let current = owner;
  const submit = async (id: string, action: string, more: object = {}) => {
    const task = (await current.get(`/tickets/${id}`)).body.myTask.id as string;
    return cloud.act(ctx, id, { do: 'submit', task, action, fields: {}, ...more } as never);
  };
  const given = async () => {
    const made = await cloud.make(ctx);
    await submit(made.id, 'to_dispatch');
    await submit(made.id, 'dispatch', { to: [{ kind: 'office', id: cloud.offices.works }] });
    return made;
  };
  /** Sessions end as the test’s clock goes on. */
  const fresh = async () => {
    current = await cloud.signInAs('owner');
    for (const office of [cloud.offices.reception, cloud.offices.dispatch]) await cloud.join(office, [current.userId]);
    return current;
  };
  const log = async (query = '') => (await current.get(`/notice-deliveries?${query}`)).body.items;
  /** Sends what is due, and waits until nothing is. */
  const flush = async () => {
    opened.sender.wake();
    await opened.sender.settled();
  };
  return { cloud, deps, notices: opened, owner, worker, ctx, submit, given, log, flush, fresh };
};
