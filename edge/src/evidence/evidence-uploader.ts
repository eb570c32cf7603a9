import { createReadStream } from 'node:fs';
import { Backoff, type Clock, HubError, toHubError } from '@hallhub/shared';
import { type EvidenceStanding, evidenceStandingSchema, gatewayPaths } from '@hallhub/shared/wire';
import { DetailedError, Upload } from 'tus-js-client';
import { answerOf, type GatewayAnswer, type GatewayRequest } from '../identity/index.js';
import type { LinkBudget } from '../link-budget/index.js';
import type { Logger } from '../ports/index.js';
import type { EvidenceRecord } from '../store/schema.js';
import type { EvidenceStore } from './evidence-store.js';
import { gatewayHttpStack } from './gateway-http-stack.js';
import { hashOfFile } from './hash-of-file.js';

export interface EvidenceUploaderOptions {
  readonly evidence: EvidenceStore;
  readonly budget: LinkBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gateway: () => URL | undefined;
  readonly request: (request: GatewayRequest) => Promise<GatewayAnswer>;
  /** The uplink is up: only then is there a line to fill. */
  readonly online: () => boolean;
  readonly random?: () => number;
}

const lookEveryMs = 2_000;
const maxPieceBytes = 1_048_576;
/** Files looked at for one that may go now. */
const lookAhead = 200;
const manifestWaitMs = 5_000;

class Postponed extends Error {}

/**
 * Sends what waits, oldest first, one at a time, after everything else on the line; in low-data mode not at all. An upload goes on where it stopped, also after a
 * restart of either end. A file that the cloud does not take waits longer and longer and holds no other up.
 */
export class EvidenceUploader {
  readonly #options: EvidenceUploaderOptions;
  readonly #stopping = new AbortController();
  readonly #notBefore = new Map<string, { monoMs: number; backoff: Backoff }>();
  readonly #lineBackoff: Backoff;
  #lineNotBeforeMs = 0;
  #working: Promise<void> | undefined;
  #current: { readonly id: string; readonly bytes: number; sentBytes: number } | undefined;

  constructor(options: EvidenceUploaderOptions) {
    this.#options = options;
    this.#lineBackoff = new Backoff({ firstMs: 1_000, maxMs: 60_000, jitter: 0.3, random: options.random });
  }

  /** What is being sent now. */
  get current(): { readonly id: string; readonly bytes: number; readonly sentBytes: number } | undefined {
    return this.#current;
  }

  start(): void {
    this.#working ??= this.#work().catch((error) => {
      if (!this.#stopping.signal.aborted) {
        this.#options.logger.error({ error: String(error) }, 'sending evidence ended');
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new HubError('cancelled', 'stopped'));
    await this.#working;
  }

  async #work(): Promise<void> {
    const { clock, evidence } = this.#options;
    const { signal } = this.#stopping;
    let wake: (() => void) | undefined;
    const stopListening = evidence.onPut(() => wake?.());
    try {
      while (!signal.aborted) {
        const next = this.#next();
        if (next) {
          await this.#try(next);
          continue;
        }
        const rested = new AbortController();
        wake = () => rested.abort();
        await clock.sleep(lookEveryMs, AbortSignal.any([signal, rested.signal])).catch(() => undefined);
        wake = undefined;
      }
    } finally {
      stopListening();
    }
  }

  #mayGo(): boolean {
    const { online, budget, clock, gateway } = this.#options;
    return online() && !budget.lowData && gateway() !== undefined && clock.monotonicMs() >= this.#lineNotBeforeMs;
  }

  #next(): EvidenceRecord | undefined {
    if (!this.#mayGo()) return undefined;
    const monoMs = this.#options.clock.monotonicMs();
    return this.#options.evidence
      .listWaiting(lookAhead)
      .find(({ evidenceId }) => (this.#notBefore.get(evidenceId)?.monoMs ?? 0) <= monoMs);
  }

  async #try(record: EvidenceRecord): Promise<void> {
    const { clock, evidence, logger } = this.#options;
    const { evidenceId: id } = record;
    try {
      await this.#send(record);
      this.#lineBackoff.reset();
      this.#notBefore.delete(id);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      if (error instanceof Postponed) {
        this.#later(id, manifestWaitMs);
        return;
      }
      const status = error instanceof DetailedError ? error.originalResponse?.getStatus() : undefined;
      if (status === 460 && (await hashOfFile(evidence.pathOf(id))) !== record.sha256) {
        await evidence.giveUp(id, 'damaged');
        return;
      }
      const failure = toHubError(error instanceof DetailedError ? (error.causingError ?? error) : error);
      if (status === undefined && failure.code !== 'bug') {
        logger.debug({ id, error: failure.message }, 'evidence could not be sent now');
        this.#lineNotBeforeMs = clock.monotonicMs() + this.#lineBackoff.nextMs();
        return;
      }
      const said = error instanceof DetailedError ? error.originalResponse?.getBody().trim().slice(0, 200) : undefined;
      const problem = status === undefined ? failure.message : `the cloud said ${status}${said ? `: ${said}` : ''}`;
      logger.warn({ id, problem }, 'the cloud did not take a file of evidence');
      const begunAnew = status !== undefined && status < 500 && status !== 423 && status !== 429;
      await evidence.note(id, { problem: problem.slice(0, 500), ...(begunAnew ? { uploadPath: null } : {}) });
      this.#later(id);
    }
  }

  #later(id: string, ms?: number): void {
    const known = this.#notBefore.get(id);
    const backoff = known?.backoff ?? new Backoff({ firstMs: 5_000, maxMs: 3_600_000, jitter: 0.2 });
    this.#notBefore.set(id, { backoff, monoMs: this.#options.clock.monotonicMs() + (ms ?? backoff.nextMs()) });
  }

  async #send(record: EvidenceRecord): Promise<void> {
    const { evidenceId: id, sha256 } = record;
    if (await this.#isThere(record)) return;
    this.#current = { id, bytes: record.bytes, sentBytes: 0 };
    try {
      await this.#upload(record);
    } finally {
      this.#current = undefined;
    }
    if (!(await this.#isThere(record))) throw new Postponed();
    this.#options.logger.info({ id, bytes: record.bytes, sha256 }, 'evidence was sent');
  }

  /** Asked before and after: the file goes from here only when the cloud says that it has it, by its hash. */
  async #isThere({ evidenceId: id, sha256 }: EvidenceRecord): Promise<boolean> {
    const standing = await this.#standing(id);
    if (standing.sha256 !== sha256) return false;
    // Its manifest is still on its way, by the manifest lane.
    if (standing.state !== 'complete') throw new Postponed();
    await this.#options.evidence.sent(id);
    return true;
  }

  async #standing(id: string): Promise<EvidenceStanding> {
    const { request, gateway } = this.#options;
    const url = gateway();
    if (!url) throw new HubError('unavailable', 'this unit knows no gateway');
    const { signal } = this.#stopping;
    const answer = await request({ method: 'GET', path: `${gatewayPaths.evidence}/state/${id}`, signal });
    return answerOf(answer, evidenceStandingSchema, url);
  }

  #upload(record: EvidenceRecord): Promise<void> {
    const { evidence, budget, gateway, request, online } = this.#options;
    const { evidenceId: id, sha256, uploadPath } = record;
    const url = gateway();
    if (!url) return Promise.reject(new HubError('unavailable', 'this unit knows no gateway'));
    const { signal } = this.#stopping;
    const pieceBytes = () => Math.max(1_024, Math.min(maxPieceBytes, budget.batchBytes));
    return new Promise((resolve, reject) => {
      const onStop = () => {
        void upload.abort();
        reject(signal.reason);
      };
      const end = (action: () => void) => {
        signal.removeEventListener('abort', onStop);
        action();
      };
      const upload = new Upload(createReadStream(evidence.pathOf(id)), {
        endpoint: new URL(gatewayPaths.evidence, url).href,
        ...(uploadPath ? { uploadUrl: new URL(uploadPath, url).href } : {}),
        metadata: { id, sha256 },
        chunkSize: pieceBytes(),
        uploadSize: record.bytes,
        retryDelays: null as unknown as number[],
        storeFingerprintForResuming: false,
        httpStack: gatewayHttpStack({ request, budget, signal }),
        onUploadUrlAvailable: () => {
          const path = upload.url ? new URL(upload.url, url).pathname : null;
          if (path !== uploadPath) evidence.note(id, { uploadPath: path }).catch((error) => end(() => reject(error)));
        },
        onChunkComplete: (_size, accepted) => {
          if (this.#current) this.#current.sentBytes = accepted;
          upload.options.chunkSize = pieceBytes();
          if ((budget.lowData || !online()) && accepted < record.bytes) {
            void upload.abort();
            end(() => reject(new HubError('unavailable', 'the line is spared')));
          }
        },
        onError: (error) => end(() => reject(error)),
        onSuccess: () => end(resolve),
      });
      signal.addEventListener('abort', onStop, { once: true });
      upload.start();
    });
  }
}
