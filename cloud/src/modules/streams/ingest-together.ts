import type { SampleRow } from '@hallhub/shared/wire';
import { isTransactionConflict, narrowToTenant, type Tx, withSystem } from '../../db/index.js';
import { type DeviceFacts, readDeviceFacts } from '../fleet/claim-devices.js';
import { isAboutRows } from './about-rows.js';
import { timeOf, watchSamples } from './apply-rows.js';
import { compareWithCursor } from './batch-answer.js';
import { commitCursors } from './commit-cursor.js';
import {
  type Committed,
  commitAlone,
  committedAs,
  cursorOf,
  type IngestDeps,
  type IngestInput,
  type IngestOutcome,
  nothing,
  type OpenBatch,
  openBatch,
  putOff,
  told,
} from './ingest-batch.js';
import { type LockedStream, lockStreams, streamKey } from './lock-stream.js';
import { openContext } from './open-context.js';
import type { PlacedRow } from './read-rows.js';

/** A whole batch and where its answer goes. */
interface Joined extends OpenBatch {
  readonly answer: (outcome: IngestOutcome) => void;
}

/** Nothing but samples: what nearly every batch is. */
interface Plain extends Joined {
  readonly samples: readonly PlacedRow<SampleRow>[];
}

/**
 * Several units' batches in one transaction: what a batch costs beside its rows (a transaction, five statements, a flush to disk) is
 * paid once for all. Each keeps its own cursor, checks and answer. What is not plain, is unknown or held by somebody else, and all of
 * them where one cannot be stored, is written alone. `answer` is called once for each, with its place; nothing is thrown.
 */
export const ingestTogether = async (
  deps: IngestDeps,
  inputs: readonly IngestInput[],
  answer: (i: number, outcome: IngestOutcome) => void,
): Promise<void> => {
  const alone: Joined[] = [];
  const plain = new Map<string, Plain>();
  await Promise.all(
    inputs.map(async (input, i) => {
      const opened = await openBatch(deps, input);
      if ('broken' in opened) return answer(i, opened.broken);
      const joined = { ...opened, answer: (outcome: IngestOutcome) => answer(i, outcome) };
      const samples = samplesOnly(opened);
      // One of a unit: lanes of one unit may be about the same points.
      if (samples && !plain.has(input.unitId)) plain.set(input.unitId, { ...joined, samples });
      else alone.push(joined);
    }),
  );
  if (plain.size > 1) alone.push(...(await commitTogether(deps, [...plain.values()].sort(byUnit))));
  else alone.push(...plain.values());
  for (const one of alone) one.answer(await commitAlone(deps, one));
};

const byUnit = (a: Plain, b: Plain): number => (a.unitId < b.unitId ? -1 : 1);

const samplesOnly = ({ batch, read }: OpenBatch): readonly PlacedRow<SampleRow>[] | undefined => {
  if (batch.header.gap || read.aside.length > 0) return undefined;
  return read.rows.every(({ row }) => row.kind === 'sample') ? (read.rows as PlacedRow<SampleRow>[]) : undefined;
};

/** Gives those that have to be written alone. */
const commitTogether = async (deps: IngestDeps, joined: readonly Plain[]): Promise<readonly Plain[]> => {
  let committed: ReadonlyMap<Plain, Committed>;
  try {
    committed = await withSystem(deps.database, (tx) => commitIn(tx, deps, joined));
  } catch (error) {
    if (isTransactionConflict(error) || isAboutRows(error)) {
      deps.log.warn(
        { err: error, batches: joined.length },
        'one of these batches cannot be stored: each is written alone',
      );
      return joined;
    }
    for (const one of joined) one.answer(putOff(deps, one, error));
    return [];
  }
  for (const [one, its] of committed) one.answer(told(deps, one, its));
  return joined.filter((one) => !committed.has(one));
};

const keyOf = ({ unitId, batch }: Plain): string => streamKey({ ...batch.header, unitId });

const commitIn = async (tx: Tx, deps: IngestDeps, joined: readonly Plain[]): Promise<Map<Plain, Committed>> => {
  const streams = await lockStreams(
    tx,
    joined.map(({ unitId, batch }) => ({ ...batch.header, unitId })),
  );
  const committed = new Map<Plain, Committed>();
  const tenants = new Map<string, [Plain, LockedStream][]>();
  for (const one of joined) {
    const stream = streams.get(keyOf(one));
    if (!stream) continue;
    const stale = compareWithCursor(one.batch.header, stream);
    if (stale) committed.set(one, nothing(stale));
    else tenants.set(stream.tenantId, [...(tenants.get(stream.tenantId) ?? []), [one, stream]]);
  }
  for (const tenantId of [...tenants.keys()].sort()) {
    await narrowToTenant(tx, { tenantId });
    for (const [one, its] of await commitOfTenant(tx, deps, tenantId, tenants.get(tenantId) ?? [])) {
      committed.set(one, its);
    }
  }
  return committed;
};

const commitOfTenant = async (
  tx: Tx,
  deps: IngestDeps,
  tenantId: string,
  batches: readonly (readonly [Plain, LockedStream])[],
): Promise<[Plain, Committed][]> => {
  const ids = batches.flatMap(([{ samples }]) => samples.map(({ row }) => row.deviceId));
  const known = await readDeviceFacts(tx, tenantId, [...new Set(ids)].sort());
  const nowMs = deps.clock.now();
  const own = batches.flatMap(([one, stream]) => {
    const devices = ownDevices(one, known);
    if (!devices) return [];
    const context = openContext(tx, nowMs, { unitId: one.unitId, header: one.batch.header, stream });
    return [{ one, devices, context, samples: timeOf(context, one.samples) }];
  });
  if (own.length === 0) return [];
  await deps.writers.samples(own);
  for (const { context, samples, devices } of own) await watchSamples(context, samples, devices, deps.writers);
  await commitCursors(
    { tx, tenantId, receivedAt: new Date(nowMs) },
    own.map(({ one, context }) => cursorOf(context, one)),
  );
  return own.map(({ one, context }) => [one, committedAs(context, one, 0)]);
};

/** Undefined where one of its devices is not known yet, or is another unit's. */
const ownDevices = (
  { unitId, samples }: Plain,
  known: ReadonlyMap<string, DeviceFacts>,
): ReadonlyMap<string, DeviceFacts> | undefined => {
  const devices = new Map<string, DeviceFacts>();
  for (const { row } of samples) {
    const facts = known.get(row.deviceId);
    if (facts?.unitId !== unitId) return undefined;
    devices.set(row.deviceId, facts);
  }
  return devices;
};
