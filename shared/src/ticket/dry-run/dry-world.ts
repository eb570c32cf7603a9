import type { TicketActor } from '../engine/decide-context.js';
import type { TicketState } from '../engine/ticket-state.js';
import type { TicketKind } from '../kind/kind-schema.js';
import type { Party, PartyRule } from '../kind/party-schema.js';

const uuid = (group: number, n: number): string =>
  `00000000-0000-7000-${(0x8000 + group).toString(16)}-${n.toString(16).padStart(12, '0')}`;
const isUuid = (name: string): boolean => /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(name);

/** Somebody or some office of a trial. */
export interface DryParty {
  readonly kind: 'person' | 'office';
  readonly name: string;
}

/** An organisation made up as it is asked for: every name that a kind’s rules say is there. The same questions in the same order give the same ids. */
export class DryWorld {
  readonly #ids = new Map<string, string>();
  readonly #parties = new Map<string, DryParty>();
  #tasks = 0;

  readonly newId = (): string => uuid(1, ++this.#tasks);

  person(name: string): Party {
    return this.#party({ kind: 'person', name });
  }

  office(name: string): Party {
    return this.#party({ kind: 'office', name });
  }

  get parties(): ReadonlyMap<string, DryParty> {
    return this.#parties;
  }

  nameOf(id: string): string {
    return this.#parties.get(id)?.name ?? id;
  }

  /** Whoever is called so: they work in the office of that name. `supervisor` may move, instruct and watch any ticket. */
  actor(name: string): TicketActor {
    const isSupervisor = name === 'supervisor';
    return {
      ...{ userId: this.person(name).id, offices: [this.office(name).id], standsInFor: [] },
      ...{ mayIntervene: isSupervisor, maySupervise: isSupervisor },
    };
  }

  find(kind: TicketKind, rule: PartyRule, state: TicketState, actor: TicketActor): readonly Party[] {
    switch (rule.kind) {
      case 'initiator':
        return [{ kind: 'person', id: state.madeBy }];
      case 'actor':
        return [{ kind: 'person', id: actor.userId }];
      case 'office':
        return [this.office(rule.code)];
      case 'leader':
        return [this.person(rule.up === 0 ? 'leader' : `leader_${rule.up}`)];
      case 'skill':
        return [this.person(`skill_${rule.skill}`)];
      case 'placeOffice':
        return [this.office(rule.purpose === undefined ? 'place' : `place_${rule.purpose}`)];
      case 'handlerOf': {
        const done = state.tasks.findLast((one) => one.step === rule.step && one.state === 'done');
        if (!done) return [];
        return [done.heldBy === undefined ? done.party : { kind: 'person', id: done.heldBy }];
      }
      case 'categoryOffice': {
        const path = state.fields[rule.field];
        return Array.isArray(path) && path.length > 0 ? [this.office(`category_${String(path.at(-1))}`)] : [];
      }
      case 'field': {
        const value = state.fields[rule.field];
        if (typeof value !== 'string' || value === '') return [];
        const isOffice = kind.fields.some((one) => one.key === rule.field && one.type === 'office');
        return [isOffice ? this.office(value) : this.person(value)];
      }
      case 'chosen':
        return [];
    }
  }

  #party({ kind, name }: DryParty): Party {
    const key = `${kind}:${name}`;
    const id = this.#ids.get(key) ?? (isUuid(name) ? name : uuid(kind === 'person' ? 2 : 3, this.#ids.size + 1));
    this.#ids.set(key, id);
    this.#parties.set(id, { kind, name });
    return { kind, id };
  }
}
