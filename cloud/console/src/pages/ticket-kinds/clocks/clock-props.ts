import type { TicketClock } from '@hallhub/shared/ticket';

export interface ClockProps {
  clock: TicketClock;
  set: (next: TicketClock, where?: string) => void;
}
