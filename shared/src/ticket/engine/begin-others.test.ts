import fc from 'fast-check';
import t from 'tap';
import { tryKind } from '../__fixtures__/try-kind.js';
import { diffKinds } from '../diff/diff-kinds.js';
import { type DryOffer, DryTicket } from '../dry-run/dry-ticket.js';
import { type TicketKind, ticketKindSchema } from '../kind/kind-schema.js';
import { lintKind } from '../lint/lint-kind.js';
import { migrationOf } from '../migrate/migrate-ticket.js';
import { applyEvent, replay } from './apply-event.js';
import { decideNews } from './decide.js';
import { isRefused } from './held-task.js';
import type { TicketNews } from './ticket-command.js';
import type { TicketEvent } from './ticket-event.js';

const label = { zh: '设备维修' };
const kindWith = (...rules: object[]): TicketKind =>
  ticketKindSchema.parse({
    ...tryKind,
    begins: rules.map((rule) => ({ id: 'repair', label, kind: 'other', ...rule })),
  });
const whenDone = { on: { on: 'action', step: 'handle', action: 'done' }, fields: { title: { field: 'title' } } };
const other: TicketKind = ticketKindSchema.parse({
  ...structuredClone(tryKind),
  code: 'other',
  fields: [
    { key: 'title', label, type: 'text', maxLength: 20 },
    { key: 'result', label, type: 'longText', maxLength: 30 },
    { key: 'pleased', label, type: 'satisfaction' },
    { key: 'phone', label, type: 'phone', personal: true },
    { key: 'how', label, type: 'choice', choices: [{ value: 'fast', label }] },
  ],
});

const made = (kind: TicketKind): DryTicket => {
  const ticket = new DryTicket(kind);
  ticket.ask({ as: 'anna', make: { fields: { title: '路灯不亮' }, level: null, source: 'console' } });
  return ticket;
};
const ask = (ticket: DryTicket, as: string, command: object) =>
  ticket.ask({ as, command: command as never, afterMinutes: 1 });
const handle = (ticket: DryTicket): void => {
  ask(ticket, 'desk', { do: 'submit', action: 'one', to: ['bo'] });
  ask(ticket, 'bo', { do: 'sign' });
  ask(ticket, 'bo', { do: 'submit', action: 'done', fields: { result: '已换灯' } });
};
/** What the platform tells it, as the store does. */
const tell = (ticket: DryTicket, news: TicketNews): boolean => {
  const decided = decideNews(ticket.state, news);
  if (isRefused(decided)) return false;
  for (const line of 'lines' in decided ? decided.lines : []) {
    const event = { ...line, seq: ticket.state.seq + 1, at: ticket.at, by: 'system' } as TicketEvent;
    ticket.events.push(event);
    ticket.state = applyEvent(ticket.state, event);
  }
  return true;
};
const wanted = ({ events }: DryTicket) => events.filter(({ type }) => type === 'begin_wanted');
const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

t.test('an action begins another ticket once, after all that it did; it cannot be taken back any more', async (t) => {
  const ticket = made(kindWith(whenDone));
  handle(ticket);
  t.same(
    ticket.events.slice(-4).map(({ type }) => type),
    ['edited', 'finished', 'entered', 'begin_wanted'],
  );
  const of = ticket.state.seq;
  t.match(ticket.state.begun, [{ of, rule: 'repair', state: 'wanted' }]);
  t.match(ask(ticket, 'bo', { do: 'withdraw' }), { code: 'already_acted_on' });
  t.ok(tell(ticket, { do: 'begun', of, ticket: id(1), how: 'caused_by' }));
  t.notOk(tell(ticket, { do: 'begun', of, ticket: id(2), how: 'caused_by' }), 'told twice it is one');
  t.same(ticket.state.openChildren, []);
  ask(ticket, 'anna', { do: 'submit', action: 'again', fields: { pleased: 1 } });
  handle(ticket);
  t.equal(wanted(ticket).length, 1, 'never again is what a rule says that says nothing');
  t.ok(tell(ticket, { do: 'childEnded', ticket: id(1), outcome: 'closed' }));
  t.match(ticket.state.begun, [{ state: 'over', outcome: 'closed' }]);
  t.ok(tell(ticket, { do: 'childMade', ticket: id(1) }), 'it goes on again');
  t.match(ticket.state.begun, [{ state: 'open' }]);
  t.strictSame(replay(ticket.events), ticket.state);
});

t.test('again: each time, or once the earlier one is over; by what it comes to, and under a condition', async (t) => {
  const again = (ticket: DryTicket): number => {
    handle(ticket);
    ask(ticket, 'anna', { do: 'submit', action: 'again', fields: { pleased: 1 } });
    handle(ticket);
    return wanted(ticket).length;
  };
  t.equal(again(made(kindWith({ ...whenDone, again: 'always' }))), 2);
  t.equal(again(made(kindWith({ ...whenDone, again: 'afterEnd' }))), 1);
  t.equal(
    again(made(kindWith({ on: { on: 'entered', step: 'dispatch' }, again: 'always' }))),
    2,
    'its first step, too',
  );
  t.equal(again(made(kindWith({ on: { on: 'entered', step: 'visit' }, when: 'result = "别的"' }))), 0);
  const ended = made(kindWith({ on: { on: 'entered', step: 'end' }, when: 'pleased >= 4' }));
  handle(ended);
  ask(ended, 'anna', { do: 'submit', action: 'close', fields: { pleased: 5 } });
  t.match(ended.state, { status: 'ended', begun: [{ state: 'wanted' }] });
});

t.test('one voice of several, or a delegate’s, begins nothing', async (t) => {
  const ticket = made(kindWith({ on: { on: 'action', step: 'together', action: 'agree' } }));
  ask(ticket, 'desk', { do: 'submit', action: 'all', to: ['bo', 'chen'] });
  ask(ticket, 'chen', { do: 'submit', action: 'agree' });
  t.equal(wanted(ticket).length, 0);
  ask(ticket, 'bo', { do: 'submit', action: 'agree' });
  t.equal(wanted(ticket).length, 1);
});

t.test('an action waits for it; what failed is tried again or let be, and nothing is stuck', async (t) => {
  const rule = { on: { on: 'entered', step: 'handle' }, as: 'child', holds: [{ step: 'handle', action: 'done' }] };
  const ticket = made(kindWith(rule));
  ask(ticket, 'desk', { do: 'submit', action: 'one', to: ['bo'] });
  const of = ticket.state.seq;
  ask(ticket, 'bo', { do: 'sign' });
  const done = () => ask(ticket, 'bo', { do: 'submit', action: 'done', fields: { result: '好' } });
  t.match(done(), { code: 'begun_open', context: { count: 1 } });
  tell(ticket, { do: 'beginFailed', of, why: 'no_kind', about: 'other' });
  t.match(done(), { code: 'begun_open' }, 'a failure is no end');
  t.match(ask(ticket, 'somebody', { do: 'begin', of }), { code: 'not_yours' });
  ask(ticket, 'bo', { do: 'begin', of });
  t.match(ticket.state.begun, [{ of, state: 'wanted', why: undefined }]);
  tell(ticket, { do: 'begun', of, ticket: id(1), how: 'child' });
  t.same(ticket.state.openChildren, [id(1)]);
  t.match(ask(ticket, 'bo', { do: 'begin', of }), { code: 'not_now' }, 'it is there');
  tell(ticket, { do: 'childEnded', ticket: id(1), outcome: 'cancelled' });
  t.notOk('ok' in done());
  t.strictSame(replay(ticket.events), ticket.state);

  const let_be = made(kindWith(rule));
  ask(let_be, 'desk', { do: 'submit', action: 'one', to: ['bo'] });
  tell(let_be, { do: 'beginFailed', of: let_be.state.seq, why: 'too_deep' });
  ask(let_be, 'bo', { do: 'sign' });
  const from = { version: 1, kind: let_be.kind };
  const without = { version: 2, kind: { ...let_be.kind, begins: [] } };
  t.match(migrationOf(let_be.state, { from, to: without, steps: {} }), { obstacles: [{ code: 'begin_unknown' }] });
  ask(let_be, 'bo', { do: 'dropBegin', of, opinion: '不用修了' });
  t.notOk('ok' in ask(let_be, 'bo', { do: 'submit', action: 'done', fields: { result: '好' } }));
  t.ok(migrationOf(let_be.state, { from, to: without, steps: {} }).ok);
});

t.test('whatever people do, no act begins more than its rules, each once; the history says all', async (t) => {
  const kind = kindWith(
    { ...whenDone, id: 'a', again: 'always' },
    { id: 'b', on: { on: 'entered', step: 'visit' }, again: 'afterEnd' },
    { id: 'c', on: { on: 'action', step: 'handle', action: 'back' }, again: 'always' },
    { id: 'd', on: { on: 'entered', step: 'dispatch' } },
  );
  const command = ({ do: what, action, chooses }: DryOffer, n: number): object => ({
    ...{ do: what, opinion: '办', ...(what === 'sign' ? { opinion: undefined } : {}) },
    ...(what === 'submit' ? { action: action?.id, fields: {}, to: chooses ? [`p${n % 4}`] : undefined } : {}),
    ...(what === 'return' ? { action: action?.id, step: 'dispatch' } : {}),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(50), fc.nat(50), fc.nat(3)), { maxLength: 40 }), (acts) => {
      const ticket = new DryTicket(kind);
      const first = ticket.ask({
        as: 'anna',
        make: { fields: { title: '灯', result: '好', pleased: 4 }, level: null, source: 'api' },
      });
      let told = 'ok' in first ? [] : first;
      for (const [which, n, news] of acts) {
        const rules = told.flatMap((event) => (event.type === 'begin_wanted' ? [event.rule] : []));
        if (new Set(rules).size !== rules.length) return false;
        for (const { of, state, ticket: begun } of ticket.state.begun ?? []) {
          if (state === 'wanted' && news === 0) tell(ticket, { do: 'beginFailed', of, why: 'no_kind' });
          if (state === 'wanted' && news > 0) tell(ticket, { do: 'begun', of, ticket: id(of), how: 'caused_by' });
          if (state === 'open' && news === 2) tell(ticket, { do: 'childEnded', ticket: begun ?? '' });
        }
        const offers = ticket.offers();
        const offer = offers[which % Math.max(1, offers.length)];
        const came = offer && ticket.ask({ as: offer.as, command: command(offer, n) as never, afterMinutes: 1 });
        told = came && !('ok' in came) ? came : [];
      }
      t.strictSame(replay(ticket.events), ticket.state);
      return (ticket.state.begun ?? []).filter(({ rule }) => rule === 'd').length <= 1;
    }),
    { numRuns: 60, seed: 11 },
  );
});

t.test('lint: what it names is there, fits, and lies as sealed as before; who begins whom in a circle', async (t) => {
  const personal = { ...tryKind, fields: [...tryKind.fields, { key: 'tel', label, type: 'phone', personal: true }] };
  const kind = (rule: object) =>
    ticketKindSchema.parse({ ...personal, begins: [{ id: 'r', label, kind: 'other', ...whenDone, ...rule }] });
  const codes = (rule: object, kinds = new Map([['other', other]])) =>
    lintKind(kind(rule), { calendars: new Set(), kinds })
      .filter(({ path }) => path.startsWith('begins'))
      .map(({ code, severity }) => (severity === 'error' ? code : `(${code})`));
  t.same(codes({ fields: { title: { field: 'title' } } }), ['(begin_cut)']);
  t.same(codes({ kind: 'nowhere' }), ['unknown_kind']);
  t.same(codes({ fields: {} }), ['(begin_unfilled)'], 'its title is asked for');
  const title = { title: { value: '修' } };
  t.same(codes({ fields: { ...title, nothing: { value: 1 } } }), ['unknown_field']);
  t.same(codes({ fields: { ...title, pleased: { field: 'title' } } }), ['begin_type']);
  t.same(codes({ fields: { ...title, how: { value: 'slow' } } }), ['begin_type']);
  t.same(codes({ fields: { ...title, how: { field: 'none' } } }), ['unknown_field']);
  t.same(codes({ fields: { ...title, phone: { field: 'tel' } } }), [], 'sealed to sealed');
  t.same(codes({ fields: { ...title, result: { field: 'tel' } } }), ['begin_unseals']);
  t.same(codes({ fields: { ...title, result: { feel: 'title + tel' } } }), ['begin_unseals']);
  t.same(codes({ fields: { ...title, result: { feel: 'title +' } } }), ['feel_broken']);
  t.same(codes({ fields: title, level: { value: 'huge' } }), ['level_unknown']);
  t.same(codes({ fields: title, on: { on: 'action', step: 'handle', action: 'transfer' } }), ['never_happens']);
  t.same(codes({ fields: title, on: { on: 'action', step: 'handle', action: 'x' } }), ['unknown_action']);
  t.same(codes({ fields: title, on: { on: 'entered', step: 'end' }, as: 'child' }), ['child_of_ended']);
  t.same(codes({ fields: title, holds: [{ step: 'visit', action: 'x' }] }), ['unknown_action']);
  const back = { ...other, begins: kind({ kind: 'try' }).begins };
  t.same(codes({ fields: title }, new Map([['other', back]])), ['(begins_loop)']);
  const loop = lintKind(kind({ fields: title }), { calendars: new Set(), kinds: new Map([['other', back]]) });
  t.equal(loop.find(({ code }) => code === 'begins_loop')?.about, 'try → other → try');
  t.same(
    lintKind(kind({}), { calendars: new Set() }).filter(({ code }) => code === 'unknown_kind'),
    [],
  );
});

t.test('a kind that others begin says what they could not fill any more', async (t) => {
  const tel = { key: 'tel', label, type: 'phone', personal: true };
  const rule = {
    id: 'r',
    label,
    kind: 'other',
    ...whenDone,
    fields: { phone: { field: 'tel' }, title: { value: '修' } },
  };
  const from = ticketKindSchema.parse({ ...tryKind, fields: [...tryKind.fields, tel], begins: [rule] });
  const around = { calendars: new Set<string>(), kinds: new Map([['try', from]]) };
  const told = (kind: TicketKind) =>
    lintKind(kind, around).flatMap(({ code, path }) => (code === 'begun_by_unfit' ? [path] : []));
  t.same(told(other), []);
  t.same(told({ ...other, fields: other.fields.map((field) => ({ ...field, personal: false })) }), ['fields.phone']);
  t.same(told({ ...other, fields: other.fields.filter(({ key }) => key !== 'title') }), ['fields.title']);
});

t.test('versions differ in what they begin', async (t) => {
  const before = kindWith(whenDone);
  t.match(diffKinds(tryKind, before), [{ change: 'added', part: 'begin', path: 'begins.repair' }]);
  const changes = diffKinds(before, kindWith({ ...whenDone, as: 'child' }));
  t.match(changes, [{ change: 'changed', part: 'begin', property: 'as', from: 'caused_by', to: 'child' }]);
});
