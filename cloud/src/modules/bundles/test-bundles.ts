import { join } from 'node:path';
import { uuidv7 } from '@hallhub/shared';
import { defaultBatchLimits, receiptSchema } from '@hallhub/shared/wire';
import { folderBlobStore } from '../../blobs/index.js';
import { silentLogger } from '../../db/testing.js';
import { type Caller, startTestApp, testOrigin } from '../../http/testing.js';
import { testFolder } from '../evidence/testing.js';
import { createUnit } from '../fleet/verbs/create-unit.js';
import { addTestCertificate, openTestPki } from '../pki/testing.js';
import { ingestBatch } from '../streams/ingest-batch.js';
import { telemetryWriter } from '../streams/sample-writer.js';
import { createTelemetry } from '../telemetry/index.js';
import { bundleRoutes } from './routes.js';

const nobody = async () => {};
/** Of one bundle here. */
export const testMaxBytes = 400_000;

/** The whole app with these routes, a CA and units that can sign. */
export const startTestBundles = async (t: Parameters<typeof startTestApp>[0]) => {
  const folder = testFolder(t);
  const draftsDir = join(folder, 'drafts');
  const log = silentLogger as never;
  let pki: Awaited<ReturnType<typeof openTestPki>> | undefined;
  const app = await startTestApp(t, {
    routes: ({ db: database, clock, bus: live }) => {
      const alarms = { onSamples: nobody, onEvents: nobody, onPresence: nobody, onDevicesGone: nobody };
      const samples = telemetryWriter(createTelemetry({ database, logger: log }));
      const ingestDeps = { database, clock, live, log, writers: { alarms, samples }, limits: defaultBatchLimits };
      const signing = {
        sign: (document: Uint8Array) => pki!.sign(document),
        trust: () => pki!.trust(),
        verifyUnit: (...given: Parameters<NonNullable<typeof pki>['verifyUnit']>) => pki!.verifyUnit(...given),
      };
      return bundleRoutes({
        ...{
          database,
          clock,
          live,
          log,
          blobs: folderBlobStore(join(folder, 'blobs')),
          draftsDir,
          maxBytes: testMaxBytes,
        },
        ...{ pki: signing, ingest: (input) => ingestBatch(ingestDeps, input) },
      });
    },
  });
  pki = await openTestPki(t, app.db, { clock: app.clock });
  const newUnit = async (tenant: 'main' | 'other' = 'main') => {
    const ctx = app.systemContext(tenant);
    const hallId = tenant === 'main' ? app.hallId : await otherHall();
    const { unit, secret } = await createUnit(ctx, { name: '一号单元', hallId });
    const made = await addTestCertificate(t, app.db, unit.id, { pki: pki!, nowMs: app.clock.now() });
    const signer = { privateKeyPem: made.privateKeyPem, certificate: made.row.certificate };
    return { unitId: unit.id, secret, signer };
  };
  const otherHall = async () => {
    const regionId = uuidv7();
    const hallId = uuidv7();
    await app.db.ownerPool.query(`INSERT INTO regions (id, tenant_id, code, name) VALUES ($1, $2, 'r', 'r')`, [
      regionId,
      app.otherTenantId,
    ]);
    await app.db.ownerPool.query(
      `INSERT INTO halls (id, tenant_id, region_id, code, name, time_zone) VALUES ($1, $2, $3, 'h', 'h', 'Asia/Shanghai')`,
      [hallId, app.otherTenantId, regionId],
    );
    return hallId;
  };
  const post = async (caller: Caller, bytes: Uint8Array | ReadableStream<Uint8Array>) => {
    const response = await app.app.request(`${testOrigin}/api/v1/bundles`, {
      method: 'POST',
      headers: { cookie: caller.cookie, origin: testOrigin, 'content-type': 'application/octet-stream' },
      ...{ body: bytes as never, duplex: 'half' as never },
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    return { status: response.status, body: (await response.json()) as any };
  };
  const receiptOf = async (caller: Caller, id: string) => {
    const text = String((await caller.get(`/bundles/${id}/receipt`)).body);
    return { text, receipt: receiptSchema.parse(JSON.parse(text.split('\n')[0] ?? '')) };
  };
  return { ...app, pki, draftsDir, newUnit, post, receiptOf };
};
