import fc from 'fast-check';
import t from 'tap';
import { alwaysCalendar, CalendarReader, type WorkCalendar, workCalendarSchema } from './work-calendar.js';

const day = [
  { from: '09:00', to: '12:00' },
  { from: '13:30', to: '17:30' },
];
const office: WorkCalendar = workCalendarSchema.parse({
  ...{ code: 'office', label: { zh: '工作日' }, zone: 'Asia/Shanghai' },
  week: { 1: day, 2: day, 3: day, 4: day, 5: day, 6: [], 7: [] },
  days: {
    '2026-10-01': { name: { zh: '国庆节' }, shifts: [] },
    '2026-10-10': { name: { zh: '国庆节调休上班' }, shifts: day },
  },
});
const reader = new CalendarReader(office);
const hour = 3_600_000;
const at = (text: string) => Date.parse(`${text}+08:00`);

t.test('working time goes over lunch, the night, the weekend and a holiday', async (t) => {
  t.equal(reader.after(at('2026-11-20T16:30'), 2 * hour), at('2026-11-23T10:00'), 'Friday to Monday');
  t.equal(reader.after(at('2026-11-23T11:30'), hour), at('2026-11-23T14:00'), 'over lunch');
  t.equal(reader.after(at('2026-09-30T17:00'), hour), at('2026-10-02T09:30'), 'over the holiday');
  t.equal(reader.workBetween(at('2026-10-10T00:00'), at('2026-10-11T00:00')), 7 * hour, 'a Saturday that is worked');
  t.equal(reader.workBetween(at('2026-11-23T00:00'), at('2026-11-30T00:00')), 35 * hour);
  t.equal(reader.workBetween(at('2026-11-24T00:00'), at('2026-11-23T00:00')), 0);
});

t.test('why nobody works is told', async (t) => {
  const spans = [...reader.spans(at('2026-09-30T17:00'))].slice(0, 4);
  t.match(spans, [
    { works: true, to: at('2026-09-30T17:30') },
    { works: false, why: { kind: 'night' } },
    { works: false, why: { kind: 'holiday', date: '2026-10-01' } },
    { works: false, why: { kind: 'night' }, to: at('2026-10-02T09:00') },
  ]);
});

t.test('a day of 23 hours and one of 25', async (t) => {
  const berlin = new CalendarReader(alwaysCalendar('Europe/Berlin'));
  t.equal(berlin.workBetween(Date.parse('2026-03-29T00:00+01:00'), Date.parse('2026-03-30T00:00+02:00')), 23 * hour);
  t.equal(berlin.workBetween(Date.parse('2026-10-25T00:00+02:00'), Date.parse('2026-10-26T00:00+01:00')), 25 * hour);
  const night = new CalendarReader({
    ...alwaysCalendar('Europe/Berlin'),
    days: { '2026-03-29': { name: { zh: '夜' }, shifts: [{ from: '02:10', to: '02:50' }] } },
  });
  t.ok(night.workBetween(Date.parse('2026-03-29T00:00+01:00'), Date.parse('2026-03-30T00:00+02:00')) <= 40 * 60_000);
});

t.test('nobody ever works: told, not searched for ever', async (t) => {
  const never = new CalendarReader({ ...office, days: {}, week: { 1: [], 2: [], 3: [], 4: [], 5: [], 6: [], 7: [] } });
  t.equal(never.after(at('2026-11-23T09:00'), hour), undefined);
});

t.test('what is refused', async (t) => {
  const shifts = (list: object[]) =>
    workCalendarSchema.safeParse({ ...office, week: { ...office.week, 1: list } }).success;
  t.notOk(shifts([{ from: '22:00', to: '06:00' }]));
  t.notOk(
    shifts([
      { from: '09:00', to: '12:00' },
      { from: '11:00', to: '13:00' },
    ]),
  );
  t.ok(shifts([{ from: '20:00', to: '24:00' }]));
  t.notOk(workCalendarSchema.safeParse({ ...office, zone: 'Nowhere/None' }).success);
});

t.test('spans have no gap and no overlap, and `after` and `workBetween` agree', async (t) => {
  const begin = at('2026-01-01T00:00');
  fc.assert(
    fc.property(fc.nat(365 * 24 * 60), fc.integer({ min: 1, max: 30 * 24 * 60 }), (offset, minutes) => {
      const from = begin + offset * 60_000;
      const due = reader.after(from, minutes * 60_000) ?? 0;
      if (reader.workBetween(from, due) !== minutes * 60_000) return false;
      let last = from;
      for (const span of reader.spans(from)) {
        if (span.from !== last || span.to <= span.from) return false;
        last = span.to;
        if (last > due) break;
      }
      return true;
    }),
    { numRuns: 200 },
  );
  t.pass();
});
