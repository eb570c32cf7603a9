import type { Heartbeat, Lane, WireClock } from '@hallhub/shared/wire';
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { expiringMs } from '../pki/expiring.js';
import type { UnitDto } from './contract.js';
import { instantText } from './instant-text.js';

interface UnitRecord {
  id: string;
  name: string;
  hall_id: string;
  hall_name: string;
  archived_at: string | null;
  created_at: string;
  version: number;
  presence: 'online' | 'offline';
  reason: string;
  since: string;
  hello_at: string | null;
  last_seen_at: string | null;
  software: string | null;
  protocol: number | null;
  protocol_error: string | null;
  clock: WireClock | null;
  heartbeat: Heartbeat | null;
  join_policy: { policy: 'closed' | 'approve' | 'window'; untilMs?: number } | null;
  online: number;
  offline: number;
  quarantined: number;
  quarantined_values: number;
  open_alarms: number;
  streams: StreamRecord[] | null;
  certificate_ends: string | null;
  certificate_revoked: boolean | null;
  code_until: string | null;
}

interface StreamRecord {
  lane: Lane;
  epoch: string;
  cursor: number;
  committed_at: string | null;
  closed: boolean;
  rows24h: number;
  aside: number;
  gaps: number;
}

/** Units that `where` finds (over `units u`, `unit_links l`), by name, with what they last said of themselves. */
export const readUnits = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly where: SQL; readonly limit: number; readonly now: Date },
): Promise<UnitDto[]> => {
  const dayAgo = new Date(of.now.getTime() - 86_400_000);
  const { rows } = (await tx.execute(sql`
    SELECT u.id, u.name, u.hall_id, h.name AS hall_name, u.archived_at, u.created_at, u.version, l.presence, l.reason, l.since, l.hello_at,
      l.last_seen_at, l.software, l.protocol, l.protocol_error, l.clock, l.heartbeat, l.join_policy, d.online, d.offline, d.quarantined,
      (SELECT count(*)::int FROM alarms a WHERE a.tenant_id = u.tenant_id AND a.unit_id = u.id AND a.cleared_at IS NULL) AS open_alarms, s.streams,
      (SELECT coalesce(sum(p.stored), 0)::int FROM proof_tallies p WHERE p.tenant_id = u.tenant_id AND p.unit_id = u.id
         AND p.hour > ${dayAgo.toISOString()} AND p.kind = 'quarantine') AS quarantined_values,
      c.not_after AS certificate_ends, c.revoked_at IS NOT NULL AS certificate_revoked,
      (SELECT max(e.expires_at) FROM enrolment_codes e WHERE e.unit_id = u.id AND e.used_at IS NULL AND e.withdrawn_at IS NULL
         AND e.expires_at > ${of.now.toISOString()}) AS code_until
    FROM units u JOIN unit_links l ON l.unit_id = u.id JOIN halls h ON h.id = u.hall_id
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE state = 'active' AND presence IN ('online', 'degraded'))::int AS online,
        count(*) FILTER (WHERE state = 'active' AND presence IN ('offline', 'unknown'))::int AS offline,
        count(*) FILTER (WHERE state = 'quarantined')::int AS quarantined
      FROM devices WHERE tenant_id = u.tenant_id AND unit_id = u.id AND revision > 0) d
    CROSS JOIN LATERAL (
      SELECT json_agg(json_build_object('lane', s.lane, 'epoch', s.epoch, 'cursor', s.cursor, 'committed_at', s.committed_at, 'closed', s.closed_at IS NOT NULL,
        'rows24h', (SELECT coalesce(sum(m.row_count), 0) FROM ingest_minutes m
           WHERE m.tenant_id = s.tenant_id AND m.unit_id = s.unit_id AND m.lane = s.lane AND m.minute >= ${dayAgo.toISOString()}),
        'aside', (SELECT count(*) FROM aside_rows r WHERE r.tenant_id = s.tenant_id AND r.unit_id = s.unit_id AND r.lane = s.lane AND r.epoch = s.epoch),
        'gaps', (SELECT count(*) FROM stream_gaps g WHERE g.tenant_id = s.tenant_id AND g.unit_id = s.unit_id AND g.lane = s.lane AND g.epoch = s.epoch)
        ) ORDER BY array_position(ARRAY['events','live','manifest','backlog'], s.lane), s.created_at DESC) AS streams
      FROM streams s WHERE s.tenant_id = u.tenant_id AND s.unit_id = u.id) s
    LEFT JOIN LATERAL (SELECT not_after, revoked_at FROM unit_certificates WHERE tenant_id = u.tenant_id AND unit_id = u.id
      ORDER BY issued_at DESC, id DESC LIMIT 1) c ON true
    WHERE u.tenant_id = ${of.tenantId} AND ${of.where} ORDER BY u.name, u.id LIMIT ${of.limit}`)) as unknown as {
    rows: UnitRecord[];
  };
  return rows.map((row) => toDto(row, of.now));
};

const toDto = (row: UnitRecord, now: Date): UnitDto => {
  const beat = row.heartbeat;
  return {
    id: row.id,
    name: row.name,
    hallId: row.hall_id,
    hallName: row.hall_name,
    state: row.archived_at ? 'archived' : row.hello_at ? 'active' : 'new',
    presence: row.presence,
    presenceReason: row.reason,
    presenceSince: instantText(row.since),
    lastSeenAt: instantText(row.last_seen_at),
    software: row.software,
    protocol: row.protocol,
    protocolError: row.protocol_error,
    clock: row.clock,
    disk: beat?.disk ?? null,
    runwayMs: beat?.runwayMs ?? null,
    runway: beat?.runway ?? null,
    certificateEndsAt: beat?.certificateEndsAt === undefined ? null : new Date(beat.certificateEndsAt).toISOString(),
    memoryBytes: beat?.memoryBytes ?? null,
    devices: { online: row.online, offline: row.offline, quarantined: row.quarantined },
    quarantinedValues24h: row.quarantined_values,
    streams: (row.streams ?? []).map((stream) => {
      const reported = stream.closed ? undefined : beat?.streams.find(({ lane }) => lane === stream.lane);
      return {
        lane: stream.lane,
        epoch: stream.epoch,
        cursor: stream.cursor,
        pending: reported?.pending ?? null,
        oldestAt: reported?.oldestAt == null ? null : new Date(reported.oldestAt).toISOString(),
        committedAt: instantText(stream.committed_at),
        rows24h: stream.rows24h,
        aside: stream.aside,
        gaps: stream.gaps,
        closed: stream.closed,
      };
    }),
    joinPolicy: row.join_policy && {
      policy: row.join_policy.policy,
      until: row.join_policy.untilMs === undefined ? null : new Date(row.join_policy.untilMs).toISOString(),
    },
    openAlarms: row.open_alarms,
    certificate: certificateOf(row, now),
    codeUntil: instantText(row.code_until),
    version: row.version,
    createdAt: instantText(row.created_at),
  };
};

const certificateOf = (row: UnitRecord, now: Date): UnitDto['certificate'] => {
  if (row.certificate_ends === null) return null;
  const endsAt = instantText(row.certificate_ends);
  const leftMs = Date.parse(endsAt) - now.getTime();
  if (row.certificate_revoked) return { state: 'revoked', endsAt };
  return { state: leftMs <= 0 ? 'expired' : leftMs < expiringMs ? 'expiring' : 'valid', endsAt };
};
