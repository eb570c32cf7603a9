import type { Timer } from '@hallhub/shared';
import { systemActor } from '../access/actor.js';
import type { VerbContext } from '../access/verb-context.js';
import type { IntakeDeps } from './intake-deps.js';

export type DeskDeps = Pick<IntakeDeps, 'database' | 'clock' | 'live' | 'log'>;

/**
 * Looks into the database, one round after another: a process that was down loses nothing, and any number may have one. A round that fails
 * is told, and the next comes all the same.
 */
export abstract class Desk<Deps extends DeskDeps = DeskDeps> {
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  protected constructor(
    protected readonly deps: Deps,
    private readonly rounds: { readonly everyMs: number; readonly failed: string },
  ) {}

  /** One round; returns how much was done. */
  abstract look(): Promise<number>;

  start(): this {
    const { clock, log } = this.deps;
    this.#timer = clock.setTimeout(() => {
      this.#running ??= this.look()
        .then(() => undefined)
        .catch((error: unknown) => log.warn({ err: error }, this.rounds.failed))
        .finally(() => {
          this.#running = undefined;
        });
      if (!this.#closed) this.start();
    }, this.rounds.everyMs);
    return this;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** `name`: as the ticket tells who did it. */
  protected contextOf(tenantId: string, name: string): VerbContext {
    const { database: db, clock, live } = this.deps;
    return { db, clock, live, request: null, actor: systemActor(tenantId, name) };
  }
}
