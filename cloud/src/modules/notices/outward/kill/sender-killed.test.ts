import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { until } from '../../../streams/testing.js';
import { bringUpOutward } from '../testing.js';
import { type Got, mailServer, receiver } from '../testing-peers.js';
import type { SenderOrder } from './sender-process.js';

t.setTimeout(300_000);

const program = fileURLToPath(
  new URL(`sender-process.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);
/** Longer than a lease. */
const aheadMs = 130_000;
/** As many may be under way at once. */
const atOnce = 4;

/** Senders one after the other, each killed with -9 as the other side has what it sent and has not said so. */
const bringUp = async (t: Test) => {
  const rig = await bringUpOutward(t);
  // Nobody sends here but those.
  await rig.notices.close();
  const { host, database, user, password } = rig.cloud.db.appPool.options;
  let running: ChildProcess | undefined;
  let started = 0;
  t.teardown(() => void running?.kill('SIGKILL'));
  const start = async (): Promise<void> => {
    running = fork(program, { execArgv: process.execArgv });
    running.send({ app: { host, database, user, password }, aheadMs: started++ * aheadMs } satisfies SenderOrder);
    await once(running, 'message');
  };
  const gone = async (): Promise<void> => {
    if (running?.exitCode === null && running.signalCode === null) await once(running, 'exit');
  };
  const rowsOf = (channel: string) =>
    rig.cloud.rows<{ id: string; state: string }>(
      'SELECT id, state FROM notice_deliveries WHERE channel = $1 ORDER BY id',
      [channel],
    );
  const settled = (channel: string) =>
    until(async () => (await rowsOf(channel)).every(({ state }) => state !== 'waiting'));
  return { ...rig, start, gone, kill: () => void running?.kill('SIGKILL'), rowsOf, settled };
};

/** How often the other side got each. */
const countOf = (ids: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
};

t.test('mails: none is lost, and what is sent again is the same mail under the same Message-ID', async (t) => {
  const rig = await bringUp(t);
  let heard = 0;
  const { mails, config } = await mailServer(t, undefined, () => {
    if (++heard === 3) rig.kill();
  });
  const settings = { config: { ...config, perPersonHourly: 100 }, password: 'mail-password' };
  await rig.owner.post('/notice-channels', { kind: 'email', name: '邮箱', ...settings });
  for (let i = 0; i < 8; i++) await rig.given();
  await rig.start();
  await rig.gone();
  t.ok(
    (await rig.rowsOf('email')).some(({ state }) => state === 'waiting'),
    'it was killed in the middle',
  );
  await rig.start();
  await rig.settled('email');
  rig.kill();
  const rows = await rig.rowsOf('email');
  t.equal(rows.length, 8);
  t.ok(rows.every(({ state }) => state === 'sent'));
  const idOf = (raw: string): string => /^Message-ID: <([^@.]+)\.[0-9a-f]{8}@example\.org>/m.exec(raw)?.[1] ?? '';
  const counts = countOf(mails.map(({ raw }) => idOf(raw)));
  t.same([...counts.keys()].sort(), rows.map(({ id }) => id).sort(), 'all of them, and nothing else');
  const twice = [...counts].filter(([, count]) => count > 1);
  t.ok(twice.length > 0 && twice.length <= atOnce, 'but what was under way');
  const wordsOf = (raw: string): string => raw.slice(raw.indexOf('\r\n\r\n')).replace(/----_NmP-[\w-]+/g, '');
  for (const [id] of twice) {
    const [first, again] = mails.filter(({ raw }) => idOf(raw) === id).map(({ raw }) => wordsOf(raw));
    t.equal(again, first);
  }
});

t.test('webhooks: none is lost, and a receiver knows what is sent again by its id', async (t) => {
  const rig = await bringUp(t);
  let heard = 0;
  const { got, url } = await receiver(t, () => {
    if (++heard === 3) rig.kill();
    return { status: 204 };
  });
  await rig.owner.post('/notice-channels', { kind: 'webhook', name: '钩子', config: { url } });
  for (let i = 0; i < 8; i++) await rig.given();
  await rig.start();
  await rig.gone();
  t.ok(
    (await rig.rowsOf('webhook')).some(({ state }) => state === 'waiting'),
    'it was killed in the middle',
  );
  await rig.start();
  await rig.settled('webhook');
  rig.kill();
  const rows = await rig.rowsOf('webhook');
  t.equal(rows.length, 8);
  t.ok(rows.every(({ state }) => state === 'delivered'));
  const idOf = ({ headers }: Got): string => String(headers['webhook-id']);
  const counts = countOf(got.map(idOf));
  t.same([...counts.keys()].sort(), rows.map(({ id }) => `msg_${id}`).sort(), 'all of them, and nothing else');
  const twice = [...counts].filter(([, count]) => count > 1);
  t.ok(twice.length > 0 && twice.length <= atOnce, 'but what was under way');
  for (const [id] of twice) t.equal(new Set(got.filter((one) => idOf(one) === id).map(({ body }) => body)).size, 1);
});
