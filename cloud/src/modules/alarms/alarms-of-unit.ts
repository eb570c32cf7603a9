import type { Tx } from '../../db/index.js';
import type { LiveEvent } from '../live/live-port.js';
import { clearAlarms, unwatch } from './alarm-ledger.js';

interface OfUnit {
  readonly tenantId: string;
  readonly unitId: string;
  readonly atMs: number;
}

/** Ends what the unit and its devices have open or pending; with `rulesOnly` no more than the hall's own rules made. */
const end = async (tx: Tx, of: OfUnit, rulesOnly: boolean): Promise<LiveEvent[]> => {
  const { tenantId, unitId, atMs } = of;
  const { rows } = await tx.$client.query<{ hall_id: string; device_id: string | null; rule_key: string }>(
    `SELECT hall_id, device_id, rule_key FROM alarms WHERE tenant_id = $1 AND unit_id = $2 AND cleared_at IS NULL AND ($3 OR starts_with(rule_key, 'rule:'))
     UNION SELECT hall_id, device_id, rule_key FROM alarm_watches WHERE tenant_id = $1 AND unit_id = $2 AND ($3 OR starts_with(rule_key, 'rule:'))
     ORDER BY device_id, rule_key`,
    [tenantId, unitId, !rulesOnly],
  );
  const events: LiveEvent[] = [];
  for (const { hall_id: hallId, device_id: deviceId, rule_key: key } of rows) {
    const source = { tenantId, hallId, unitId, deviceId };
    await unwatch(tx, source, [key]);
    events.push(...(await clearAlarms(tx, { source, ruleKeys: [key], atMs })));
  }
  return events;
};

/** The unit goes out of service: nobody would ever end its alarms. Gives what browsers are told after commit. */
export const endAlarmsOfUnit = (tx: Tx, of: OfUnit): Promise<LiveEvent[]> => end(tx, of, false);

/** The unit moves: what rules of its old hall raised is over, the rest is now the new hall's to see to. */
export const moveAlarmsOfUnit = async (tx: Tx, of: OfUnit & { readonly hallId: string }): Promise<LiveEvent[]> => {
  const events = await end(tx, of, true);
  const values = [of.tenantId, of.unitId, of.hallId];
  await tx.$client.query(
    'UPDATE alarms SET hall_id = $3, version = version + 1 WHERE tenant_id = $1 AND unit_id = $2 AND cleared_at IS NULL',
    values,
  );
  await tx.$client.query('UPDATE alarm_watches SET hall_id = $3 WHERE tenant_id = $1 AND unit_id = $2', values);
  return events;
};
