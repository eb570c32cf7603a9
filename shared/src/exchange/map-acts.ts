import type { TicketCommand } from '../ticket/engine/ticket-command.js';
import type { TicketEvent } from '../ticket/engine/ticket-event.js';
import { isLive, type TicketState } from '../ticket/engine/ticket-state.js';
import type { LocalAct, Say } from './mapping-schema.js';
import type { ExchangeContent, ExchangeMessage } from './message.js';

const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/** What a message asks of the ticket here, in the order in which it is tried; the last always is a comment. */
export const commandsOf = (
  acts: readonly LocalAct[],
  message: ExchangeMessage,
  state: TicketState,
  offices?: Offices,
): readonly TicketCommand[] => [
  ...acts.flatMap((act) => commandOf(act, message, state, offices) ?? []),
  { do: 'comment', opinion: wordsOf(message) },
];

/** The id of an office by its code; undefined: there is none. */
export type Offices = (code: string) => string | undefined;

/** What people read: the words, or the act where there are none; who said them, and at which step of theirs. */
const wordsOf = (message: ExchangeMessage): string => {
  const code = message.act === 'return' && message.code !== undefined ? `[${message.code}] ` : '';
  const said = `${code}${message.words ?? `[${message.act}]`}`;
  const by = [message.step, message.by].filter((one) => one !== undefined && one !== '').join('，');
  return by === '' ? said.slice(0, 2_000) : `${said.slice(0, 2_000 - by.length - 3)}——${by}`;
};

/** One act by itself; undefined: the ticket does not stand where it could be done. */
export const commandOf = (
  act: LocalAct,
  message: ExchangeMessage,
  state: TicketState,
  offices?: Offices,
): TicketCommand | undefined => {
  const opinion = wordsOf(message);
  const task = state.tasks.find((one) => isLive(one) && one.purpose === 'handle' && one.step === state.step)?.id;
  if (act.do !== 'intervene' && act.step !== undefined && act.step !== state.step) return undefined;
  const onTask = (make: (task: string) => TicketCommand): TicketCommand | undefined =>
    task === undefined ? undefined : make(task);
  switch (act.do) {
    case 'submit':
      return onTask((task) => {
        const office = act.office === undefined ? undefined : offices?.(act.office);
        const to = office === undefined ? {} : { to: [{ kind: 'office' as const, id: office }] };
        return { do: 'submit', task, action: act.action, fields: fieldsOf(act, message), opinion, ...to };
      });
    case 'return':
      return onTask((task) => ({ do: 'return', task, action: act.action, opinion, ...(act.to && { step: act.to }) }));
    case 'sign':
      return onTask((task) => ({ do: 'sign', task }));
    case 'askExtension':
      if (message.act !== 'ask_extension') return undefined;
      return onTask((task) => ({ do: 'askExtension', task, minutes: message.minutes, opinion }));
    case 'decideExtension': {
      const asked = state.tasks.find((one) => isLive(one) && one.purpose === 'extension')?.id;
      if (asked === undefined || message.act !== 'decide_extension') return undefined;
      const { granted, minutes } = message;
      return { do: 'decideExtension', task: asked, granted, opinion, ...(minutes === undefined ? {} : { minutes }) };
    }
    case 'intervene':
      return act.from === undefined || act.from === state.step ? { do: 'intervene', step: act.to, opinion } : undefined;
    case 'remind':
      return { do: 'remind', opinion };
    case 'cancel':
    case 'reopen':
    case 'instruct':
    case 'comment':
      return { do: act.do, opinion };
  }
};

type Submit = Extract<LocalAct, { do: 'submit' }>;
type Fields = Extract<TicketCommand, { do: 'submit' }>['fields'];

const fieldsOf = (act: Submit, message: ExchangeMessage): Fields => {
  const fields: Fields = { ...act.set };
  for (const [key, what] of Object.entries(act.take)) {
    const value = what === 'words' ? message.words : message.act === 'close' ? message.satisfaction : undefined;
    if (value !== undefined) fields[key] = value;
  }
  const said = 'fields' in message ? (message.fields as Fields) : {};
  for (const { theirs, ours } of act.more) if (Object.hasOwn(said, theirs)) fields[ours] = said[theirs] ?? null;
  return fields;
};

const fits = ({ when }: Say, event: TicketEvent, step: string): boolean =>
  when.type === event.type &&
  (when.step === undefined || when.step === (event.type === 'entered' ? event.step : step)) &&
  (when.action === undefined || ('action' in event && when.action === event.action)) &&
  (when.mark === undefined || (event.type === 'finished' && event.marks.includes(when.mark))) &&
  (when.outcome === undefined || (event.type === 'ended' && when.outcome === event.outcome));

interface Heard {
  readonly before: TicketState;
  readonly after: TicketState;
  readonly by?: string | undefined;
  /** What the step is called in which it was said. */
  readonly step?: string | undefined;
  /** Opinions that no rule has are told too. */
  readonly opinions?: boolean | undefined;
}

/**
 * What a line of history makes the platform hear; undefined: nothing. `before` is the state that the line met; where the rule’s act
 * has to give words and nobody said any, the act’s own name stands for them.
 */
export const sayingOf = (
  says: readonly Say[],
  event: TicketEvent,
  { before, after, by, step, opinions }: Heard,
): ExchangeContent | undefined => {
  const rule = says.find((one) => fits(one, event, before.step));
  const base = {
    ...{ at: event.at, files: [] },
    ...(by === undefined ? {} : { by: by.slice(0, 100) }),
    ...(step === undefined ? {} : { step: step.slice(0, 100) }),
  };
  const opinion = asText(event.opinion);
  if (!rule) return opinions && opinion ? { ...base, act: 'opinion', words: opinion.slice(0, 4_000) } : undefined;
  const fromField = rule.words === undefined ? undefined : asText(after.fields[rule.words]);
  const words = (opinion ?? fromField)?.slice(0, 4_000);
  const said = words ?? `[${rule.act}]`;
  switch (rule.act) {
    case 'dispatch':
      return undefined;
    case 'ask_extension':
      return event.type === 'extension_asked'
        ? { ...base, act: 'ask_extension', words: said, minutes: event.minutes }
        : undefined;
    case 'decide_extension': {
      if (event.type !== 'extension_decided') return undefined;
      const { granted, minutes } = event;
      return {
        ...base,
        act: 'decide_extension',
        granted,
        ...(granted ? { minutes } : {}),
        ...(words ? { words } : {}),
      };
    }
    case 'finish': {
      const extra = rule.more.flatMap(({ theirs, ours }) =>
        after.fields[ours] === undefined ? [] : [[theirs, after.fields[ours]]],
      );
      return { ...base, act: 'finish', words: said, fields: Object.fromEntries(extra) };
    }
    case 'close': {
      const pleased = rule.satisfaction === undefined ? undefined : after.fields[rule.satisfaction];
      const satisfaction = typeof pleased === 'number' ? { satisfaction: pleased } : {};
      return { ...base, act: 'close', ...(words ? { words } : {}), ...satisfaction };
    }
    case 'sign':
    case 'remind':
      return { ...base, act: rule.act, ...(words ? { words } : {}) };
    case 'return':
      return { ...base, act: 'return', words: said, ...(rule.code === undefined ? {} : { code: rule.code }) };
    case 'rework':
    case 'cancel':
    case 'opinion':
      return { ...base, act: rule.act, words: said };
  }
};
