import { HubError } from '@hallhub/shared';
import type { Party, PartyRule } from '@hallhub/shared/ticket';
import { type Tx, together } from '../../db/index.js';
import { KeptByStamp } from '../../verb-kit/kept-by-stamp.js';
import { type Calendars, loadCalendars } from '../calendars/calendar-book.js';
import { type DispatchQuestion, type Duty, findParties } from './find-parties.js';
import { type Organisation, readOrganisation } from './organisation.js';

const kept = new KeptByStamp<Organisation>();

/** As it stands in this transaction; read anew only when its stamp is another one. */
export const loadOrganisation = async (tx: Tx, tenantId: string): Promise<Organisation> => {
  const { rows } = await tx.$client.query<{ stamp: string }>({
    name: 'office_stamp',
    text: 'SELECT stamp FROM office_stamps WHERE tenant_id = $1',
    values: [tenantId],
  });
  return kept.of(tenantId, rows[0]?.stamp, () => readOrganisation(tx, tenantId));
};

/** Who is meant, who may, and what they are called. All is read by `load`; afterwards it answers synchronously. */
export class PartyBook {
  /** Gets what no rule has anybody for. */
  readonly fallback: Party;
  readonly #organisation: Organisation;
  readonly #duty: Duty;

  constructor(organisation: Organisation, duty: Duty) {
    this.#organisation = organisation;
    this.#duty = duty;
    const fallback = organisation.offices.find(({ isFallback }) => isFallback);
    if (!fallback) throw new HubError('bug', 'The organisation has no fallback office');
    this.fallback = { kind: 'office', id: fallback.id };
  }

  /**
   * `at`: epoch ms, whose duty counts; left out: now by the database's clock. `asksForSkills` false: no rule will ask who has
   * least to do, and nobody's tasks are counted.
   */
  static async load(
    tx: Tx,
    tenantId: string,
    at?: number,
    { asksForSkills = true }: { readonly asksForSkills?: boolean } = {},
  ): Promise<PartyBook> {
    const [organisation, calendars] = await together([loadOrganisation(tx, tenantId), loadCalendars(tx, tenantId)]);
    const now = at ?? (await databaseNow(tx));
    return PartyBook.of(tx, { tenantId, organisation, calendars, at: now, asksForSkills });
  }

  /** Of what was read already. */
  static async of(
    tx: Tx,
    of: {
      readonly tenantId: string;
      readonly organisation: Organisation;
      readonly calendars: Calendars;
      readonly at: number;
      readonly asksForSkills: boolean;
    },
  ): Promise<PartyBook> {
    const { tenantId, organisation, calendars, at: now, asksForSkills } = of;
    const open = await openTasks(tx, tenantId, asksForSkills ? organisation.skilled : []);
    return new PartyBook(organisation, {
      at: now,
      works: (code) => (code === null ? undefined : calendars(code).workBetween(now, now + 1) > 0),
      openTasksOf: (userId) => open.get(userId) ?? 0,
    });
  }

  /** Offices whose tasks they may take: their own; a leader's also all below. */
  officesOf(userId: string): readonly string[] {
    const mine = this.#organisation.everMembershipsOf.get(userId) ?? [];
    const led = new Set<string>();
    const left = mine.filter(({ isLeader }) => isLeader).map(({ officeId }) => officeId);
    for (let office = left.pop(); office !== undefined; office = left.pop()) {
      if (led.has(office)) continue;
      led.add(office);
      left.push(...(this.#organisation.childrenOf.get(office) ?? []).map(({ id }) => id));
    }
    return [...new Set([...mine.map(({ officeId }) => officeId), ...led])];
  }

  /** People whose stand-in they are at an instant, epoch ms. */
  standsInFor(userId: string, at: number): readonly string[] {
    if (!this.#organisation.isActive(userId)) return [];
    const active = (this.#organisation.standInsBy.get(userId) ?? []).filter(
      ({ fromAt, untilAt }) => fromAt <= at && at < untilAt,
    );
    return [...new Set(active.map((one) => one.userId))];
  }

  /** Whom a rule means; none where nobody fits: the engine then takes the fallback. */
  parties(rule: PartyRule, about: DispatchQuestion): readonly Party[] {
    return findParties(this.#organisation, this.#duty, rule, about);
  }

  nameOf({ kind, id }: Party): string {
    return kind === 'person' ? this.personName(id) : (this.#organisation.officeById.get(id)?.name ?? '');
  }

  /** Also of people who are disabled; `system`: 系统; empty where nobody has that id. */
  personName(userId: string): string {
    return userId === 'system' ? '系统' : (this.#organisation.personById.get(userId)?.name ?? '');
  }

  /** Whether they are of the organisation and in use; no program is. */
  isHere(userId: string): boolean {
    return this.#organisation.isActive(userId);
  }

  /** Whom a notice for a party reaches: the person, or an office's active people, leaders first. */
  peopleOf({ kind, id }: Party): readonly string[] {
    if (kind === 'person') return this.#organisation.personById.has(id) ? [id] : [];
    const members = [...(this.#organisation.membersOf.get(id) ?? [])];
    return members.sort((a, b) => Number(b.isLeader) - Number(a.isLeader)).map(({ userId }) => userId);
  }

  /** Offices in use and their people: whom a dispatcher may choose. */
  choosable(actor: string): readonly Party[] {
    if (!this.#organisation.isActive(actor)) return [];
    const people = [...this.#organisation.membershipsOf.keys()];
    return [
      ...this.#organisation.offices.map(({ id }): Party => ({ kind: 'office', id })),
      ...people.map((id): Party => ({ kind: 'person', id })),
    ];
  }

  /** The office that a person is first of all in, for lists of people to choose from. */
  officeNameOf(userId: string): string | undefined {
    const [first] = this.#organisation.membershipsOf.get(userId) ?? [];
    return first && this.#organisation.officeById.get(first.officeId)?.name;
  }
}

/** What those have to do whom a rule may choose by it. */
const openTasks = async (
  tx: Tx,
  tenantId: string,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  if (userIds.length === 0) return new Map();
  const { rows } = await tx.$client.query<{ id: string; open: number }>(
    `SELECT doer_id AS id, count(*)::int AS open FROM ticket_tasks
     WHERE tenant_id = $1 AND doer_id = ANY($2::uuid[]) AND state IN ('open', 'signed') GROUP BY doer_id`,
    [tenantId, userIds],
  );
  return new Map(rows.map(({ id, open }) => [id, open]));
};

const databaseNow = async (tx: Tx): Promise<number> => {
  const { rows } = await tx.$client.query<{ now: Date }>('SELECT now() AS now');
  return rows[0]?.now.getTime() ?? 0;
};
