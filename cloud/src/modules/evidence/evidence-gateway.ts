import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { HubError, isHubError, uuidPattern } from '@hallhub/shared';
import { type EvidenceStanding, gatewayPaths, maxEvidenceBytes } from '@hallhub/shared/wire';
import { Server, type Upload } from '@tus/server';
import { assertRoom, freeBytesOf } from '../../blobs/index.js';
import { withSystem } from '../../db/index.js';
import type { GatewayModule, GatewayUnit } from '../../gateway/index.js';
import { DraftStore, uploadIdPattern } from './draft-store.js';
import type { EvidenceDeps } from './evidence-deps.js';
import { expireUploads } from './expire-uploads.js';
import { findEvidence, placeOfUnit } from './find-evidence.js';
import { makeRoomForUpload } from './make-room-for-upload.js';
import { refusal } from './refusal.js';
import { takeEvidence } from './take-evidence.js';
import { UploadLocks } from './upload-locks.js';

export interface EvidenceGatewayOptions extends EvidenceDeps {
  /** Where bytes are until they are whole; shared by the processes that serve units. */
  readonly uploadsDir: string;
  /** An upload with no end is dropped so long after its last byte (7 days). */
  readonly expireMs?: number;
  /** Of the disk that uploads lie on. */
  readonly freeBytes?: () => Promise<number | undefined>;
}

export interface EvidenceGateway {
  readonly module: GatewayModule;
  /** Drops abandoned uploads; gives how many. */
  expire(): Promise<number>;
}

const defaultExpireMs = 7 * 86_400_000;
/** One PATCH: units send less at a time. */
const maxRequestBytes = 64 * 1_048_576;
const methods = new Set(['POST', 'PATCH', 'HEAD', 'OPTIONS']);

/** docs/protocol.md 6: tus 1.0 below `/unit/v1/evidence`, each unit for itself, and `state/{id}`: what the cloud has of a file. */
export const openEvidenceGateway = async (options: EvidenceGatewayOptions): Promise<EvidenceGateway> => {
  const { uploadsDir, expireMs = defaultExpireMs, database, clock, log } = options;
  const { freeBytes = () => freeBytesOf(uploadsDir) } = options;
  await mkdir(uploadsDir, { recursive: true, mode: 0o700 });
  const store = new DraftStore(uploadsDir, expireMs);
  const locker = new UploadLocks({ database, clock });
  const caller = new AsyncLocalStorage<GatewayUnit>();
  const unitId = (): string => {
    const unit = caller.getStore();
    if (!unit) throw new HubError('bug', 'An upload without a unit');
    return unit.unitId;
  };

  const begin = async (upload: Upload): Promise<void> => {
    const { id, sha256 } = announced(upload);
    if (!upload.size) throw refusal(400, 'The file is empty, or its length is not said');
    await makeRoomForUpload({ database, drafts: store, locks: locker }, { unitId: unitId(), evidenceId: id });
    await assertFree(upload.size);
    await withSystem(database, async (tx) => {
      const place = await placeOfUnit(tx, unitId());
      const known = await findEvidence(tx, { tenantId: place.tenantId, id, lock: true });
      if (known && known.unitId !== place.unitId) throw refusal(409, 'This id is another unit’s');
      if (known?.state === 'complete') throw refusal(409, 'This file is here already');
      const { manifest } = known ?? {};
      if (manifest && (manifest.sha256 !== sha256 || manifest.bytes !== upload.size)) {
        throw refusal(460, 'The file is not the one of its manifest');
      }
      await tx.$client.query(
        `INSERT INTO evidence (tenant_id, id, unit_id, hall_id, state, received_at, changed_at) VALUES ($1, $2, $3, $4, 'uploading', $5, $5)
         ON CONFLICT (tenant_id, id) DO UPDATE SET state = 'uploading', changed_at = excluded.changed_at
         WHERE evidence.state <> 'complete' AND evidence.unit_id = excluded.unit_id`,
        [place.tenantId, id, place.unitId, place.hallId, new Date(clock.now())],
      );
    });
  };

  const assertFree = async (bytes: number): Promise<void> => {
    try {
      assertRoom(await freeBytes(), bytes);
    } catch (error) {
      log.error({ ...(error as HubError).context }, 'evidence is refused: the disk is nearly full');
      throw refusal(507, (error as HubError).message);
    }
  };

  /** Nobody else writes meanwhile: the tus server has let go of it by now, and bytes that came late would change a file that was checked. */
  const finish = (uploadId: string): Promise<void> =>
    locker.hold(uploadId, async () => {
      const upload = await store.getUpload(uploadId).catch(() => undefined);
      // Another request, here or in another process, found the bytes whole before.
      if (!upload) return assertTaken(uploadIdPattern.exec(uploadId)?.[2] ?? '');
      if (upload.offset !== upload.size) return;
      const { id, sha256 } = announced(upload);
      try {
        await takeEvidence(options, { unitId: unitId(), id, file: store.pathOf(uploadId), sha256 });
      } catch (error) {
        if (!isHubError(error)) throw error;
        const { evidence } = error.context as { evidence?: string };
        log.warn({ unitId: unitId(), id, reason: error.message }, 'evidence was not taken');
        await store.configstore.delete(uploadId);
        await markPending(database, { unitId: unitId(), id, now: clock.now() });
        throw refusal(evidence === 'differs' ? 460 : error.code === 'unsupported' ? 415 : 409, error.message);
      }
      await store.configstore.delete(uploadId);
    });

  const assertTaken = async (id: string): Promise<void> => {
    if ((await standing(id)).sha256 === null) throw refusal(409, 'This upload has ended');
  };

  const server = new Server({
    path: gatewayPaths.evidence,
    datastore: store,
    locker,
    relativeLocation: true,
    maxSize: maxEvidenceBytes,
    allowedOrigins: [],
    namingFunction: (_request, metadata) => {
      if (!uuidPattern.test(metadata?.id ?? '')) throw refusal(400, 'Upload-Metadata names no id');
      return `${unitId()}.${metadata?.id}.${randomBytes(8).toString('hex')}`;
    },
    onIncomingRequest: async (_request, id) => {
      // Somebody else's is as good as not there; nothing else is ever a path.
      if (uploadIdPattern.exec(id)?.[1] !== unitId()) throw refusal(404, 'There is no such upload');
    },
    onUploadCreate: async (_request, upload) => {
      await begin(upload);
      return {};
    },
    onUploadFinish: async (_request, upload) => {
      await finish(upload.id);
      return {};
    },
    onResponseError: (_request, error) => {
      if ('status_code' in error) return undefined;
      log.warn({ err: error }, 'an upload failed');
      return { status_code: isHubError(error, 'not_found') ? 404 : 503, body: 'not now\n' };
    },
  });

  const standing = async (id: string): Promise<EvidenceStanding> => {
    const known = await withSystem(
      database,
      async (tx) => {
        const { tenantId } = await placeOfUnit(tx, unitId());
        return findEvidence(tx, { tenantId, id });
      },
      { readOnly: true },
    );
    const own = known?.unitId === unitId() ? known : undefined;
    return { id, state: own?.state ?? 'unknown', sha256: own?.storedSha256 ?? null, serverTime: clock.now() };
  };

  const serve = async (request: Request): Promise<Response> => {
    const rest = new URL(request.url).pathname.slice(gatewayPaths.evidence.length);
    const asked = /^\/state\/([0-9a-f-]{36})$/.exec(rest)?.[1];
    if (request.method === 'GET' && asked && uuidPattern.test(asked)) return Response.json(await standing(asked));
    if (!methods.has(request.method))
      return new Response(null, { status: 405, headers: { allow: [...methods].join() } });
    if (request.method === 'HEAD') await finishLate(rest.slice(1));
    return server.handleWeb(request);
  };

  /** All bytes came, and this process or another was killed before it looked at them. The upload is gone then, and the unit asks how it stands. */
  const finishLate = async (id: string): Promise<void> => {
    if (uploadIdPattern.exec(id)?.[1] !== unitId()) return;
    const upload = await store.getUpload(id).catch(() => undefined);
    if (!upload || upload.size !== upload.offset) return;
    await finish(id).catch((error) => {
      // Refused, and gone: the unit is told so, and begins anew.
      if (!('status_code' in error)) throw error;
    });
  };

  return {
    module: {
      path: gatewayPaths.evidence,
      maxBodyBytes: maxRequestBytes,
      handle: (request, unit) => caller.run(unit, () => serve(request)),
    },
    expire: () => expireUploads(uploadsDir, clock.now() - expireMs, (id, work) => locker.hold(id, work)),
  };
};

const announced = (upload: Upload): { readonly id: string; readonly sha256: string } => {
  const { id, sha256 } = upload.metadata ?? {};
  if (!id || !uuidPattern.test(id) || !sha256 || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw refusal(400, 'Upload-Metadata has id and sha256');
  }
  return { id, sha256 };
};

const markPending = (
  database: EvidenceDeps['database'],
  { unitId, id, now }: { readonly unitId: string; readonly id: string; readonly now: number },
) =>
  withSystem(database, (tx) =>
    tx.$client.query(
      `UPDATE evidence SET state = 'pending', changed_at = $3 WHERE unit_id = $1 AND id = $2 AND state = 'uploading' AND stored_sha256 IS NULL`,
      [unitId, id, new Date(now)],
    ),
  );
