import type { Clock, Timer } from '@hallhub/shared';
import type { Heartbeat } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import type { LiveEvent, LivePublisher } from '../live/live-port.js';
import { presenceEvent, recordUnitPresence, type UnitPresenceChange } from './unit-presence.js';

export interface HeartbeatDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  readonly onOnline: (tx: Tx, change: UnitPresenceChange) => Promise<readonly LiveEvent[]>;
  readonly flushMs?: number;
}

interface Seen {
  readonly atMs: number;
  readonly heartbeat: Heartbeat;
}

interface SeenRow {
  tenant_id: string;
  hall_id: string;
  unit_id: string;
  was_online: boolean;
}

/**
 * Collects heartbeats for a moment and writes them together: ten thousand units are 670 a second, and none of them needs a
 * transaction, or a flush to disk, of its own. What a crash loses comes again within 15 s.
 */
export class HeartbeatBuffer {
  readonly #deps: HeartbeatDeps;
  #seen = new Map<string, Seen>();
  #timer: Timer | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
  }

  /** The newest of a unit stands. */
  add(unitId: string, heartbeat: Heartbeat): void {
    this.#seen.set(unitId, { atMs: this.#deps.clock.now(), heartbeat });
    this.#timer ??= this.#deps.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, this.#deps.flushMs ?? 500);
  }

  flush(): Promise<void> {
    const run = this.#flushing.then(async () => {
      const seen = this.#seen;
      this.#seen = new Map();
      if (seen.size === 0) return;
      try {
        await this.#write(seen);
      } catch (error) {
        this.#deps.log.warn({ err: error, units: seen.size }, 'heartbeats could not be stored');
      }
    });
    this.#flushing = run;
    return run;
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.flush();
  }

  async #write(seen: ReadonlyMap<string, Seen>): Promise<void> {
    const { database, live } = this.#deps;
    const records = [...seen]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([unitId, { atMs, heartbeat }]) => ({
        unit_id: unitId,
        conn_id: heartbeat.connId,
        at: new Date(atMs).toISOString(),
        mono_ms: heartbeat.monoMs,
        clock: heartbeat.clock,
        heartbeat,
      }));
    const { rows, events } = await withSystem(database, async (tx) => {
      // A heartbeat that another process's newer one, or the will of the same connection, has overtaken says nothing any more.
      // Locked first, in order, so that two processes' flushes cannot deadlock; and this write may be lost at a power cut.
      const { rows } = await tx.$client.query<SeenRow>({
        name: 'heartbeats',
        text: `WITH off AS (SELECT set_config('synchronous_commit', 'off', true)),
          r AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(unit_id uuid, conn_id uuid, at timestamptz, mono_ms float8, clock jsonb, heartbeat jsonb)),
          l AS (SELECT l.unit_id, l.presence, r.at, r.mono_ms, r.clock, r.heartbeat FROM unit_links l JOIN r USING (unit_id, conn_id), off
            WHERE (l.mono_ms IS NULL OR r.mono_ms >= l.mono_ms) AND (l.presence = 'online' OR r.at > l.since) ORDER BY l.unit_id FOR UPDATE OF l)
          UPDATE unit_links k SET last_seen_at = l.at, mono_ms = l.mono_ms, clock = l.clock, heartbeat = l.heartbeat, heartbeat_at = l.at,
            presence = 'online', reason = CASE WHEN l.presence = 'online' THEN k.reason ELSE 'heartbeat' END,
            since = CASE WHEN l.presence = 'online' THEN k.since ELSE l.at END
          FROM l JOIN units u ON u.id = l.unit_id AND u.archived_at IS NULL WHERE k.unit_id = l.unit_id
          RETURNING k.tenant_id, u.hall_id, k.unit_id, l.presence = 'online' AS was_online`,
        values: [JSON.stringify(records)],
      });
      const back: UnitPresenceChange[] = rows
        .filter((row) => !row.was_online)
        .map((row) => ({
          tenantId: row.tenant_id,
          hallId: row.hall_id,
          unitId: row.unit_id,
          state: 'online',
          reason: 'heartbeat',
          at: new Date(seen.get(row.unit_id)!.atMs),
        }));
      await recordUnitPresence(tx, back);
      const events: LiveEvent[] = back.map(presenceEvent);
      for (const change of back) events.push(...(await this.#deps.onOnline(tx, change)));
      return { rows, events };
    });
    for (const event of events) live.publish(event);
    for (const row of rows) {
      const { heartbeat, atMs } = seen.get(row.unit_id)!;
      const { streams, disk, runwayMs, memoryBytes, devices, clock } = heartbeat;
      live.publish({
        tenantId: row.tenant_id,
        hallId: row.hall_id,
        topic: 'units',
        type: 'unit.heartbeat',
        data: {
          ...{ unitId: row.unit_id, at: new Date(atMs).toISOString(), clock, disk, runwayMs, memoryBytes, devices },
          streams: streams.map((stream) => ({
            ...stream,
            oldestAt: stream.oldestAt === null ? null : new Date(stream.oldestAt).toISOString(),
          })),
        },
      });
    }
  }
}
