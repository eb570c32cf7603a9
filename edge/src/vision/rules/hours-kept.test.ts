import t from 'tap';
import { episodesOf, middle, person, rule, Watched } from './__fixtures__/watched.js';

/** A Monday; times are those of Shanghai, where it is eight hours later. */
const at = (hour: number, minute: number) => Date.UTC(2026, 5, 1, hour - 8, minute);
const hours = rule({
  ...{ algorithm: 'hours_kept', zone: middle, opensAt: '09:00', closesAt: '17:00', graceMs: 300_000 },
});
const somebody = [person(0.5, 0.7)];
const minute = 60_000;
const stepMs = 2_000;

class Day extends Watched {
  override forMs(ms: number, tracks: Parameters<Watched['forMs']>[1], more: Parameters<Watched['forMs']>[2] = {}) {
    return super.forMs(ms, tracks, { stepMs, ...more });
  }
}
const from = (startMs: number, given = hours) => new Day([given], { startMs });

t.test('opened late: told after the grace, over when somebody comes, once a day', async (t) => {
  const watched = from(at(8, 55)).forMs(9.9 * minute, []);
  t.same(watched.kinds, []);
  watched.forMs(minute, []);
  t.match(episodesOf(watched), [{ kind: 'began', detail: 'opened_late', startedAt: at(9, 0) }]);
  watched.forMs(minute, somebody);
  t.match(episodesOf(watched)[1], { kind: 'ended', startedAt: at(9, 0) });
  watched.forMs(20 * minute, []);
  t.equal(watched.kinds.length, 2, 'who goes again later is no late opening');
});

t.test('in time, or not known: nothing', async (t) => {
  t.same(
    from(at(8, 55))
      .forMs(7 * minute, [])
      .forMs(minute, somebody)
      .forMs(9 * minute, []).kinds,
    [],
  );
  t.same(from(at(9, 2)).forMs(20 * minute, []).kinds, [], 'nobody knows how it was at nine');
  t.same(
    from(at(8, 55))
      .forMs(6 * minute, [])
      .blind(minute)
      .forMs(9 * minute, []).kinds,
    [],
    'nobody saw',
  );
  const covered = { health: { kind: 'covered' } } as const;
  t.same(from(at(8, 55)).forMs(20 * minute, [], covered).kinds, []);
});

t.test('closed early: told at closing time, with when the last one went', async (t) => {
  const watched = from(at(16, 40)).forMs(10 * minute, somebody);
  const left = watched.atMs + stepMs;
  watched.forMs(9 * minute, []);
  t.same(watched.kinds, []);
  watched.forMs(2 * minute, []);
  t.match(episodesOf(watched), [{ kind: 'once', detail: 'closed_early', startedAt: left }]);
  t.equal(watched.forMs(30 * minute, []).kinds.length, 1);
  t.same(
    from(at(16, 40))
      .forMs(18 * minute, somebody)
      .forMs(10 * minute, []).kinds,
    [],
    'within the grace',
  );
});

t.test('a day of nobody ends with its closing time; other days are other days', async (t) => {
  const short = rule({
    ...{ algorithm: 'hours_kept', zone: middle, opensAt: '09:00', closesAt: '09:30', graceMs: 60_000 },
  });
  const watched = from(at(8, 55), short).forMs(40 * minute, []);
  t.match(episodesOf(watched), [
    { kind: 'began', detail: 'opened_late' },
    { kind: 'ended', endedAt: at(9, 30) },
  ]);
  const sundays = rule({
    ...{ algorithm: 'hours_kept', zone: middle, opensAt: '09:00', closesAt: '17:00', graceMs: 60_000 },
    times: [{ days: [7], from: '00:00', to: '23:59' }],
  });
  t.same(from(at(8, 55), sundays).forMs(30 * minute, []).kinds, [], 'this is a Monday');
});
