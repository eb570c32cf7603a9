import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Clock, toHubError } from '@hallhub/shared';
import {
  type AbsentModel,
  type Detector,
  DetectorQueue,
  type FaceFinder,
  isAbsent,
  type LookingRole,
  type ModelIdentity,
  ModelThread,
  type PoseEstimator,
} from '../inference/index.js';

export interface ServingModelsOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly threads: number;
  /** Another catalogue than edge/models. */
  readonly catalogueAt?: string;
  /** A detector came, went, or is another one. */
  readonly onChange: () => void;
  readonly onFault: (code: string, message: string, context?: Record<string, unknown>) => void;
}

/** Beside the detector: who asks for neither pays for neither. */
export interface WantedModels {
  readonly pose: boolean;
  readonly faces: boolean;
}

/** The models that serve, on a thread of their own, opened anew when the files in their folder change: a swap needs no restart. */
export class ServingModels {
  readonly #options: ServingModelsOptions;
  readonly #thread = new ModelThread();
  #wanted: WantedModels = { pose: false, faces: false };
  #queue: DetectorQueue | undefined;
  #pose: PoseEstimator | undefined;
  #faces: FaceFinder | undefined;
  #absent: AbsentModel | undefined;
  #seen: string | undefined;
  #opening: Promise<void> = Promise.resolve();

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

  /** What rules and evidence need from now on; what nobody needs any more is closed. */
  want(wanted: WantedModels): Promise<void> {
    const isSame = wanted.pose === this.#wanted.pose && wanted.faces === this.#wanted.faces;
    this.#wanted = wanted;
    return isSame ? Promise.resolve() : this.#inTurn(() => this.#openOthers());
  }

  /** Looks whether the files changed, and opens what serves now. */
  look(): Promise<void> {
    return this.#inTurn(() => this.#look());
  }

  async close(): Promise<void> {
    await this.#opening;
    const detector = this.#queue?.detector;
    await this.#queue?.close();
    await Promise.all([detector, this.#pose, this.#faces].map((one) => one?.[Symbol.asyncDispose]()));
    await this.#thread[Symbol.asyncDispose]();
  }

  #open<R extends LookingRole>(role: R) {
    const { folder, threads, catalogueAt } = this.#options;
    return this.#thread.open(folder, role, { threads, ...(catalogueAt === undefined ? {} : { catalogueAt }) });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#opening.then(work);
    this.#opening = done.catch(() => undefined);
    return done;
  }

  async #look(): Promise<void> {
    const seen = filesOf(this.#options.folder);
    if (seen === this.#seen) return;
    this.#seen = seen;
    const before = this.#queue?.detector.model.sha256;
    const detector = await this.#open('detector');
    await this.#serveDetector(detector);
    this.#tellDamage(detector);
    if (this.#queue?.detector.model.sha256 !== before) this.#options.onChange();
    await this.#closeOthers();
    await this.#openOthers();
  }

  async #openOthers(): Promise<void> {
    const { pose, faces } = this.#wanted;
    if (!pose || !faces) await this.#closeOthers({ pose: !pose, faces: !faces });
    if (pose && !this.#pose) {
      const opened = await this.#open('pose');
      this.#tellDamage(opened);
      this.#pose = isAbsent(opened) ? undefined : opened;
    }
    if (faces && !this.#faces) {
      const opened = await this.#open('face');
      this.#tellDamage(opened);
      this.#faces = isAbsent(opened) ? undefined : opened;
    }
  }

  async #closeOthers({ pose, faces }: WantedModels = { pose: true, faces: true }): Promise<void> {
    const before = [pose ? this.#pose : undefined, faces ? this.#faces : undefined];
    if (pose) this.#pose = undefined;
    if (faces) this.#faces = undefined;
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

  #tellDamage(opened: object): void {
    if (isAbsent(opened) && opened.absent !== 'none')
      this.#options.onFault('vision_model', opened.message, { hint: opened.hint, model: opened.modelId });
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
