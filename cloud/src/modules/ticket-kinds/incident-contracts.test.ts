import { DryTicket, type TicketKind } from '@hallhub/shared/ticket';
import t from 'tap';
import { readShippedKinds } from './read-shipped-kinds.js';

const kind = readShippedKinds().find(({ code }) => code === 'incident') as TicketKind;

type Promises = Readonly<Record<string, number>>;
interface Case {
  readonly contract: string;
  readonly level: string;
  readonly nature?: string;
  /** Minutes by clock, of those that run from the beginning. */
  readonly promised: Promises;
}

/** What the contracts that the product comes with say, to the minute; nothing is promised that none of them says. */
const cases: readonly Case[] = [
  { contract: 'grid', level: 'major', promised: { respond: 15, remote: 30, arrive: 60, restore: 240 } },
  { contract: 'grid', level: 'serious', promised: { respond: 30, remote: 60, arrive: 120, restore: 480 } },
  { contract: 'grid', level: 'general', promised: { respond: 30, remote: 60, arrive: 120, restore: 480 } },
  { contract: 'lottery', level: 'major', promised: { respond: 30, arrive: 120, restore: 120 } },
  { contract: 'lottery', level: 'serious', promised: { respond: 30, arrive: 240, restore: 240 } },
  { contract: 'lottery', level: 'general', promised: { respond: 30, arrive: 480, restore: 480 } },
  { contract: 'hotline', level: 'major', promised: { respond: 30, arrive: 30, restore: 240 } },
  { contract: 'hotline', level: 'general', promised: { respond: 60, arrive: 30, restore: 120 } },
  {
    ...{ contract: 'hotline', level: 'general', nature: 'security' },
    promised: { classify: 60, respond: 60, arrive: 30, restore: 120 },
  },
  { contract: 'enforcement', level: 'major', promised: { respond: 30, arrive: 60 } },
  { contract: 'enforcement', level: 'general', promised: { respond: 30, arrive: 60 } },
  { contract: 'parking', level: 'general', promised: { respond: 60, restore: 480 } },
];

const made = ({ contract, level, nature = 'fault' }: Omit<Case, 'promised'>): DryTicket => {
  const ticket = new DryTicket(kind);
  const fields = { title: '系统不可用', content: '打不开', contract, nature };
  const answer = ticket.ask({ as: 'reception', make: { fields, level, source: 'console' } });
  if ('ok' in answer) throw new RangeError(answer.code);
  return ticket;
};

const promises = (ticket: DryTicket): Promises =>
  Object.fromEntries(ticket.clocks().map(({ clock, promisedMs }) => [clock, promisedMs / 60_000]));

/** Each as whoever has the task then; a minute between any two. */
const act = (ticket: DryTicket, ...actions: readonly (string | { action: string; fields: object })[]): void => {
  for (const one of actions) {
    const [offer] = ticket.offers();
    if (!offer) throw new RangeError('nobody has it');
    const { action, fields } = typeof one === 'string' ? { action: one, fields: {} } : one;
    const command = action === 'sign' ? { do: 'sign' } : { do: 'submit', action, fields, opinion: '办' };
    const answer = ticket.ask({ as: offer.as, command: command as never, afterMinutes: 1 });
    if ('ok' in answer) throw new RangeError(`${action}: ${answer.code}`);
  }
};

t.test('what each contract promises from the first minute, and nothing else', async (t) => {
  for (const { promised, ...of } of cases)
    t.same(promises(made(of)), promised, `${of.contract} ${of.level} ${of.nature ?? ''}`);
});

t.test('due to the minute: warned of at four fifths, broken at the last', async (t) => {
  const ticket = made({ contract: 'grid', level: 'major' });
  const begun = ticket.at;
  const light = (minutes: number) => {
    ticket.at = begun + minutes * 60_000;
    return ticket.clocks().find(({ clock }) => clock === 'respond')?.light;
  };
  t.same([0, 11, 12, 14, 15].map(light), ['green', 'green', 'yellow', 'yellow', 'red']);
  t.equal(ticket.clocks().find(({ clock }) => clock === 'respond')?.dueAt, begun + 15 * 60_000);
});

t.test(
  'D: fixed within four hours of the arrival; a spare part within a day, in which that clock stands still',
  async (t) => {
    const ticket = made({ contract: 'enforcement', level: 'general' });
    act(ticket, 'classified', 'sign', 'go');
    t.notOk('fix_after_arrival' in promises(ticket), 'nobody is there yet');
    act(ticket, 'arrived');
    t.equal(promises(ticket).fix_after_arrival, 240);
    const fix = () => ticket.clocks().find(({ clock }) => clock === 'fix_after_arrival');
    t.equal(fix()?.dueAt, ticket.at + 240 * 60_000, 'from the arrival, not from the call');
    act(ticket, 'need_parts');
    t.match(promises(ticket), { part: 1_440 });
    t.ok(fix()?.isPaused);
    ticket.at += 20 * 3_600_000;
    act(ticket, 'came', { action: 'restored', fields: { result: '已换' } });
    t.match(fix(), { light: 'green', endedAt: Number });
    t.equal(fix()?.usedMs, 2 * 60_000, 'the wait for the part is not counted');
  },
);

t.test('E: fed back within half an hour of the emergency, and again of what follows', async (t) => {
  const ticket = made({ contract: 'parking', level: 'general' });
  act(ticket, 'classified', 'sign', 'go', 'arrived', { action: 'contained', fields: { contained: '已抬杆放行' } });
  t.equal(promises(ticket).first_feedback, 30);
  t.notOk('feedback' in promises(ticket));
  act(ticket, 'told', { action: 'done', fields: { result: '已修复' } });
  t.equal(promises(ticket).feedback, 30);
  ticket.at += 31 * 60_000;
  const lights = Object.fromEntries(ticket.clocks().map(({ clock, light }) => [clock, light]));
  t.match(lights, { first_feedback: 'green', feedback: 'red' });
});

t.test('A: whoever goes there has kept the promise to solve it from afar or go', async (t) => {
  const ticket = made({ contract: 'grid', level: 'general' });
  act(ticket, 'classified', 'sign', 'go');
  t.match(
    ticket.clocks().find(({ clock }) => clock === 'remote'),
    { endedAt: Number, light: 'green' },
  );
  act(ticket, 'arrived', { action: 'restored', fields: { result: '已恢复' } });
  const broken = ticket.clocks().filter(({ breachedAt }) => breachedAt !== undefined);
  t.same(broken, []);
});
