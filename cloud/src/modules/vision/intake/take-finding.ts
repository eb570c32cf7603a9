import { HubError, uuidv7 } from '@hallhub/shared';
import { type Finding, findingNumber } from '@hallhub/shared/vision';
import { type Severity, severities } from '@hallhub/shared/wire';
import type { IngestContext } from '../../streams/ingest-context.js';
import { findNearItem, settleItem } from './bundle-items.js';

/** All that one batch says of an episode: its first row, its last, or both. */
export interface EpisodeRows {
  readonly deviceId: string;
  readonly severity: Severity;
  readonly began?: Finding | undefined;
  readonly ended?: Finding | undefined;
  /** As they came: a seal is over fields that a later version may have added, too. */
  readonly beganRow?: object | undefined;
  readonly endedRow?: object | undefined;
}

export interface TakenFinding {
  readonly itemId: string;
  readonly isNew: boolean;
}

interface KnownFinding {
  item_id: string;
  unit_id: string;
  device_id: string;
  began_hash: string | null;
  ended_hash: string | null;
}

/** First half of PostgreSQL's advisory locks of two numbers: no other purpose uses these. */
const lockClass = 4_703;

const worse = (a: Severity, b: Severity): Severity => (severities.indexOf(a) > severities.indexOf(b) ? a : b);

/**
 * Makes an episode part of an item, or tells one that it is over. The rows may come in any order, again, and in pieces: what is known
 * afterwards is the same; undefined: all of it was. What was told of a phase stands, whatever is told of it later: people decide by it.
 * Throws `conflict` where another unit or camera has an episode of that id, and where a phase is told otherwise than before.
 */
export const takeFinding = async (context: IngestContext, given: EpisodeRows): Promise<TakenFinding | undefined> => {
  const { tx, tenantId, unitId, receivedAt } = context;
  const { deviceId } = given;
  const id = ((given.began ?? given.ended) as Finding).episodeId;
  // Two processes that take rows of one camera would each make an item where one is right.
  await tx.$client.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [lockClass, deviceId]);
  // The item before its findings, as whoever decides has it: in the other order each would wait for the other.
  const { rows } = await tx.$client.query<KnownFinding>(
    `SELECT f.item_id, f.unit_id, f.device_id, f.began_hash, f.ended_hash FROM review_findings f
     JOIN review_items i ON i.tenant_id = f.tenant_id AND i.id = f.item_id WHERE f.tenant_id = $1 AND f.id = $2 FOR UPDATE OF i`,
    [tenantId, id],
  );
  const [known] = rows;
  if (known && (known.unit_id !== unitId || known.device_id !== deviceId)) {
    throw foreign();
  }
  const episode = known ? withoutTold(given, known) : given;
  const { began, ended } = episode;
  const first = began ?? ended;
  if (!first) return undefined;
  const times = timesOf(context, episode);
  const itemId = known?.item_id ?? (await itemFor(context, episode, times));
  const facts = factsOf(episode);
  const { rowCount } = await tx.$client.query(
    `INSERT INTO review_findings AS f (tenant_id, id, item_id, hall_id, unit_id, device_id, number, rule_id, rule_name, algorithm, view_id, severity,
       experimental, started_at, ended_at, goes_on, count, detail, confidence, faces, evidence_ids, began, ended, began_hash, ended_hash, received_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
     ON CONFLICT (tenant_id, id) DO UPDATE SET ended_at = greatest(excluded.ended_at, f.ended_at), goes_on = f.goes_on AND excluded.goes_on,
       count = coalesce(greatest(f.count, excluded.count), f.count), detail = coalesce(f.detail, excluded.detail),
       confidence = coalesce(CASE WHEN excluded.ended IS NULL THEN f.confidence END, excluded.confidence, f.confidence),
       evidence_ids = ARRAY(SELECT DISTINCT e FROM unnest(f.evidence_ids || excluded.evidence_ids) AS e ORDER BY e),
       began = coalesce(f.began, excluded.began), ended = coalesce(f.ended, excluded.ended),
       began_hash = coalesce(f.began_hash, excluded.began_hash), ended_hash = coalesce(f.ended_hash, excluded.ended_hash)
     WHERE f.unit_id = excluded.unit_id AND f.device_id = excluded.device_id`,
    [
      ...[tenantId, id, itemId, context.hallId, unitId, deviceId, findingNumber(id)],
      ...[first.rule.id, first.rule.name, first.rule.algorithm, first.viewId, episode.severity, first.experimental],
      ...[times.startedAt, times.endedAt, times.goesOn, facts.count, facts.detail, facts.confidence, first.faces],
      ...[
        facts.evidenceIds,
        json(episode.beganRow),
        json(episode.endedRow),
        began?.seal.hash ?? null,
        ended?.seal.hash ?? null,
        receivedAt,
      ],
    ],
  );
  if (rowCount === 0) throw foreign();
  return { itemId: await settleItem(tx, { tenantId, deviceId }, itemId, receivedAt), isNew: !known };
};

const foreign = (): HubError => new HubError('conflict', 'Another camera has an episode of this id');

/** Throws `conflict` where nothing is left of it and something is another than it was. */
const withoutTold = (given: EpisodeRows, { began_hash, ended_hash }: KnownFinding): EpisodeRows => {
  const { began, beganRow, ended, endedRow, ...rest } = given;
  const fresh = {
    ...rest,
    ...(began && began_hash === null ? { began, beganRow } : {}),
    ...(ended && ended_hash === null ? { ended, endedRow } : {}),
  };
  const isOther = (row: Finding | undefined, told: string | null) => row && told !== null && row.seal.hash !== told;
  if (!fresh.began && !fresh.ended && (isOther(began, began_hash) || isOther(ended, ended_hash))) {
    throw new HubError('conflict', 'This phase of the episode was told before, and otherwise');
  }
  return fresh;
};

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

interface Times {
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly goesOn: boolean;
}

const timesOf = (context: IngestContext, { began, ended }: EpisodeRows): Times => {
  const first = (began ?? ended) as Finding;
  const startedMs = context.correctedMs(first.startedAt);
  const over = ended ?? (began?.phase === 'once' ? began : undefined);
  const endedMs = over ? Math.max(startedMs, context.correctedMs(over.endedAt ?? over.startedAt)) : null;
  return {
    startedAt: new Date(startedMs),
    endedAt: endedMs === null ? null : new Date(endedMs),
    goesOn: endedMs === null,
  };
};

const factsOf = ({ began, ended }: EpisodeRows) => ({
  count:
    Math.max(began?.count ?? -1, ended?.count ?? -1, -1) < 0 ? null : Math.max(began?.count ?? 0, ended?.count ?? 0),
  detail: began?.detail ?? ended?.detail ?? null,
  confidence: ended?.confidence ?? began?.confidence ?? null,
  evidenceIds: [...new Set([...(began?.evidence ?? []), ...(ended?.evidence ?? [])].map(({ id }) => id))].sort(),
});

/** The item that it belongs to: one that is near, or a new one. */
const itemFor = async (context: IngestContext, episode: EpisodeRows, times: Times): Promise<string> => {
  const { tx, tenantId, unitId, hallId, receivedAt } = context;
  const { deviceId, severity } = episode;
  const place = { tenantId, deviceId };
  const near = await findNearItem(tx, place, {
    startedAt: times.startedAt,
    endedAt: times.endedAt ?? times.startedAt,
    now: receivedAt,
  });
  if (near) return near;
  const id = uuidv7(receivedAt.getTime());
  await tx.$client.query(
    `INSERT INTO review_items (id, tenant_id, hall_id, unit_id, device_id, severity, findings, started_at, last_at, goes_on, created_at)
     VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $7, $8, $9)`,
    [id, tenantId, hallId, unitId, deviceId, severity, times.startedAt, times.goesOn, receivedAt],
  );
  return id;
};

/** What a batch says of each episode, in the order of their first rows. */
export const groupEpisodes = (
  rows: readonly {
    readonly deviceId: string;
    readonly severity: Severity;
    readonly finding: Finding;
    readonly row: object;
  }[],
): EpisodeRows[] => {
  const episodes = new Map<string, EpisodeRows>();
  for (const { deviceId, severity, finding, row } of rows) {
    const key = `${deviceId} ${finding.episodeId}`;
    const before = episodes.get(key);
    const part = finding.phase === 'ended' ? { ended: finding, endedRow: row } : { began: finding, beganRow: row };
    episodes.set(key, {
      ...before,
      ...part,
      deviceId,
      severity: before ? worse(before.severity, severity) : severity,
    });
  }
  return [...episodes.values()];
};
