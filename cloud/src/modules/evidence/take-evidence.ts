import { rm, stat } from 'node:fs/promises';
import { HubError, isHubError } from '@hallhub/shared';
import { evidenceHeadBytes, mediaTypeOf } from '@hallhub/shared/wire';
import { hashFile, headOf } from '../../blobs/index.js';
import { withSystem } from '../../db/index.js';
import type { EvidenceDeps } from './evidence-deps.js';
import { findEvidence, placeOfUnit, type UnitPlace } from './find-evidence.js';
import { lockBlob } from './lock-blob.js';

export interface TakenFile {
  readonly unitId: string;
  readonly id: string;
  /** A draft of ours; gone afterwards, but where the database was away: then it can be tried again. */
  readonly file: string;
  /** As the sender announced it. */
  readonly sha256: string;
}

/** What is taken from the unit again is not its manifest's file. */
export const differs = (message: string): HubError =>
  new HubError('invalid_input', message, { context: { evidence: 'differs' } });

/**
 * A file whose bytes are all here: checked (hash, size, first bytes, manifest), then kept. Gives whether its manifest is here too. Throws
 * `invalid_input` with `context.evidence` where it differs, `unsupported` for its kind, `conflict` for another unit's id.
 */
export const takeEvidence = async (deps: EvidenceDeps, taken: TakenFile): Promise<'complete' | 'uploading'> => {
  try {
    const state = await take(deps, taken);
    await rm(taken.file, { force: true });
    return state;
  } catch (error) {
    if (isHubError(error)) await rm(taken.file, { force: true });
    throw error;
  }
};

const take = async (deps: EvidenceDeps, { unitId, id, file, sha256 }: TakenFile): Promise<'complete' | 'uploading'> => {
  const { database, blobs, clock } = deps;
  const bytes = (await stat(file)).size;
  if ((await hashFile(file)) !== sha256) throw differs('The file’s bytes are not what was announced');
  const kind = mediaTypeOf(await headOf(file, evidenceHeadBytes));
  if (!kind) throw new HubError('unsupported', 'The file is not of a kind that is taken as evidence');
  const place = await withSystem(database, (tx) => placeOfUnit(tx, unitId), { readOnly: true });
  const key = { tenantId: place.tenantId, sha256 };
  let isAdopted = false;
  const after = await withSystem(database, async (tx) => {
    await lockBlob(tx, key);
    const known = await check(tx, { place, id, sha256, bytes, kind });
    // A transaction may be run again; a file is taken over once.
    if (!isAdopted) await blobs.adopt(key, file);
    isAdopted = true;
    const state = known?.manifest ? 'complete' : 'uploading';
    // Not an upsert: the proposed row of an insert has no manifest, and would break the table's own check.
    const stored = [state, sha256, bytes, new Date(clock.now())];
    if (known) {
      await tx.$client.query(
        `UPDATE evidence SET state = $4, stored_sha256 = decode($5, 'hex'), stored_bytes = $6, stored_at = $7, changed_at = $7, reason = NULL
         WHERE tenant_id = $1 AND id = $2 AND unit_id = $3`,
        [place.tenantId, id, unitId, ...stored],
      );
    } else {
      await tx.$client.query(
        `INSERT INTO evidence (tenant_id, id, unit_id, hall_id, state, stored_sha256, stored_bytes, stored_at, received_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8, $8, $8)`,
        [place.tenantId, id, unitId, place.hallId, ...stored],
      );
    }
    return { state, known } as const;
  });
  tell(deps, place, { id, state: after.state, deviceId: after.known?.deviceId, eventId: after.known?.eventId });
  return after.state;
};

const check = async (
  tx: Parameters<typeof findEvidence>[0],
  of: {
    readonly place: UnitPlace;
    readonly id: string;
    readonly sha256: string;
    readonly bytes: number;
    readonly kind: string;
  },
) => {
  const { place, id, sha256, bytes, kind } = of;
  const known = await findEvidence(tx, { tenantId: place.tenantId, id, lock: true });
  if (known && known.unitId !== place.unitId) throw new HubError('conflict', 'This id is another unit’s');
  const { manifest } = known ?? {};
  if (manifest && (manifest.sha256 !== sha256 || manifest.bytes !== bytes)) {
    throw differs('The file is not the one of its manifest');
  }
  if (manifest && manifest.mediaType !== kind) {
    throw new HubError('unsupported', `The file is announced as ${manifest.mediaType} and is ${kind}`);
  }
  return known;
};

const tell = (
  { live, clock }: EvidenceDeps,
  { tenantId, hallId }: UnitPlace,
  data: {
    readonly id: string;
    readonly state: string;
    readonly deviceId: string | null | undefined;
    readonly eventId: string | null | undefined;
  },
): void => {
  const { deviceId = null, eventId = null } = data;
  live.publish({
    ...{ tenantId, hallId, atMs: clock.now(), topic: 'events', type: 'evidence.state' },
    ...(deviceId === null ? {} : { deviceId }),
    data: { id: data.id, state: data.state, deviceId, eventId },
  });
};
