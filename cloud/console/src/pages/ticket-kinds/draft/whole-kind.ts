import { type TicketKind, ticketKindSchema } from '@hallhub/shared/ticket';

type Loose = Record<string, unknown>;
const list = (value: unknown): Loose[] => (Array.isArray(value) ? (value as Loose[]) : []);
const object = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {});

/** A draft as the designer holds it: every list is there, whatever its author has left out so far. What does not fit the schema stays as it is and is shown as a fault. */
export const wholeKind = (document: unknown): TicketKind => {
  const read = ticketKindSchema.safeParse(document);
  if (read.success) return read.data;
  const raw = object(document);
  const steps = list(raw.steps).map((step) => ({
    ...{ mode: 'single', lead: false, sign: false },
    ...step,
    who: list(step.who),
    fields: { edit: [], required: [], hidden: [], ...object(step.fields) },
    actions: list(step.actions).map((action) => ({
      ...{ opinion: 'optional', grave: false },
      ...action,
      ...{ to: list(action.to), marks: list(action.marks), clears: list(action.clears) },
    })),
  }));
  const clocks = list(raw.clocks).map((clock) => ({
    ...{ requesters: false, warnAtShare: 0.8, onReopen: 'anew', from: { at: 'made' } },
    ...clock,
    ...{
      until: list(clock.until),
      resumes: list(clock.resumes),
      targets: list(clock.targets),
      pausedIn: list(clock.pausedIn),
    },
    escalations: list(clock.escalations),
  }));
  const whole = {
    ...{ v: 1, code: '', label: { zh: '' }, title: '', start: '', duplicatesWithinDays: 30 },
    ...raw,
    numbering: { prefix: '', per: 'day', digits: 4, ...object(raw.numbering) },
    ...{ levels: list(raw.levels), fields: list(raw.fields), layout: list(raw.layout), states: list(raw.states) },
    ...{ steps, clocks, notices: list(raw.notices), supervise: list(raw.supervise) },
    begins: list(raw.begins).map((rule) => ({
      ...{ label: { zh: '' }, kind: '', as: 'caused_by', again: 'never', on: { on: 'entered', step: raw.start ?? '' } },
      ...rule,
      ...{ fields: object(rule.fields), holds: list(rule.holds) },
    })),
  };
  return whole as unknown as TicketKind;
};
