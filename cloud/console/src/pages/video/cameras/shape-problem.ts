import { lineSchema, type Point, polygonSchema } from '@hallhub/shared/vision';

export type ShapeProblem = 'few' | 'small' | 'crosses' | 'short';

/** Why a zone or a line as it stands would be refused; undefined: it would not. */
export const shapeProblem = (kind: 'zone' | 'line', points: readonly Point[]): ShapeProblem | undefined => {
  if (points.length === 0) return undefined;
  if (kind === 'line') return lineSchema.safeParse(points).success ? undefined : 'short';
  const issues = polygonSchema.safeParse(points).error?.issues ?? [];
  if (issues.length === 0) return undefined;
  if (issues.some(({ code }) => code === 'too_small')) return 'few';
  // A bow tie has hardly any area either: what can be seen is that it crosses.
  return issues.some(({ message }) => message.includes('cross')) ? 'crosses' : 'small';
};
