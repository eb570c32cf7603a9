import t from 'tap';
import type { ClockStory } from '../../../api/tickets.js';
import { clockStrip } from './clock-strip.js';

const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour)).toISOString();
const story = (more: Partial<ClockStory>): ClockStory => ({
  ...{ clock: 'handling', run: 1, label: { zh: '办理' }, purpose: 'handling', requesters: false, calendar: 'office' },
  ...{ light: 'green', beganAt: at(0), endedAt: null, dueAt: at(10), warnAt: null, promisedMs: 0, extendedMs: 0 },
  ...{ usedMs: 0, isPaused: false, brokenOff: null, breachedAt: null, stretches: [], notes: [] },
  ...more,
});
const stretch = (from: number, to: number, kind: 'runs' | 'night' | 'paused') =>
  ({
    ...{ from: at(from), to: at(to), runs: kind === 'runs' },
    why: kind === 'paused' ? { kind, state: { id: 'waiting', label: { zh: '挂起' } } } : { kind },
  }) as ClockStory['stretches'][number];

t.test('a strip is whole: past, now, and ahead to when it is due', async (t) => {
  const strip = clockStrip(
    story({ stretches: [stretch(0, 2, 'runs'), stretch(2, 4, 'night'), stretch(4, 5, 'runs')] }),
    Date.parse(at(5)),
  );
  t.same(
    strip.parts.map(({ why, share }) => [why, share]),
    [
      ['runs', 0.2],
      ['night', 0.2],
      ['runs', 0.1],
      ['ahead', 0.5],
    ],
  );
  t.equal(strip.dueShare, 1);
  t.match(strip.totals, { runs: 3 * 3_600_000, night: 2 * 3_600_000, paused: 0 });
});

t.test('what is over the promise is told apart, and the last stretch grows with the wall clock', async (t) => {
  const over = story({ dueAt: at(4), breachedAt: at(4), stretches: [stretch(0, 6, 'runs')] });
  const strip = clockStrip(over, Date.parse(at(8)));
  t.same(
    strip.parts.map(({ over, share }) => [over, share]),
    [
      [false, 0.5],
      [true, 0.5],
    ],
  );
  t.equal(strip.dueShare, 0.5);
  t.equal(strip.totals.runs, 8 * 3_600_000);
});

t.test('a clock that stands still has no due time; one that ended ends its strip', async (t) => {
  const paused = clockStrip(
    story({ dueAt: null, isPaused: true, stretches: [stretch(0, 1, 'runs'), stretch(1, 2, 'paused')] }),
    Date.parse(at(4)),
  );
  t.equal(paused.dueShare, undefined);
  t.equal(paused.totals.paused, 3 * 3_600_000);
  const ended = clockStrip(
    story({ endedAt: at(3), dueAt: at(10), stretches: [stretch(0, 3, 'runs')] }),
    Date.parse(at(8)),
  );
  t.equal(ended.toMs, Date.parse(at(3)));
  t.same(
    ended.parts.map(({ why }) => why),
    ['runs'],
  );
});
