import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError, uuidv7 } from '@hallhub/shared';
import { freeBytesOf } from '../../../blobs/index.js';
import { withSystem, withTenant } from '../../../db/index.js';
import { principalId } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { placeOfUnit } from '../../evidence/find-evidence.js';
import type { Pki } from '../../pki/pki-port.js';
import type { BundleDto, BundleReport } from '../contract.js';
import { makeReceipt } from '../make-receipt.js';
import { readBundle } from '../read-bundle.js';
import { receiveBundle } from '../receive-bundle.js';
import { type TakeDeps, takeBundle } from '../take-bundle.js';
import { getBundle } from './list-bundles.js';

export interface ImportDeps extends TakeDeps {
  readonly pki: Pick<Pki, 'sign' | 'trust' | 'verifyUnit'>;
  readonly maxBytes: number;
}

/** At a time, in this process: each holds a file of gigabytes. Nobody keeps all others out. */
const maxRunning = 6;
const maxOfOne = 2;
const running: (string | null)[] = [];

/** docs/protocol.md 7. The body goes to disk as it comes; nothing of it counts before all of it was checked. */
export const importBundle = async (
  ctx: VerbContext,
  deps: ImportDeps,
  body: ReadableStream<Uint8Array> | null,
): Promise<BundleDto> => {
  if (!body) throw new HubError('invalid_input', 'There is no file');
  const who = principalId(ctx.actor);
  if (running.length >= maxRunning || running.filter((one) => one === who).length >= maxOfOne) {
    throw new HubError('rate_limited', 'Other bundles are being imported', { context: { retryAfterMs: 5_000 } });
  }
  running.push(who);
  const id = uuidv7(ctx.clock.now());
  const file = join(deps.draftsDir, `${id}.hhb.part`);
  try {
    await mkdir(deps.draftsDir, { recursive: true, mode: 0o700 });
    const { bytes, sha256 } = await receiveBundle(body, file, {
      ...{ maxBytes: deps.maxBytes, clock: ctx.clock },
      freeBytes: () => freeBytesOf(deps.draftsDir),
    });
    const bundle = await readBundle(file, deps.pki);
    const { header } = bundle;
    const place = await withSystem(deps.database, (tx) => placeOfUnit(tx, header.unitId), { readOnly: true });
    // Another organisation's unit is as good as none.
    if (place.tenantId !== ctx.actor.tenantId) throw new HubError('not_found', 'There is no such unit');
    ctx.actor.require('bundle.write', { hallId: place.hallId });
    const report = await takeBundle(deps, { file, bundle });
    const receipt = await makeReceipt(deps, { header, tenantId: place.tenantId });
    await withTenant(ctx.db, ctx.actor, async (tx) => {
      await tx.$client.query(
        `INSERT INTO bundles (id, tenant_id, unit_id, hall_id, bundle_id, sha256, bytes, made_at, imported_at, imported_by, imported_by_name, complete, report, receipt)
         VALUES ($1, $2, $3, $4, $5, decode($6, 'hex'), $7, $8, $9, $10, $11, $12, $13, $14)`,
        [
          ...[id, place.tenantId, header.unitId, place.hallId, header.id, sha256, bytes, new Date(header.madeAt)],
          ...[new Date(ctx.clock.now()), who, ctx.actor.userName, isComplete(report)],
          ...[JSON.stringify(report), receipt],
        ],
      );
      await audit(tx, ctx, {
        action: 'bundle.imported',
        target: { kind: 'bundle', id, name: header.id },
        hallId: place.hallId,
        after: {
          unitId: header.unitId,
          bundleId: header.id,
          sha256,
          rows: report.lanes.reduce((sum, { rows }) => sum + rows, 0),
        },
      });
    });
    return await getBundle(ctx, { bundleId: id });
  } finally {
    running.splice(running.indexOf(who), 1);
    await rm(file, { force: true });
  }
};

const isComplete = ({ lanes, evidence }: BundleReport): boolean =>
  lanes.every(({ result }) => result === 'committed') && evidence.every(({ state }) => state !== 'refused');
