import { uuidPattern } from '@hallhub/shared';
import { HallClock } from '@hallhub/shared/hall-time';
import { categoryOf, solvingTasks, type TicketKind, type TicketState } from '@hallhub/shared/ticket';

/** What statistics count of a ticket, but for where it is and whose. */
export interface TicketFacts {
  readonly category: string | null;
  readonly madeDay: string;
  readonly madeHour: number;
  readonly endedDay: string | null;
  readonly outcome: string | null;
  readonly officeId: string | null;
  readonly personId: string | null;
  readonly solved: boolean;
  readonly fedBack: boolean;
  readonly confirmed: boolean;
  readonly returned: number;
  readonly reopened: number;
  readonly extended: number;
  readonly supervised: boolean;
  readonly satisfaction: number | null;
  readonly solvedS: number | null;
  readonly endedS: number | null;
  readonly choices: Readonly<Record<string, string>>;
}

const smallMost = 32_767;
const secondsMost = 2_147_483_647;
const small = (n: number): number => Math.min(smallMost, n);

/** Who solved it last; of one that nobody solved, who has it or had it last. A program is nobody: it has no colleagues to be compared with. */
const doersOf = (kind: TicketKind, state: TicketState): Pick<TicketFacts, 'officeId' | 'personId'> => {
  const handled = state.tasks.filter((one) => one.purpose === 'handle' && one.state !== 'waiting');
  const latest = [...handled].sort((a, b) => (b.endedAt ?? Number.MAX_VALUE) - (a.endedAt ?? Number.MAX_VALUE));
  const task = solvingTasks(kind, state)[0] ?? latest[0];
  if (!task) return { officeId: null, personId: null };
  const { party, heldBy } = task;
  const doer = heldBy ?? (party.kind === 'person' ? party.id : undefined);
  return {
    officeId: party.kind === 'office' ? party.id : null,
    personId: doer !== undefined && uuidPattern.test(doer) ? doer : null,
  };
};

/** The choices of fields that are not personal, by key. */
const choicesOf = (kind: TicketKind, fields: TicketState['fields']): Record<string, string> =>
  Object.fromEntries(
    kind.fields.flatMap(({ key, type, personal }): [string, string][] => {
      const value = fields[key];
      return type === 'choice' && !personal && typeof value === 'string' ? [[key, value]] : [];
    }),
  );

const clocks = new Map<string, HallClock>();
const two = (n: number): string => String(n).padStart(2, '0');
const dayOf = (zone: string, at: number): { readonly day: string; readonly hour: number } => {
  const clock = clocks.get(zone) ?? new HallClock(zone);
  clocks.set(zone, clock);
  const { year, month, day, minute } = clock.at(at);
  return { day: `${year}-${two(month)}-${two(day)}`, hour: Math.floor(minute / 60) };
};

/** Pure. `zone`: IANA, of its hall. Of satisfaction the last that was said counts. */
export const factsOf = (kind: TicketKind, state: TicketState, zone: string): TicketFacts => {
  const { madeAt, endedAt, marks, fields } = state;
  const since = (at: number | undefined): number | null =>
    at === undefined ? null : Math.max(0, Math.min(secondsMost, Math.round((at - madeAt) / 1_000)));
  const satisfied = kind.fields.find(({ key, type }) => type === 'satisfaction' && typeof fields[key] === 'number');
  const { day, hour } = dayOf(zone, madeAt);
  return {
    category: categoryOf(kind, fields),
    ...{ madeDay: day, madeHour: hour, endedDay: endedAt === undefined ? null : dayOf(zone, endedAt).day },
    ...{ outcome: state.outcome ?? null, ...doersOf(kind, state) },
    ...{ solved: 'solved' in marks, fedBack: 'fed_back' in marks, confirmed: 'confirmed' in marks },
    ...{ returned: small(state.returned), reopened: small(state.reopened), extended: small(state.extensions.length) },
    supervised: state.supervised,
    satisfaction: satisfied ? (fields[satisfied.key] as number) : null,
    ...{ solvedS: since(marks.solved), endedS: since(endedAt) },
    choices: choicesOf(kind, fields),
  };
};
