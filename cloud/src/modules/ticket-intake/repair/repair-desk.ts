import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { Desk, type DeskDeps } from '../desk.js';
import { LetBe } from '../let-be.js';
import { tellAdvice } from './count-failures.js';
import { findCleared, findRaised, findUntoldAdvice, findWatched, type WatchedRepair } from './find-repairs.js';
import { openRepair } from './open-repair.js';
import { forgetRepair, isVerification, tellCleared, verifyRepair } from './verify-repair.js';

const waitMs = 60_000;

interface Job {
  readonly tenant_id: string;
  readonly id: string;
}

/**
 * Alarms become repairs by rule, and their ends verify them. It looks at what is in the database, so that a process that was down loses
 * nothing, and any number of processes may run one.
 */
export class RepairDesk extends Desk {
  readonly #letBe: LetBe;

  constructor(deps: DeskDeps, options: { readonly everyMs?: number } = {}) {
    super(deps, { everyMs: options.everyMs ?? 5_000, failed: 'alarms could not be looked at for repairs' });
    this.#letBe = new LetBe(deps.clock);
  }

  override async look(): Promise<number> {
    const { database: db, clock } = this.deps;
    let done = 0;
    for (const alarm of await findRaised(db, { at: new Date(clock.now()), letBe: this.#letBe.ids })) {
      if (await this.#each(alarm, (tx, ctx) => openRepair(tx, ctx, alarm))) done += 1;
    }
    for (const one of await findCleared(db, this.#letBe.ids)) {
      if (await this.#each(one, (tx, ctx) => tellCleared(tx, ctx, one))) done += 1;
    }
    for (const one of await findUntoldAdvice(db, this.#letBe.ids)) {
      if (await this.#each(one, (tx, ctx) => tellAdvice(tx, ctx, one))) done += 1;
    }
    for (const one of await findWatched(db, this.#letBe.ids)) done += await this.#verify(one);
    return done;
  }

  async #verify(one: WatchedRepair): Promise<number> {
    const { database: db } = this.deps;
    if (one.status === 'ended') {
      const ctx = this.contextOf(one.tenant_id, '告警');
      await withTenant(db, ctx.actor, (tx) => forgetRepair(tx, ctx, one.id));
      return 0;
    }
    const published = await withSystem(db, (tx) => readKind(tx, one.tenant_id, one.kind, one.kind_version));
    if (!isVerification(published?.kind.steps.find(({ id }) => id === one.step))) return 0;
    // Not let be where it only waits for time to pass: it is asked again in the next round.
    let verified = false;
    await this.#each(one, async (tx, ctx) => {
      verified = await verifyRepair(tx, ctx, one);
      return true;
    });
    return verified ? 1 : 0;
  }

  /** What one cannot do stops no other; it is tried again after a while. False: nothing came of it. */
  async #each(of: Job, work: (tx: Tx, ctx: VerbContext) => Promise<boolean>): Promise<boolean> {
    const { database: db, log } = this.deps;
    const ctx = this.contextOf(of.tenant_id, '告警');
    try {
      if (await withTenant(db, ctx.actor, (tx) => work(tx, ctx))) return true;
    } catch (error) {
      log.warn({ err: error, of: of.id }, 'an alarm could not become a repair, or could not verify one');
    }
    this.#letBe.add(of.id, waitMs);
    return false;
  }
}
