import { queryOptions } from '@tanstack/react-query';
import { get, post, put } from './request.js';

export const sensitiveClasses = [
  ...(['stability', 'politics', 'safety', 'violence', 'porn', 'gambling_drugs', 'fraud', 'abuse', 'privacy'] as const),
  'other',
] as const;
export type SensitiveClass = (typeof sensitiveClasses)[number];
export interface SensitiveWord {
  word: string;
  level: 'note' | 'urgent';
  class: SensitiveClass;
}
export interface SensitiveHit extends SensitiveWord {
  from: number;
  to: number;
}
const path = '/ticket-assist/sensitive-words';

export const sensitiveWordsQuery = queryOptions({
  queryKey: ['sensitive-words'],
  queryFn: ({ signal }) => get<{ words: SensitiveWord[] }>(path, { signal }).then(({ words }) => words),
});
export const saveSensitiveWords = (words: readonly SensitiveWord[]) =>
  put<{ words: SensitiveWord[] }>(path, { words }).then((answer) => answer.words);
export const testSensitive = (text: string) =>
  post<{ hits: SensitiveHit[] }>(`${path}/test`, { text }).then(({ hits }) => hits);
