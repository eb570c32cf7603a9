import type { Party, TicketCommand, TicketRow } from '../../../api/tickets.js';
import { type ChosenParty, partyOf } from '../work/act-command.js';

export const batchActs = ['sign', 'transfer', 'remind', 'supervise', 'comment'] as const;
export type BatchAct = (typeof batchActs)[number];

/** Whether it makes sense for a ticket at all; whether it is allowed, the server says for each. */
export const fitsBatch = (act: BatchAct, row: Pick<TicketRow, 'status' | 'myTask'>): boolean => {
  if (row.status === 'ended') return false;
  if (act === 'sign') return row.myTask?.state === 'open' && row.myTask.purpose === 'handle';
  return act !== 'transfer' || row.myTask?.purpose === 'handle';
};

export interface BatchInput {
  opinion: string;
  to: ChosenParty | undefined;
}

export const isBatchReady = (act: BatchAct, { opinion, to }: BatchInput): boolean => {
  if (act === 'transfer') return to !== undefined;
  return act === 'sign' || act === 'remind' || opinion.trim() !== '';
};

/** The act on one of them. */
export const batchCommand = (
  act: BatchAct,
  row: Pick<TicketRow, 'myTask'>,
  { opinion, to }: BatchInput,
): TicketCommand => {
  const task = row.myTask?.id ?? '';
  const said = opinion.trim();
  const maybe = said ? { opinion: said } : {};
  const party = to && partyOf(to);
  switch (act) {
    case 'sign':
      return { do: 'sign', task };
    case 'transfer':
      return { do: 'transfer', task, to: party as Party, ...maybe };
    case 'remind':
      return { do: 'remind', ...maybe };
    case 'supervise':
      return { do: 'supervise', on: true, opinion: said };
    case 'comment':
      return { do: 'comment', opinion: said };
  }
};
