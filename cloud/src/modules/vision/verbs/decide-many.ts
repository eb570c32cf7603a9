import { HubError } from '@hallhub/shared';
import type { VerbContext } from '../../access/verb-context.js';
import type { DecideMany, ManyResult, ReviewDetail, UndoMany } from '../review-contract.js';
import { decideItem, undoDecision } from './decide-item.js';

type Outcome = ManyResult['items'][number];

const results: Partial<Record<HubError['code'], Outcome['result']>> = {
  precondition_failed: 'changed',
  conflict: 'conflict',
  forbidden: 'forbidden',
  not_found: 'not_found',
};

/** What was about one item alone is its outcome; anything else ends the whole. */
const outcomeOf = async (id: string, work: () => Promise<ReviewDetail>): Promise<Outcome> => {
  try {
    const { number, version } = await work();
    return { id, number, version, result: 'done', by: null };
  } catch (error) {
    const result = error instanceof HubError ? results[error.code] : undefined;
    if (result === undefined) throw error;
    const by = (error as HubError).context?.by;
    return { id, number: null, version: null, result, by: typeof by === 'string' ? by : null };
  }
};

const each = async (
  items: readonly { readonly id: string; readonly version: number }[],
  work: (item: { readonly itemId: string; readonly version: number }) => Promise<ReviewDetail>,
): Promise<ManyResult> => {
  const seen = new Set<string>();
  const outcomes: Outcome[] = [];
  for (const { id, version } of items) {
    if (seen.has(id)) continue;
    seen.add(id);
    outcomes.push(await outcomeOf(id, () => work({ itemId: id, version })));
  }
  return { done: outcomes.filter(({ result }) => result === 'done').length, items: outcomes };
};

/** Decides several items alike: each by itself, with its own entry in the trail. What cannot be decided is told and stops none. */
export const decideMany = (ctx: VerbContext, { items, ...decision }: DecideMany): Promise<ManyResult> =>
  each(items, (item) => decideItem(ctx, { ...decision, ...item }));

/** Takes several of one's own decisions back. */
export const undoMany = (ctx: VerbContext, { items }: UndoMany): Promise<ManyResult> =>
  each(items, (item) => undoDecision(ctx, item));
