import type { Label } from '@hallhub/shared';
import type { Phase, TicketRow } from '@hallhub/shared/ticket';
import { type Language, labelIn, wordsIn } from '../pages/words.js';

/** What a judgement leads to: it is over, it is taken up again as whoever asked is not content, or what is left goes on. */
export const afterwards = ['closed', 'again', 'goes_on'] as const;

/** How things stand after a judgement, with what to tell whoever judged. */
export interface Judged {
  readonly number: string;
  readonly state: Label;
  readonly phase: Phase;
  readonly next: (typeof afterwards)[number];
  readonly words: Label;
}

type Standing = Pick<Judged, 'number' | 'state' | 'phase'>;

const isContent = (satisfaction: number): boolean => satisfaction >= 3;

const nextOf = ({ phase }: Standing, satisfaction: number): Judged['next'] =>
  phase === 'closed' || phase === 'cancelled' ? 'closed' : isContent(satisfaction) ? 'goes_on' : 'again';

/** What comes of a judgement, as the kind has it: what whoever was not content waits for now. */
export const afterJudging = (language: Language, ticket: Standing, satisfaction: number): string => {
  const words = wordsIn(language);
  const next = nextOf(ticket, satisfaction);
  if (next === 'goes_on') return words.judged;
  if (next === 'again') return words.judgedAgain.replace('#', labelIn(language, ticket.state));
  return isContent(satisfaction) ? words.judgedOver : words.judgedBadly.replace('#', ticket.number);
};

export const judgedOf = ({ number, state: { label, phase } }: TicketRow, satisfaction: number): Judged => {
  const standing = { number, state: label, phase };
  return {
    ...standing,
    next: nextOf(standing, satisfaction),
    words: { zh: afterJudging('zh', standing, satisfaction), en: afterJudging('en', standing, satisfaction) },
  };
};
