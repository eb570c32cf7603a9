import type { TicketKind, TicketState } from '@hallhub/shared/ticket';

/** Fields that nobody is shown while the ticket stands where it does. */
export const hiddenIn = ({ step }: Pick<TicketState, 'step'>, steps: TicketKind['steps']): readonly string[] =>
  steps.find(({ id }) => id === step)?.fields.hidden ?? [];
