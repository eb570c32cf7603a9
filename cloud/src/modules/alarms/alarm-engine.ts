import type { Clock, Timer } from '@hallhub/shared';
import type { Value } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import type { UnitPresenceChange } from '../fleet/unit-presence.js';
import type { LiveEvent, LivePublisher } from '../live/live-port.js';
import type { IngestContext } from '../streams/ingest-context.js';
import type { ActiveRule } from './active-rule.js';
import { type AlarmSource, clearAlarms, raiseAlarm, unwatch, watch } from './alarm-ledger.js';
import type { RuleBook } from './rule-book.js';
import type { AlarmWatcher } from './watch-port.js';
import { watchSamples } from './watch-samples.js';

export interface AlarmEngineDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  readonly rules: RuleBook;
  readonly everyMs?: number;
}

const batchSize = 200;

interface DueRow {
  tenant_id: string;
  source_id: string;
  rule_key: string;
  towards: 'raise' | 'clear';
  hall_id: string;
  unit_id: string;
  device_id: string | null;
  rule: ActiveRule;
  value: Value;
  since: Date;
}

/**
 * Raises and clears alarms: inside ingest for live rows and presence, and by a job for conditions that last without another word.
 * All state is in the database.
 */
export class AlarmEngine implements AlarmWatcher {
  readonly #deps: AlarmEngineDeps;
  #timer: Timer | undefined;
  #closed = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(deps: AlarmEngineDeps) {
    this.#deps = deps;
  }

  onSamples: AlarmWatcher['onSamples'] = async (context, samples, devices) => {
    announce(context, await watchSamples(context, this.#deps.rules, samples, devices));
  };

  onEvents: AlarmWatcher['onEvents'] = async (context, events, devices) => {
    const rules = await this.#deps.rules.ofDevices(context.tx, context, devices.values());
    for (const { row, atMs } of events) {
      const source = sourceOf(context, row.deviceId);
      for (const rule of rules.get(row.deviceId) ?? []) {
        if (rule.kind !== 'event') continue;
        if (rule.event === row.event) {
          announce(context, await raiseAlarm(context.tx, { source, rule, atMs, value: null }));
        } else if (rule.clearBy === row.event) {
          announce(context, await clearAlarms(context.tx, { source, ruleKeys: [rule.key], atMs }));
        }
      }
    }
  };

  onPresence: AlarmWatcher['onPresence'] = async (context, presence, devices) => {
    const rules = await this.#deps.rules.ofDevices(context.tx, context, devices.values());
    for (const { deviceId, state, sinceMs } of presence) {
      const source = sourceOf(context, deviceId);
      const offline = (rules.get(deviceId) ?? []).find((rule) => rule.kind === 'device_offline');
      if (state === 'offline') {
        // Open or pending already: another reason for the same silence is nothing new.
        if (!offline || (await this.#offlineKeys(context.tx, source, 'device_offline')).length > 0) continue;
        const due = new Date(context.receivedAt.getTime() + offline.afterMs);
        await watch(context.tx, { source, rule: offline, atMs: sinceMs, value: null }, 'raise', due);
      } else {
        const keys = await this.#offlineKeys(context.tx, source, 'device_offline');
        if (keys.length === 0) continue;
        await unwatch(context.tx, source, keys);
        announce(context, await clearAlarms(context.tx, { source, ruleKeys: keys, atMs: sinceMs }));
      }
    }
  };

  /** A device that is retired or refused raises nothing more, and what is open is over. */
  onDevicesGone: AlarmWatcher['onDevicesGone'] = async (context, deviceIds) => {
    for (const deviceId of deviceIds) {
      const source = sourceOf(context, deviceId);
      await unwatch(context.tx, source);
      announce(context, await clearAlarms(context.tx, { source, atMs: context.receivedAt.getTime() }));
    }
  };

  unitOffline = async (tx: Tx, changes: readonly UnitPresenceChange[]): Promise<LiveEvent[]> => {
    for (const change of changes) {
      const rule = await this.#deps.rules.ofUnit(tx, change);
      if (!rule) continue;
      const atMs = change.at.getTime();
      const source = { ...change, deviceId: null };
      await watch(tx, { source, rule, atMs, value: null }, 'raise', new Date(atMs + rule.afterMs));
    }
    return [];
  };

  unitOnline = async (tx: Tx, change: UnitPresenceChange): Promise<LiveEvent[]> => {
    const source = { ...change, deviceId: null };
    const keys = await this.#offlineKeys(tx, source, 'unit_offline');
    if (keys.length === 0) return [];
    await unwatch(tx, source, keys);
    return clearAlarms(tx, { source, ruleKeys: keys, atMs: change.at.getTime() });
  };

  start(): this {
    this.#schedule();
    return this;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** Conditions that have lasted long enough by now. A device's time stands still while its unit is away. */
  async look(): Promise<number> {
    const { database, clock, live, log } = this.#deps;
    const now = new Date(clock.now());
    try {
      const events = await withSystem(database, async (tx) => {
        const { rows } = await tx.$client.query<DueRow>({
          name: 'alarm-watches-due',
          text: `DELETE FROM alarm_watches w USING (
              SELECT w.tenant_id, w.source_id, w.rule_key FROM alarm_watches w LEFT JOIN unit_links l ON l.unit_id = w.unit_id
              WHERE w.due_at <= $1 AND (w.device_id IS NULL OR l.presence = 'online')
              ORDER BY w.due_at LIMIT ${batchSize} FOR UPDATE OF w SKIP LOCKED) due
            WHERE w.tenant_id = due.tenant_id AND w.source_id = due.source_id AND w.rule_key = due.rule_key RETURNING w.*`,
          values: [now],
        });
        const events: LiveEvent[] = [];
        for (const row of rows) {
          const source = { tenantId: row.tenant_id, hallId: row.hall_id, unitId: row.unit_id, deviceId: row.device_id };
          events.push(
            ...(row.towards === 'raise'
              ? await raiseAlarm(tx, { source, rule: row.rule, atMs: row.since.getTime(), value: row.value })
              : await clearAlarms(tx, {
                  source,
                  ruleKeys: [row.rule_key],
                  atMs: row.since.getTime(),
                  value: row.value,
                })),
          );
        }
        return events;
      });
      for (const event of events) live.publish(event);
      return events.length;
    } catch (error) {
      log.warn({ err: error }, 'alarms that fall due could not be looked at');
      return 0;
    }
  }

  /** Keys of rules of that kind which are open or pending: the rule may have been changed since. */
  async #offlineKeys(tx: Tx, source: AlarmSource, kind: 'device_offline' | 'unit_offline'): Promise<string[]> {
    const { rows } = await tx.$client.query<{ rule_key: string }>({
      name: 'alarms-offline-keys',
      text: `SELECT rule_key FROM alarms WHERE tenant_id = $1 AND coalesce(device_id, unit_id) = $2 AND cleared_at IS NULL AND rule->>'kind' = $3
       UNION SELECT rule_key FROM alarm_watches WHERE tenant_id = $1 AND source_id = $2 AND rule->>'kind' = $3`,
      values: [source.tenantId, source.deviceId ?? source.unitId, kind],
    });
    return rows.map(({ rule_key }) => rule_key);
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.#running = this.look().finally(() => this.#schedule());
    }, this.#deps.everyMs ?? 1_000);
  }
}

const sourceOf = ({ tenantId, hallId, unitId }: IngestContext, deviceId: string): AlarmSource => ({
  tenantId,
  hallId,
  unitId,
  deviceId,
});

const announce = (context: IngestContext, events: readonly LiveEvent[]): void => {
  for (const { topic, type, deviceId, data } of events) {
    context.announce({ topic, type, data, ...(deviceId ? { deviceId } : undefined) });
  }
};
