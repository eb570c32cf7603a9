import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import { type Database, type Tx, withSystem } from '../db/index.js';
import type { EventRule } from '../modules/alarms/active-rule.js';
import { type AlarmSource, clearAlarms, raiseAlarm } from '../modules/alarms/alarm-ledger.js';
import type { LiveEvent, LivePublisher } from '../modules/live/live-port.js';

export interface FloodAlarmOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
}

const rule: EventRule = {
  key: 'unit_flood',
  kind: 'event',
  event: 'unit.flood',
  clearBy: null,
  severity: 'warning',
  label: { zh: '单元发送过多，已被限速', en: 'The unit sends too much and is slowed down' },
};

/** One alarm from the moment a unit goes over its rate until it is calm again, or gone. */
export class FloodAlarm {
  readonly #options: FloodAlarmOptions;
  #writing: Promise<void>;

  /** Clears what a process that ended without a word left open. */
  constructor(options: FloodAlarmOptions) {
    this.#options = options;
    this.#writing = this.#write(async (tx) => {
      const { rows } = await tx.$client.query<Row>(
        'SELECT unit_id, tenant_id, hall_id FROM alarms WHERE rule_key = $1 AND cleared_at IS NULL',
        [rule.key],
      );
      const events: LiveEvent[] = [];
      for (const row of rows) events.push(...(await this.#clear(tx, row)));
      return events;
    });
  }

  note(unitId: string, turn: 'began' | 'ended'): void {
    this.#writing = this.#writing.then(() =>
      this.#write(async (tx) => {
        const { rows } = await tx.$client.query<Row>(
          'SELECT id AS unit_id, tenant_id, hall_id FROM units WHERE id = $1 AND archived_at IS NULL',
          [unitId],
        );
        if (!rows[0]) return [];
        if (turn === 'ended') return this.#clear(tx, rows[0]);
        return raiseAlarm(tx, { source: sourceOf(rows[0]), rule, atMs: this.#options.clock.now(), value: null });
      }),
    );
  }

  close(): Promise<void> {
    return this.#writing;
  }

  #clear(tx: Tx, row: Row): Promise<LiveEvent[]> {
    return clearAlarms(tx, { source: sourceOf(row), ruleKeys: [rule.key], atMs: this.#options.clock.now() });
  }

  async #write(work: (tx: Tx) => Promise<readonly LiveEvent[]>): Promise<void> {
    const { database, live, log } = this.#options;
    try {
      for (const event of await withSystem(database, work)) live.publish(event);
    } catch (error) {
      log.warn({ err: error }, 'an alarm about a flooding unit could not be written');
    }
  }
}

interface Row {
  unit_id: string;
  tenant_id: string;
  hall_id: string;
}

const sourceOf = ({ tenant_id: tenantId, hall_id: hallId, unit_id: unitId }: Row): AlarmSource => ({
  ...{ tenantId, hallId, unitId, deviceId: null },
});
