import { type Finding, findingSchema, type VisionRule, visionEventNames } from '@hallhub/shared/vision';
import type { ApiClient } from '../../e2e/api-client.js';
import { loopMs, type SceneTruth } from '../../peers/camera/footage/scene-truth.js';
import { readLive } from '../live-reader.js';
import { trueSpans } from './true-episodes.js';

/** A finding's row as the cloud told it after its commit; epoch ms of this machine's one clock. */
export interface ToldRow {
  readonly rowId: string;
  /** When the unit wrote it. */
  readonly atMs: number;
  readonly arrivedMs: number;
  readonly finding: Finding;
}

/** Every finding that the cloud commits from now on. */
export const readFindings = async (
  api: ApiClient,
  onRow: (row: ToldRow) => void,
  signal: AbortSignal,
): Promise<{ ended: Promise<string> }> =>
  readLive(api, { topics: 'events', signal }, (name, data) => {
    if (name !== 'event') return;
    const { event } = data as { event: { id: string; at: string; event: string; data: unknown } };
    if (event.event !== visionEventNames.finding) return;
    const finding = findingSchema.parse(event.data);
    onRow({ rowId: event.id, atMs: Date.parse(event.at), arrivedMs: Date.now(), finding });
  });

/** One thing that happened and was told: where its time went, ms. */
export interface Delay {
  readonly algorithm: VisionRule['algorithm'];
  /** From the moment from which on the rule could have known to the row in the cloud. */
  readonly allMs: number;
  /** Until the picture that proves it, by the unit's stamp. */
  readonly seenMs: number;
  /** From that stamp to when the agent heard what the rule says of it; undefined where no other row tells. */
  readonly lookMs: number | undefined;
  /** Until its pictures were made. */
  readonly picturesMs: number | undefined;
  /** Until the row was written. */
  readonly rowMs: number | undefined;
  /** Until the cloud had committed it. */
  readonly uploadMs: number;
  /** The clip came with a later row. */
  readonly isBeforeClip: boolean;
}

/** A UUIDv7 says when it was made: of an episode the picture's time, of other rows and of evidence the agent's. */
export const madeAtMs = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

/**
 * Sets rows against what is true of a scene that goes round since `startedAtMs`, between `fromMs` and `toMs`. What is told without a truth
 * near by, or not told, is `unmatched`: accuracy is measured elsewhere.
 */
export const delaysOf = (
  rows: readonly ToldRow[],
  {
    truth,
    rules,
    startedAtMs,
    fromMs,
    toMs,
    slackMs,
  }: {
    readonly truth: SceneTruth;
    readonly rules: readonly VisionRule[];
    readonly startedAtMs: number;
    readonly fromMs: number;
    readonly toMs: number;
    readonly slackMs: number;
  },
): { readonly delays: readonly Delay[]; readonly missed: number; readonly strange: number } => {
  const first = rows.filter(({ rowId, finding }) => rowId === finding.episodeId);
  const later = new Map(
    rows.filter(({ rowId, finding }) => rowId !== finding.episodeId).map((one) => [one.finding.episodeId, one]),
  );
  const delays: Delay[] = [];
  let [missed, strange] = [0, 0];
  const roundMs = loopMs(truth);
  for (const rule of rules) {
    const left = first.filter(({ finding }) => finding.rule.id === rule.id);
    const spans = (trueSpans(truth, rule) ?? []).filter((span) => span.fromMs > 0);
    for (let round = Math.floor((fromMs - startedAtMs) / roundMs); startedAtMs + round * roundMs < toMs; round++) {
      for (const span of spans) {
        const isMoment = span.toMs === span.fromMs;
        if (!isMoment && span.toMs - span.fromMs < rule.forMs + slackMs) continue;
        const beganMs = startedAtMs + round * roundMs + span.fromMs;
        const dueMs = beganMs + rule.forMs;
        if (dueMs < fromMs || dueMs > toMs) continue;
        const at = left.findIndex(({ finding }) => Math.abs(finding.startedAt - beganMs) <= slackMs);
        const [row] = at < 0 ? [] : left.splice(at, 1);
        if (!row) missed++;
        else delays.push(delayOf(row, later.get(row.rowId), { rule, dueMs }));
      }
    }
    strange += left.filter(({ finding }) => finding.startedAt >= fromMs && finding.startedAt <= toMs).length;
  }
  return { delays, missed, strange };
};

const delayOf = (
  { rowId, atMs, arrivedMs, finding }: ToldRow,
  closing: ToldRow | undefined,
  { rule, dueMs }: { rule: VisionRule; dueMs: number },
): Delay => {
  const seenAtMs = madeAtMs(rowId);
  const heardMs = closing && madeAtMs(closing.rowId);
  const madeMs = finding.evidence[0] && madeAtMs(finding.evidence[0].id);
  return {
    ...{ algorithm: rule.algorithm, allMs: arrivedMs - dueMs, seenMs: seenAtMs - dueMs },
    lookMs: heardMs === undefined ? undefined : heardMs - seenAtMs,
    picturesMs: heardMs === undefined || madeMs === undefined ? undefined : madeMs - heardMs,
    rowMs: madeMs === undefined ? undefined : atMs - madeMs,
    ...{ uploadMs: arrivedMs - atMs, isBeforeClip: !closing || closing.arrivedMs > arrivedMs },
  };
};
