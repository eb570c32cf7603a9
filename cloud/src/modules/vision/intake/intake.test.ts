import { uuidv7 } from '@hallhub/shared';
import { findingNumber, heatColumns, heatRows } from '@hallhub/shared/vision';
import t from 'tap';
import { bringUpCamera, testFinding } from '../testing.js';

const minuteMs = 60_000;

interface Item {
  id: string;
  findings: number;
  state: string;
  severity: string;
  goes_on: boolean;
  version: number;
  started_at: Date;
  last_at: Date;
}

const setup = async (t: Parameters<typeof bringUpCamera>[0]) => {
  const hall = await bringUpCamera(t);
  const items = () => hall.rows<Item>('SELECT * FROM review_items ORDER BY started_at');
  return { ...hall, items, base: hall.cloud.clock.now() - 3_600_000 };
};

t.test('findings within a minute of each other are one item; later ones another; a late one joins two', async (t) => {
  const { find, items, base, cloud } = await setup(t);
  await find(testFinding({ startedAt: base }), testFinding({ startedAt: base + 59_000 }));
  await find(testFinding({ startedAt: base + 5 * minuteMs, endedAt: base + 6 * minuteMs }));
  t.match(await items(), [{ findings: 2 }, { findings: 1 }]);
  await find(testFinding({ startedAt: base + 100_000, endedAt: base + 4.5 * minuteMs }));
  const [one, ...more] = await items();
  t.same(more, []);
  t.match(one, { findings: 4, state: 'open', goes_on: false, severity: 'warning' });
  t.equal(one?.last_at.getTime(), base + 6 * minuteMs);
  t.ok(cloud.published.some(({ topic, type }) => topic === 'review' && type === 'review.added'));
});

t.test('an episode’s rows in any order, again, and in pieces: one finding', async (t) => {
  const { find, items, rows, base, send, eventRow, cloud } = await setup(t);
  const episodeId = uuidv7();
  const evidence = (role: 'overview' | 'clip') => [
    { id: uuidv7(), role, sha256: 'a'.repeat(64), sm3: 'b'.repeat(64), bytes: 10 },
  ];
  const began = testFinding({ episodeId, phase: 'began', startedAt: base, count: 2, evidence: evidence('overview') });
  const over = { phase: 'ended', endedAt: base + minuteMs, count: 3, confidence: 0.8 } as const;
  const ended = { ...began, ...over, evidence: evidence('clip') };
  await find(ended);
  await find(began);
  const row = eventRow('vision.finding', began, { id: episodeId });
  await send(row, row);
  await send(row);
  const [finding, ...more] = await rows<Record<string, unknown>>('SELECT * FROM review_findings');
  t.same(more, []);
  t.match(finding, { goes_on: false, confidence: 0.8, count: '3', number: findingNumber(episodeId) });
  t.match(finding, { evidence_ids: { length: 2 } });
  t.match(finding?.began, { phase: 'began' });
  t.match(finding?.ended, { phase: 'ended' });
  t.match(await items(), [{ findings: 1, goes_on: false }]);
  t.ok(cloud.published.some(({ type }) => type === 'review.changed'));
});

t.test('what goes on takes in what comes meanwhile; its end changes no version', async (t) => {
  const { find, items, base } = await setup(t);
  const began = testFinding({ phase: 'began', startedAt: base });
  await find(began);
  await find(testFinding({ startedAt: base + 30 * minuteMs }));
  const [before] = await items();
  t.match(before, { findings: 2, goes_on: true });
  await find({ ...began, phase: 'ended', endedAt: base + 40 * minuteMs });
  const [after, ...more] = await items();
  t.same(more, []);
  t.match(after, { goes_on: false, version: before?.version });
});

t.test('what is decided takes in nothing more', async (t) => {
  const { find, items, base, rows } = await setup(t);
  const began = testFinding({ phase: 'began', startedAt: base });
  await find(began);
  await rows(`UPDATE review_items SET state = 'decided', decision = 'accepted', decided_at = now()`);
  await find({ ...began, phase: 'ended', endedAt: base + 2_000 }, testFinding({ startedAt: base + 1_000 }));
  t.match(await items(), [
    { state: 'decided', findings: 1, goes_on: false },
    { state: 'open', findings: 1 },
  ]);
});

t.test('broken data stop nothing: the event stands, the reason is written down', async (t) => {
  const { send, eventRow, rows, base, addCamera } = await setup(t);
  const good = testFinding({ startedAt: base });
  const other = await addCamera(uuidv7(), '侧门');
  const answer = await send(
    eventRow('vision.finding', { v: 1 }),
    eventRow('vision.finding', good),
    eventRow('vision.finding', { ...good, rule: { ...good.rule, name: '别人的' } }, { deviceId: other }),
    eventRow('vision.flow', { v: 1, ruleId: uuidv7(), viewId: uuidv7(), minute: base + 900 * 86_400_000, in: 1 }),
    eventRow('vision.flow', { v: 1, ruleId: uuidv7(), viewId: uuidv7(), minute: base, in: -1 }),
    eventRow('vision.heat', { v: 1, viewId: uuidv7(), hour: base, seconds: [1, 2] }),
  );
  t.match(answer, { result: 'committed' });
  t.equal((await rows('SELECT 1 FROM device_events')).length, 6);
  t.equal((await rows('SELECT 1 FROM aside_rows')).length, 0);
  t.match(await rows('SELECT rule_name FROM review_findings'), [{ rule_name: '入侵' }]);
  t.match(await rows('SELECT event, reason FROM vision_refusals ORDER BY event, reason'), [
    { event: 'vision.finding', reason: /Another camera/ },
    { event: 'vision.finding', reason: /.+: / },
    { event: 'vision.flow', reason: /time/ },
    { event: 'vision.flow', reason: /^in: / },
    { event: 'vision.heat', reason: /seconds/ },
  ]);
});

t.test('flow: minutes, and hours made of them however late they come; heat adds up', async (t) => {
  const { send, eventRow, rows, base } = await setup(t);
  const hour = Math.floor(base / 3_600_000) * 3_600_000;
  const ruleId = uuidv7();
  const viewId = uuidv7();
  const flow = (minute: number, change: object) =>
    eventRow('vision.flow', { v: 1, ruleId, viewId, minute: hour + minute * minuteMs, ...change });
  const first = flow(3, { in: 2, out: 1, occupancyMean: 1, occupancyMost: 2, left: 1, dwellMeanMs: 10_000 });
  await send(first, flow(7, { in: 5, left: 3, dwellMeanMs: 20_000 }));
  await send(first, flow(1, { in: 1, out: 4, occupancyMean: 3, occupancyMost: 9 }));
  t.match(await rows('SELECT * FROM flow_hours'), [
    { minutes: 3, ins: '8', outs: '5', occupancy_mean: 2, occupancy_most: '9', lefts: '4', dwell_mean_ms: 17_500 },
  ]);
  const heat = () =>
    eventRow('vision.heat', {
      ...{ v: 1, viewId, hour },
      seconds: Array.from({ length: heatColumns * heatRows }, (_one, i) => i),
    });
  const part = heat();
  await send(part, heat());
  await send(part);
  const [stored] = await rows<{ seconds: string[] }>('SELECT seconds FROM heat_hours');
  t.equal(stored?.seconds[100], '200');
});
