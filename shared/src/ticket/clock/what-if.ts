import { type Refused, refuse } from '../engine/decide-context.js';
import type { TicketEvent } from '../engine/ticket-event.js';
import type { TicketState } from '../engine/ticket-state.js';
import type { TicketKind } from '../kind/kind-schema.js';
import type { ClockRun } from './run-clock.js';

/** How a change moves when a run is due. `never`: its calendar does not come to it any more; `again`: it does. */
export const runMoves = ['earlier', 'later', 'never', 'again', 'stays'] as const;
export type RunMove = (typeof runMoves)[number];

export interface RunChange {
  readonly move: RunMove;
  /** Broken by the change, as of now. */
  readonly breaks: boolean;
  /** Broken without it, and not with it. */
  readonly saved: boolean;
}

type Run = Pick<ClockRun, 'dueAt' | 'light' | 'isPaused'>;

/** Undefined: there is no such promise before, or after, the change. */
export const runChange = (before: Run | undefined, after: Run | undefined): RunChange => ({
  move: moveOf(before, after),
  breaks: before?.light !== 'red' && after?.light === 'red',
  saved: before?.light === 'red' && after?.light !== 'red',
});

const moveOf = (before: Run | undefined, after: Run | undefined): RunMove => {
  if (before?.dueAt === after?.dueAt) return 'stays';
  if (after?.dueAt === undefined) return 'never';
  if (before?.dueAt === undefined) return 'again';
  return after.dueAt < before.dueAt ? 'earlier' : 'later';
};

/** What somebody might do to one ticket. Instants epoch ms. */
export interface Imagined {
  readonly level?: string | undefined;
  readonly extendMinutes?: number | undefined;
  /** Suspended now, and going on then. */
  readonly suspendUntil?: number | undefined;
}

/** A history as it would be, with the state that targets are chosen by and the instant as of which clocks are read. */
export interface ImaginedTicket {
  readonly ok: true;
  readonly events: readonly TicketEvent[];
  readonly state: TicketState;
  readonly now: number;
}

/** The ticket as if this had been done at `at`. Refused where its kind does not know such a thing, or it is not the time for it. */
export const imagine = (
  {
    kind,
    events,
    state,
    at,
  }: {
    readonly kind: TicketKind;
    readonly events: readonly TicketEvent[];
    readonly state: TicketState;
    readonly at: number;
  },
  { level, extendMinutes, suspendUntil }: Imagined,
): ImaginedTicket | Refused => {
  if (state.status === 'ended') return refuse('ended');
  const told: TicketEvent[] = [...events];
  const tell = (event: object, when = at): void => {
    told.push({ ...event, at: when, by: 'system', seq: (told.at(-1)?.seq ?? 0) + 1 } as TicketEvent);
  };
  let imagined = state;
  if (level !== undefined) {
    if (!kind.levels.some(({ id }) => id === level)) return refuse('field_invalid', { field: 'level' });
    tell({ type: 'levelled', level });
    imagined = { ...imagined, level };
  }
  if (extendMinutes !== undefined) {
    const { extension } = kind;
    if (!extension) return refuse('not_offered', { act: 'askExtension' });
    if (extendMinutes > extension.maxMinutes) return refuse('too_long', { maxMinutes: extension.maxMinutes });
    tell({ type: 'extension_decided', task: '', granted: true, minutes: extendMinutes });
  }
  if (suspendUntil === undefined) return { ok: true, events: told, state: imagined, now: at };
  if (kind.suspendedState === undefined) return refuse('not_offered', { act: 'suspend' });
  if (state.status === 'suspended') return refuse('suspended');
  if (suspendUntil <= at) return refuse('too_late');
  tell({ type: 'suspended', stateId: kind.suspendedState });
  tell({ type: 'resumed', stateId: state.stateId }, suspendUntil);
  return { ok: true, events: told, state: imagined, now: suspendUntil };
};
