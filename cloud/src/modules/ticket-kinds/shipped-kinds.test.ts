import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DryOffer,
  DryTicket,
  lintKind,
  liveTasks,
  nothing,
  replay,
  type TicketField,
  type TicketKind,
  ticketConditions,
} from '@hallhub/shared/ticket';
import fc from 'fast-check';
import t from 'tap';
import { readShippedKinds, shippedCalendars } from './read-shipped-kinds.js';

const kinds = readShippedKinds();
const codes = ['citizen_request', 'complaint', 'data_feed', 'incident', 'repair', 'supervised_task', 'video_case'];

const isLabel = (value: unknown): value is { zh: string; en?: string } =>
  typeof value === 'object' && value !== null && 'zh' in value;

t.test('what the build left beside a file is what it says, as long as it is of that text', async (t) => {
  const repair = kinds.find(({ code }) => code === 'repair');
  const text = JSON.stringify(repair);
  const folder = t.testdir({ 'repair.yaml': text });
  const codesWith = (sha256: string) => {
    writeFileSync(join(folder, 'repair.yaml.json'), JSON.stringify({ sha256, plain: { ...repair, code: 'parsed' } }));
    return readShippedKinds(folder).map(({ code }) => code);
  };
  t.same(codesWith(createHash('sha256').update(text).digest('hex')), ['parsed']);
  t.same(codesWith(createHash('sha256').update(`${text}\n`).digest('hex')), ['repair']);
});

t.test('all seven are there, in Chinese and English, without a fault', async (t) => {
  t.same(kinds.map(({ code }) => code).sort(), codes);
  for (const kind of kinds) {
    const around = { calendars: shippedCalendars, kinds: new Map(kinds.map((one) => [one.code, one])) };
    t.same(lintKind(kind, around), [], kind.code);
    const labels = JSON.stringify(kind, (_, value) =>
      isLabel(value) && value.en === undefined ? { untold: value.zh } : value,
    );
    t.notMatch(labels, /"untold"/, `${kind.code} speaks English`);
    const shown = new Set(kind.layout.flatMap(({ rows }) => rows.flat()));
    t.same(
      kind.fields.map(({ key }) => key).filter((key) => !shown.has(key)),
      [],
      `${kind.code}: every field has its place`,
    );
  }
});

t.test('a supervised task without a day, or whose day was emptied, is due by its level', async (t) => {
  const kind = kinds.find(({ code }) => code === 'supervised_task') as TicketKind;
  const clock = kind.clocks.find(({ id }) => id === 'carry_out');
  const facts = { region: null, hall: null, at: 0 };
  const targetWith = (fields: object) => {
    const state = { ...nothing, level: 'leader', fields: { ...fields } };
    return clock?.targets[ticketConditions(kind).targetOf(clock, state, facts)];
  };
  t.match(targetWith({ dueOn: '2026-12-01' }), { field: 'dueOn', calendar: 'always' });
  for (const fields of [{}, { dueOn: null }, { dueOn: '' }]) t.match(targetWith(fields), { minutes: 2400 });
});

t.test('a citizen who is asked to judge has an answer, whether one office handled it or several', async (t) => {
  const kind = kinds.find(({ code }) => code === 'citizen_request') as TicketKind;
  const solvedBy = (together: boolean) => {
    const ticket = new DryTicket(kind);
    const ask = (as: string, command: object) => ticket.ask({ as, command: command as never, afterMinutes: 1 });
    const first = { title: '路灯', content: '不亮', nature: 'help', category: ['city', 'lights'] };
    ticket.ask({ as: 'reception', make: { fields: first, level: null, source: 'console' } });
    ask('reception', { do: 'submit', action: 'to_dispatch', fields: {} });
    ask('dispatch', { do: 'submit', action: together ? 'dispatch_joint' : 'dispatch', fields: {}, to: ['bo'] });
    ask('bo', { do: 'sign' });
    const written = { result: '已修', ...(together ? {} : { reply: '修好了' }) };
    ask('bo', { do: 'submit', action: 'solved', fields: written });
    t.equal(ticket.state.step, 'check');
    return { ticket, pass: (fields: object) => ask('dispatch', { do: 'submit', action: 'pass', fields }) };
  };
  const joint = solvedBy(true);
  t.match(joint.pass({}), { code: 'fields_missing', context: { fields: ['reply'] } });
  joint.pass({ reply: '两家都修好了' });
  t.match(joint.ticket.state, { step: 'visit', fields: { reply: '两家都修好了' } });
  const single = solvedBy(false);
  single.pass({});
  t.match(single.ticket.state, { step: 'visit', fields: { reply: '修好了' } }, 'what was written stands');
});

const id = '00000000-0000-7000-8000-00000000abcd';
/** Some value that fits a field. */
const valueFor = (field: TicketField, n: number): unknown => {
  const pick = <T>(all: readonly T[]): T => all[n % all.length] as T;
  switch (field.type) {
    case 'text':
    case 'longText':
      return '路灯不亮';
    case 'number':
      return field.min ?? 1;
    case 'money':
      return 100;
    case 'yesNo':
      return n % 2 === 0;
    case 'choice':
      return pick(field.choices).value;
    case 'choices':
      return [pick(field.choices).value];
    case 'category':
      return ['city', 'lights'];
    case 'date':
      return '2026-11-23';
    case 'instant':
      return '2026-11-23T01:00:00Z';
    case 'phone':
      return '13800138000';
    case 'identityNumber':
      return '11010519491231002X';
    case 'place':
      return { text: '长安街 1 号' };
    case 'files':
      return [id];
    case 'satisfaction':
      return 1 + (n % 5);
    case 'signature':
      return { name: '李主任', at: '2026-11-23T01:00:00Z', file: id };
    default:
      return id;
  }
};

/** Now and then what nobody must fill in is left empty. */
const fieldsFor = (kind: TicketKind, edit: readonly string[], n: number, required = edit) =>
  Object.fromEntries(
    kind.fields
      .filter(({ key }) => (n % 5 === 4 ? required : edit).includes(key))
      .map((field, i) => [field.key, valueFor(field, n + i)]),
  );

const made = (kind: TicketKind, n: number): DryTicket => {
  const ticket = new DryTicket(kind);
  const start = kind.steps.find(({ id }) => id === kind.start);
  const fields = fieldsFor(kind, start?.fields.edit ?? [], n) as Record<string, never>;
  const level = kind.levels[n % (kind.levels.length + 1)]?.id ?? null;
  ticket.ask({ as: 'somebody', make: { fields, level, source: n % 3 === 0 ? 'alarm' : 'console' } });
  return ticket;
};

const take = (ticket: DryTicket, offer: DryOffer, n: number): boolean => {
  const { action, chooses, task, as } = offer;
  const to = Array.from({ length: Math.min(chooses, 1 + (n % 3)) }, (_, i) => `office_${i}`);
  const one: Record<string, unknown> = { do: offer.do, task, opinion: '办' };
  const been = ticket.state.visits[n % ticket.state.visits.length]?.step;
  const more: Record<string, object> = {
    submit: {
      action: action?.id,
      fields: fieldsFor(ticket.kind, offer.edit, n, offer.required),
      ...(chooses ? { to } : {}),
    },
    return: { action: action?.id, step: been },
    transfer: { to: to[0] },
    delegate: { to: to[0] },
    addSigners: { to: [`office_${n % 9}`] },
    removeSigners: { tasks: [ticket.state.tasks[n % ticket.state.tasks.length]?.id] },
    askExtension: { minutes: 60 },
    decideExtension: { granted: n % 2 === 0, minutes: 30 },
  };
  if (offer.do === 'split') return false;
  const { opinion: _, ...bare } = one;
  const wanted = offer.do === 'sign' ? bare : one;
  const command = { ...wanted, ...more[offer.do] } as Record<string, never>;
  return !('ok' in ticket.ask({ as, command, afterMinutes: n % 90 }));
};

const isWell = ({ state }: DryTicket): boolean => {
  if (state.status === 'ended') return liveTasks(state).length === 0;
  const isLost = (task: string) =>
    !state.tasks.some((one) => one.lentBy === task && (one.state === 'open' || one.state === 'signed'));
  return (
    liveTasks(state).some(({ purpose }) => purpose === 'handle') &&
    !state.tasks.some((one) => one.state === 'lent' && isLost(one.id))
  );
};

/** Tried with different answers to its fields, as people would, until something goes. */
const goesOn = (ticket: DryTicket): boolean =>
  ticket.offers().some((offer) => Array.from({ length: 30 }, (_, n) => n).some((n) => take(ticket, offer, n)));

for (const kind of kinds) {
  t.test(
    `${kind.code}: whatever people do, no dead end, no lost task, always an end, and the history says all`,
    async (t) => {
      fc.assert(
        fc.property(
          fc.nat(1_000),
          fc.array(fc.tuple(fc.nat(1_000), fc.nat(1_000)), { maxLength: 40 }),
          (first, asked) => {
            const ticket = made(kind, first);
            for (const [which, n] of asked) {
              const offers = ticket.offers();
              const offer = offers[which % Math.max(1, offers.length)];
              if (offer) take(ticket, offer, n);
              if (!isWell(ticket)) return false;
            }
            t.strictSame(replay(ticket.events), ticket.state);
            // Somebody can always go on, and whoever may intervene can always end it.
            if (ticket.state.status !== 'ended' && !goesOn(ticket)) return false;
            const end = kind.steps.find((one) => one.end === 'closed')?.id ?? '';
            if (ticket.state.status !== 'ended') {
              ticket.ask({
                as: 'supervisor',
                afterMinutes: 0,
                command: { do: 'intervene', step: end, opinion: '结案' },
              });
            }
            return ticket.state.status === 'ended';
          },
        ),
        { numRuns: 200, seed: 6 },
      );
    },
  );

  t.test(`${kind.code}: every step is come to, and everything that a step offers can be done`, async (t) => {
    const left = new Set(kind.steps.flatMap(({ id, actions }) => [id, ...actions.map((one) => `${id}.${one.id}`)]));
    for (const { id, actions } of kind.steps)
      for (const one of actions) if (one.act === 'split') left.delete(`${id}.${one.id}`);
    let n = 1;
    const next = () => {
      n = (n * 48_271) % 2_147_483_647;
      return n;
    };
    for (let tickets = 0; tickets < 4_000 && left.size > 0; tickets++) {
      const ticket = made(kind, next() % 1_000);
      for (let i = 0; i < 60 && ticket.state.status !== 'ended'; i++) {
        left.delete(ticket.state.step);
        const offers = ticket.offers();
        const wanted = offers.filter(({ action }) => action && left.has(`${ticket.state.step}.${action.id}`));
        const from = wanted.length > 0 && next() % 2 === 0 ? wanted : offers;
        const offer = from[next() % from.length];
        const { step } = ticket.state;
        if (offer && take(ticket, offer, next() % 1_000)) left.delete(`${step}.${offer.action?.id}`);
      }
      left.delete(ticket.state.step);
    }
    t.same([...left], []);
  });
}
