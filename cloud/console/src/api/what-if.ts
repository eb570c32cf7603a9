import type { Label } from '@hallhub/shared';
import type { ClockView, RunMove, TicketKind, WorkCalendar } from '@hallhub/shared/ticket';
import { post } from './request.js';

export type { RunMove };

type Side = { dueAt: string | null; light: 'green' | 'yellow' | 'red' } | null;

/** What a change would do to the clocks that run. */
export interface ClocksWhatIf {
  at: string;
  clocks: number;
  looked: number;
  isCut: boolean;
  tickets: number;
  moved: { earlier: number; later: number; never: number; again: number };
  breaks: number;
  saved: number;
  refused: number;
  reasons: {
    code: string;
    about: string | null;
    label: Label | null;
    tickets: number;
    named: { id: string; number: string }[];
  }[];
  items: {
    ticket: { id: string; number: string; title: string };
    clock: string;
    run: number;
    label: Label;
    requesters: boolean;
    before: Side;
    after: Side;
    move: RunMove;
    breaks: boolean;
    saved: boolean;
  }[];
}

/** The calendar as it would be written, or as it is with a year's holidays. */
export type CalendarIf = { document: WorkCalendar } | { holidaysOf: number };
export const askCalendar = (code: string, asked: CalendarIf) => post<ClocksWhatIf>(`/calendars/${code}/what-if`, asked);

/** A kind's document, and what its steps are called there that are called otherwise. */
export const askKind = (code: string, asked: { document: TicketKind; steps: Record<string, string> }) =>
  post<ClocksWhatIf>(`/ticket-kinds/${code}/what-if`, asked);

export interface TicketIf {
  level?: string;
  extendMinutes?: number;
  /** RFC 3339. */
  suspendUntil?: string;
}
export interface TicketWhatIf {
  items: { before: ClockView | null; after: ClockView | null; move: RunMove }[];
}
export const askTicket = (ticketId: string, asked: TicketIf) =>
  post<TicketWhatIf>(`/tickets/${ticketId}/clocks/what-if`, asked);
