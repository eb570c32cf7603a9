import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isHubError, toHubError, uuidv7 } from '@hallhub/shared';
import { type BatchAnswer, defaultBatchLimits, evidenceOfPart, type Lane, laneOfPart } from '@hallhub/shared/wire';
import { type EvidenceDeps, takeEvidence } from '../evidence/index.js';
import type { IngestInput, IngestOutcome } from '../streams/ingest-batch.js';
import type { BundleReport } from './contract.js';
import { type PlacedPart, type ReadBundle, readPart } from './read-bundle.js';
import { trimBatch } from './trim-batch.js';

export interface TakeDeps extends EvidenceDeps {
  readonly ingest: (input: IngestInput) => Promise<IngestOutcome>;
  /** Where drafts lie. */
  readonly draftsDir: string;
}

const maxBusyTries = 10;

/** As if it had come by the wire: same cursors, same chain, so that nothing counts twice whatever came before, and in whatever order. */
export const takeBundle = async (
  deps: TakeDeps,
  { file, bundle }: { readonly file: string; readonly bundle: ReadBundle },
): Promise<BundleReport> => {
  const { unitId } = bundle.header;
  const lanes = new Map<Lane, BundleReport['lanes'][number]>();
  const stopped = new Set<Lane>();
  const evidence: BundleReport['evidence'] = [];
  for (const part of bundle.parts) {
    const lane = laneOfPart(part.name);
    const evidenceId = evidenceOfPart(part.name);
    if (lane) {
      const told = lanes.get(lane) ?? {
        lane,
        rows: 0,
        repeated: 0,
        aside: 0,
        cursor: 0,
        result: 'committed',
        reason: null,
      };
      lanes.set(lane, told);
      if (!stopped.has(lane) && !(await takeBatch(deps, { unitId, lane, payload: await readPart(file, part), told })))
        stopped.add(lane);
    } else if (evidenceId) evidence.push(await takeFile(deps, { file, part, unitId, evidenceId }));
  }
  return { lanes: [...lanes.values()], evidence };
};

/** False: what follows in this lane cannot fit either. */
const takeBatch = async (
  deps: TakeDeps,
  {
    unitId,
    lane,
    payload,
    told,
  }: { unitId: string; lane: Lane; payload: Uint8Array; told: BundleReport['lanes'][number] },
): Promise<boolean> => {
  let outcome = await ingestPatiently(deps, { unitId, lane, payload });
  if (outcome.answer.result === 'resync') {
    const trimmed = await trimBatch(lane, payload, { answer: outcome.answer, limits: defaultBatchLimits });
    if (trimmed) outcome = await ingestPatiently(deps, { unitId, lane, payload: trimmed });
  }
  const { answer } = outcome;
  told.rows += outcome.rows;
  told.aside += outcome.aside;
  if (answer.result === 'committed') {
    told.cursor = answer.cursor;
    if (outcome.rows === 0) told.repeated += 1;
    return true;
  }
  told.result = answer.result;
  told.reason = reasonOf(answer);
  if (answer.result === 'resync') told.cursor = answer.cursor;
  return false;
};

const reasonOf = ({ result, reason, cursor }: BatchAnswer): string => {
  if (result === 'rejected') return `broken: ${reason ?? 'header'}`;
  if (result === 'busy') return 'the database could not take it now: import the bundle again';
  return `it does not follow what is here (${cursor}): an earlier bundle is missing, or the unit’s disk was changed`;
};

const ingestPatiently = async (deps: TakeDeps, input: IngestInput): Promise<IngestOutcome> => {
  for (let tries = 1; ; tries++) {
    const outcome = await deps.ingest(input);
    if (outcome.answer.result !== 'busy' || tries >= maxBusyTries) return outcome;
    await deps.clock.sleep(Math.min(5_000, outcome.answer.retryAfterMs || 1_000));
  }
};

const takeFile = async (
  deps: TakeDeps,
  { file, part, unitId, evidenceId }: { file: string; part: PlacedPart; unitId: string; evidenceId: string },
): Promise<BundleReport['evidence'][number]> => {
  if (part.end < part.start) return { id: evidenceId, state: 'refused', reason: 'The file is empty' };
  const draft = join(deps.draftsDir, `${uuidv7()}.part`);
  try {
    await pipeline(
      createReadStream(file, { start: part.start, end: part.end }),
      createWriteStream(draft, { mode: 0o600 }),
    );
    const state = await takeEvidence(deps, { unitId, id: evidenceId, file: draft, sha256: part.sha256 });
    return { id: evidenceId, state, reason: null };
  } catch (error) {
    if (!isHubError(error)) throw error;
    return { id: evidenceId, state: 'refused', reason: toHubError(error).message };
  } finally {
    await rm(draft, { force: true });
  }
};
