import type { Finding } from '@hallhub/shared/vision';
import type { BlobStore } from '../../../blobs/index.js';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { filesOf } from '../read-reviews.js';
import type { PrivacyReceipt } from '../statistics-contract.js';
import { requireCamera } from '../write-camera.js';

export interface PrivacyDeps {
  readonly blobs: BlobStore;
  readonly keepDays: number;
}

interface DayRow {
  zone: string;
  from: Date;
  to: Date;
}

interface FindingRow {
  faces: Finding['faces'];
  began: Finding | null;
  ended: Finding | null;
  received_at: Date;
}

interface AccessRow {
  name: string;
  times: number;
  files: number | null;
  last_at: Date;
}

const dayMs = 86_400_000;
const mostFindings = 5_000;

/** What one camera's day left behind, and who looked: of the hall's own day, from rows and not from counters. */
export const readPrivacyReceipt = async (
  ctx: VerbContext,
  deps: PrivacyDeps,
  { deviceId, day }: { readonly deviceId: string; readonly day: string },
): Promise<PrivacyReceipt> => {
  const nowMs = ctx.clock.now();
  const known = await withTenant(ctx.db, ctx.actor, (tx) => readDay(tx, ctx, deviceId, day), { readOnly: true });
  const { camera, zone, findings, evidence, looked, exported } = known;
  const files = { left: 0, here: 0, hereBytes: 0, onTheWay: 0, never: 0, deleted: 0 };
  for (const finding of findings) {
    for (const { id, sha256, bytes } of filesOf(finding)) {
      files.left += 1;
      const state = evidence.get(id);
      if (state === 'complete') {
        files.here += 1;
        files.hereBytes += bytes;
      } else if (state === 'given_up' || state === 'missing') files.never += 1;
      else if (state !== undefined || nowMs - finding.received_at.getTime() < deps.keepDays * dayMs)
        files.onTheWay += 1;
      // Another finding may have the same bytes: then they are there, and nobody calls them deleted.
      else if ((await deps.blobs.stat({ tenantId: ctx.actor.tenantId, sha256 })) === undefined) files.deleted += 1;
      else files.here += 1;
    }
  }
  const ofFaces = (kind: Finding['faces']) => findings.filter(({ faces }) => faces === kind).length;
  const mayName = ctx.actor.can('audit.read', { hallId: camera.summary.hallId });
  const sum = (rows: readonly AccessRow[], of: 'times' | 'files') => rows.reduce((all, row) => all + (row[of] ?? 0), 0);
  const lastAt = ({ last_at }: AccessRow) => last_at.toISOString();
  return {
    ...{ deviceId, name: camera.summary.name, hallName: camera.summary.hallName, day, timeZone: zone },
    ...{ purpose: camera.document.purpose, recordHours: camera.document.recordHours, keepDays: deps.keepDays },
    analysed: known.analysed,
    recordedFrom: known.recordedFrom?.toISOString() ?? null,
    deletions: known.deletions.map(({ seq, at, files: count }) => ({
      ...{ at: at.toISOString(), files: count, seq: seq === null ? null : Number(seq) },
    })),
    findings: findings.length,
    faces: {
      ...{ blurred: ofFaces('blurred'), clear: ofFaces('clear'), none: ofFaces('none') },
      notLookedFor: ofFaces('not_looked_for'),
    },
    facesClear: camera.document.views.flatMap(({ rules }) =>
      rules.flatMap(({ name, facesClearBecause }) =>
        facesClearBecause ? [{ rule: name, because: facesClearBecause }] : [],
      ),
    ),
    files,
    looked: {
      times: sum(looked, 'times'),
      people: mayName ? looked.map((row) => ({ name: row.name, times: row.times, lastAt: lastAt(row) })) : [],
    },
    exported: {
      times: sum(exported, 'times'),
      files: sum(exported, 'files'),
      people: mayName ? exported.map((row) => ({ name: row.name, files: row.files ?? 0, lastAt: lastAt(row) })) : [],
    },
    namesShown: mayName,
    madeAt: new Date(nowMs).toISOString(),
  };
};

const readDay = async (tx: Tx, ctx: VerbContext, deviceId: string, day: string) => {
  const { tenantId } = ctx.actor;
  const camera = await requireCamera(tx, ctx, deviceId);
  const { rows: days } = await tx.$client.query<DayRow>(
    `SELECT time_zone AS zone, $2::date::timestamp AT TIME ZONE time_zone AS from, ($2::date + 1)::timestamp AT TIME ZONE time_zone AS to FROM halls WHERE id = $1`,
    [camera.summary.hallId, day],
  );
  const { zone, from, to } = days[0] as DayRow;
  const { rows: findings } = await tx.$client.query<FindingRow>(
    `SELECT faces, began, ended, received_at FROM review_findings WHERE tenant_id = $1 AND device_id = $2 AND started_at >= $3 AND started_at < $4
     ORDER BY started_at LIMIT ${mostFindings}`,
    [tenantId, deviceId, from, to],
  );
  const ids = findings.flatMap((finding) => filesOf(finding).map(({ id }) => id));
  const { rows: states } = await tx.$client.query<{ id: string; state: string }>(
    'SELECT id, state FROM evidence WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    [tenantId, ids],
  );
  // Whoever looked did so, whatever at and whether or not the file is still here: findings keep the ids of files that are deleted.
  const { rows: looked } = await tx.$client.query<AccessRow>(
    `SELECT a.actor_name AS name, count(*)::int AS times, NULL::int AS files, max(a.at) AS last_at FROM audit_entries a
     WHERE a.tenant_id = $1 AND a.at >= $3 AND a.at < $4 AND (
       (a.action IN ('camera.watched', 'recording.viewed') AND a.target_id = $2::text)
       OR (a.action = 'evidence.viewed' AND a.target_id IN (
         SELECT e.id::text FROM evidence e WHERE e.tenant_id = $1 AND e.device_id = $2::uuid
         UNION ALL SELECT unnest(f.evidence_ids)::text FROM review_findings f WHERE f.tenant_id = $1 AND f.device_id = $2::uuid AND f.started_at < $4)))
     GROUP BY a.actor_name ORDER BY count(*) DESC, a.actor_name LIMIT 200`,
    [tenantId, deviceId, from, to],
  );
  const { rows: exported } = await tx.$client.query<AccessRow>(
    `SELECT a.actor_name AS name, count(*)::int AS times, max(a.at) AS last_at,
       sum(CASE WHEN a.action = 'review.exported' THEN coalesce((a.after->>'files')::int, 0) ELSE 1 END)::int AS files FROM audit_entries a
     WHERE a.tenant_id = $1 AND a.action IN ('review.exported', 'recording.downloaded', 'recording.download_broken') AND a.target_id = $2::text AND a.at >= $3 AND a.at < $4
     GROUP BY a.actor_name ORDER BY count(*) DESC, a.actor_name LIMIT 200`,
    [tenantId, deviceId, from, to],
  );
  const { rows: lookedAt } = await tx.$client.query<{ looked: string }>(
    'SELECT looked FROM vision_days WHERE tenant_id = $1 AND device_id = $2 AND day = $3',
    [tenantId, deviceId, day],
  );
  const { rows: recorded } = await tx.$client.query<{ recorded_from: Date | null }>(
    'SELECT recorded_from FROM vision_cameras WHERE tenant_id = $1 AND device_id = $2',
    [tenantId, deviceId],
  );
  // The audit trail is the proof: its rows are chained, and say which files went.
  const { rows: deletions } = await tx.$client.query<{ seq: string | null; at: Date; files: number }>(
    `SELECT a.seq, a.at, count(*)::int AS files FROM audit_entries a, jsonb_array_elements(a.after->'files') f
     WHERE a.tenant_id = $1 AND a.action = 'evidence.deleted' AND a.target_id = $2::text AND f->>'id' = ANY($3::text[])
     GROUP BY a.id, a.seq, a.at ORDER BY a.at LIMIT 50`,
    [tenantId, deviceId, ids],
  );
  const analysed = lookedAt[0] ? Number(lookedAt[0].looked) : null;
  const rest = { looked, exported, deletions, analysed, recordedFrom: recorded[0]?.recorded_from ?? null };
  return { camera, zone, findings, ...rest, evidence: new Map(states.map(({ id, state }) => [id, state])) };
};
