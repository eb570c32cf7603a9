import { toHubError } from '@hallhub/shared';
import type { FragmentStream } from '../pipeline/fragment-stream.js';
import type { RecordingStore } from '../recording/index.js';

export interface CameraRecordingOptions {
  readonly cameraId: string;
  readonly store: RecordingStore;
  readonly fragments: FragmentStream;
  readonly log: (level: 'warn', message: string, fields: Record<string, unknown>) => void;
}

/** One camera's stream on its way into its ring, as long as it is to be recorded. */
export class CameraRecording {
  readonly #options: CameraRecordingOptions;
  #leave: (() => void) | undefined;
  #isStopped = false;
  /** The newest word: a folder takes a while to be looked through. */
  #hours = 0;

  constructor(options: CameraRecordingOptions) {
    this.#options = options;
  }

  get figures() {
    return this.#options.store.figures(this.#options.cameraId);
  }

  /** 0: it is not recorded. Never throws: a camera that cannot be recorded is looked at all the same. */
  async keep(hours: number): Promise<void> {
    const { store, fragments, cameraId, log } = this.#options;
    this.#hours = hours;
    if (hours <= 0) return this.#end();
    try {
      const ring = await store.record(cameraId, hours);
      if (this.#isStopped || this.#leave || this.#hours <= 0) return;
      this.#leave = fragments.subscribe(ring, (error) =>
        log('warn', 'the recording of a camera broke off', { cameraId, error: String(error) }),
      );
    } catch (error) {
      log('warn', 'a camera cannot be recorded', { cameraId, error: toHubError(error).message });
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#end();
  }

  #end(): void {
    this.#leave?.();
    this.#leave = undefined;
  }
}
