import { createHmac } from 'node:crypto';
import { HubError } from '@hallhub/shared';
import { withSystem } from '../../../db/index.js';
import type { IntakeDeps } from '../intake-deps.js';
import { networkOf } from './network-of.js';

const minuteMs = 60_000;
/** After an hour without a wrong one the count begins anew. */
const forgetMs = 60 * minuteMs;
/** Of one network at one number, and at any number: then it waits a minute, two, four, up to an hour. */
const freeAtNumber = 5;
const freeOfNetwork = 20;
const longestHoldMs = 60 * minuteMs;
/** Of all networks at one number: then every answer about it is late, up to five seconds; nobody is ever locked out by others. */
const freeOfNumber = 15;
const longestDelayMs = 5_000;
/** Who wait for a late answer, in this process. */
const mostWaiting = 100;

interface Counted {
  failures: number;
  at: Date;
  held_until: Date | null;
}

export interface Guess {
  readonly number: string;
  readonly ip: string | null;
}

/** How often PINs may be guessed. Whether a number was ever given makes no difference to anything here. */
export class PinGuard {
  #waiting = 0;

  constructor(readonly deps: Pick<IntakeDeps, 'database' | 'clock' | 'sealing'>) {}

  /** Before a PIN is looked at. Errors: `rate_limited`. */
  async admit(guess: Guess): Promise<void> {
    const { database, clock } = this.deps;
    const keys = this.#keys(guess);
    const now = clock.now();
    const { rows } = await withSystem(
      database,
      (tx) =>
        tx.$client.query<Counted & { key: Buffer }>(
          'SELECT key, failures, at, held_until FROM ticket_pin_guesses WHERE key = ANY($1)',
          [[keys.pair, keys.network, keys.number]],
        ),
      { readOnly: true },
    );
    const of = (key: Buffer) => rows.find((row) => row.key.equals(key));
    const heldMs = Math.max(...[keys.pair, keys.network].map((key) => (of(key)?.held_until?.getTime() ?? 0) - now));
    if (heldMs > 0) throw tooMany(heldMs);
    const byAll = of(keys.number);
    const failures = byAll && now - byAll.at.getTime() < forgetMs ? byAll.failures : 0;
    await this.#slow(failures - freeOfNumber);
  }

  async #slow(over: number): Promise<void> {
    if (over <= 0) return;
    if (this.#waiting >= mostWaiting) throw tooMany(longestDelayMs);
    this.#waiting += 1;
    try {
      await this.deps.clock.sleep(Math.min(longestDelayMs, 100 * 2 ** Math.min(over, 10)));
    } finally {
      this.#waiting -= 1;
    }
  }

  /** It was wrong, or there is no such number. */
  async failed(guess: Guess): Promise<void> {
    const { database, clock } = this.deps;
    const now = new Date(clock.now());
    const keys = this.#keys(guess);
    await withSystem(database, async (tx) => {
      for (const [key, free] of [
        [keys.pair, freeAtNumber],
        [keys.network, freeOfNetwork],
        [keys.number, null],
      ] as const) {
        await tx.$client.query(count, [key, now, new Date(now.getTime() - forgetMs), free, longestHoldMs]);
      }
    });
  }

  /** It was right: whoever has the PIN may mistype it again later. */
  async passed(guess: Guess): Promise<void> {
    const { pair } = this.#keys(guess);
    await withSystem(this.deps.database, (tx) =>
      tx.$client.query('DELETE FROM ticket_pin_guesses WHERE key = $1', [pair]),
    );
  }

  #keys({ number, ip }: Guess) {
    const secret = this.deps.sealing.derive('ticket pin guesses', 32);
    const key = (...parts: readonly string[]) => createHmac('sha256', secret).update(parts.join('\0')).digest();
    const network = networkOf(ip);
    return { pair: key('pair', number, network), network: key('network', network), number: key('number', number) };
  }
}

const count = `INSERT INTO ticket_pin_guesses AS g (key, failures, at) VALUES ($1, 1, $2)
  ON CONFLICT (key) DO UPDATE SET at = $2,
    failures = CASE WHEN g.at < $3 AND coalesce(g.held_until, g.at) < $3 THEN 1 ELSE least(g.failures + 1, 1000000) END,
    held_until = CASE WHEN $4::int IS NULL OR (g.at < $3 AND coalesce(g.held_until, g.at) < $3) OR g.failures + 1 < $4 THEN NULL
      ELSE $2::timestamptz + least($5::float8, 60000 * power(2, least(g.failures + 1 - $4, 10))) * interval '1 ms' END`;

const tooMany = (waitMs: number) =>
  new HubError('rate_limited', 'Too many attempts', { context: { retryAfterMs: Math.ceil(waitMs) } });

/** Counts that no longer count, and links whose time is over anyway. */
export const sweepGuesses = async ({ database, clock }: Pick<IntakeDeps, 'database' | 'clock'>): Promise<number> => {
  const dayMs = 86_400_000;
  const now = clock.now();
  return withSystem(database, async (tx) => {
    const guesses = await tx.$client.query('DELETE FROM ticket_pin_guesses WHERE at < $1', [new Date(now - dayMs)]);
    const links = await tx.$client.query('DELETE FROM ticket_links_used WHERE at < $1', [new Date(now - 60 * dayMs)]);
    return (guesses.rowCount ?? 0) + (links.rowCount ?? 0);
  });
};
