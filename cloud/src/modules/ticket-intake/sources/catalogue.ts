import type { Label } from '@hallhub/shared';
import type { TicketSource } from '@hallhub/shared/ticket';
import { visionEventNames } from '@hallhub/shared/vision';

/** Something that rules may be about. One more is one more entry: what tells it, what it means, and what it is called. */
export interface IntakeSource {
  readonly id: string;
  readonly label: Label;
  readonly ticketSource: TicketSource;
  /** `finding`: of the review desk, confirmed by people or not. `event`: of devices. */
  readonly feed: 'finding' | 'event';
  /** Names of the events; none for findings. */
  readonly events: readonly string[];
  /** Of the devices that tell them; empty: any. */
  readonly classes: readonly string[];
  /** An answer that somebody gave: in which fields it may stand, and how good each is, 5 the best. */
  readonly answers?: { readonly fields: readonly string[]; readonly ranks: Readonly<Record<string, number>> };
  /** By which rule or model, where events tell it: a field of the data. */
  readonly algorithmField?: string;
}

export const intakeSources: readonly IntakeSource[] = [
  {
    ...{ id: 'vision', label: { zh: '视频发现', en: 'Findings of cameras' }, ticketSource: 'vision', feed: 'finding' },
    ...{ events: [], classes: [] },
  },
  {
    ...{ id: 'evaluator', label: { zh: '评价器', en: 'Evaluators' }, ticketSource: 'evaluator', feed: 'event' },
    ...{ events: ['rated'], classes: ['evaluator'] },
    answers: {
      fields: ['score', 'rating'],
      ranks: {
        ...{ verySatisfied: 5, satisfied: 4, neutral: 3, dissatisfied: 2, veryDissatisfied: 1 },
        ...{ veryGood: 5, good: 4, fair: 3, poor: 2, veryPoor: 1 },
      },
    },
  },
  {
    ...{ id: 'audio', label: { zh: '音频发现', en: 'Findings by sound' }, ticketSource: 'audio', feed: 'event' },
    ...{ events: ['audio.finding'], classes: [], algorithmField: 'algorithm' },
  },
];

export const answerLabels: Readonly<Record<number, Label>> = {
  1: { zh: '非常不满意', en: 'very dissatisfied' },
  2: { zh: '不满意', en: 'dissatisfied' },
  3: { zh: '一般', en: 'neutral' },
  4: { zh: '满意', en: 'satisfied' },
  5: { zh: '非常满意', en: 'very satisfied' },
};

export const sourceOf = (id: string): IntakeSource | undefined => intakeSources.find((one) => one.id === id);

/** Events of devices that some source listens to. Those of cameras come by the review desk. */
export const heardEvents: ReadonlyMap<string, readonly IntakeSource[]> = new Map(
  [...new Set(intakeSources.flatMap(({ events }) => events))]
    .filter((event) => !(Object.values(visionEventNames) as readonly string[]).includes(event))
    .map((event) => [event, intakeSources.filter(({ events }) => events.includes(event))]),
);
