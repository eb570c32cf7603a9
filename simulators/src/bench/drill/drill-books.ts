import type { DrillDatabase } from './drill-database.js';
import { readBook } from './drill-unit.js';
import type { UnitSpec } from './worker-contract.js';

export interface DrillBook {
  readonly index: number;
  readonly acknowledgedValues: number;
  readonly acknowledgedEvents: number;
  readonly cloudValues: number;
  /** Of them in quarantine: from the future, by a clock that was wrong. */
  readonly quarantined: number;
  readonly cloudEvents: number;
  readonly missing: number;
  readonly double: number;
}

interface Found {
  readonly deviceId: string;
  readonly items: string[];
}

/** What each device was promised against what stands in the cloud's tables, number by number; neither end's proof is asked. */
export const compareDrillBooks = async (units: readonly UnitSpec[], database: DrillDatabase): Promise<DrillBook[]> => {
  const ids = units.map(({ deviceId }) => deviceId);
  const values = await database.query<Found>(
    `SELECT p.device_id AS "deviceId", array_agg(s.number::bigint::text) AS items
     FROM telemetry_samples s JOIN telemetry_points p ON p.id = s.point_id
     WHERE p.device_id = ANY($1) AND p.property = 'n' GROUP BY 1`,
    [ids],
  );
  const events = await database.query<Found>(
    `SELECT device_id AS "deviceId", array_agg(id::text || ' ' || (data->>'n')) AS items
     FROM device_events WHERE device_id = ANY($1) AND event = 'drillTick' GROUP BY 1`,
    [ids],
  );
  const kept = await database.query<Found>(
    `SELECT device_id AS "deviceId", array_agg(value::text) AS items FROM telemetry_quarantine
     WHERE device_id = ANY($1) AND property = 'n' GROUP BY 1`,
    [ids],
  );
  const of = (found: readonly Found[], deviceId: string) => found.find((one) => one.deviceId === deviceId)?.items ?? [];
  return units.map(({ index, deviceId, bookFile }) => {
    const book = readBook(bookFile);
    const promised = (letter: string) =>
      book.filter((line) => line.startsWith(`${letter} `)).map((line) => line.slice(2));
    const quarantined = of(kept, deviceId);
    const cloudValues = [...of(values, deviceId), ...quarantined];
    const cloudEvents = of(events, deviceId);
    const [valueSet, eventSet] = [new Set(cloudValues), new Set(cloudEvents.map((one) => one.split(' ')[0]))];
    const [ownValues, ownEvents] = [promised('v'), promised('e')];
    // Two entries of one tick under two ids would be one event counted twice.
    const ticks = new Set(cloudEvents.map((one) => one.split(' ')[1]));
    return {
      index,
      acknowledgedValues: ownValues.length,
      acknowledgedEvents: ownEvents.length,
      cloudValues: cloudValues.length,
      quarantined: quarantined.length,
      cloudEvents: cloudEvents.length,
      missing: ownValues.filter((n) => !valueSet.has(n)).length + ownEvents.filter((id) => !eventSet.has(id)).length,
      double: cloudValues.length - valueSet.size + (cloudEvents.length - ticks.size),
    };
  });
};
