import { Backoff, type Clock, HubError, toHubError } from '@hallhub/shared';
import { type EvidenceStanding, evidenceStandingSchema, gatewayPaths } from '@hallhub/shared/wire';
import { DetailedError } from 'tus-js-client';
import { answerOf, type GatewayAnswer, type GatewayRequest } from '../identity/index.js';
import type { LinkBudget } from '../link-budget/index.js';
import type { Logger } from '../ports/index.js';
import type { EvidenceRecord } from '../store/schema.js';
import { EvidenceFile, faultOfFile } from './evidence-file.js';
import type { EvidenceStore } from './evidence-store.js';
import { hashOfFile } from './hash-of-file.js';
import { SparedLine, type SparedLineLimits } from './spared-line.js';
import { uploadEvidence } from './upload-evidence.js';

export interface EvidenceUploaderOptions {
  readonly evidence: EvidenceStore;
  readonly budget: LinkBudget;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly gateway: () => URL | undefined;
  readonly request: (request: GatewayRequest) => Promise<GatewayAnswer>;
  /** The uplink is up: only then is there a line to fill. */
  readonly online: () => boolean;
  /** What goes in low-data mode. */
  readonly sparing: SparedLineLimits;
  readonly random?: () => number;
}

interface Delay {
  readonly notBeforeMs: number;
  readonly backoff: Backoff;
}

const lookEveryMs = 2_000;
const manifestWaitMs = { firstMs: 5_000, maxMs: 300_000 };
const refusalWaitMs = { firstMs: 5_000, maxMs: 3_600_000 };
/** Delays of files that are gone are forgotten when there are so many more than these. */
const rememberedDelays = 1_000;

/** The cloud has the bytes, and not yet the manifest. */
class ManifestMissing extends Error {}

/**
 * Sends what waits, oldest first, one at a time, after everything else on the line; in low-data mode as `sparing` says. An upload goes on where it stopped, also after
 * a restart of either end. A file that the cloud does not take waits longer and longer and holds no other up.
 */
export class EvidenceUploader {
  readonly spared: SparedLine;
  readonly #options: EvidenceUploaderOptions;
  readonly #stopping = new AbortController();
  readonly #delays = new Map<string, Delay>();
  readonly #lineBackoff: Backoff;
  #lineNotBeforeMs = 0;
  #working: Promise<void> | undefined;
  #current: { readonly id: string; readonly bytes: number; sentBytes: number } | undefined;

  constructor(options: EvidenceUploaderOptions) {
    this.#options = options;
    this.spared = new SparedLine(options.clock, options.sparing);
    this.#lineBackoff = new Backoff({ firstMs: 1_000, maxMs: 60_000, jitter: 0.3, random: options.random });
  }

  /** What is being sent now. */
  get current(): { readonly id: string; readonly bytes: number; readonly sentBytes: number } | undefined {
    return this.#current;
  }

  start(): void {
    this.#working ??= this.#work();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new HubError('cancelled', 'stopped'));
    await this.#working;
  }

  async #work(): Promise<void> {
    const { clock, evidence, logger } = this.#options;
    const { signal } = this.#stopping;
    let wake: (() => void) | undefined;
    const stopListening = evidence.onPut(() => wake?.());
    try {
      while (!signal.aborted) {
        try {
          const next = this.#next();
          if (next) {
            await this.#try(next);
            continue;
          }
        } catch (error) {
          // The disk is full, or worse: what could not be written down is done again.
          logger.error({ error: toHubError(error).message }, 'sending evidence failed');
          this.#rest();
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

  #next(): EvidenceRecord | undefined {
    const { online, clock, gateway, evidence } = this.#options;
    const nowMs = clock.monotonicMs();
    if (!online() || gateway() === undefined || nowMs < this.#lineNotBeforeMs) return undefined;
    const held = [...this.#delays].flatMap(([id, { notBeforeMs }]) => (notBeforeMs > nowMs ? [id] : []));
    const bounds = this.#bounds();
    // What was never tried goes before what was refused before.
    return (
      evidence.nextWaiting({ except: [...this.#delays.keys()], ...bounds }) ??
      evidence.nextWaiting({ except: held, ...bounds })
    );
  }

  #bounds(): { readonly onlyBytes?: number; readonly orMadeBefore?: number | undefined } {
    if (!this.#options.budget.lowData || this.spared.leftBytes > 0) return {};
    return { onlyBytes: this.spared.limits.atOnceBytes, orMadeBefore: this.spared.overdueBefore };
  }

  async #try(record: EvidenceRecord): Promise<void> {
    const { evidence } = this.#options;
    const release = evidence.spare(record.evidenceId);
    try {
      await this.#send(record);
      this.#lineBackoff.reset();
      this.#delays.delete(record.evidenceId);
    } catch (error) {
      if (!this.#stopping.signal.aborted) await this.#judge(record, error);
    } finally {
      release();
    }
  }

  /** Whose fault it was decides who waits: this file, or all of them. */
  async #judge(record: EvidenceRecord, error: unknown): Promise<void> {
    const { evidence, logger } = this.#options;
    const { evidenceId: id } = record;
    if (error instanceof ManifestMissing) {
      this.#later(id, manifestWaitMs);
      return;
    }
    const cause = error instanceof DetailedError ? (error.causingError ?? error) : error;
    const status = error instanceof DetailedError ? error.originalResponse?.getStatus() : undefined;
    const isOtherBytes = status === 460 && (await hashOfFile(evidence.pathOf(id))) !== record.sha256;
    const fault = isOtherBytes ? 'damaged' : faultOfFile(cause);
    if (fault) {
      await evidence.giveUp(id, fault);
      return;
    }
    const failure = toHubError(cause);
    if (status === undefined && failure.code !== 'bug') {
      logger.debug({ id, error: failure.message }, 'evidence could not be sent now');
      this.#rest();
      return;
    }
    const said = error instanceof DetailedError ? error.originalResponse?.getBody().trim().slice(0, 200) : undefined;
    const problem = status === undefined ? failure.message : `the cloud said ${status}${said ? `: ${said}` : ''}`;
    logger.warn({ id, problem }, 'a file of evidence was not taken');
    this.#later(id, refusalWaitMs);
    const begunAnew = status !== undefined && status < 500 && status !== 423 && status !== 429;
    await evidence.note(id, { problem: problem.slice(0, 500), ...(begunAnew ? { uploadPath: null } : {}) });
  }

  #rest(): void {
    this.#lineNotBeforeMs = this.#options.clock.monotonicMs() + this.#lineBackoff.nextMs();
  }

  #later(id: string, wait: { readonly firstMs: number; readonly maxMs: number }): void {
    const { clock, evidence, random } = this.#options;
    const backoff = this.#delays.get(id)?.backoff ?? new Backoff({ ...wait, jitter: 0.2, random });
    this.#delays.set(id, { backoff, notBeforeMs: clock.monotonicMs() + backoff.nextMs() });
    if (this.#delays.size <= rememberedDelays + evidence.waiting.files) return;
    for (const known of this.#delays.keys()) if (evidence.get(known)?.state !== 'waiting') this.#delays.delete(known);
  }

  async #send(record: EvidenceRecord): Promise<void> {
    const { evidenceId: id, bytes, sha256 } = record;
    if (await this.#isThere(record)) return;
    this.#current = { id, bytes, sentBytes: 0 };
    try {
      await this.#upload(record);
    } finally {
      this.#current = undefined;
    }
    if (!(await this.#isThere(record))) throw new ManifestMissing();
    this.#options.logger.info({ id, bytes, sha256 }, 'evidence was sent');
  }

  /** Asked before and after: the file goes from here only when the cloud says that it has it, by its hash. */
  async #isThere({ evidenceId: id, sha256 }: EvidenceRecord): Promise<boolean> {
    const standing = await this.#standing(id);
    if (standing.sha256 !== sha256) return false;
    // Its manifest is still on its way, by the manifest lane.
    if (standing.state !== 'complete') throw new ManifestMissing();
    await this.#options.evidence.sent(id);
    return true;
  }

  async #standing(id: string): Promise<EvidenceStanding> {
    const { signal } = this.#stopping;
    const path = `${gatewayPaths.evidence}/state/${id}`;
    const answer = await this.#options.request({ method: 'GET', path, signal });
    return answerOf(answer, evidenceStandingSchema, this.#gateway());
  }

  async #upload(record: EvidenceRecord): Promise<void> {
    const { evidence, budget, request, online } = this.#options;
    const { evidenceId: id } = record;
    await using file = await EvidenceFile.open(evidence.pathOf(id), record);
    await uploadEvidence({
      ...{ record, file, gateway: this.#gateway(), request, budget, signal: this.#stopping.signal },
      onPath: (uploadPath) => evidence.note(id, { uploadPath }),
      onPiece: (bytes, sentBytes) => {
        if (this.#current) this.#current.sentBytes = sentBytes;
        if (!budget.lowData) return online();
        this.spared.sent(bytes);
        return online() && this.spared.mayGo(record);
      },
    });
  }

  #gateway(): URL {
    const url = this.#options.gateway();
    if (!url) throw new HubError('unavailable', 'this unit knows no gateway');
    return url;
  }
}
