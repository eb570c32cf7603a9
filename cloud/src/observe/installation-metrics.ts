import type { Clock } from '@hallhub/shared';
import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import { type Database, withSystem } from '../db/index.js';
import type { MetricsRegistry } from '../http/metrics.js';

/** Figures of the whole installation come from the database: each process tells the same, so queries take their maximum. */
interface Figure {
  readonly name: string;
  readonly help: string;
  /** Name of the label that the first column fills. */
  readonly label?: string;
  /** Label values that are told as 0 where the query has no row for them. */
  readonly always?: readonly string[];
  /** One or two columns: the label's value where there is a label, then the number. */
  readonly sql: string;
}

const alarmSeverities = ['info', 'notice', 'warning', 'critical'] as const;

const figures: readonly Figure[] = [
  {
    name: 'hallhub_units',
    help: 'Units in service by presence',
    label: 'presence',
    always: ['online', 'offline'],
    sql: `SELECT coalesce(l.presence, 'offline'), count(*) FROM units u LEFT JOIN unit_links l ON l.unit_id = u.id
      WHERE u.archived_at IS NULL GROUP BY 1`,
  },
  {
    name: 'hallhub_devices',
    help: 'Devices in use by presence',
    label: 'presence',
    always: ['online', 'degraded', 'offline', 'unknown'],
    sql: `SELECT presence, count(*) FROM devices WHERE state = 'active' GROUP BY 1`,
  },
  {
    name: 'hallhub_alarms_open',
    help: 'Alarms that are not cleared, by severity',
    label: 'severity',
    always: alarmSeverities,
    sql: 'SELECT severity, count(*) FROM alarms WHERE cleared_at IS NULL GROUP BY 1',
  },
  {
    name: 'hallhub_commands_unfinished',
    help: 'Commands on their way, by state',
    label: 'state',
    always: ['queued', 'sent', 'received', 'running'],
    sql: `SELECT state, count(*) FROM commands WHERE state IN ('queued', 'sent', 'received', 'running') GROUP BY 1`,
  },
  {
    name: 'hallhub_units_pending_rows',
    help: 'Rows that wait on units, by lane, as their last heartbeats say',
    label: 'lane',
    always: ['events', 'live', 'manifest', 'backlog'],
    sql: `SELECT s ->> 'lane', sum((s ->> 'pending')::bigint) FROM unit_links,
      jsonb_array_elements(coalesce(heartbeat -> 'streams', '[]')) s GROUP BY 1`,
  },
  {
    name: 'hallhub_runway_min_seconds',
    help: 'The shortest runway of all units: how long the first of them can go on without the cloud',
    sql: `SELECT min((heartbeat ->> 'runwayMs')::double precision) / 1000 FROM unit_links WHERE heartbeat ->> 'runwayMs' IS NOT NULL`,
  },
  {
    name: 'hallhub_seals_unequal',
    help: 'Hours of the last seven days in which a unit and the cloud count differently',
    sql: `SELECT count(*) FROM seals WHERE hour > now() - interval '7 days' AND unit_count IS NOT NULL AND cloud_count IS NOT NULL
      AND (unit_last, unit_chain) IS DISTINCT FROM (cloud_last, cloud_chain) AND hour < now() - interval '2 hours'`,
  },
  {
    name: 'hallhub_rows_aside',
    help: 'Rows put aside in the last day, with their reasons on the unit’s page',
    sql: `SELECT count(*) FROM aside_rows WHERE received_at > now() - interval '1 day'`,
  },
  {
    name: 'hallhub_tickets_aside',
    help: 'Tickets whose clocks could not be computed or noted, by work; their reasons are at GET /tickets/aside',
    label: 'work',
    always: ['recompute', 'note', 'resume'],
    sql: 'SELECT work, count(*) FROM tickets_aside GROUP BY 1',
  },
  {
    name: 'hallhub_audit_unsealed_entries',
    help: 'Audit entries that are not chained yet',
    sql: 'SELECT count(*) FROM audit_entries WHERE seq IS NULL',
  },
  {
    name: 'hallhub_audit_chains_broken',
    help: 'Organisations whose audit trail was found tampered with when it was last read as a whole',
    sql: `SELECT count(*) FROM audit_heads WHERE verification ->> 'ok' = 'false'`,
  },
  {
    name: 'hallhub_unit_certificates_ending',
    help: 'Units in service whose last certificate ends within 14 days, or has ended: they could not renew',
    sql: `SELECT count(*) FROM (SELECT c.unit_id FROM unit_certificates c JOIN units u ON u.id = c.unit_id
      WHERE c.revoked_at IS NULL AND u.archived_at IS NULL GROUP BY 1 HAVING max(c.not_after) < now() + interval '14 days') ending`,
  },
  {
    name: 'hallhub_database_bytes',
    help: 'Size of the database',
    sql: 'SELECT pg_database_size(current_database())',
  },
];

const freshMs = 15_000;
const statementTimeoutMs = 5_000;

/** Adds the installation's figures to the registry. They are read when scraped, at most every 15 s, and in turn. */
export const installationMetrics = (
  metrics: MetricsRegistry,
  deps: { readonly db: Database; readonly clock: Clock; readonly log: Logger },
): void => {
  const { db, clock, log } = deps;
  // Each awaits the one reading that serves them all.
  const gauges = figures.map(
    ({ name, help, label }) =>
      new Gauge({
        name,
        help,
        labelNames: label ? [label] : [],
        registers: [metrics.registry],
        collect: () => refresh(),
      }),
  );
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    for (const [i, { label, always = [], sql, name }] of figures.entries()) {
      const gauge = gauges[i];
      if (!gauge) continue;
      try {
        const { rows } = await withSystem(db, async (tx) => {
          await tx.$client.query(`SET LOCAL statement_timeout = ${statementTimeoutMs}`);
          return tx.$client.query<unknown[]>({ text: sql, rowMode: 'array' });
        });
        gauge.reset();
        if (label === undefined) set(gauge, rows[0]?.[0]);
        else {
          for (const value of always) gauge.set({ [label]: value }, 0);
          for (const [value, number] of rows)
            if (number !== null) gauge.set({ [label]: String(value) }, Number(number));
        }
      } catch (error) {
        // An old figure is worse than none.
        gauge.reset();
        gauge.remove();
        log.debug({ err: error, figure: name }, 'a figure could not be read');
      }
    }
    readAt = clock.monotonicMs();
  };

  const refresh = async (): Promise<void> => {
    if (clock.monotonicMs() - readAt < freshMs) return;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    await reading;
  };
};

const set = (gauge: Gauge, value: unknown): void => {
  if (value === null || value === undefined) gauge.remove();
  else gauge.set(Number(value));
};
