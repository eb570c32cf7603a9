import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NativeDevice } from '../peers/native/native-device.js';
import { CountingDevice } from './counting-device.js';
import { runHub, TestHall } from './test-hall.js';
import { waitUntil } from './wait-until.js';

t.setTimeout(600_000);

interface Day {
  readonly day: string;
  readonly timeZone: string;
  readonly verdict: string;
  readonly text: string;
  readonly own: { readonly hours: { lane: string; state: string; count: number }[] };
  readonly cloud: { unitId: string; verdict: string; figures: { unsealed: number; lost: number } } | null;
  readonly cloudUnknown: string | null;
}

const hall = await TestHall.open();
t.teardown(() => hall[Symbol.asyncDispose]());
t.on('bailout', () => console.error(hall.logs()));
const device = new NativeDevice({ url: hall.edgeMqtt, behaviour: new CountingDevice('PROOF-1', 100), retryMs: 300 });
device.start();
t.teardown(() => device[Symbol.asyncDispose]());

const proof = async (...args: string[]): Promise<Day> => {
  const { out, err } = await hall.hub('proof', ...args, '--json');
  return JSON.parse(out || err) as Day;
};

/** Of the hall: it may be another one than here. */
let today = '';

t.test('both ends’ rows of a day, side by side', async (t) => {
  const seen = await waitUntil(
    'rows in the cloud',
    async () => {
      const day = await proof();
      const isHere = day.own.hours.some(({ lane, state, count }) => lane === 'live' && state === 'open' && count > 20);
      return (day.cloud?.figures.unsealed ?? 0) > 20 && isHere && day;
    },
    { everyMs: 1_000 },
  );
  t.match(seen, { verdict: 'pending', cloudUnknown: null, cloud: { unitId: hall.unitId, verdict: 'pending' } });
  today = seen.day;
  t.equal(seen.cloud?.figures.lost, 0);
  const text = await hall.hub('proof', '--day', seen.day);
  t.equal(text.code, 0, text.err);
  t.match(text.out, /IN THE CLOUD/);
  t.notMatch(text.out, /was not asked/);
});

t.test('a day before there was anything', async (t) => {
  t.match(await proof('--day', '2020-02-29'), { verdict: 'ok', cloud: { verdict: 'none' } });
  const wrong = await hall.hub('proof', '--day', '2026-02-30');
  t.equal(wrong.code, 2);
});

t.test('a signed month is checked without a line; one character more, and it is not', async (t) => {
  const { id } = await hall.api.post<{ id: string }>('/proof/reports', { month: today.slice(0, 7) });
  const report = await hall.api.get<{ document: string; signature: { certificates: string[] } }>(
    `/proof/reports/${id}`,
  );
  const file = (name: string, content: unknown) => {
    const path = join(hall.dir, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const good = file('report.json', report);
  const checked = await hall.hub('proof', 'verify', good);
  t.equal(checked.code, 0, checked.out + checked.err);
  const forged = file('forged.json', { ...report, document: report.document.replace('"lost":0', '"lost":1') });
  const refused = await hall.hub('proof', 'verify', forged, '--json');
  t.equal(refused.code, 1);
  t.match(JSON.parse(refused.out), { checks: [{ ok: true }, { ok: false }, { what: 'signature', ok: false }, {}] });
  // Elsewhere, where nothing is trusted yet.
  const elsewhere = join(hall.dir, 'elsewhere');
  t.match((await runHub(elsewhere, 'proof', 'verify', good)).out, /--ca FILE/);
  const ca = file('ca.pem', report.signature.certificates.at(-1) ?? '');
  t.equal((await runHub(elsewhere, 'proof', 'verify', good, '--ca', ca)).code, 0);
  const none = await runHub(elsewhere, 'proof', 'verify', join(hall.dir, 'nothing.json'));
  t.equal(none.code, 4);
  t.match(none.err, /cannot be read/);
  t.match((await runHub(elsewhere, 'proof', 'verify', file('text.json', 'hello'))).err, /no signed proof report/);
});

t.test('without the cloud: what is here is said, and what cannot be known', async (t) => {
  await hall.cloud.stop();
  const seen = await proof();
  t.match(seen, { verdict: 'unknown', cloud: null, cloudUnknown: /nothing listens at/ });
  t.match((await hall.hub('proof')).out, /The cloud was not asked/);
  await hall.edge.stop();
  t.match(await proof(), { verdict: 'unknown' }, 'from the files alone');
});
