import { beginFailures } from '@hallhub/shared/ticket';
import type { HistoryLine } from '../../../api/tickets.js';

/** Key of a sentence in the message files, with what stands in it. */
export interface Sentence {
  key: string;
  values: Record<string, string | number>;
}

interface Words {
  label: (of: { zh: string; en?: string | undefined } | null) => string;
  /** How a list of names is written. */
  list: (names: readonly string[]) => string;
  /** Minutes in people's units. */
  span: (minutes: number) => string;
}

/** Kinds of lines that have a sentence of their own for each way. */
const ways: Readonly<Record<string, readonly string[]>> = {
  handed: ['transfer', 'delegate', 'hand_on', 'intervene', 'take_over', 'give_back'],
  linked: ['related', 'same_event', 'caused_by'],
  unlinked: ['related', 'same_event', 'caused_by'],
  ended: ['closed', 'cancelled', 'merged'],
  begun: ['child', 'caused_by'],
  begin_failed: beginFailures,
  begun_ended: ['closed', 'cancelled', 'merged'],
};

const known = [
  ...['made', 'entered', 'signed', 'released', 'edited', 'levelled', 'finished', 'opened', 'dropped', 'handed'],
  ...['signers_added', 'returned', 'withdrawn', 'suspended', 'resumed', 'extension_asked', 'extension_decided'],
  ...[
    'reminded',
    'supervised',
    'instructed',
    'commented',
    'linked',
    'unlinked',
    'absorbed',
    'child_made',
    'child_ended',
  ],
  ...['begin_wanted', 'begun', 'begin_failed', 'begin_dropped', 'begun_ended', 'begun_reopened', 'begun_by'],
  ...['intervened', 'reopened', 'ended', 'filed', 'revealed', 'migrated'],
];

/** Lines that name the step already to which the ticket goes with them. */
const leading: readonly string[] = ['returned', 'withdrawn', 'intervened'];
const isNamed = ({ step }: HistoryLine, beside: readonly HistoryLine[]): boolean =>
  beside.some((one) => leading.includes(one.type) && one.step?.zh === step?.zh);

/** What a person fills in stands before what they did with it; what the act empties, behind. */
const isCleared = ({ seq }: HistoryLine, beside: readonly HistoryLine[]): boolean =>
  beside.some((one) => one.type === 'finished' && one.seq < seq);

/** One line of history as a sentence: which, and the words in it. The doer stands before it, others of the act `beside`. */
export const sayLine = (line: HistoryLine, words: Words, beside: readonly HistoryLine[] = []): Sentence => {
  const { type, how } = line;
  const values = {
    step: words.label(line.step),
    state: words.label(line.state),
    action: words.label(line.action),
    level: words.label(line.level),
    parties: words.list(line.parties.map(({ name }) => name)),
    fields: words.list(line.fields.map(({ label }) => words.label(label))),
    time: line.minutes === null ? '' : words.span(line.minutes),
    ticket: line.ticket?.number ?? '',
  };
  const variant = (() => {
    if (type in ways) return how !== null && ways[type]?.includes(how) ? how : 'plain';
    if (type === 'entered') {
      if (line.parties.length === 0) return 'plain';
      return isNamed(line, beside) ? 'there' : 'for';
    }
    if (type === 'extension_decided') return line.granted ? 'granted' : 'refused';
    if (type === 'supervised') return how === 'off' ? 'off' : 'on';
    if (type === 'edited') {
      if (line.fields.length === 0) return 'plain';
      return isCleared(line, beside) ? 'cleared' : 'fields';
    }
    return undefined;
  })();
  const name = known.includes(type) ? type : 'other';
  return { key: variant === undefined ? `line.${name}` : `line.${name}_${variant}`, values };
};

/** Lines that say nothing to people where others of the same act already do. */
export const isQuiet = (line: HistoryLine, beside: readonly HistoryLine[]): boolean =>
  line.type === 'opened' ||
  (line.type === 'signed' && beside.some(({ how }) => how === 'take_over')) ||
  (line.type === 'dropped' && beside.some(({ type }) => type !== 'dropped')) ||
  (line.type === 'entered' &&
    line.parties.length === 0 &&
    (isNamed(line, beside) || beside.some(({ type }) => type === 'ended')));
