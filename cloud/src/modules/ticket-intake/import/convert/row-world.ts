import type { Label } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../../../db/index.js';
import type { Actor } from '../../../access/actor.js';
import { loadCalendars } from '../../../calendars/calendar-book.js';
import { importFields, plain } from './targets.js';

/** What a name means: one thing, or several. */
export type Found = string | 'ambiguous' | undefined;

class Names {
  readonly #ids = new Map<string, string>();

  add(name: string | null | undefined, id: string): void {
    const word = plain(name ?? '');
    if (word === '') return;
    const known = this.#ids.get(word);
    this.#ids.set(word, known === undefined || known === id ? id : 'ambiguous');
  }

  find(name: string): Found {
    return this.#ids.get(plain(name));
  }
}

export interface HallFacts {
  readonly zone: string;
  readonly mayMake: boolean;
}

/** What names in rows mean, read once for many rows. */
export interface RowWorld {
  readonly kind: TicketKind;
  /** Where no hall is known. */
  readonly zone: string;
  /** Of this import, for rows that name none. */
  readonly hallId: string | null;
  readonly mayMakeNowhere: boolean;
  readonly halls: ReadonlyMap<string, HallFacts>;
  readonly hall: Names;
  readonly office: Names;
  readonly person: Names;
  readonly device: Names;
  /** By tree: a path's codes, joined by `/`, of its labels or codes, or of a last label that is the only one. */
  readonly categories: ReadonlyMap<string, Names>;
}

export const loadRowWorld = async (
  tx: Tx,
  actor: Actor,
  of: { readonly kind: TicketKind; readonly hallId: string | null },
): Promise<RowWorld> => {
  const { tenantId } = actor;
  const fields = importFields(of.kind);
  const has = (type: string) => fields.some((field) => field.type === type);
  const rows = async <T extends object>(sql: string): Promise<T[]> => (await tx.$client.query<T>(sql, [tenantId])).rows;
  const [hall, office, person, device] = [new Names(), new Names(), new Names(), new Names()];
  const halls = new Map<string, HallFacts>();
  for (const one of await rows<{ id: string; code: string; name: string; time_zone: string }>(
    'SELECT id, code, name, time_zone FROM halls WHERE tenant_id = $1 AND archived_at IS NULL',
  )) {
    halls.set(one.id, { zone: one.time_zone, mayMake: actor.can('ticket.make', { hallId: one.id }) });
    hall.add(one.code, one.id);
    hall.add(one.name, one.id);
  }
  if (has('office')) {
    for (const one of await rows<{ id: string; code: string; name: string }>(
      'SELECT id, code, name FROM offices WHERE tenant_id = $1 AND archived_at IS NULL',
    )) {
      office.add(one.code, one.id);
      office.add(one.name, one.id);
    }
  }
  if (has('person')) {
    for (const one of await rows<{ id: string; user_name: string; display_name: string }>(
      `SELECT id, user_name, display_name FROM users WHERE tenant_id = $1 AND state = 'active'`,
    )) {
      person.add(one.user_name, one.id);
      person.add(one.display_name, one.id);
    }
  }
  if (has('device')) {
    for (const one of await rows<{ id: string; name: string | null; serial: string; hall_id: string }>(
      `SELECT id, name, serial, hall_id FROM devices WHERE tenant_id = $1 AND state = 'active'`,
    )) {
      if (!actor.can('ticket.make', { hallId: one.hall_id })) continue;
      device.add(one.name, one.id);
      device.add(one.serial, one.id);
    }
  }
  const categories = new Map<string, Names>();
  for (const field of fields) {
    if (field.type === 'category' && !categories.has(field.tree)) {
      categories.set(field.tree, await categoryNames(tx, tenantId, field.tree));
    }
  }
  const zone = (await loadCalendars(tx, tenantId))('always').calendar.zone;
  return {
    ...{ kind: of.kind, hallId: of.hallId, mayMakeNowhere: actor.canAnywhere('ticket.make') },
    ...{ zone, halls, hall, office, person, device, categories },
  };
};

const categoryNames = async (tx: Tx, tenantId: string, tree: string): Promise<Names> => {
  const { rows } = await tx.$client.query<{ code: string; parent: string | null; label: Label }>(
    'SELECT code, parent, label FROM categories WHERE tenant_id = $1 AND tree = $2 AND retired_at IS NULL',
    [tenantId, tree],
  );
  const known = new Map(rows.map((row) => [row.code, row]));
  const names = new Names();
  for (const row of rows) {
    const path: typeof rows = [];
    for (
      let one: typeof row | undefined = row;
      one && path.length < 6;
      one = one.parent === null ? undefined : known.get(one.parent)
    ) {
      path.unshift(one);
    }
    const codes = path.map(({ code }) => code).join('/');
    names.add(codes, codes);
    names.add(path.map(({ label }) => label.zh).join('/'), codes);
    names.add(path.map(({ label }) => label.en ?? label.zh).join('/'), codes);
    names.add(row.label.zh, codes);
    names.add(row.label.en, codes);
    names.add(row.code, codes);
  }
  return names;
};
