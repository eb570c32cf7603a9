import t from 'tap';
import { SmsProvider } from '../peers/sms-provider/sms-provider.js';
import { ApiClient } from './api-client.js';
import { startPart } from './part-process.js';
import { testFolder } from './test-folder.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

const password = 'Notices-2026-walk';

interface Delivery {
  id: string;
  state: string;
  code: string | null;
  to: { shown: string };
}

t.test('short messages through a gateway that loses answers and receipts: both ends count the same', async (t) => {
  const provider = new SmsProvider({
    faults: { lostAnswers: 0.15, lostReceipts: 0.15, doubledReceipts: 0.2, busy: 0.1 },
    seed: 8,
  });
  t.teardown(() => provider[Symbol.asyncDispose]());
  const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];
  const folder = testFolder(t);
  const start = (nodeArgs: readonly string[] = []) =>
    startPart('cloud/src/main.ts', {
      args: ['--data', folder, ...ports, '--seed-demo'],
      env: { HALLHUB_ALLOW_PRIVATE_NOTICES: '1', HALLHUB_PUBLIC_URL: 'https://hall.example.org' },
      nodeArgs,
    });
  let cloud = await start();
  t.teardown(() => cloud.stop());
  const origin = String(cloud.ready.http);
  const { userName, oneTimePassword } = cloud.ready.firstUser as { userName: string; oneTimePassword: string };
  const api = new ApiClient(origin);
  await api.signInFirst(userName, oneTimePassword, password);
  const url = await provider.listen();
  const made = await api.post<{ channel: { receiptsPath: string }; secret: string }>('/notice-channels', {
    ...{ kind: 'sms', name: '短信', config: { url, quiet: { from: '00:00', to: '00:00' } } },
  });
  provider.connect({ secret: made.secret, receiptsUrl: `${origin}${made.channel.receiptsPath}` });

  const count = 40;
  const make = (i: number, end: string) =>
    api.post('/tickets', {
      ...{ kind: 'citizen_request', level: null, hallId: null, deviceId: null, parentId: null },
      fields: { title: `路灯 ${i}`, content: '不亮', nature: 'help', requester: '王女士', phone: `1380013${end}` },
    });
  // Some numbers are none, some phones are off.
  for (let i = 0; i < count; i++) await make(i, i % 10 === 3 ? '0000' : i % 10 === 7 ? '9999' : String(1_000 + i));
  const log = () => api.all<Delivery>('/notice-deliveries');
  const rows = await waitUntil(
    'nothing to wait',
    async () => {
      const all = await log();
      return all.length === count && all.every(({ state }) => state !== 'waiting') ? all : undefined;
    },
    { everyMs: 1_000 },
  );
  await provider.settled();
  const final = await log();
  t.equal(provider.messages.size, count, 'each went out once, however often it was asked for');
  t.equal(provider.strangers, 0);
  t.ok(
    [...provider.messages.values()].some(({ asked }) => asked > 1),
    'some were asked for again, under their id: those whose answer and receipt both were lost, at least',
  );
  t.same([...new Set(provider.answered)], [200]);
  for (const { id, state } of final) {
    const theirs = provider.messages.get(id);
    const expected = theirs?.state === 'refused' ? 'failed' : theirs?.isLost ? 'sent' : (theirs?.state ?? 'nowhere');
    t.equal(state, expected, id);
  }
  t.match(rows[0]?.to.shown, /^138\*{4}\d{4}$/);
  const [channel] = (await api.get<{ items: { day: Record<string, number> }[] }>('/notice-channels')).items;
  const of = (...states: string[]) => final.filter(({ state }) => states.includes(state)).length;
  t.match(channel?.day, { sent: of('sent', 'delivered'), delivered: of('delivered'), failed: of('failed') });
  const one = [...provider.messages.values()].find(({ state }) => state === 'delivered');
  t.match(one?.text, /已受理.*https:\/\/hall\.example\.org\/p\//);

  // The process is killed after the gateway sent one and before it could answer. Whoever takes over waits for the lease to end; here
  // its clock is ahead by as much.
  let heard = 0;
  let killed: Promise<void> | undefined;
  provider.onSent = async () => {
    heard += 1;
    if (heard === 3) killed = cloud.kill();
    await killed;
  };
  await Promise.allSettled(Array.from({ length: 8 }, (_, i) => make(count + i, String(2_000 + i))));
  await waitUntil('the kill', () => killed !== undefined);
  await killed;
  provider.onSent = undefined;
  const before = new Map([...provider.messages].map(([id, { asked }]) => [id, asked]));
  const ahead = 'const real = Date.now; Date.now = () => real() + 130_000;';
  cloud = await start([`--import=data:text/javascript,${encodeURIComponent(ahead)}`]);
  const again = new ApiClient(String(cloud.ready.http));
  await again.signIn(userName, password);
  // Receipts find the new process only after this: one that came first would say what became of a message, and nobody would ask again.
  await waitUntil('what was under way at the kill to be asked for again, under its id', () =>
    [...provider.messages.values()].some(({ id, asked }) => asked > (before.get(id) ?? asked)),
  );
  provider.connect({ secret: made.secret, receiptsUrl: `${cloud.ready.http}${made.channel.receiptsPath}` });
  const whole = await waitUntil(
    'nothing to wait again',
    async () => {
      const all = await again.all<Delivery>('/notice-deliveries');
      return all.every(({ state }) => state !== 'waiting') ? all : undefined;
    },
    { everyMs: 1_000 },
  );
  t.ok(whole.length > count, 'some were made');
  t.same(
    [...provider.messages.keys()].sort(),
    whole.map(({ id }) => id).sort(),
    'each that was made went out once, and nothing else',
  );
});
