import { uuidv7 } from '../../ids/index.js';
import { applyEvent } from '../engine/apply-event.js';
import { decide, decideMade } from '../engine/decide.js';
import type { DecideContext, NewLine, Refused, TicketActor } from '../engine/decide-context.js';
import type { TicketCommand } from '../engine/ticket-command.js';
import type { TicketEvent } from '../engine/ticket-event.js';
import { nothing, type TicketState } from '../engine/ticket-state.js';
import type { Party } from '../kind/party-schema.js';
import { tryKind } from './try-kind.js';

const id = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
export const people = [id(1), id(2), id(3), id(4)] as const;
export const [anna, bo, chen, dora] = people;
export const desk = id(11);
export const works = id(12);
const offices: Readonly<Record<string, readonly string[]>> = {
  [anna]: [desk],
  [bo]: [works],
  [chen]: [works],
  [dora]: [desk, works],
};

export const person = (userId: string): Party => ({ kind: 'person', id: userId });
export const actorOf = (userId: string, more: Partial<TicketActor> = {}): TicketActor => ({
  ...{ userId, offices: offices[userId] ?? [], standsInFor: [], mayIntervene: false, maySupervise: false },
  ...more,
});

/** A ticket outside any database: what is asked of it, its history, the state. */
export class TryTicket {
  readonly events: TicketEvent[] = [];
  state: TicketState = nothing;
  at = Date.UTC(2026, 10, 22, 1);

  constructor(fields: Record<string, unknown> = { title: '路灯不亮' }, by: string = anna) {
    this.#take(
      decideMade(this.#context(actorOf(by)), nothing, { kindVersion: 1, fields, level: null, source: 'console' }),
      by,
    );
  }

  ask(by: string | TicketActor, command: TicketCommand): Refused | undefined {
    const actor = typeof by === 'string' ? actorOf(by) : by;
    this.at += 1_000;
    const decided = decide(this.#context(actor), this.state, command);
    if (!decided.ok) return decided;
    this.#take(decided, actor.userId);
    return undefined;
  }

  /** The first live task, or the one of a party. */
  task(party?: string): string {
    const live = this.state.tasks.filter(({ state }) => state === 'open' || state === 'signed');
    const found = party === undefined ? live[0] : live.find((one) => one.party.id === party);
    if (!found) throw new RangeError('there is no such task');
    return found.id;
  }

  #take(decided: { ok: true; lines: readonly NewLine[] } | Refused, by: string): void {
    if (!decided.ok) throw new RangeError(decided.code);
    for (const line of decided.lines) {
      const event = { ...line, seq: this.events.length + 1, at: this.at, by: line.by ?? by } as TicketEvent;
      this.events.push(event);
      this.state = applyEvent(this.state, event);
    }
  }

  #context(actor: TicketActor): DecideContext {
    return {
      ...{ kind: tryKind, actor, at: this.at, newId: uuidv7, fallback: { kind: 'office', id: desk } },
      parties: (rule, state) => {
        if (rule.kind === 'office') return [{ kind: 'office', id: rule.code === 'desk' ? desk : works }];
        if (rule.kind === 'initiator') return [person(state.madeBy)];
        return rule.kind === 'leader' ? [person(dora)] : [];
      },
      holds: (expression, { fields }) => {
        const pleased = typeof fields.pleased === 'number' ? fields.pleased : Number.NaN;
        return expression === 'pleased >= 3' ? pleased >= 3 : pleased < 3;
      },
      fieldProblem: () => undefined,
    };
  }
}
