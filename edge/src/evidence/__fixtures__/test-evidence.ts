import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Clock, uuidv7 } from '@hallhub/shared';
import type { Row } from '@hallhub/shared/wire';
import { ClockSegments, Outbox } from '../../outbox/index.js';
import { silentLogger } from '../../ports/index.js';
import { Store } from '../../store/index.js';
import { type EvidenceLimits, EvidenceStore } from '../evidence-store.js';

const unitId = '01900000-0000-7000-8000-00000000000a';
export const testDeviceId = '01900000-0000-7000-8000-00000000000d';

/** By its first bytes; the rest is noise. */
export const testJpeg = (bytes = 5_000): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(bytes - 4)]);

type HasTeardown = { teardown(action: () => unknown): void };

export const testFolder = (t: HasTeardown): string => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hub-evidence-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Evidence over a real store in a folder; opened again, it is as after a power cut. */
export const openTestEvidence = (folder: string, clock: Clock, given: Partial<EvidenceLimits> = {}) => {
  const store = new Store({ dataDir: folder, clock, logger: silentLogger, maxDelayMs: 0 });
  const segments = new ClockSegments({ hub: store.hub, clock, bootId: uuidv7(), logger: silentLogger });
  const outbox = new Outbox({ store, unitId, clock, segments, logger: silentLogger });
  const limits = { maxBytes: 10_000_000, maxFileBytes: 10_000_000, ...given };
  const faults: string[] = [];
  const onFault = (code: string) => void faults.push(code);
  const evidence = new EvidenceStore({ store, outbox, clock, limits, logger: silentLogger, onFault });
  /** What the manifest lane says. */
  const told = (): Row[] =>
    (store.hub.commit.db.prepare('SELECT body FROM lane_manifest ORDER BY seq').pluck().all() as Buffer[]).map((body) =>
      JSON.parse(body.toString()),
    );
  return { store, outbox, segments, evidence, faults, told };
};
