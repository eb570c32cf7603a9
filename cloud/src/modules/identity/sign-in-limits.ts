import { type Clock, HubError } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import { type Database, withSystem } from '../../db/index.js';
import type { IdentityKeys } from './identity-keys.js';

export interface Bucket {
  readonly burst: number;
  readonly perMinute: number;
}

/**
 * Guessing: by address, and by account name known or not, from however many addresses. For a name that is as many a day
 * as one address gets before its locks (five each ten minutes).
 */
export const defaultSignInLimits = {
  address: { burst: 30, perMinute: 30 },
  account: { burst: 20, perMinute: 0.5 },
} as const satisfies Record<string, Bucket>;

export interface SignInLimitsOptions {
  readonly db: Database;
  readonly clock: Clock;
  readonly keys: IdentityKeys;
  readonly buckets?: { readonly address: Bucket; readonly account: Bucket };
}

/** A whole IPv6 network belongs to one caller: /64. */
export const addressKey = (ip: string | null): string => {
  if (ip === null) return 'unknown';
  if (!ip.includes(':')) return ip;
  const [head = '', tail = ''] = ip.split('%')[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = ip.includes('::') ? Math.max(0, 8 - left.length - right.length) : 0;
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
};

/** Token buckets in PostgreSQL, one statement an attempt, so that every process counts the same guesses. */
export class SignInLimits {
  constructor(readonly options: SignInLimitsOptions) {}

  /** One attempt from this address. Errors: `rate_limited` with `retryAfterMs`. */
  takeAddress(ip: string | null): Promise<void> {
    return this.#take(this.#key('address', addressKey(ip)), this.#buckets.address);
  }

  /** One attempt for this name. Errors: `rate_limited` with `retryAfterMs`. */
  takeAccount(userName: string): Promise<void> {
    return this.#take(this.#key('account', userName), this.#buckets.account);
  }

  /** After an attempt that was right. */
  async giveBackAccount(userName: string): Promise<void> {
    const { burst } = this.#buckets.account;
    await withSystem(this.options.db, (tx) =>
      tx.execute(sql`UPDATE sign_in_limits SET tokens = least(${burst}::float8, tokens + 1)
        WHERE key = ${this.#key('account', userName)}`),
    );
  }

  get #buckets() {
    return this.options.buckets ?? defaultSignInLimits;
  }

  #key(kind: string, value: string): Buffer {
    return this.options.keys.hash(`limit-${kind}`, value);
  }

  async #take(key: Buffer, { burst, perMinute }: Bucket): Promise<void> {
    const now = sql`${new Date(this.options.clock.now()).toISOString()}::timestamptz`;
    const refilled = sql`least(${burst}::float8, l.tokens + greatest(0, extract(epoch FROM ${now} - l.at))::float8 / 60 * ${perMinute}::float8)`;
    const left = await withSystem(this.options.db, async (tx) => {
      const taken = await tx.execute(sql`INSERT INTO sign_in_limits AS l (key, tokens, at)
        VALUES (${key}, ${burst - 1}::float8, ${now})
        ON CONFLICT (key) DO UPDATE SET tokens = ${refilled} - 1, at = greatest(l.at, ${now}) WHERE ${refilled} >= 1
        RETURNING tokens`);
      if (taken.rows.length > 0) return null;
      const { rows } = await tx.execute<{ tokens: number }>(
        sql`SELECT ${refilled} AS tokens FROM sign_in_limits l WHERE key = ${key}`,
      );
      return rows[0]?.tokens ?? 0;
    });
    if (left === null) return;
    const retryAfterMs = Math.max(1, Math.ceil(((1 - left) / perMinute) * 60_000));
    throw new HubError('rate_limited', 'Too many attempts', { context: { retryAfterMs } });
  }
}
