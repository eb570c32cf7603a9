import { createSign, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Clock, systemClock, uuidv7 } from '@hallhub/shared';
import { type Finding, findingSchema, visionRuleSchema } from '@hallhub/shared/vision';
import { type EventRow, eventRowSchema } from '@hallhub/shared/wire';
import { EvidenceStore } from '../../../evidence/index.js';
import type { UnitIdentity } from '../../../identity/index.js';
import { ClockSegments, Outbox } from '../../../outbox/index.js';
import { silentLogger } from '../../../ports/index.js';
import { Store } from '../../../store/index.js';
import { hashesOf } from '../../evidence/hashes.js';
import type { MadeFile } from '../../evidence/index.js';
import type { EngineSnapshot, EpisodeOutcome, RuleOutcome } from '../../rules/index.js';
import type { ClipOrder, WatchNews } from '../../vision-worker.js';
import { FindingBook } from '../finding-book.js';
import { FindingDesk } from '../finding-desk.js';

export const cameraId = '01a20262-9489-7000-9064-d6158e8a23a8';
export const viewId = '01a20262-9489-7000-9064-d6158e8a23a9';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const zone = [
  [0.1, 0.1],
  [0.4, 0.1],
  [0.4, 0.6],
];
export const rule = (clip: boolean) =>
  visionRuleSchema.parse({
    id: viewId,
    name: '脱岗',
    algorithm: 'absence',
    zone,
    severity: 'warning',
    ...(clip ? { clip: { beforeMs: 10_000, afterMs: 0 } } : {}),
  });
const opened = new Map<string, EpisodeOutcome>();
/** What the child's rules remember: episodes that were told as begun and not as ended. */
export const keptNow = (forgotten: readonly string[] = []): EngineSnapshot => ({
  ...{ v: 1, viewId, heat: { cells: {} } },
  rules: [
    { rule: rule(false), state: null, open: [...opened.values()].filter((one) => !forgotten.includes(one.episodeId)) },
  ],
});
export const jpeg = (text: string) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(text)]);

export interface FindingUnitOptions {
  readonly clock?: Clock;
  readonly identity?: () => UnitIdentity | undefined;
  /** Instead of the store's own. */
  readonly put?: EvidenceStore['put'];
}

export const openStores = async (dataDir: string) => {
  const store = new Store({ dataDir, clock: systemClock, logger: silentLogger });
  const segments = new ClockSegments({ hub: store.hub, clock: systemClock, bootId: uuidv7(), logger: silentLogger });
  const outbox = new Outbox({ store, unitId: uuidv7(), clock: systemClock, segments, logger: silentLogger });
  const faults: string[] = [];
  const onFault = (code: string) => void faults.push(code);
  const limits = { maxBytes: 1e8, maxFileBytes: 1e7 };
  const evidence = new EvidenceStore({ store, outbox, clock: systemClock, logger: silentLogger, limits, onFault });
  await evidence.start();
  return { store, outbox, evidence, faults, onFault };
};

/** A unit's desk over real books; `die` leaves everything as a kill would. */
export const findingUnit = async (dataDir: string, options: FindingUnitOptions = {}) => {
  const { clock = systemClock } = options;
  const { store, outbox, evidence, faults, onFault } = await openStores(dataDir);
  const book = new FindingBook(store);
  const orders: ClipOrder[] = [];
  const identity = {
    certificates: [],
    sign: (bytes: Uint8Array) => createSign('sha256').update(bytes).sign(privateKey),
  } as unknown as UnitIdentity;
  const madeFolder = path.join(dataDir, 'vision', 'outgoing');
  mkdirSync(madeFolder, { recursive: true });
  const desk = new FindingDesk({
    ...{ book, outbox, clock, logger: silentLogger, madeFolder, onFault },
    evidence: { put: options.put ?? ((given) => evidence.put(given)) },
    identity: options.identity ?? (() => identity),
    ...{ nameOf: () => '柜台一', orderClip: (order: ClipOrder) => void orders.push(order) },
  });
  const rows = (): EventRow[] =>
    store.hub.commit.db
      .prepare('SELECT body FROM lane_events ORDER BY seq')
      .pluck()
      .all()
      .map((body) => JSON.parse(String(body)))
      .filter(({ kind, event }) => kind === 'event' && event === 'vision.finding')
      .map((row) => eventRowSchema.parse(row));
  return {
    ...{ store, evidence, book, desk, orders, faults, madeFolder, rows },
    findings: (): Finding[] => rows().map(({ data }) => findingSchema.parse(data)),
    die: async () => {
      await desk.stop();
      store.close();
    },
  };
};
export type Unit = Awaited<ReturnType<typeof findingUnit>>;

export const made = ({ madeFolder }: Unit, name: string, role: MadeFile['role'], bytes = jpeg(name)): MadeFile => {
  const file = path.join(madeFolder, name);
  writeFileSync(file, bytes);
  return { role, file, ...hashesOf(bytes) };
};
export const outcomes = (...list: RuleOutcome[]): WatchNews => {
  for (const one of list) {
    if (one.kind === 'began') opened.set(one.episodeId, one);
    if (one.kind === 'ended') opened.delete(one.episodeId);
  }
  return {
    ...{ kind: 'outcomes', cameraId, viewId, atMs: Date.now(), outcomes: list, kept: keptNow(), people: [] },
    ...{ picture: { width: 640, height: 360 }, models: [{ id: 'nanodet', sha256: '0'.repeat(64) }] },
  };
};
export const began = (episodeId: string, clip = false): RuleOutcome => ({
  ...{ kind: 'began', episodeId, rule: rule(clip), seen: [], startedAt: Date.now() - 1_000 },
});
export const ended = (episodeId: string, startedAt = Date.now() - 1_000): RuleOutcome => ({
  ...{ kind: 'ended', episodeId, rule: rule(false), seen: [], startedAt, endedAt: startedAt + 5_000, count: 2 },
});
export const pictures = (one: Unit, episodeId: string): WatchNews => ({
  ...{ kind: 'pictures', episodeId },
  made: {
    files: [made(one, `${episodeId}.overview.jpg`, 'overview'), made(one, `${episodeId}.closeup.jpg`, 'closeup')],
    ...{ faces: 'blurred', picture: { width: 1_920, height: 1_080 }, source: 'recorded' },
  },
});
export const mp4 = Buffer.concat([Buffer.from([0, 0, 0, 16]), Buffer.from('ftypisom'), Buffer.alloc(20)]);
