import { uuidv7 } from '@hallhub/shared';
import { heatColumns, heatRows } from '@hallhub/shared/vision';
import t from 'tap';
import { withTenant } from '../../../db/index.js';
import type { IngestContext } from '../../streams/ingest-context.js';
import { bringUpCamera, testFinding } from '../testing.js';
import { takeFinding } from './take-finding.js';

const minuteMs = 60_000;
const dayMs = 86_400_000;
const hash = (digit: string) => digit.repeat(64);
const file = (id = uuidv7()) => ({ id, role: 'clip' as const, sha256: hash('a'), sm3: hash('b'), bytes: 10 });
const sealed = (digit: string) => ({
  previous: hash('0'),
  hash: hash(digit),
  signature: null,
  certificateSerial: null,
});

interface Stored {
  count: string | null;
  ended_at: Date | null;
  confidence: number | null;
  evidence_ids: string[];
  began_hash: string | null;
  ended_hash: string | null;
}

t.test('what was told stands: a later row of the same phase changes nothing, and is written down', async (t) => {
  const { find, rows, cloud } = await bringUpCamera(t);
  const stored = async () => (await rows<Stored>('SELECT * FROM review_findings'))[0] as Stored;
  const base = cloud.clock.now() - 3_600_000;
  const began = testFinding({ phase: 'began', startedAt: base, count: 1, evidence: [file()], seal: sealed('1') });
  const ended = { ...began, phase: 'ended' as const, endedAt: base + minuteMs, count: 2, confidence: 0.5 };
  await find(began, { ...ended, evidence: [file()], seal: sealed('2') });
  await rows(`UPDATE review_items SET state = 'decided', decision = 'accepted', decided_at = now()`);
  const before = await stored();
  const published = cloud.published.length;
  for (let i = 0; i < 5; i++) {
    await find(
      { ...began, evidence: [file(), file(), file()], seal: sealed('3') },
      { ...ended, endedAt: base + 5 * minuteMs, count: 99, confidence: 0.99, evidence: [file()], seal: sealed('4') },
    );
  }
  t.same(await stored(), before);
  t.match(await rows('SELECT DISTINCT reason FROM vision_refusals'), [{ reason: /told before/ }]);
  t.equal(
    cloud.published.slice(published).filter(({ topic }) => topic === 'review').length,
    0,
    'and nobody is told of it',
  );
  await find({ ...began, seal: sealed('1') });
  t.equal((await rows('SELECT 1 FROM vision_refusals')).length, 5, 'the same once more is no fault');
});

t.test('numbers and times beyond all measure are refused, and break no report', async (t) => {
  const { send, eventRow, rows, cloud } = await bringUpCamera(t);
  const now = cloud.clock.now();
  const flow = (change: object) =>
    eventRow('vision.flow', { v: 1, ruleId: uuidv7(), viewId: uuidv7(), minute: now - minuteMs, ...change });
  const finding = (change: object) => eventRow('vision.finding', { ...testFinding({ startedAt: now }), ...change });
  const answer = await send(
    flow({ in: Number.MAX_SAFE_INTEGER }),
    flow({ occupancyMean: 1.7e308 }),
    flow({ dwellMeanMs: 1.7e308, left: 2 }),
    eventRow('vision.heat', {
      ...{ v: 1, viewId: uuidv7(), hour: now - minuteMs },
      seconds: Array.from({ length: heatColumns * heatRows }, () => Number.MAX_SAFE_INTEGER),
    }),
    finding({ picture: { width: 9e15, height: 1 } }),
    finding({ count: Number.MAX_SAFE_INTEGER }),
    finding({ startedAt: now + 30 * dayMs }),
    finding({ startedAt: now - minuteMs, endedAt: now + 30 * dayMs }),
    finding({ startedAt: now }),
  );
  t.match(answer, { result: 'committed' });
  t.equal((await rows('SELECT 1 FROM vision_refusals')).length, 8);
  t.equal((await rows('SELECT 1 FROM review_findings')).length, 1);
  t.equal((await rows('SELECT 1 FROM flow_minutes')).length + (await rows('SELECT 1 FROM heat_hours')).length, 0);
});

t.test('two cameras that claim one episode at the same moment: the second one changes nothing', async (t) => {
  const { cloud, cameraId, addCamera, rows } = await bringUpCamera(t);
  const other = await addCamera(uuidv7(), '侧门');
  const finding = testFinding({ startedAt: cloud.clock.now(), seal: sealed('5') });
  const take = (deviceId: string, before: () => Promise<void>) =>
    withTenant(
      cloud.db,
      { tenantId: cloud.tenantId },
      async (tx) => {
        const context = {
          ...{ tx, tenantId: cloud.tenantId, unitId: cloud.unit.unitId, hallId: cloud.hallId },
          ...{ receivedAt: new Date(cloud.clock.now()), correctedMs: (ms: number) => ms },
        } as IngestContext;
        const row = { deviceId, severity: 'warning' as const, began: finding, beganRow: finding };
        const taken = await takeFinding(context, row);
        await before();
        return taken;
      },
      { attempts: 1 },
    );
  let second: Promise<unknown> | undefined;
  await take(cameraId, async () => {
    second = take(other, async () => {}).then(
      () => 'taken',
      (error: { code?: string }) => error.code,
    );
    // It stands at the row that is not committed yet.
    const tooLateMs = Date.now() + 60_000;
    for (let waits = 0; waits === 0 && Date.now() < tooLateMs; ) {
      const [row] = await rows<{ count: number }>(
        `SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`,
      );
      waits = row?.count ?? 0;
    }
  });
  t.equal(await second, 'conflict');
  t.match(await rows('SELECT device_id FROM review_findings'), [{ device_id: cameraId }]);
  t.equal((await rows('SELECT 1 FROM review_items')).length, 1);
});

t.test('an end that comes while somebody decides: each waits for the other, and neither for both', async (t) => {
  const { cloud, cameraId, find, rows } = await bringUpCamera(t);
  const began = testFinding({ phase: 'began', startedAt: cloud.clock.now() - minuteMs, seal: sealed('6') });
  await find(began);
  const ended = { ...began, phase: 'ended' as const, endedAt: cloud.clock.now(), seal: sealed('7') };
  const inTenant = <T>(work: (tx: IngestContext['tx']) => Promise<T>) =>
    withTenant(cloud.db, { tenantId: cloud.tenantId }, work, { attempts: 1 });
  let ingest: Promise<unknown> | undefined;
  await inTenant(async (tx) => {
    await tx.$client.query('SELECT 1 FROM review_items FOR UPDATE');
    ingest = inTenant((other) => {
      const context = {
        ...{ tx: other, tenantId: cloud.tenantId, unitId: cloud.unit.unitId, hallId: cloud.hallId },
        ...{ receivedAt: new Date(cloud.clock.now()), correctedMs: (ms: number) => ms },
      } as IngestContext;
      return takeFinding(context, { deviceId: cameraId, severity: 'warning', ended, endedRow: ended });
    });
    ingest.catch(() => undefined);
    const tooLateMs = Date.now() + 60_000;
    for (let waits = 0; waits === 0 && Date.now() < tooLateMs; ) {
      const [row] = await rows<{ count: number }>('SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted');
      waits = row?.count ?? 0;
    }
    await tx.$client.query(`UPDATE review_findings SET decision = 'accepted', decided_at = now()`);
  });
  await ingest;
  t.match(await rows('SELECT decision, goes_on FROM review_findings'), [{ decision: 'accepted', goes_on: false }]);
});
