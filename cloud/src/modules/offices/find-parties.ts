import { isLive, type Party, type PartyRule, type TicketKind, type TicketState } from '@hallhub/shared/ticket';
import { contains } from './grid.js';
import type { AreaFacts, OfficeFacts, Organisation } from './organisation.js';

/** The ticket that a rule is asked about. */
export interface DispatchQuestion {
  readonly state: TicketState;
  readonly kind: TicketKind;
  /** Whoever acts; `system` finds nobody. */
  readonly actor: string;
  readonly hallId: string | null;
  readonly regionId: string | null;
  /** WGS-84 degrees. */
  readonly place: { readonly lon: number; readonly lat: number } | null;
  readonly handlerOf: (step: string) => string | undefined;
}

/** What changes by the minute: whether offices work now, and what people have to do. */
export interface Duty {
  /** Epoch ms UTC. */
  readonly at: number;
  /** Undefined: the office keeps no calendar. */
  readonly works: (calendar: string | null) => boolean | undefined;
  readonly openTasksOf: (userId: string) => number;
}

const person = (id: string): Party => ({ kind: 'person', id });
const office = ({ id }: Pick<OfficeFacts, 'id'>): Party => ({ kind: 'office', id });

/** Whom a rule means, the first most of all; none where nobody fits. It never throws, whatever the fields hold. */
export const findParties = (
  organisation: Organisation,
  duty: Duty,
  rule: PartyRule,
  about: DispatchQuestion,
): readonly Party[] => {
  const active = (id: string | undefined): readonly Party[] =>
    id !== undefined && organisation.isActive(id) ? [person(id)] : [];
  switch (rule.kind) {
    case 'initiator':
      return active(about.state.madeBy);
    case 'actor':
      return active(about.actor);
    case 'handlerOf':
      return active(about.handlerOf(rule.step));
    case 'office': {
      const found = organisation.officeByCode.get(rule.code);
      return found ? [office(found)] : [];
    }
    case 'field':
      return ofField(organisation, about, rule.field);
    case 'placeOffice':
      return placeOffices(organisation, about, rule.purpose).slice(0, 1).map(office);
    case 'categoryOffice':
      return categoryOffice(organisation, about, rule.field);
    case 'skill':
      return skilled(organisation, duty, rule);
    case 'leader':
      return leaders(organisation, about, rule.up);
    case 'chosen':
      return [];
  }
};

const ofField = (organisation: Organisation, { state, kind }: DispatchQuestion, key: string): readonly Party[] => {
  const id = state.fields[key];
  if (typeof id !== 'string') return [];
  const type = kind.fields.find((field) => field.key === key)?.type;
  if (type === 'person') return organisation.isActive(id) ? [person(id)] : [];
  const found = type === 'office' ? organisation.officeById.get(id) : undefined;
  return found && !found.isArchived ? [office(found)] : [];
};

/** How close an area is to the place, 0 closest; undefined: it does not cover it. */
const closeness = (
  area: AreaFacts,
  { hallId, place }: DispatchQuestion,
  regions: readonly string[],
): number | undefined => {
  if (area.polygon) return place && contains(area.polygon, place) ? 0 : undefined;
  if (area.hallId !== null) return area.hallId === hallId ? 1 : undefined;
  const up = area.regionId === null ? -1 : regions.indexOf(area.regionId);
  return up < 0 ? undefined : 2 + up;
};

/** Offices whose areas cover the place: by grid, hall, then region upwards; one for just this purpose before one for all. */
export const placeOffices = (
  organisation: Organisation,
  about: DispatchQuestion,
  purpose: string | undefined,
): readonly OfficeFacts[] => {
  const { hallId, regionId } = about;
  const regions = organisation.regionsFrom(
    regionId ?? (hallId === null ? null : (organisation.halls.get(hallId) ?? null)),
  );
  return organisation.areas
    .filter((area) => area.purpose === null || area.purpose === purpose)
    .flatMap((area) => {
      const far = closeness(area, about, regions);
      const found = organisation.officeById.get(area.officeId);
      return far === undefined || !found ? [] : [{ found, rank: far * 2 + (area.purpose === null ? 1 : 0) }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ found }) => found);
};

/** From the category itself upwards; where several offices look after it, the one whose area it is. */
const categoryOffice = (organisation: Organisation, about: DispatchQuestion, key: string): readonly Party[] => {
  const field = about.kind.fields.find((one) => one.key === key);
  const path = about.state.fields[key];
  if (field?.type !== 'category' || !Array.isArray(path)) return [];
  for (const code of path.toReversed()) {
    const ids = organisation.categories
      .filter((one) => one.tree === field.tree && one.code === code)
      .map(({ officeId }) => officeId);
    const [first] = ids;
    if (first === undefined) continue;
    const here = placeOffices(organisation, about, undefined).find(({ id }) => ids.includes(id));
    return [here ? office(here) : { kind: 'office', id: first }];
  }
  return [];
};

/** Who has the skill: on duty before off duty before away, then whoever has least to do, then a stable order. */
const skilled = (
  organisation: Organisation,
  { at, works, openTasksOf }: Duty,
  { skill, office: code }: Extract<PartyRule, { kind: 'skill' }>,
): readonly Party[] => {
  const within = code === undefined ? undefined : organisation.officeByCode.get(code);
  if (code !== undefined && !within) return [];
  const ranks = new Map<string, number>();
  for (const { officeId, userId, skills } of organisation.members) {
    if (!skills.includes(skill)) continue;
    const line = organisation.lineOf(officeId);
    if (within && !line.includes(within)) continue;
    const calendar = line.find((one) => one.calendar !== null)?.calendar ?? null;
    const rank = organisation.isAway(userId, at) ? 2 : works(calendar) === false ? 1 : 0;
    ranks.set(userId, Math.min(rank, ranks.get(userId) ?? rank));
  }
  const order = (a: string, b: string) =>
    (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0) || openTasksOf(a) - openTasksOf(b) || (a < b ? -1 : 1);
  return [...ranks.keys()].sort(order).slice(0, 1).map(person);
};

/** The office that has the ticket now, or had it last. */
const holdingOffice = (organisation: Organisation, { state, actor }: DispatchQuestion): string | undefined => {
  const handling = state.tasks.filter(({ purpose }) => purpose === 'handle');
  const live = handling.filter(isLive);
  const task = live.find(({ lead }) => lead) ?? live[0] ?? handling.at(-1);
  if (task?.party.kind === 'office') return task.party.id;
  const had = new Set(state.tasks.filter(({ party }) => party.kind === 'office').map(({ party }) => party.id));
  const theirs = (organisation.membershipsOf.get(task?.party.id ?? actor) ?? []).map(({ officeId }) => officeId);
  return theirs.find((id) => had.has(id)) ?? theirs[0];
};

/** Leaders so many levels above the office that has it; where one has none, those above it; at the top, the topmost. */
const leaders = (organisation: Organisation, about: DispatchQuestion, up: number): readonly Party[] => {
  const holding = holdingOffice(organisation, about);
  if (holding === undefined) return [];
  const leading = organisation
    .lineOf(holding)
    .map(({ id }) => (organisation.membersOf.get(id) ?? []).filter(({ isLeader }) => isLeader));
  const found = leading.slice(up).find((some) => some.length > 0) ?? leading.findLast((some) => some.length > 0);
  return (found ?? []).map(({ userId }) => person(userId));
};
