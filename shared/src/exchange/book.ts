import { type ExchangeAct, type ExchangeSide, type ExchangeStateName, handlerActs, ownerActs } from './message.js';

/** What both ends know of a ticket that goes between them. */
export interface ExchangeState {
  readonly state: ExchangeStateName;
  /** A longer time was asked for and not decided. */
  readonly extension: boolean;
}

type Refused = 'not_yours' | 'not_now';
const includes = (list: readonly string[], act: string) => list.includes(act);

/** The owner’s word after which only what was said in knowledge of it counts. */
export const isDeciding = (act: ExchangeAct): boolean => includes(ownerActs, act) && act !== 'remind';

/** Whether a side may ever do that with a ticket of that owner. */
export const mayAct = (owner: ExchangeSide, by: ExchangeSide, act: ExchangeAct): boolean =>
  act === 'opinion' || (owner === by ? includes(ownerActs, act) : includes(handlerActs, act));

const isOpen = ({ state }: ExchangeState) => state === 'dispatched' || state === 'signed';
const isEnded = ({ state }: ExchangeState) => state === 'closed' || state === 'cancelled';

/**
 * What an act makes of a ticket’s exchange; null: there was none yet. Both ends fold the same acts in the same order: the owner’s
 * book decides what of the handler’s came in time, so that messages that cross leave both with the same.
 */
export const nextExchangeState = (
  before: ExchangeState | null,
  act: ExchangeAct,
  more: { readonly granted?: boolean } = {},
): ExchangeState | Refused => {
  if (act === 'dispatch') {
    return before === null || before.state === 'returned' ? { state: 'dispatched', extension: false } : 'not_now';
  }
  if (before === null || isEnded(before)) return 'not_now';
  const { state, extension } = before;
  switch (act) {
    case 'sign':
      return state === 'dispatched' ? { state: 'signed', extension } : 'not_now';
    case 'return':
      return isOpen(before) ? { state: 'returned', extension: false } : 'not_now';
    case 'ask_extension':
      return isOpen(before) && !extension ? { state, extension: true } : 'not_now';
    case 'decide_extension':
      return extension && more.granted !== undefined ? { state, extension: false } : 'not_now';
    case 'finish':
      return isOpen(before) ? { state: 'finished', extension: false } : 'not_now';
    case 'rework':
      return state === 'finished' ? { state: 'dispatched', extension: false } : 'not_now';
    case 'close':
      return state === 'finished' ? { state: 'closed', extension: false } : 'not_now';
    case 'cancel':
      return { state: 'cancelled', extension: false };
    case 'remind':
      return isOpen(before) ? before : 'not_now';
    case 'opinion':
      return before;
  }
};

/**
 * What an act of the other side makes of it. A reminder decides nothing, so the owner accepts what the handler says without
 * knowledge of it: it may be on its way while the ticket is finished or returned, and must not hold up what comes after it.
 */
export const heardExchangeState: typeof nextExchangeState = (before, act, more) =>
  act === 'remind' && before !== null && !isEnded(before) ? before : nextExchangeState(before, act, more);

export const isExchangeRefused = (value: ExchangeState | Refused): value is Refused => typeof value === 'string';
