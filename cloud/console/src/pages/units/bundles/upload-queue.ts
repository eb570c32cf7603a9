import type { Bundle } from '../../../api/bundles.js';
import type { UploadOptions } from '../../../api/upload.js';
import { type BundleHead, type HeadProblem, readBundleHead } from './read-bundle-head.js';

export interface UploadJob {
  readonly id: number;
  /** Who chose the file: another person at this browser does not see it. */
  readonly owner: string;
  readonly name: string;
  readonly bytes: number;
  readonly head: BundleHead | null;
  readonly state: 'waiting' | 'sending' | 'taking' | 'done' | 'failed' | 'refused';
  readonly sentBytes: number;
  /** Why the file was not sent at all. */
  readonly problem: HeadProblem | null;
  readonly error: unknown;
  readonly bundle: Bundle | null;
}

interface Pending {
  readonly job: UploadJob;
  readonly file: Blob;
  readonly settled: (job: UploadJob) => void;
}

export type SendBundle = (file: Blob, options: UploadOptions) => Promise<Bundle>;

/** Sends bundles one after the other, oldest first, whatever page is open meanwhile: one that follows another has to come after it. */
export class UploadQueue {
  readonly #send: SendBundle;
  #jobs: readonly UploadJob[] = [];
  #pending: Pending[] = [];
  /** For another try; a handle, not the bytes. */
  #failed = new Map<number, Pending>();
  #listeners = new Set<() => void>();
  #current: { id: number; abort: AbortController } | undefined;
  #lastId = 0;

  constructor(send: SendBundle) {
    this.#send = send;
  }

  /** The same array until something changes. */
  get jobs(): readonly UploadJob[] {
    return this.#jobs;
  }

  get isBusy(): boolean {
    return this.#pending.length > 0 || this.#current !== undefined;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async add(
    files: readonly (Blob & { readonly name: string })[],
    { owner, settled }: { readonly owner: string; readonly settled: (job: UploadJob) => void },
  ): Promise<void> {
    for (const file of files) {
      // A stick that was pulled out cannot be read: the upload says so in its own words.
      const head = await readBundleHead(file).catch(() => null);
      const problem = typeof head === 'string' ? head : null;
      const job: UploadJob = {
        ...{ id: ++this.#lastId, owner, name: file.name, bytes: file.size, sentBytes: 0, error: null, bundle: null },
        ...{ problem, head: typeof head === 'string' ? null : head, state: problem ? 'refused' : 'waiting' },
      };
      this.#jobs = [...this.#jobs, job];
      if (!problem) this.#pending.push({ job, file, settled });
    }
    this.#queue();
  }

  /** Sends one that failed again. */
  retry(id: number): void {
    const pending = this.#failed.get(id);
    if (!pending) return;
    this.#failed.delete(id);
    this.#pending.push(pending);
    this.#change(id, { state: 'waiting', sentBytes: 0, error: null });
    this.#queue();
  }

  /** Takes a finished one off the list, or stops one that is waiting or being sent. */
  remove(id: number): void {
    if (this.#current?.id === id) this.#current.abort.abort();
    this.#pending = this.#pending.filter(({ job }) => job.id !== id);
    this.#failed.delete(id);
    this.#jobs = this.#jobs.filter((job) => job.id !== id);
    this.#tell();
  }

  #queue(): void {
    this.#pending.sort((a, b) => (a.job.head?.madeAt ?? 0) - (b.job.head?.madeAt ?? 0) || a.job.id - b.job.id);
    this.#tell();
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#current) return;
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      const { job, file, settled } = next;
      const abort = new AbortController();
      this.#current = { id: job.id, abort };
      this.#change(job.id, { state: 'sending' });
      try {
        const bundle = await this.#send(file, {
          signal: abort.signal,
          onProgress: (sentBytes) =>
            this.#change(job.id, { sentBytes, state: sentBytes >= file.size ? 'taking' : 'sending' }),
        });
        this.#change(job.id, { state: 'done', bundle });
      } catch (error) {
        this.#failed.set(job.id, next);
        this.#change(job.id, { state: 'failed', error });
      }
      this.#current = undefined;
      const now = this.#jobs.find(({ id }) => id === job.id);
      if (now) settled(now);
      else this.#failed.delete(job.id);
    }
    this.#tell();
  }

  #change(id: number, patch: Partial<UploadJob>): void {
    this.#jobs = this.#jobs.map((job) => (job.id === id ? { ...job, ...patch } : job));
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
