import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Clock, toHubError } from '@hallhub/shared';
import {
  type AbsentModel,
  type Detector,
  DetectorQueue,
  type FaceFinder,
  isAbsent,
  type ModelIdentity,
  openRole,
  type PoseEstimator,
} from '../inference/index.js';

export interface ServingModelsOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly threads: number;
  /** A model came, went, or is another one. */
  readonly onChange: () => void;
  readonly onFault: (code: string, message: string, context?: Record<string, unknown>) => void;
}

/** The models that serve, opened anew when the files in their folder change: a swap needs no restart. */
export class ServingModels {
  readonly #options: ServingModelsOptions;
  #queue: DetectorQueue | undefined;
  #pose: PoseEstimator | undefined;
  #faces: FaceFinder | undefined;
  #absent: AbsentModel | undefined;
  #seen: string | undefined;
  #opening: Promise<void> | undefined;

  constructor(options: ServingModelsOptions) {
    this.#options = options;
  }

  get queue(): DetectorQueue | undefined {
    return this.#queue;
  }

  get pose(): PoseEstimator | undefined {
    return this.#pose;
  }

  get faces(): FaceFinder | undefined {
    return this.#faces;
  }

  /** Why there is no detector. */
  get absent(): AbsentModel | undefined {
    return this.#absent;
  }

  get identities(): readonly ModelIdentity[] {
    return [this.#queue?.detector, this.#pose, this.#faces].flatMap((one) => (one ? [one.model] : []));
  }

  /** Looks whether the files changed, and opens what serves now. */
  look(): Promise<void> {
    this.#opening ??= this.#look().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async close(): Promise<void> {
    await this.#opening;
    const detector = this.#queue?.detector;
    await this.#queue?.close();
    await Promise.all([detector, this.#pose, this.#faces].map((one) => one?.[Symbol.asyncDispose]()));
  }

  async #look(): Promise<void> {
    const seen = filesOf(this.#options.folder);
    if (seen === this.#seen) return;
    this.#seen = seen;
    const { folder, threads } = this.#options;
    const detector = await openRole(folder, 'detector', { threads });
    await this.#serveDetector(detector);
    const [pose, faces] = [await openRole(folder, 'pose', { threads }), await openRole(folder, 'face', { threads })];
    const before = [this.#pose, this.#faces];
    this.#pose = isAbsent(pose) ? undefined : pose;
    this.#faces = isAbsent(faces) ? undefined : faces;
    this.#tellDamage([detector, pose, faces]);
    this.#options.onChange();
    await Promise.all(before.map((one) => one?.[Symbol.asyncDispose]()));
  }

  async #serveDetector(opened: Detector | AbsentModel): Promise<void> {
    if (isAbsent(opened)) {
      const queue = this.#queue;
      this.#queue = undefined;
      this.#absent = opened;
      await queue?.close();
      await queue?.detector[Symbol.asyncDispose]();
      return;
    }
    this.#absent = undefined;
    if (this.#queue) {
      const before = await this.#queue.swap(opened);
      await before[Symbol.asyncDispose]();
    } else this.#queue = new DetectorQueue({ detector: opened, clock: this.#options.clock });
  }

  #tellDamage(opened: readonly object[]): void {
    for (const one of opened) {
      if (isAbsent(one) && one.absent !== 'none')
        this.#options.onFault('vision_model', one.message, { hint: one.hint, model: one.modelId });
    }
  }
}

/** Names, sizes and times of what lies in the folder; drafts are none of it. */
const filesOf = (folder: string): string => {
  try {
    return readdirSync(folder)
      .filter((name) => /\.(?:onnx|ya?ml)$/.test(name) && !name.startsWith('.'))
      .sort()
      .map((name) => {
        const { size, mtimeMs } = statSync(path.join(folder, name));
        return `${name} ${size} ${mtimeMs}`;
      })
      .join('\n');
  } catch (error) {
    return toHubError(error).message;
  }
};
