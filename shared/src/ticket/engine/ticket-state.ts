import type { Party } from '../kind/party-schema.js';
import type { BeginFailure } from './ticket-event.js';

/** waiting: not its turn yet. lent: delegated, comes back when the delegate is done. gone: no longer needed, by whatever took it away. */
export type TaskState = 'waiting' | 'open' | 'signed' | 'lent' | 'done' | 'gone';

/** What somebody has to do. At any time a running ticket has at least one that is open or signed. */
export interface Task {
  readonly id: string;
  /** handle: the step's own work. extension: to decide on a longer time. */
  readonly purpose: 'handle' | 'extension';
  readonly step: string;
  readonly visit: number;
  readonly party: Party;
  readonly lead: boolean;
  readonly state: TaskState;
  /** Who took it, for tasks of an office; or who did it without taking it first. */
  readonly heldBy?: string | undefined;
  /** It was done without being taken: taken back, it is the office’s again. */
  readonly untaken?: boolean | undefined;
  /** The task that waits until this one is done. */
  readonly lentBy?: string | undefined;
  /** No rule found anybody: it came to the fallback. */
  readonly unplaced?: boolean | undefined;
  readonly beganAt: number;
  readonly endedAt?: number | undefined;
  readonly action?: string | undefined;
}

export interface Visit {
  readonly step: string;
  readonly visit: number;
  readonly beganAt: number;
  readonly endedAt?: number | undefined;
}

/** What a move did, for whoever made it and thinks better of it. */
export interface LastMove {
  readonly by: string;
  readonly at: number;
  readonly task: string;
  readonly from: { readonly step: string; readonly visit: number; readonly stateId: string };
  readonly marks: readonly string[];
  readonly redo?: true | undefined;
}

/** Another ticket that a rule of the kind asked for. */
export interface BegunTicket {
  /** The line of history that asked for it first. */
  readonly of: number;
  /** Of the kind’s `begins`. */
  readonly rule: string;
  /** failed: it could not begin, and waits to be tried again. over: it has ended. dropped: it is not wanted any more. */
  readonly state: 'wanted' | 'failed' | 'open' | 'over' | 'dropped';
  readonly ticket?: string | undefined;
  readonly how?: 'child' | 'caused_by' | undefined;
  readonly outcome?: 'closed' | 'cancelled' | 'merged' | undefined;
  readonly why?: BeginFailure | undefined;
  /** The field, the code, the refusal that is meant. */
  readonly about?: string | undefined;
}

export type TicketStatus = 'running' | 'suspended' | 'ended';

/** A ticket as its history makes it. Instants are epoch ms UTC. */
export interface TicketState {
  readonly kind: string;
  readonly kindVersion: number;
  readonly status: TicketStatus;
  readonly outcome?: 'closed' | 'cancelled' | 'merged' | undefined;
  /** Of the kind's states. */
  readonly stateId: string;
  readonly step: string;
  readonly visit: number;
  readonly visits: readonly Visit[];
  readonly tasks: readonly Task[];
  readonly fields: Readonly<Record<string, unknown>>;
  readonly level: string | null;
  readonly source: string;
  readonly madeBy: string;
  readonly madeAt: number;
  readonly endedAt?: number | undefined;
  /** When each was achieved; taken back when the ticket is reopened. */
  readonly marks: Readonly<Record<string, number>>;
  readonly returned: number;
  /** Closed and taken up again, or done again although it was solved. */
  readonly reopened: number;
  /** Of `reopened`: it had not been closed. */
  readonly redone?: number | undefined;
  readonly reminded: number;
  readonly extensions: readonly { readonly at: number; readonly minutes: number }[];
  readonly supervised: boolean;
  readonly openChildren: readonly string[];
  /** Left out: no rule ever asked for one. */
  readonly begun?: readonly BegunTicket[] | undefined;
  readonly mergedInto?: string | undefined;
  readonly lastMove?: LastMove | undefined;
  readonly seq: number;
}

export const isLive = ({ state }: Task): boolean => state === 'open' || state === 'signed';
export const liveTasks = ({ tasks }: TicketState): readonly Task[] => tasks.filter(isLive);

/** Before anything happened. */
export const nothing: TicketState = {
  ...{ kind: '', kindVersion: 0, status: 'running', stateId: '', step: '', visit: 0, visits: [], tasks: [] },
  ...{ fields: {}, level: null, source: '', madeBy: '', madeAt: 0, marks: {}, returned: 0, reopened: 0, reminded: 0 },
  ...{ extensions: [], supervised: false, openChildren: [], seq: 0 },
};
