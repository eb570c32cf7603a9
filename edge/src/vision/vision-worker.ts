import type { CameraVision, Seen, VisionConfig, VisionRule } from '@hallhub/shared/vision';
import type { ClipPolicy, MadeClip, MadePictures } from './evidence/index.js';
import type { StreamAddress } from './pipeline/stream-address.js';
import type { RecordingFigures } from './recording/index.js';
import type { EngineSnapshot, EpisodeOutcome, RuleOutcome } from './rules/index.js';

/** One camera that is to be looked at. */
export interface WatchedCamera {
  readonly cameraId: string;
  readonly name: string;
  readonly source: StreamAddress;
  readonly vision: CameraVision;
  /** What the rules of its views remembered. */
  readonly kept: readonly EngineSnapshot[];
}

/** All that the child process needs to know; handed over whole whenever something in it changed. Plain JSON. */
export interface WatchSettings {
  /** IANA name of the hall's zone. */
  readonly zone: string;
  readonly placeName: string;
  readonly position?: VisionConfig['position'];
  readonly cameras: readonly WatchedCamera[];
  /** DATA/models. */
  readonly modelsFolder: string;
  /** DATA/vision: recordings, and files on their way to the evidence store. */
  readonly folder: string;
  readonly recording: { readonly maxBytes: number; readonly minFreeBytes: number };
  readonly clips: ClipPolicy;
  readonly ffmpeg: string;
  /** Hex; what codes on pictures are made with. */
  readonly overlayKey: string;
}

/** Facts of rules, by `factKey`: what is left out is not known. */
export type FactValues = Readonly<Record<string, boolean>>;

export const factKey = ({ deviceId, property, equals }: VisionRule['facts'][number]): string =>
  JSON.stringify([deviceId, property, equals]);

/** What a clip is cut by; kept until it is made, over crashes of either process. */
export interface ClipOrder {
  readonly episodeId: string;
  readonly cameraId: string;
  readonly rule: VisionRule;
  readonly startedAt: number;
  /** Epoch ms by the unit's clock: what the clip is around. */
  readonly atMs: number;
  readonly people: readonly Seen['box'][];
}

/** What the child tells. Each is plain JSON; files lie below `WatchSettings.folder` and are the agent's from then on. */
export type WatchNews =
  /** Together, so that a crash between them neither loses nor doubles an episode. */
  | {
      readonly kind: 'outcomes';
      readonly cameraId: string;
      readonly viewId: string;
      readonly atMs: number;
      readonly outcomes: readonly RuleOutcome[];
      readonly kept: EngineSnapshot;
      /** Follow as `pictures`: one for each `began` and `once`. */
      readonly people: readonly Seen['box'][];
      readonly picture: { readonly width: number; readonly height: number };
      readonly models: readonly { readonly id: string; readonly sha256: string }[];
    }
  /** Now and then, so that a crash costs seconds. */
  | { readonly kind: 'kept'; readonly cameraId: string; readonly kept: EngineSnapshot }
  | { readonly kind: 'pictures'; readonly episodeId: string; readonly made?: MadePictures; readonly problem?: string }
  | { readonly kind: 'clip'; readonly episodeId: string; readonly made?: MadeClip; readonly problem?: string };

export type WatchState =
  | 'starting'
  | 'watching'
  /** No pictures come; the reason says why. */
  | 'no_pictures'
  /** Pictures come and are recorded, nobody looks at them: there is no model. */
  | 'no_model'
  | 'stopped';

export interface CameraFigures {
  readonly cameraId: string;
  readonly state: WatchState;
  readonly since: number;
  readonly reason?: string | undefined;
  readonly hint?: string | undefined;
  /** Pictures a second that were looked at lately. */
  readonly fps: number;
  /** Pictures that were looked at since the child began with this camera. */
  readonly looked?: number | undefined;
  readonly skipped: number;
  readonly people: number;
  readonly health: string | null;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly recording?: RecordingFigures | undefined;
}

export interface WatchStatus {
  /** `off`: nothing is to be watched, and there is no process. */
  readonly state: 'off' | 'starting' | 'running' | 'waiting';
  readonly reason?: string | undefined;
  readonly hint?: string | undefined;
  readonly restarts: number;
  readonly pid?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly inference?: {
    readonly model: string;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly waiting: number;
    readonly skipped: number;
  };
  readonly cameras: readonly CameraFigures[];
}

/** The child process as the desk sees it: there is one as long as there is something to watch, and again after a crash. */
export interface VisionWorker {
  readonly status: WatchStatus;
  /** Undefined: nothing is to be watched. */
  apply(settings: WatchSettings | undefined): void;
  tellFacts(facts: FactValues): void;
  /** Answered by `clip` news; asked again where the answer does not come. */
  orderClip(order: ClipOrder): void;
  stop(): Promise<void>;
}

export interface VisionWorkerListener {
  onNews(news: WatchNews): void;
  onStatus(): void;
}

export type { EpisodeOutcome };
