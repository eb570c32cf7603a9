import type { Property } from '@hallhub/shared/thing';

/** How a property's past is drawn: a line, a counter with its differences, a band of states, or what it said. */
export type HistoryView = 'line' | 'counter' | 'states' | 'texts';

export function historyView({ type, cumulative }: Pick<Property, 'type' | 'cumulative'>): HistoryView {
  if (type === 'number' || type === 'integer') return cumulative ? 'counter' : 'line';
  return type === 'string' ? 'texts' : 'states';
}
