import { queryOptions } from '@tanstack/react-query';
import { del, post, put } from './request.js';
import type { Decision, ReviewItem } from './review.js';
import type { Time } from './time.js';

/** More than a screen full is not decided by looking: the API's own bound. */
export const mostAtOnce = 100;

export type BulkDecision = Exclude<Decision, 'duplicate'>;

export interface ManyResult {
  done: number;
  items: {
    id: string;
    number: string | null;
    result: 'done' | 'changed' | 'conflict' | 'forbidden' | 'not_found';
    by: string | null;
    version: number | null;
  }[];
}

type Versioned = Pick<ReviewItem, 'id' | 'version'>;

const versionsOf = (items: readonly Versioned[]) => items.map(({ id, version }) => ({ id, version }));

export const decideMany = (input: { decision: BulkDecision; opinion?: string; items: readonly Versioned[] }) =>
  post<ManyResult>('/review/decisions', { ...input, items: versionsOf(input.items) }, { timeoutMs: 60_000 });
export const undoMany = (items: readonly Versioned[]) =>
  post<ManyResult>('/review/undo', { items: versionsOf(items) }, { timeoutMs: 60_000 });

export interface Look {
  others: { name: string; since: Time }[];
  againMs: number;
}

/** Says that this person has it open, over and over while the tab is in sight, and learns who else has. */
export const lookQuery = (itemId: string) =>
  queryOptions({
    queryKey: ['review', 'look', itemId],
    queryFn: ({ signal }) => put<Look>(`/review/items/${itemId}/look`, {}, { signal }),
    refetchInterval: ({ state }) => state.data?.againMs ?? 20_000,
    staleTime: 5_000,
    gcTime: 0,
    retry: false,
  });
export const lookAway = (itemId: string) => del<void>(`/review/items/${itemId}/look`);
