import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '@hallhub/shared';
import { type EvidenceStanding, evidenceStandingSchema, gatewayPaths } from '@hallhub/shared/wire';
import { type BlobStore, folderBlobStore } from '../../blobs/index.js';
import type { Database } from '../../db/index.js';
import { type HasTeardown, silentLogger, startTestDatabase } from '../../db/testing.js';
import type { LiveEvent } from '../live/live-port.js';
import { addTestHall, type TestHall } from '../streams/testing.js';
import type { EvidenceDeps } from './evidence-deps.js';
import { type EvidenceGateway, openEvidenceGateway } from './evidence-gateway.js';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** By its first bytes; the rest is noise. */
export const testJpeg = (bytes = 5_000): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(bytes - 4)]);

export const testFolder = (t: HasTeardown): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-evidence-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A unit's requests, as the gateway hands them over. */
export class TestSender {
  readonly #gateway: EvidenceGateway;
  readonly #unitId: string;

  constructor(gateway: EvidenceGateway, unitId: string) {
    this.#gateway = gateway;
    this.#unitId = unitId;
  }

  async send(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Uint8Array | ReadableStream<Uint8Array>,
  ): Promise<Response> {
    const request = new Request(new URL(path, 'https://gateway.test'), {
      ...{ method, headers: { 'tus-resumable': '1.0.0', ...headers } },
      ...(body === undefined ? {} : { body: body as never, duplex: 'half' as never }),
    });
    const unit = { unitId: this.#unitId, address: '127.0.0.1', certificateSha256: '' };
    return this.#gateway.module.handle(request, unit);
  }

  create(id: string, of: { readonly bytes: number; readonly sha256: string }): Promise<Response> {
    const text = (value: string) => Buffer.from(value).toString('base64');
    return this.send('POST', gatewayPaths.evidence, {
      'upload-length': String(of.bytes),
      'upload-metadata': `id ${text(id)},sha256 ${text(of.sha256)}`,
    });
  }

  patch(path: string, offset: number, body: Uint8Array | ReadableStream<Uint8Array>): Promise<Response> {
    return this.send(
      'PATCH',
      path,
      { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) },
      body,
    );
  }

  head(path: string): Promise<Response> {
    return this.send('HEAD', path);
  }

  /** The whole file in one go; gives the last answer. */
  async upload(id: string, bytes: Uint8Array, said = sha256Of(bytes)): Promise<Response> {
    const created = await this.create(id, { bytes: bytes.length, sha256: said });
    if (created.status !== 201) return created;
    return this.patch(created.headers.get('location') ?? '', 0, bytes);
  }

  async standing(id: string): Promise<EvidenceStanding> {
    const answer = await this.send('GET', `${gatewayPaths.evidence}/state/${id}`);
    return evidenceStandingSchema.parse(await answer.json());
  }
}

export interface TestEvidence extends TestHall {
  readonly database: Database;
  readonly deps: EvidenceDeps;
  readonly blobs: BlobStore;
  readonly folder: string;
  readonly uploadsDir: string;
  readonly published: LiveEvent[];
  readonly gateway: EvidenceGateway;
  readonly sender: TestSender;
  /** As by another process: its own connection, the same database and folder. */
  openAnother(): Promise<EvidenceGateway>;
  /** A manifest that came by the unit's lane. */
  addManifest(id: string, of: { bytes: number; sha256: string; mediaType?: string }): Promise<void>;
  rows<T extends object>(sql: string, values?: unknown[]): Promise<T[]>;
}

export const startTestEvidence = async (t: HasTeardown, clock: Clock = systemClock): Promise<TestEvidence> => {
  const database = await startTestDatabase(t);
  const hall = await addTestHall(database);
  const folder = testFolder(t);
  const uploadsDir = join(folder, 'uploads');
  const blobs = folderBlobStore(join(folder, 'blobs'));
  const published: LiveEvent[] = [];
  const live = { publish: (event: LiveEvent) => void published.push(event) };
  const deps: EvidenceDeps = { database, blobs, clock, live, log: silentLogger as never };
  const openAnother = () => openEvidenceGateway({ ...deps, uploadsDir });
  const gateway = await openAnother();
  const rows: TestEvidence['rows'] = async (sql, values = []) =>
    (await database.ownerPool.query(sql, values)).rows as never;
  return {
    ...{ ...hall, database, deps, blobs, folder, uploadsDir, published, gateway, openAnother, rows },
    sender: new TestSender(gateway, hall.unitId),
    addManifest: async (id, { bytes, sha256, mediaType = 'image/jpeg' }) => {
      const now = new Date(clock.now());
      await rows(
        `INSERT INTO evidence (tenant_id, id, unit_id, hall_id, state, name, media_type, bytes, sha256, made_at, manifest_at, received_at, changed_at)
         VALUES ($1, $2, $3, $4, 'pending', '照片', $5, $6, decode($7, 'hex'), $8, $8, $8, $8)`,
        [hall.tenantId, id, hall.unitId, hall.hallId, mediaType, bytes, sha256, now],
      );
    },
  };
};
