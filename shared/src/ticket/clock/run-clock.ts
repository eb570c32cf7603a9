import { HallClock } from '../../hall-time/index.js';
import type { TicketEvent } from '../engine/ticket-event.js';
import type { Moment, TicketClock } from '../kind/clock-schema.js';
import { asOfNow } from './as-of-now.js';
import type { CalendarReader } from './work-calendar.js';

/** Why a clock does what it does in a stretch of time. */
export type StretchWhy =
  | { readonly kind: 'runs' }
  /** Nobody works: night, weekend, a holiday by its date. */
  | { readonly kind: 'night' }
  | { readonly kind: 'holiday'; readonly date: string }
  /** The ticket stands in a state in which this clock stands still. */
  | { readonly kind: 'paused'; readonly stateId: string };

/** Half open, epoch ms; stretches of a clock lie side by side without a gap. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly runs: boolean;
  readonly why: StretchWhy;
}

export type Light = 'green' | 'yellow' | 'red';

/** How a run ended although what was promised had not come. */
export const brokenOffs = ['returned', 'intervened', 'cancelled', 'merged'] as const;
export type BrokenOff = (typeof brokenOffs)[number];

/** One run of a clock: a ticket that is reopened may have several. Instants epoch ms, spans ms of the clock's own time. */
export interface ClockRun {
  readonly clock: string;
  readonly beganAt: number;
  /** When what was promised came; undefined: not yet. */
  readonly endedAt?: number | undefined;
  /** It ended, and was not kept: the round was thrown away. */
  readonly brokenOff?: BrokenOff | undefined;
  readonly calendar: string;
  readonly promisedMs: number;
  /** Of `promisedMs`: by approved extensions. */
  readonly extendedMs: number;
  readonly usedMs: number;
  /** Undefined while it stands still, and where the calendar never comes to it. */
  readonly dueAt?: number | undefined;
  readonly warnAt?: number | undefined;
  readonly isPaused: boolean;
  readonly light: Light;
  /** When the promise was broken. */
  readonly breachedAt?: number | undefined;
  /** When each of the clock's escalations is due; undefined: never, as the run ended before, or stands still. */
  readonly escalateAt: readonly (number | undefined)[];
}

export interface ClockWorld {
  readonly now: number;
  /** Of the code that a target names; undefined: there is none, and the clock never stops for nights. */
  readonly calendar: (code: string) => CalendarReader;
  /** The target's place that holds for the ticket as it is now; -1: no promise. */
  readonly targetOf: (clock: TicketClock) => number;
  /** Of the ticket as it is now: what a target may be due by. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

interface Life {
  readonly beganAt: number;
  readonly endedAt: number | undefined;
  readonly brokenOff?: BrokenOff | undefined;
  /** States one after the other, from its beginning. */
  readonly states: readonly { readonly at: number; readonly stateId: string }[];
  readonly extendedMs: number;
}

const isMoment = (
  moment: Moment,
  event: TicketEvent,
  taskSteps: ReadonlyMap<string, string>,
  step: string,
): boolean => {
  switch (moment.at) {
    case 'made':
    case 'ended':
      return event.type === moment.at;
    case 'entered':
      return event.type === 'entered' && event.step === moment.step;
    case 'left':
      return event.type === 'entered' && step === moment.step && event.step !== moment.step;
    case 'signed':
      return event.type === 'signed' && taskSteps.get(event.task) === moment.step;
    case 'marked':
      return event.type === 'finished' && event.marks.includes(moment.mark);
  }
};

/** The clock's runs as the history has them, without any calendar. */
const livesOf = (clock: TicketClock, events: readonly TicketEvent[]): Life[] => {
  const lives: Life[] = [];
  const taskSteps = new Map<string, string>();
  let current: { beganAt: number; states: { at: number; stateId: string }[]; extendedMs: number } | undefined;
  let stateId = '';
  let step = '';
  let isOver = false;
  let before: TicketEvent | undefined;
  for (const event of events) {
    if (event.type === 'entered') for (const { id } of event.tasks) taskSteps.set(id, event.step);
    if (event.type === 'handed') taskSteps.set(event.next.id, step);
    if (event.type === 'signers_added') for (const { id } of event.tasks) taskSteps.set(id, step);
    if (event.type === 'reopened' && clock.onReopen === 'anew' && !clock.requesters) isOver = false;
    const last = lives.at(-1);
    if (event.type === 'reopened' && last && (clock.onReopen === 'goOn' || clock.requesters)) {
      // What was promised has not come after all: it goes on as if it had never ended.
      lives.pop();
      current = { beganAt: last.beganAt, states: [...last.states], extendedMs: last.extendedMs };
      isOver = false;
    }
    if (!current && last && clock.resumes.some((moment) => isMoment(moment, event, taskSteps, step))) {
      lives.pop();
      current = { beganAt: last.beganAt, states: [...last.states], extendedMs: last.extendedMs };
    }
    // A move that is taken back takes back what it ended.
    if (
      event.type === 'withdrawn' &&
      last?.endedAt !== undefined &&
      !current &&
      endsBy(clock, event, last.endedAt, events)
    ) {
      lives.pop();
      current = { beganAt: last.beganAt, states: [...last.states], extendedMs: last.extendedMs };
      isOver = false;
    }
    // Who sends it back has not sent it on.
    const isBack = clock.from.at === 'left' && before?.type === 'returned';
    const begins = !current && !isOver && !isBack && isMoment(clock.from, event, taskSteps, step);
    const ends = current && clock.until.some((moment) => isMoment(moment, event, taskSteps, step));
    if ('stateId' in event) stateId = event.stateId;
    if (event.type === 'entered' || event.type === 'withdrawn') step = event.step;
    if (event.type === 'migrated') step = event.steps[step]?.step ?? step;
    const previous = before;
    before = event;
    if (begins) current = { beganAt: event.at, states: [], extendedMs: 0 };
    if (!current) continue;
    const known = current.states.at(-1);
    if (known?.stateId !== stateId) current.states.push({ at: event.at, stateId });
    if (event.type === 'extension_decided' && event.granted && clock.purpose === 'handling' && !clock.requesters) {
      current.extendedMs += event.minutes * 60_000;
    }
    if (ends || (event.type === 'ended' && !begins)) {
      lives.push({ ...current, endedAt: event.at, brokenOff: brokenOffBy(clock, event, previous) });
      current = undefined;
      // One promise, kept once; a step's own begins with each visit.
      isOver = clock.from.at === 'made' || clock.from.at === 'marked';
    }
  }
  if (current) lives.push({ ...current, endedAt: undefined });
  return lives;
};

/** Who returns a ticket has answered, and has done a step; handled it they have not. */
const brokenOffBy = (
  { purpose }: TicketClock,
  event: TicketEvent,
  before: TicketEvent | undefined,
): BrokenOff | undefined => {
  if (event.type === 'ended') return event.outcome === 'closed' ? undefined : event.outcome;
  if (event.type !== 'entered') return undefined;
  if (before?.type === 'intervened') return 'intervened';
  return before?.type === 'returned' && purpose !== 'response' && purpose !== 'step' ? 'returned' : undefined;
};

/** Whether the move that is taken back is what ended the run. */
const endsBy = (
  clock: TicketClock,
  event: Extract<TicketEvent, { type: 'withdrawn' }>,
  endedAt: number,
  events: readonly TicketEvent[],
): boolean => {
  const move = events.findLast((one) => one.type === 'finished' && one.task === event.task && one.seq < event.seq);
  return move !== undefined && move.at === endedAt && clock.until.some(({ at }) => at !== 'signed');
};

const pauses = ({ pausedIn, requesters }: TicketClock, stateId: string): boolean =>
  !requesters && pausedIn.includes(stateId);

/** Every stretch of a run until `to`, each with its reason: their running parts add up to what is used. */
const stretchesOf = (clock: TicketClock, life: Life, reader: CalendarReader, to: number): Stretch[] => {
  const stretches: Stretch[] = [];
  life.states.forEach(({ at, stateId }, i) => {
    const until = Math.min(life.states[i + 1]?.at ?? to, to);
    if (until <= at) return;
    if (pauses(clock, stateId)) {
      stretches.push({ from: at, to: until, runs: false, why: { kind: 'paused', stateId } });
      return;
    }
    for (const span of reader.spans(at)) {
      if (span.from >= until) break;
      const why: StretchWhy = span.works ? { kind: 'runs' } : (span.why ?? { kind: 'night' });
      stretches.push({ from: span.from, to: Math.min(span.to, until), runs: span.works, why });
    }
  });
  return joined(stretches);
};

const joined = (stretches: readonly Stretch[]): Stretch[] =>
  stretches.reduce<Stretch[]>((all, one) => {
    const last = all.at(-1);
    if (last && last.to === one.from && JSON.stringify(last.why) === JSON.stringify(one.why)) {
      all[all.length - 1] = { ...last, to: one.to };
    } else all.push(one);
    return all;
  }, []);

/** When the running stretches had used this much; undefined: they have not. */
const whenUsed = (stretches: readonly Stretch[], ms: number): number | undefined => {
  let left = Math.max(0, ms);
  for (const { from, to, runs } of stretches) {
    if (!runs) continue;
    if (to - from >= left) return from + left;
    left -= to - from;
  }
  return undefined;
};

/** A promise for a time that is over already is late at once, and still a promise. */
const leastMs = 60_000;

/** Midnight would be read as the day after. */
const lastMinute = 24 * 60 - 1;

/** Epoch ms of an instant, or of 23:59 of a day by the calendar's zone; undefined: it says neither. */
const instantOf = (value: unknown, { calendar }: CalendarReader): number | undefined => {
  if (typeof value !== 'string' || value === '') return undefined;
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  const at = day
    ? new HallClock(calendar.zone).epochMs(
        { year: Number(day[1]), month: Number(day[2]), day: Number(day[3]) },
        lastMinute,
      )
    : Date.parse(value);
  return Number.isNaN(at) ? undefined : at;
};

export interface ExplainedRun extends ClockRun {
  readonly stretches: readonly Stretch[];
}

/** A clock's runs with every second accounted for. Of `events` the whole history, in order. */
export const explainClock = (clock: TicketClock, events: readonly TicketEvent[], world: ClockWorld): ExplainedRun[] => {
  const target = clock.targets[world.targetOf(clock)];
  if (!target) return [];
  const reader = world.calendar(target.calendar);
  return livesOf(clock, asOfNow(events)).map((life) => {
    const { beganAt, endedAt, extendedMs, brokenOff } = life;
    const dueBy = target.field === undefined ? undefined : instantOf(world.fields?.[target.field], reader);
    const ownMs = dueBy === undefined ? target.minutes * 60_000 : Math.max(leastMs, reader.workBetween(beganAt, dueBy));
    const promisedMs = ownMs + extendedMs;
    const to = endedAt ?? Math.max(world.now, beganAt);
    const stretches = stretchesOf(clock, life, reader, to);
    const usedMs = stretches.reduce((sum, one) => sum + (one.runs ? one.to - one.from : 0), 0);
    const isPaused = endedAt === undefined && pauses(clock, life.states.at(-1)?.stateId ?? '');
    const ahead = (ms: number) =>
      whenUsed(stretches, ms) ?? (isPaused || endedAt !== undefined ? undefined : reader.after(to, ms - usedMs));
    const escalateAt = clock.escalations.map(({ afterMinutes }) => {
      const at = ahead(promisedMs + afterMinutes * 60_000);
      // What came in time, or was answered late but before this, goes up no line any more.
      return endedAt !== undefined && at !== undefined && at >= endedAt ? undefined : at;
    });
    const warnMs = Math.round(promisedMs * clock.warnAtShare);
    const isBroken = usedMs > promisedMs || (endedAt === undefined && usedMs >= promisedMs);
    return {
      ...{
        clock: clock.id,
        beganAt,
        endedAt,
        brokenOff,
        calendar: target.calendar,
        promisedMs,
        extendedMs,
        usedMs,
        isPaused,
        stretches,
      },
      ...{
        dueAt: ahead(promisedMs),
        warnAt: ahead(warnMs),
        escalateAt,
        light: isBroken ? 'red' : usedMs >= warnMs ? 'yellow' : 'green',
      },
      ...(isBroken ? { breachedAt: whenUsed(stretches, promisedMs) } : {}),
    };
  });
};
