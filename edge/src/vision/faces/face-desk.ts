import { type Clock, HubError, type Label, toHubError } from '@hallhub/shared';
import type { DeviceRegistryView, Logger } from '../../ports/index.js';
import { hallDay } from '../day-tally.js';
import { ModelShelf } from '../models/index.js';
import type { StreamAddress } from '../pipeline/stream-address.js';
import type { FaceBook, FaceOutcome, FaceRecord } from './face-book.js';
import type { FaceSettings } from './face-settings.js';
import type { FaceComparison, FaceSource } from './faces-contract.js';
import type { FacesProcess } from './faces-process.js';

/** Where a picture comes from, as who asks says it. */
export type FacePicture =
  /** From the root. */
  | { readonly file: string }
  | { readonly bytes: Uint8Array }
  /** A camera's picture of now, by its device's id. */
  | { readonly cameraId: string };

export interface FaceQuestion {
  readonly person: FacePicture;
  readonly document: FacePicture;
  /** The kiosk it is done for; a camera that is asked stands for itself. */
  readonly deviceId?: string | undefined;
}

export interface FaceAnswer extends FaceComparison {
  readonly purpose: Label;
  readonly tookMs: number;
}

/** Whether faces can be compared here, and why not. */
export type FaceStanding =
  | { readonly state: 'off' | 'no_model'; readonly reason: string; readonly hint: string }
  | { readonly state: 'ready' };

/** For flows of a kiosk: somebody in front of a camera against the picture on a document. */
export interface FaceComparing {
  readonly standing: FaceStanding;
  /** Bytes of the question are overwritten before this settles. */
  compare(question: FaceQuestion, signal?: AbortSignal): Promise<FaceAnswer>;
}

export interface FaceDeskOptions {
  readonly settings: FaceSettings | undefined;
  readonly modelsFolder: string;
  readonly catalogueAt?: string;
  readonly ffmpeg: string;
  readonly process: Pick<FacesProcess, 'compare' | 'stop'>;
  readonly book: FaceBook;
  readonly registry: Pick<DeviceRegistryView, 'get'>;
  readonly addressOf: (cameraId: string) => StreamAddress | undefined;
  readonly zone: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

const offHint = 'edge.yaml: vision: { faces: { purpose: { zh: 为什么核对 } } }, then restart the agent';

/** The agent's side of comparing faces: whether it may be done, whose pictures, and the record of it. No picture is kept, no numbers of a face. */
export class FaceDesk implements FaceComparing {
  readonly #options: FaceDeskOptions;

  constructor(options: FaceDeskOptions) {
    this.#options = options;
  }

  get settings(): FaceSettings | undefined {
    return this.#options.settings;
  }

  get book(): FaceBook {
    return this.#options.book;
  }

  get standing(): FaceStanding {
    const { settings, modelsFolder, catalogueAt } = this.#options;
    if (!settings) return { state: 'off', reason: 'comparing faces is not set up on this unit', hint: offHint };
    const shelf = new ModelShelf(modelsFolder, catalogueAt);
    for (const role of ['face', 'face-embedding'] as const) {
      const card = shelf.serving(role);
      if (!card) return { state: 'no_model', reason: `no model for ${role}`, hint: 'hub models list' };
      if (shelf.stateOf(card) === 'missing')
        return { state: 'no_model', reason: `${card.id} is not on this unit`, hint: shelf.howToGet(card) };
    }
    return { state: 'ready' };
  }

  /**
   * Throws `precondition_failed` where it is off, `unavailable` without a model or a camera's picture, and what is said of a picture
   * (`invalid_input`, `too_large`, `not_found`), `rate_limited` where too many wait: then nothing was looked at, and nothing is recorded.
   * No answer without its record: what cannot be recorded is not told.
   */
  async compare(question: FaceQuestion, signal?: AbortSignal): Promise<FaceAnswer> {
    try {
      return await this.#compare(question, signal);
    } finally {
      for (const one of [question.person, question.document]) if ('bytes' in one) one.bytes.fill(0);
    }
  }

  async #compare(question: FaceQuestion, signal: AbortSignal | undefined): Promise<FaceAnswer> {
    const { settings, modelsFolder, catalogueAt, process, clock, logger } = this.#options;
    if (!settings)
      throw new HubError('precondition_failed', 'comparing faces is not set up on this unit', { hint: offHint });
    const startedMs = clock.monotonicMs();
    const [person, document] = [this.#source(question.person), this.#source(question.document)];
    const deviceId = this.#deviceOf(question);
    const record = async (outcome: FaceOutcome, reasons: string[], models: string[]) => {
      const at = clock.now();
      const said: FaceRecord = {
        ...{ at, day: hallDay(at, this.#options.zone()), outcome, purpose: settings.purpose.zh, reasons, models },
        ...{ person: person.kind, document: document.kind, deviceId },
      };
      await this.#options.book.note(said);
      logger.info({ ...said }, 'faces were compared');
    };
    try {
      const order = { modelsFolder, ...(catalogueAt === undefined ? {} : { catalogueAt }), person, document };
      const comparison = await process.compare(order, signal);
      const reasons = Object.entries(comparison.pictures).flatMap(([kind, { problems }]) =>
        problems.map(({ reason }) => `${kind}:${reason}`),
      );
      const models = comparison.models.map(({ id }) => id);
      await record(comparison.verdict, [...reasons, ...comparison.notes], models);
      return { ...comparison, purpose: settings.purpose, tookMs: Math.round(clock.monotonicMs() - startedMs) };
    } catch (cause) {
      const error = toHubError(cause);
      if (error.code !== 'rate_limited') await record('failed', [error.code], []);
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.#options.process.stop();
  }

  #source(picture: FacePicture): FaceSource {
    if ('bytes' in picture) return { kind: 'bytes', bytes: picture.bytes };
    if ('file' in picture) return { kind: 'file', path: picture.file };
    const { registry, addressOf, ffmpeg } = this.#options;
    const device = registry.get(picture.cameraId);
    if (device?.state !== 'active') {
      throw new HubError('not_found', `there is no camera ${picture.cameraId} in this hall`, {
        hint: 'hub devices list',
      });
    }
    const address = addressOf(picture.cameraId);
    if (!address) {
      throw new HubError('unavailable', 'where this camera’s pictures come from is not known', {
        hint: 'hub vision status',
      });
    }
    return { kind: 'camera', address, ffmpeg };
  }

  #deviceOf({ person, document, deviceId }: FaceQuestion): string | undefined {
    if (deviceId !== undefined) return deviceId;
    const camera = [person, document].find((one) => 'cameraId' in one);
    return camera && 'cameraId' in camera ? camera.cameraId : undefined;
  }
}
