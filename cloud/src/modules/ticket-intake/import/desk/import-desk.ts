import { randomUUID } from 'node:crypto';
import type { Timer } from '@hallhub/shared';
import { withSystem, withTenant } from '../../../../db/index.js';
import { type Actor, systemActor } from '../../../access/actor.js';
import type { VerbContext } from '../../../access/verb-context.js';
import { importActor } from '../import-actor.js';
import type { ImportDeps } from '../import-deps.js';
import type { ImportRow } from '../tables.js';
import { checkRows } from './check-rows.js';
import { endImport, giveBack, takeImport } from './lease.js';
import { makeNextRows } from './make-rows.js';

/** So long one import is gone on with before the next has its turn. */
const turnMs = 3_000;

/**
 * Goes through imports: checks their rows, makes tickets of them. What is to be done stands in the database, under a lease: a process
 * that is killed loses nothing, another (or itself, started again) goes on; any number of processes may run one.
 */
export class ImportDesk {
  readonly #deps: ImportDeps;
  readonly #everyMs: number;
  readonly #stopping = new AbortController();
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(deps: ImportDeps, options: { readonly everyMs?: number } = {}) {
    this.#deps = deps;
    this.#everyMs = options.everyMs ?? 2_000;
  }

  start(): this {
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.wake();
      if (!this.#stopping.signal.aborted) this.start();
    }, this.#everyMs);
    return this;
  }

  /** Looks now. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#running) this.#again = true;
    else void this.#run();
  }

  /** Resolves when nothing more is to be done at this moment. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.settled();
  }

  #run(): Promise<void> {
    this.#running = (async () => {
      try {
        do {
          this.#again = false;
          while (!this.#stopping.signal.aborted && (await this.#turn()));
        } while (this.#again && !this.#stopping.signal.aborted);
      } catch (error) {
        if (!this.#stopping.signal.aborted)
          this.#deps.log.warn({ err: error }, 'imports of tickets could not be gone on with');
      } finally {
        this.#running = undefined;
      }
    })();
    return this.#running;
  }

  /** One import for a while. False: none waits. */
  async #turn(): Promise<boolean> {
    const { database, clock } = this.#deps;
    const row = await takeImport(database, randomUUID(), clock.now());
    if (!row) return false;
    try {
      const actor = await withSystem(database, (tx) => importActor(tx, row), { readOnly: true });
      const ctx = this.#contextOf(actor ?? systemActor(row.tenantId, row.byName));
      if (!actor?.canAnywhere('ticket.import')) {
        const failure = actor ? 'right' : 'person';
        await withTenant(database, row, (tx) => endImport(tx, ctx, row, { state: 'failed', failure }));
      } else if (row.state === 'checking') await checkRows(this.#deps, ctx, row, this.#stopping.signal);
      else await this.#make(ctx, row);
    } finally {
      await giveBack(database, row, clock.now());
    }
    return true;
  }

  async #make(ctx: VerbContext, row: ImportRow): Promise<void> {
    const endMs = performance.now() + turnMs;
    let end = 'more';
    while (end === 'more' && performance.now() < endMs && !this.#stopping.signal.aborted) {
      end = await makeNextRows(this.#deps, ctx, row);
    }
  }

  #contextOf(actor: Actor): VerbContext {
    const { database: db, clock, live } = this.#deps;
    return { db, clock, live, request: null, actor };
  }
}
