import type { Occurrence } from './occurrence.js';
import type { RuleMatch } from './source-contract.js';

const ranks = ['info', 'notice', 'warning', 'critical'];
const among = (wanted: readonly string[] | undefined, one: string | null): boolean =>
  wanted === undefined || wanted.length === 0 || (one !== null && wanted.includes(one));

/** Whether a rule is about this. */
export const ruleMatches = (
  rule: { readonly source: string; readonly hallId: string | null; readonly match: RuleMatch },
  of: Occurrence,
): boolean => {
  const { match } = rule;
  if (rule.source !== of.source.id || (rule.hallId !== null && rule.hallId !== of.hallId)) return false;
  if (of.source.feed === 'finding' && match.when !== of.what) return false;
  if (match.fromSeverity !== undefined && ranks.indexOf(of.severity) < ranks.indexOf(match.fromSeverity)) return false;
  if (!among(match.deviceIds, of.deviceId) || !among(match.algorithms, of.algorithm)) return false;
  if (!among(match.ruleIds, of.ruleId)) return false;
  // A good answer is never one too many, even where a rule says no limit.
  return of.rank === null || of.rank <= (match.worst ?? 2);
};
