import type { Finding, VisionRule } from '@hallhub/shared/vision';
import type { MadeFile } from '../evidence/index.js';
import type { EpisodeOutcome } from '../rules/index.js';
import type { ClipOrder, WatchNews } from '../vision-worker.js';

export type OutcomeNews = Extract<WatchNews, { kind: 'outcomes' }>;

/** A file of a finding, with the id it has in the evidence store. */
export interface DraftFile extends MadeFile {
  readonly id: string;
}

/** A row of a finding that is not told yet: what is known of it, and what it waits for. */
export interface FindingDraft {
  phase: Finding['phase'];
  readonly viewId: string;
  readonly rule: VisionRule;
  readonly startedAt: number;
  endedAt?: number | undefined;
  count?: number | undefined;
  detail?: string | undefined;
  confidence?: number | undefined;
  seen: Finding['seen'];
  picture: Finding['picture'];
  readonly models: Finding['models'];
  faces: Finding['faces'];
  files: DraftFile[];
  waits: ('pictures' | 'clip' | 'end')[];
  order?: ClipOrder;
  /** How often the clip was asked for. */
  tries?: number;
}

const said = ({ count, detail, confidence }: EpisodeOutcome) => ({
  ...(count === undefined ? {} : { count }),
  ...(detail === undefined ? {} : { detail }),
  ...(confidence === undefined ? {} : { confidence }),
});

/** The first row: waits for its pictures. */
export const openingDraft = (outcome: EpisodeOutcome, news: OutcomeNews): FindingDraft => ({
  ...{ phase: outcome.kind, viewId: news.viewId, rule: outcome.rule, startedAt: outcome.startedAt },
  ...said(outcome),
  ...{ seen: [...outcome.seen], picture: { ...news.picture }, models: [...news.models].slice(0, 4) },
  ...{ faces: 'not_looked_for', files: [], waits: ['pictures'] },
});

/** The last row, which brings the clip: waits for it, and for the end where there is one. Undefined: nothing comes after `once`. */
export const closingDraft = (outcome: EpisodeOutcome, news: OutcomeNews): FindingDraft | undefined => {
  const { rule, startedAt, episodeId } = outcome;
  if (!rule.clip && outcome.kind === 'once') return undefined;
  const { cameraId, atMs, people } = news;
  return {
    ...openingDraft(outcome, news),
    phase: 'ended',
    ...(outcome.kind === 'once' ? { endedAt: startedAt } : {}),
    waits: [...(rule.clip ? (['clip'] as const) : []), ...(outcome.kind === 'began' ? (['end'] as const) : [])],
    ...(rule.clip ? { order: { episodeId, cameraId, rule, startedAt, atMs, people: [...people] } } : {}),
  };
};

/** What the end of an episode adds. */
export const endDraft = (draft: FindingDraft, outcome: Extract<EpisodeOutcome, { kind: 'ended' }>): FindingDraft => ({
  ...draft,
  ...said(outcome),
  seen: outcome.seen.length > 0 ? [...outcome.seen] : draft.seen,
  endedAt: Math.max(outcome.endedAt, draft.startedAt),
  waits: draft.waits.filter((one) => one !== 'end'),
});

const share = (value: number): number => Math.min(1, Math.max(0, value));

/** Within the contract, whatever a model's numbers are like: the cloud would refuse the whole row. */
const fitting = (seen: Finding['seen']): Finding['seen'] =>
  seen.slice(0, 32).map((one) => {
    const [x, y, width, height] = one.box;
    return { ...one, confidence: share(one.confidence), box: [share(x), share(y), share(width), share(height)] };
  });

/** As it goes to the cloud, but for its seal. */
export const unsealed = (episodeId: string, draft: FindingDraft, experimental: boolean): Omit<Finding, 'seal'> => {
  const { phase, viewId, rule, startedAt, endedAt, count, detail, confidence, seen, picture, models, faces } = draft;
  return {
    ...{ v: 1, phase, episodeId, viewId, experimental, startedAt, picture, models, faces },
    seen: fitting(seen),
    rule: { id: rule.id, name: rule.name, algorithm: rule.algorithm },
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(count === undefined ? {} : { count }),
    ...(detail === undefined ? {} : { detail: detail.slice(0, 200) }),
    ...(confidence === undefined ? {} : { confidence: share(confidence) }),
    evidence: draft.files.map(({ id, role, sha256, sm3, bytes }) => ({ id, role, sha256, sm3, bytes })),
  };
};
