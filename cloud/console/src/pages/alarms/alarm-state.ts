import type { Alarm } from '../../api/alarms.js';

export type AlarmStateKey = 'open' | 'acknowledged' | 'cleared';

/** Cleared says more than acknowledged, acknowledged more than open. */
export function alarmState(alarm: Pick<Alarm, 'clearedAt' | 'acknowledgedAt'>): AlarmStateKey {
  if (alarm.clearedAt) return 'cleared';
  return alarm.acknowledgedAt ? 'acknowledged' : 'open';
}
