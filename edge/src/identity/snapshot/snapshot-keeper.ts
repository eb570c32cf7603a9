import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Backoff, type Clock, HubError, type Timer, toHubError } from '@hallhub/shared';
import { gatewayPaths, maxSnapshotBytes } from '@hallhub/shared/wire';
import type { Logger } from '../../ports/index.js';
import type { StoreFile } from '../../store/index.js';
import { gatewayError } from '../gateway-client.js';
import type { IdentityKeeper } from '../identity-keeper.js';
import { collectFiles } from './snapshot-files.js';
import { snapshotHash, toldKey } from './snapshot-hash.js';
import { readTables } from './snapshot-tables.js';

const zip = promisify(gzip);

export interface SnapshotKeeperOptions {
  readonly hub: StoreFile;
  readonly configFile: string;
  readonly keeper: IdentityKeeper;
  readonly gateway: () => URL | undefined;
  readonly software: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly online: () => boolean;
  readonly quietMs?: number;
  readonly minIntervalMs?: number;
}

const lookEveryMs = 60_000;
const atLeastEveryMs = 86_400_000;

/** Leaves with the cloud what a replacement of this unit would need: when something in it changed, and once a day. */
export class SnapshotKeeper {
  readonly #options: SnapshotKeeperOptions;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff({ firstMs: 60_000, maxMs: 3_600_000, jitter: 0.3 });
  #timer: Timer | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;
  #working: Promise<void> | undefined;
  #notBeforeMonoMs = 0;
  #failure: string | undefined;
  #toldAt: number | undefined;

  constructor(options: SnapshotKeeperOptions) {
    this.#options = options;
    this.#toldAt = this.#told()?.at;
  }

  /** When the cloud took the last one, epoch ms by the unit's clock. */
  get toldAt(): number | undefined {
    return this.#toldAt;
  }

  /** Why the last attempt failed. */
  get failure(): string | undefined {
    return this.#failure;
  }

  start(): void {
    this.#plan(this.#options.quietMs ?? 5_000);
  }

  /** Something that belongs into it may have changed. */
  changed(): void {
    this.#plan(this.#options.quietMs ?? 5_000);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new HubError('cancelled', 'stopped'));
    this.#timer?.cancel();
    await this.#working;
  }

  #plan(delayMs: number): void {
    if (this.#stopping.signal.aborted) return;
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const atMs = Math.max(nowMs + delayMs, this.#notBeforeMonoMs);
    if (this.#timer && this.#timerAtMs <= atMs) return;
    this.#timer?.cancel();
    this.#timerAtMs = atMs;
    this.#timer = clock.setTimeout(() => {
      this.#timer = undefined;
      this.#working ??= this.#look().finally(() => {
        this.#working = undefined;
        this.#plan(lookEveryMs);
      });
    }, atMs - nowMs);
  }

  async #look(): Promise<void> {
    const { hub, configFile, clock, keeper, online, software, logger } = this.#options;
    if (!online() || !keeper.identity) return;
    try {
      const { files, left } = collectFiles(configFile, keeper.files.dataDir);
      const content = { files, tables: readTables(hub.commit.db) };
      const hash = snapshotHash(content);
      const told = this.#told();
      const now = clock.now();
      if (told?.hash === hash && Math.abs(now - told.at) < atLeastEveryMs) return;
      const body = await zip(JSON.stringify({ v: 1, madeAt: now, software, ...content }));
      if (body.length > maxSnapshotBytes) {
        throw new HubError('too_large', `the snapshot has ${body.length} bytes, ${maxSnapshotBytes} are taken`);
      }
      await this.#put(body);
      await hub.commit.write((tx) =>
        tx.db
          .prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
          .run(toldKey, JSON.stringify({ hash, at: now })),
      );
      this.#toldAt = now;
      this.#failure = undefined;
      this.#backoff.reset();
      this.#notBeforeMonoMs = clock.monotonicMs() + (this.#options.minIntervalMs ?? lookEveryMs);
      logger.info(
        { bytes: body.length, devices: content.tables.device?.length ?? 0, left },
        'the cloud has a snapshot of this unit',
      );
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const { message } = toHubError(error);
      if (message !== this.#failure)
        logger.warn({ error: message }, 'the snapshot did not reach the cloud; it is tried again');
      this.#failure = message;
      this.#notBeforeMonoMs = clock.monotonicMs() + this.#backoff.nextMs();
    }
  }

  async #put(body: Buffer): Promise<void> {
    const { keeper, gateway } = this.#options;
    const url = gateway();
    if (!url) throw new HubError('precondition_failed', 'this unit has no gateway');
    const answer = await keeper.request({
      method: 'PUT',
      path: gatewayPaths.snapshot,
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body,
      signal: this.#stopping.signal,
    });
    if (answer.status < 200 || answer.status > 299) throw gatewayError(answer, url);
  }

  #told(): { readonly hash: string; readonly at: number } | undefined {
    const text = this.#options.hub.commit.db.prepare('SELECT value FROM meta WHERE key = ?').pluck().get(toldKey);
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  }
}
