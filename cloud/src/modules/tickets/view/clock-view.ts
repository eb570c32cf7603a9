import type { Label } from '@hallhub/shared';
import type { CalendarReader, ClockStory, ClockView, TicketKind } from '@hallhub/shared/ticket';
import type { KeptRun } from '../store/clock-rows.js';
import { labelled } from './row-view.js';

const iso = (ms: number): string => new Date(ms).toISOString();
const maybe = (ms: number | undefined): string | null => (ms === undefined ? null : iso(ms));

export const clockView = (run: KeptRun): ClockView => ({
  ...{ clock: run.clock, run: run.run, label: run.definition.label, purpose: run.definition.purpose },
  ...{ requesters: run.definition.requesters, calendar: run.calendar, light: run.light, beganAt: iso(run.beganAt) },
  ...{
    endedAt: maybe(run.endedAt),
    brokenOff: run.brokenOff ?? null,
    dueAt: maybe(run.dueAt),
    warnAt: maybe(run.warnAt),
  },
  ...{ promisedMs: run.promisedMs, extendedMs: run.extendedMs, usedMs: run.usedMs, isPaused: run.isPaused },
  breachedAt: maybe(run.breachedAt),
});

const holidayName = (reader: CalendarReader, date: string): Label | null => reader.calendar.days[date]?.name ?? null;

/** With every stretch of its time; what the sweep noted comes from whoever asks. */
export const clockStory = (
  run: KeptRun,
  { kind, calendar, notes }: { kind: TicketKind; calendar: CalendarReader; notes: ClockStory['notes'] },
): ClockStory => ({
  ...clockView(run),
  stretches: run.stretches.map(({ from, to, runs, why }) => ({
    ...{ from: iso(from), to: iso(to), runs },
    why:
      why.kind === 'holiday'
        ? { kind: 'holiday', date: why.date, name: holidayName(calendar, why.date) }
        : why.kind === 'paused'
          ? { kind: 'paused', state: labelled(kind.states, why.stateId) }
          : why,
  })),
  notes,
});
