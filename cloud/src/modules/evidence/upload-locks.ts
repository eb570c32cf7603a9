import type { Clock } from '@hallhub/shared';
import type { Lock, Locker, RequestRelease } from '@tus/server';
import type { PoolClient } from 'pg';
import type { Database } from '../../db/index.js';
import { refusal } from './refusal.js';

export interface UploadLocksOptions {
  readonly database: Pick<Database, 'appPool'>;
  readonly clock: Clock;
  /** An upload that somebody else holds for longer is answered 423 (15 s): longer than the tus server lets a request drain. */
  readonly patienceMs?: number;
}

/** First half of PostgreSQL's advisory locks of two numbers: no other purpose uses these. */
const lockClass = 4_702;
const channel = 'hallhub_upload_wanted';
const lookAgainMs = 50;

interface Held {
  readonly requestRelease: RequestRelease;
  readonly gone: Promise<void>;
  readonly free: () => void;
  /** False while another process has it. */
  isOurs: boolean;
}

interface Session {
  readonly client: PoolClient;
  /** Gives the connection back; with an error it is not used again. */
  readonly close: (error?: Error) => void;
  isLeft: boolean;
}

/**
 * One writer of an upload at a time, over all processes: bytes that come late for a file that was checked elsewhere would change it. Who wants it asks who has it
 * to let go, as tus does. All locks of a process are one connection's, taken while there are any; where it breaks, what it held is cancelled.
 */
export class UploadLocks implements Locker {
  readonly #options: UploadLocksOptions;
  readonly #held = new Map<string, Held>();
  #users = 0;
  #session: Promise<Session> | undefined;
  #asked: Promise<unknown> = Promise.resolve();

  constructor(options: UploadLocksOptions) {
    this.#options = options;
  }

  newLock(id: string): Lock {
    return {
      lock: (signal, requestRelease) => this.#lock(id, signal, requestRelease),
      unlock: () => this.#unlock(id),
    };
  }

  /** Throws what the tus server answers 423 with, where the lock cannot be had. */
  async hold<T>(id: string, work: () => Promise<T>): Promise<T> {
    const lock = this.newLock(id);
    await lock.lock(new AbortController().signal, () => {});
    try {
      return await work();
    } finally {
      await lock.unlock();
    }
  }

  async #lock(id: string, signal: AbortSignal, requestRelease: RequestRelease): Promise<void> {
    const { clock, patienceMs = 15_000 } = this.#options;
    const endMs = clock.monotonicMs() + patienceMs;
    for (let other = this.#held.get(id); other; other = this.#held.get(id)) await this.#outwait(other, endMs, signal);
    // From the look to here nothing is awaited: of those who waited in this process one gets it.
    const held = this.#claim(id, requestRelease);
    try {
      while (!(await this.#isGot(id))) {
        await this.#ask('SELECT pg_notify($1, $2)', [channel, id]);
        if (clock.monotonicMs() >= endMs) throw busy();
        await clock.sleep(lookAgainMs, signal);
      }
      held.isOurs = true;
    } catch (error) {
      this.#held.delete(id);
      held.free();
      this.#leave();
      throw error;
    }
  }

  #claim(id: string, requestRelease: RequestRelease): Held {
    let free = () => {};
    const gone = new Promise<void>((resolve) => {
      free = resolve;
    });
    const held = { requestRelease, gone, free, isOurs: false };
    this.#held.set(id, held);
    this.#users += 1;
    return held;
  }

  async #outwait(other: Held, endMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    await other.requestRelease();
    const leftMs = endMs - clock.monotonicMs();
    if (leftMs <= 0) throw busy();
    const over = new AbortController();
    const timeout = clock.sleep(leftMs, AbortSignal.any([signal, over.signal])).catch(() => undefined);
    await Promise.race([other.gone, timeout]);
    over.abort();
    signal.throwIfAborted();
  }

  async #unlock(id: string): Promise<void> {
    const held = this.#held.get(id);
    if (!held) return;
    try {
      await this.#ask('SELECT pg_advisory_unlock($1, hashtext($2))', [lockClass, id]);
    } catch {
      // The session broke, and let go of all it had.
    } finally {
      this.#held.delete(id);
      held.free();
      this.#leave();
    }
  }

  /** One query after the other, as the connection wants it. */
  #ask<Row extends object>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    this.#session ??= this.#connect();
    const session = this.#session;
    const asked = this.#asked.then(async () => (await (await session).client.query<Row>(sql, [...values])).rows);
    this.#asked = asked.catch(() => undefined);
    return asked;
  }

  async #isGot(id: string): Promise<boolean> {
    const sql = 'SELECT pg_try_advisory_lock($1, hashtext($2)) AS got';
    return (await this.#ask<{ got: boolean }>(sql, [lockClass, id]))[0]?.got === true;
  }

  #connect(): Promise<Session> {
    const session = this.#open(() => {
      // A later connection is none of an earlier one's business.
      if (this.#session === session) this.#session = undefined;
    });
    return session;
  }

  async #open(onEnd: () => void): Promise<Session> {
    const client = await this.#options.database.appPool.connect().catch((error) => {
      onEnd();
      throw error;
    });
    let isClosed = false;
    const close = (error?: Error): void => {
      if (isClosed) return;
      isClosed = true;
      client.off('notification', this.#onWanted);
      client.off('error', onBroken);
      client.release(error);
    };
    const onBroken = (error: Error): void => {
      // Its server lets go of what it held; once given up it holds nothing.
      if (!session.isLeft) for (const { requestRelease } of this.#held.values()) void requestRelease();
      onEnd();
      close(error);
    };
    const session: Session = { client, close, isLeft: false };
    client.on('notification', this.#onWanted);
    client.on('error', onBroken);
    await client.query(`LISTEN ${channel}`).catch((error) => {
      onBroken(error);
      throw error;
    });
    return session;
  }

  readonly #onWanted = ({ payload }: { readonly payload?: string | undefined }): void => {
    const held = this.#held.get(payload ?? '');
    if (held?.isOurs) void held.requestRelease();
  };

  #leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    const leaving = this.#session;
    this.#session = undefined;
    void leaving?.then(
      (session) => {
        session.isLeft = true;
        return session.client.query(`UNLISTEN ${channel}`).then(() => session.close(), session.close);
      },
      () => undefined,
    );
  }
}

const busy = () => refusal(423, 'Another connection is sending this file');
