import { isHubError, type Timer } from '@hallhub/shared';
import type { TicketCommand } from '@hallhub/shared/ticket';
import type { Tx } from '../../db/index.js';
import type { VerbContext } from '../access/verb-context.js';
import { actOnTicket } from '../tickets/act-on-ticket.js';
import type { IntakeDeps } from './intake-deps.js';

/** What a ticket does not take (it ended meanwhile, or its kind has no such act) is no fault of whoever tells: false. */
export const tried = async (tx: Tx, ctx: VerbContext, ticketId: string, command: TicketCommand): Promise<boolean> => {
  await tx.$client.query('SAVEPOINT intake_act');
  try {
    await actOnTicket(tx, ctx, { ticketId, command });
    return true;
  } catch (error) {
    if (!isHubError(error, 'conflict')) throw error;
    await tx.$client.query('ROLLBACK TO SAVEPOINT intake_act');
    return false;
  }
};

export const say = (tx: Tx, ctx: VerbContext, ticketId: string, opinion: string): Promise<boolean> =>
  tried(tx, ctx, ticketId, { do: 'comment', opinion: opinion.slice(0, 2_000) });

/** One round after another, by the clock; a round that fails is told and the next comes all the same. */
export class Rounds {
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(
    private readonly deps: Pick<IntakeDeps, 'clock' | 'log'>,
    private readonly options: {
      readonly everyMs: number;
      readonly round: () => Promise<unknown>;
      readonly failed: string;
    },
  ) {}

  start(): this {
    const { clock, log } = this.deps;
    const { everyMs, round, failed } = this.options;
    this.#timer = clock.setTimeout(() => {
      this.#running ??= round()
        .then(() => undefined)
        .catch((error: unknown) => log.warn({ err: error }, failed))
        .finally(() => {
          this.#running = undefined;
        });
      if (!this.#closed) this.start();
    }, everyMs);
    return this;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }
}

/** What could not be done is let be for a while, so that a few do not stand before all others. Bounded: the oldest go first. */
export class LetBe {
  readonly #untilMs = new Map<string, number>();

  constructor(
    private readonly clock: IntakeDeps['clock'],
    private readonly most = 5_000,
  ) {}

  get ids(): string[] {
    const nowMs = this.clock.monotonicMs();
    for (const [id, untilMs] of this.#untilMs) if (untilMs <= nowMs) this.#untilMs.delete(id);
    return [...this.#untilMs.keys()];
  }

  add(id: string, forMs: number): void {
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size >= this.most && oldest !== undefined) this.#untilMs.delete(oldest);
    this.#untilMs.set(id, this.clock.monotonicMs() + forMs);
  }
}
