import { toHubError } from '@hallhub/shared';
import type { Box, CameraView, Seen } from '@hallhub/shared/vision';
import { antiForgeryCode, EarlierPictures, type EvidenceMaker } from './evidence/index.js';
import type { Picture } from './pipeline/picture.js';
import type { Track } from './pipeline/track.js';
import { type EngineSnapshot, type EpisodeOutcome, needsOf, type Observation, RuleEngine } from './rules/index.js';
import type { ClipOrder, WatchedCamera, WatchNews, WatchSettings } from './vision-worker.js';

export interface ViewWatchOptions {
  readonly camera: Omit<WatchedCamera, 'source'>;
  readonly view: CameraView;
  readonly settings: Pick<WatchSettings, 'zone' | 'placeName' | 'position' | 'overlayKey'>;
  readonly evidence: Pick<EvidenceMaker, 'pictures' | 'clip'>;
  readonly models: () => readonly { readonly id: string; readonly sha256: string }[];
  readonly tell: (news: WatchNews) => void;
  readonly keepEveryMs?: number;
}

type Look = Omit<Observation, 'cameraId' | 'viewId' | 'picture'> & { readonly picture: Picture };

const isEpisode = (outcome: { kind: string }): outcome is EpisodeOutcome =>
  outcome.kind !== 'flow' && outcome.kind !== 'heat';

/** One view of one camera in the child process: its rules, what they say, and the pictures that prove it. */
export class ViewWatch {
  readonly #options: ViewWatchOptions;
  readonly #engine: RuleEngine;
  readonly #earlier = new EarlierPictures();
  #keptAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: ViewWatchOptions) {
    const { camera, view, settings } = options;
    this.#options = options;
    this.#engine = new RuleEngine({ rules: view.rules, zone: settings.zone, viewId: view.id });
    const kept = camera.kept.find(({ viewId }) => viewId === view.id);
    if (kept) this.#engine.restore(kept);
  }

  get id(): string {
    return this.#options.view.id;
  }

  get needs() {
    return needsOf(this.#options.view.rules);
  }

  /** Each picture that was looked at, also when nobody is in it. */
  observe(look: Look): void {
    const { camera, view } = this.#options;
    if (camera.vision.overlay.layout === 'four') {
      this.#earlier.keep({ atMs: look.atMs, picture: look.picture, people: peopleIn(look.tracks) });
    }
    const observation = { ...look, cameraId: camera.cameraId, viewId: view.id };
    this.#say(this.#engine.observe(observation), look);
  }

  /** About once a second while no pictures come. */
  blind(atMs: number): void {
    this.#say(this.#engine.blind(atMs), { atMs });
  }

  kept(): EngineSnapshot {
    return this.#engine.snapshot();
  }

  #say(
    outcomes: ReturnType<RuleEngine['observe']>,
    { atMs, picture, tracks = [] }: Pick<Look, 'atMs'> & Partial<Look>,
  ): void {
    const { camera, view, models, tell, keepEveryMs = 5_000 } = this.#options;
    const { cameraId } = camera;
    if (outcomes.length === 0) {
      if (Math.abs(atMs - this.#keptAtMs) < keepEveryMs) return;
      this.#keptAtMs = atMs;
      tell({ kind: 'kept', cameraId, kept: this.kept() });
      return;
    }
    this.#keptAtMs = atMs;
    const people = peopleIn(tracks);
    const size = { width: picture?.width ?? 1, height: picture?.height ?? 1 };
    const news = { cameraId, viewId: view.id, atMs, outcomes, kept: this.kept(), people, picture: size };
    tell({ kind: 'outcomes', ...news, models: models() });
    for (const outcome of outcomes) {
      if (isEpisode(outcome) && outcome.kind !== 'ended') void this.#prove(outcome, { atMs, picture, people });
    }
  }

  async #prove(
    { episodeId, rule, seen, startedAt, detail }: EpisodeOutcome,
    { atMs, picture, people }: { atMs: number; picture: Picture | undefined; people: readonly Box[] },
  ): Promise<void> {
    const { camera, settings, evidence, tell } = this.#options;
    const { cameraId, name: cameraName, vision } = camera;
    if (!picture) {
      tell({ kind: 'pictures', episodeId, problem: 'the camera gave no picture' });
      return;
    }
    try {
      const made = await evidence.pictures({
        ...{ episodeId, cameraId, cameraName, rule, seen, startedAt, atMs, people, picture },
        ...{ placeName: settings.placeName, zone: settings.zone, overlay: vision.overlay },
        ...{ way: detail === 'in' || detail === 'out' ? detail : undefined, position: settings.position },
        earlier: this.#earlier.before(atMs),
        code: antiForgeryCode(settings.overlayKey, { episodeId, cameraId, startedAt }),
      });
      tell({ kind: 'pictures', episodeId, ...(made ? { made } : { problem: 'too many findings at once' }) });
    } catch (error) {
      tell({ kind: 'pictures', episodeId, problem: toHubError(error).message });
    }
  }
}

/** Cuts a clip that the desk ordered, and answers. */
export const makeClip = async (
  order: ClipOrder,
  { evidence, tell }: Pick<ViewWatchOptions, 'evidence' | 'tell'>,
): Promise<void> => {
  const { episodeId } = order;
  try {
    const made = await evidence.clip(order);
    tell({ kind: 'clip', episodeId, ...(made ? { made } : { problem: 'nothing of that time is recorded' }) });
  } catch (error) {
    tell({ kind: 'clip', episodeId, problem: toHubError(error).message });
  }
};

const peopleIn = (tracks: readonly Track[]): Seen['box'][] =>
  tracks.filter(({ label }) => label === 'person').map(({ box: [x, y, width, height] }) => [x, y, width, height]);
