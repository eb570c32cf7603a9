import { withSystem } from '../../db/index.js';
import type { DraftStore } from './draft-store.js';
import type { EvidenceDeps } from './evidence-deps.js';
import { refusal } from './refusal.js';
import type { UploadLocks } from './upload-locks.js';

/** Of one unit at the same time. */
const maxOpenUploads = 16;

/**
 * An upload begun anew replaces those before of the same file, and those of files that the unit gave up, or that are here, make room: else what a unit could
 * not end would keep it from sending anything for a week. Refuses with 429 where there are too many all the same.
 */
export const makeRoomForUpload = async (
  {
    database,
    drafts,
    locks,
  }: Pick<EvidenceDeps, 'database'> & { readonly drafts: DraftStore; readonly locks: UploadLocks },
  { unitId, evidenceId }: { readonly unitId: string; readonly evidenceId: string },
): Promise<void> => {
  const drop = (uploadId: string) => locks.hold(uploadId, () => drafts.drop(uploadId));
  const open = await drafts.listOf(unitId);
  for (const one of open) if (one.evidenceId === evidenceId) await drop(one.uploadId);
  const others = open.filter((one) => one.evidenceId !== evidenceId);
  if (others.length < maxOpenUploads) return;
  const { rows } = await withSystem(
    database,
    (tx) =>
      tx.$client.query<{ id: string }>(
        `SELECT id FROM evidence WHERE unit_id = $1 AND id = ANY($2) AND state IN ('given_up', 'complete')`,
        [unitId, others.map((one) => one.evidenceId)],
      ),
    { readOnly: true },
  );
  const over = others.filter((one) => rows.some(({ id }) => id === one.evidenceId));
  for (const { uploadId } of over) await drop(uploadId);
  if (others.length - over.length >= maxOpenUploads) {
    throw refusal(429, `No more than ${maxOpenUploads} uploads of one unit at a time`);
  }
};
