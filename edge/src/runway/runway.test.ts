import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ManualClock } from '@hallhub/shared';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { silentLogger } from '../ports/index.js';
import { Store } from '../store/index.js';
import { type Amounts, RateBook } from './rate-book.js';
import { type RunwayInput, reckonRunway } from './reckon-runway.js';
import { RunwayAlarm } from './runway-alarm.js';

const hourMs = 3_600_000;
const nothing = { rows: 0, bytes: 0 };

const storeFor = (test: Test) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-runway-'));
  const clock = new ManualClock();
  let store = new Store({ dataDir: dir, clock, logger: silentLogger });
  test.teardown(() => {
    store.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const reopen = () => {
    store.close();
    store = new Store({ dataDir: dir, clock, logger: silentLogger });
    return store;
  };
  return { clock, reopen, hub: () => store.hub };
};

const input = (more: Partial<RunwayInput> = {}): RunwayInput => ({
  rates: {
    measuredMs: hourMs,
    amounts: { events: { rows: 100, bytes: 20_000 }, telemetry: { rows: 36_000, bytes: 7_200_000 }, evidence: nothing },
  },
  room: {
    events: { rows: 1_000_000, bytes: 512_000_000 },
    telemetry: { rows: 50_000_000, bytes: 1_000_000_000 },
    evidence: undefined,
  },
  freeBytes: 100_000_000_000,
  telemetryBytes: 0,
  ...more,
});
const of = (runway: ReturnType<typeof reckonRunway>, kind: string) => runway.kinds.find((one) => one.kind === kind);

t.test('each kind by its own bound; what is not made is not limited', (t) => {
  const runway = reckonRunway(input());
  t.match(of(runway, 'telemetry'), { limitedBy: 'lane_bytes', ms: Math.round((1_000_000_000 / 7_200_000) * hourMs) });
  t.match(of(runway, 'events'), { limitedBy: 'lane_rows', ms: 10_000 * hourMs, bytesPerHour: 20_000 });
  t.match(of(runway, 'evidence'), { ms: null, limitedBy: 'nothing' });
  t.end();
});

t.test('a small disk ends telemetry first, and events have what telemetry gives up', (t) => {
  const runway = reckonRunway(input({ freeBytes: 20_000_000, telemetryBytes: 80_000_000 }));
  const telemetry = of(runway, 'telemetry');
  t.equal(telemetry?.limitedBy, 'disk');
  t.ok(
    (telemetry?.ms ?? 0) < 2.1 * hourMs && (telemetry?.ms ?? 0) > 1.5 * hourMs,
    'with what a row takes beside its text',
  );
  t.ok((of(runway, 'events')?.ms ?? 0) > 3_000 * hourMs);
  t.match(of(reckonRunway(input({ freeBytes: -5 })), 'telemetry'), { ms: 0, limitedBy: 'disk' });
  t.end();
});

t.test('nothing is said in the first minute', (t) => {
  const runway = reckonRunway(input({ rates: { measuredMs: 59_000, amounts: input().rates.amounts } }));
  for (const kind of runway.kinds) t.match(kind, { ms: null, limitedBy: 'unknown' });
  t.end();
});

t.test('more room never means less time, more data never more', (t) => {
  const amount = fc.record({ rows: fc.nat(1_000_000), bytes: fc.nat(1_000_000_000) });
  fc.assert(
    fc.property(
      amount,
      amount,
      fc.nat(1_000_000_000),
      fc.integer({ min: 1, max: 1_000_000_000 }),
      (events, telemetry, free, more) => {
        const ms = (freeBytes: number, factor: number) => {
          const amounts = {
            events,
            telemetry: { rows: telemetry.rows * factor, bytes: telemetry.bytes * factor },
            evidence: nothing,
          };
          const runway = reckonRunway(input({ freeBytes, rates: { measuredMs: hourMs, amounts } }));
          return of(runway, 'telemetry')?.ms ?? Number.POSITIVE_INFINITY;
        };
        return ms(free + more, 1) >= ms(free, 1) && ms(free, 2) <= ms(free, 1);
      },
    ),
  );
  t.end();
});

t.test('rates are kept across restarts, by time that the agent ran', async (t) => {
  const { clock, reopen, hub } = storeFor(t);
  let produced: Amounts = { events: nothing, telemetry: nothing, evidence: nothing };
  const book = (file: ReturnType<typeof hub>) =>
    new RateBook({ hub: file, clock, logger: silentLogger, produced: () => produced });
  let one = book(hub());
  for (let i = 1; i <= 120; i++) {
    produced = { ...produced, telemetry: { rows: i * 10, bytes: i * 1_000 } };
    await clock.advance(10_000);
    one.tick();
  }
  await clock.advance(10_000);
  t.match(one.rates, { measuredMs: 1_200_000, amounts: { telemetry: { rows: 1_200, bytes: 120_000 } } });
  const again = reopen();
  await clock.advance(3 * hourMs);
  produced = { events: nothing, telemetry: nothing, evidence: nothing };
  one = book(again.hub);
  const { measuredMs, amounts } = one.rates;
  t.ok(measuredMs >= 1_140_000 && measuredMs <= 1_200_000, 'the night it was off is not counted');
  t.ok(Math.abs(amounts.telemetry.bytes / measuredMs - 0.1) < 0.001, 'the rate is the same');
  clock.jump(-40 * 365 * 24 * hourMs);
  await clock.advance(60_000);
  one.tick();
  t.ok(one.rates.measuredMs <= 1_260_000, 'a wall clock that jumps changes nothing');
});

t.test('a day is kept, not more', async (t) => {
  const { clock, hub } = storeFor(t);
  let bytes = 0;
  const book = new RateBook({
    hub: hub(),
    clock,
    logger: silentLogger,
    produced: () => ({ events: nothing, telemetry: { rows: bytes, bytes }, evidence: nothing }),
  });
  for (let i = 0; i < 30 * 6; i++) {
    bytes += i < 36 ? 1_000_000 : 600;
    await clock.advance(600_000);
    book.tick();
  }
  const { measuredMs, amounts } = book.rates;
  t.ok(measuredMs >= 24 * hourMs && measuredMs <= 24.4 * hourMs, `${measuredMs / hourMs} h`);
  t.ok(amounts.telemetry.bytes < 2_000_000, 'the busy hours of the day before are forgotten');
});

t.test('the alarm is said once, cleared with some room to spare, and remembered', async (t) => {
  const { clock, reopen, hub } = storeFor(t);
  const told: unknown[] = [];
  const make = (file: ReturnType<typeof hub>) =>
    new RunwayAlarm({
      hub: file,
      logger: silentLogger,
      alarmMs: 12 * hourMs,
      onFault: (code, _text, context) => told.push(`${code} ${context.state}`),
    });
  const at = (hours: number) => ({
    measuredMs: hourMs,
    kinds: [
      { kind: 'telemetry' as const, ms: hours * hourMs, rowsPerHour: 1, bytesPerHour: 1, limitedBy: 'disk' as const },
    ],
  });
  let alarm = make(hub());
  alarm.look({ ...at(1), measuredMs: 300_000 });
  t.same(told, [], 'five minutes say little');
  for (const hours of [20, 11, 10, 13, 11, 14]) alarm.look(at(hours));
  t.same(told, ['runway_low raised']);
  await clock.advance(100);
  alarm = make(reopen().hub);
  alarm.look(at(9));
  t.same(told, ['runway_low raised'], 'a restart does not say it again');
  alarm.look(at(15));
  t.same(told, ['runway_low raised', 'runway_low cleared']);
  await clock.advance(100);
});
