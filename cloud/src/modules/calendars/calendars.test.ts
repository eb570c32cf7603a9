import { CalendarReader, workCalendarSchema } from '@hallhub/shared/ticket';
import t from 'tap';
import { withTenant } from '../../db/index.js';
import { startTestApp } from '../../http/testing.js';
import { calendarStamp, loadCalendars } from './calendar-book.js';
import { officeCalendar } from './office-calendar.js';
import { calendarRoutes } from './routes.js';
import { stateHolidays, withHolidays } from './state-holidays.js';

const hour = 3_600_000;
const at = (text: string) => Date.parse(`${text}+08:00`);

t.test('holidays and moved working days as the State Council announced them', async (t) => {
  const days = new Map(stateHolidays(2026).map(({ date, ...day }) => [date, day]));
  t.match(days.get('2026-10-01'), { works: false, name: { zh: '国庆节', en: 'National Day' } });
  t.match(days.get('2026-10-10'), { works: true, name: { zh: '国庆节调休上班' } });
  t.match(days.get('2026-02-14'), { works: true });
  t.notOk(days.has('2026-11-22'), 'a Sunday is no holiday');
  t.equal(days.size, 39);
  t.same(stateHolidays(2099), [], 'not announced');
  t.equal(stateHolidays(2024).filter(({ works }) => works).length, 8, 'and a leap year');
});

t.test('the office’s calendar', async (t) => {
  const calendar = officeCalendar();
  t.same(workCalendarSchema.parse(calendar), calendar);
  const reader = new CalendarReader(calendar);
  t.equal(reader.after(at('2026-09-30T16:30'), 2 * hour), at('2026-10-08T10:00'), 'over the week of the national day');
  t.equal(reader.workBetween(at('2026-10-10T00:00'), at('2026-10-11T00:00')), 7 * hour, 'a Saturday that is worked');
  t.equal(reader.workBetween(at('2026-10-08T00:00'), at('2026-10-09T00:00')), 7 * hour);
});

t.test('what people wrote for a day stays, unless it shall not', async (t) => {
  const own = {
    ...officeCalendar(),
    days: { '2026-10-01': { name: { zh: '值班' }, shifts: [{ from: '09:00', to: '12:00' }] } },
  };
  const kept = withHolidays(own, stateHolidays(2026));
  t.same(kept.kept, ['2026-10-01']);
  t.equal(kept.document.days['2026-10-01']?.name.zh, '值班');
  const replaced = withHolidays(own, stateHolidays(2026), { replace: true });
  t.equal(replaced.document.days['2026-10-01']?.name.zh, '国庆节');
  t.equal(withHolidays(replaced.document, stateHolidays(2026)).added, 0, 'once is enough');
  t.same(Object.keys(replaced.document.days), Object.keys(replaced.document.days).sort());
});

const document = { ...officeCalendar(), code: 'night', label: { zh: '夜班' }, days: {} };
const started = startTestApp(t, { routes: calendarRoutes }).then(async (app) => ({
  app,
  owner: await app.signInAs('owner'),
}));

t.test('calendars are written as a whole, and every process reads the new one', async (t) => {
  const { app, owner } = await started;
  const inside = <T>(read: Parameters<typeof withTenant<T>>[2]) => withTenant(app.db, { tenantId: app.tenantId }, read);
  const stamp = () => inside((tx) => calendarStamp(tx, app.tenantId));
  const works = (code: string) =>
    inside(async (tx) =>
      (await loadCalendars(tx, app.tenantId))(code).workBetween(at('2026-11-23T00:00'), at('2026-11-24T00:00')),
    );
  const before = await stamp();
  t.equal(await works('night'), 24 * hour, 'a calendar that is not there is around the clock');
  const made = await owner.put('/calendars/night', document, 0);
  t.match(made, { status: 200, body: { code: 'night', version: 1, document: { week: Object } }, headers: Object });
  t.equal(made.headers.get('etag'), '"1"');
  t.equal(await works('night'), 7 * hour);
  const second = await stamp();
  t.not(second, before);
  const split = [
    { from: '00:00', to: '02:00' },
    { from: '22:00', to: '24:00' },
  ];
  const changed = { ...document, week: { ...document.week, 1: split } };
  t.match(await owner.put('/calendars/night', changed, 1), { status: 200, body: { version: 2 } });
  t.equal(await works('night'), 4 * hour, 'split shifts');
  t.not(await stamp(), second);
  t.equal((await owner.put('/calendars/night', changed, 1)).status, 412);
  t.equal((await owner.put('/calendars/night', changed, 0)).status, 412);
  t.equal((await owner.put('/calendars/other', { ...document, code: 'other' }, 3)).status, 404);
  t.equal((await owner.put('/calendars/other', document, 0)).status, 400, 'another code than the path’s');
  t.match(await app.auditRows('calendar.changed'), [{ before: { document: {} }, after: { document: {} } }]);
});

t.test('a year’s holidays are added', async (t) => {
  const { app, owner } = await started;
  await owner.put('/calendars/days', { ...document, code: 'days' }, 0);
  const year = new Date(app.clock.now()).getUTCFullYear();
  const states = (included: boolean) =>
    [year, year + 1].map((one) => {
      if (stateHolidays(one).length === 0) return { year: one, state: 'unknown' };
      return { year: one, state: included && one === 2026 ? 'included' : 'offered' };
    });
  t.match((await owner.get('/calendars/days')).body.years, states(false));
  t.match(await owner.post('/calendars/days/holidays?year=2026'), {
    status: 200,
    body: { added: 39, kept: [], version: 2 },
  });
  t.match(await owner.post('/calendars/days/holidays?year=2026'), { status: 200, body: { added: 0, version: 2 } });
  t.match((await owner.get('/calendars/days')).body.years, states(true));
  t.match(await owner.post('/calendars/days/holidays?year=2099'), { status: 409, body: { detail: /2099/ } });
  t.equal((await owner.post('/calendars/days/holidays')).status, 400);
  t.equal((await owner.post('/calendars/nowhere/holidays?year=2026')).status, 404);
});

t.test('the one around the clock is built in', async (t) => {
  const { owner } = await started;
  t.match((await owner.get('/calendars')).body.items[0], { code: 'always', version: 0 });
  t.match(await owner.get('/calendars/always'), { status: 200, body: { document: { code: 'always' } } });
  t.equal((await owner.put('/calendars/always', { ...document, code: 'always' }, 0)).status, 409);
  t.equal((await owner.post('/calendars/always/holidays?year=2026')).status, 409);
});

t.test('what is no calendar is refused', async (t) => {
  const { owner } = await started;
  const put = async (more: object) =>
    (await owner.put('/calendars/bad', { ...document, code: 'bad', ...more }, 0)).status;
  const day = { name: { zh: '日' }, shifts: [] };
  t.equal(await put({ zone: 'Nowhere/None' }), 400);
  t.equal(await put({ days: { '2026-02-30': day } }), 400, 'a day that does not exist');
  t.equal(await put({ days: { '2026-13-01': day } }), 400);
  t.equal(await put({ week: { ...document.week, 1: [{ from: '22:00', to: '06:00' }] } }), 400);
  const many = Object.fromEntries(
    Array.from({ length: 2_000 }, (_, i) => [new Date(Date.UTC(2026, 0, i)).toISOString().slice(0, 10), day]),
  );
  t.equal(await put({ days: many }), 400, 'too many days');
  t.equal((await owner.get('/calendars/bad')).status, 404);
});

t.test('others', async (t) => {
  const { app, owner } = await started;
  await owner.put('/calendars/mine', { ...document, code: 'mine' }, 0);
  const other = await app.signInAs('owner', { tenant: 'other' });
  t.equal((await other.get('/calendars/mine')).status, 404);
  const clerk = await app.signInAs('ticket-clerk', { hallIds: [app.hallId] });
  t.equal((await clerk.get('/calendars/mine')).status, 200, 'due times are explained by it');
  t.equal((await clerk.put('/calendars/mine', { ...document, code: 'mine' }, 1)).status, 403);
});
