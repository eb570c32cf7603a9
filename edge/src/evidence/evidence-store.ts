import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, HubError, uuidPattern, uuidv7 } from '@hallhub/shared';
import {
  type EvidenceMediaType,
  type EvidenceRow,
  epochMsSchema,
  idSchema,
  maxEvidenceBytes,
} from '@hallhub/shared/wire';
import { and, asc, desc, eq, inArray, lte, not, or, sql } from 'drizzle-orm';
import type { Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';
import type { Store, Transaction } from '../store/index.js';
import { makeFolder } from '../store/make-folder.js';
import { type EvidenceRecord, evidence as table } from '../store/schema.js';
import { copyEvidence } from './copy-evidence.js';

export interface EvidenceLimits {
  /** Of all files that wait; at it the oldest go, and a manifest row says so. */
  readonly maxBytes: number;
  readonly maxFileBytes: number;
}

export interface EvidenceStoreOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: EvidenceLimits;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

/** What a camera, a microphone or a person gives. */
export type NewEvidence = {
  readonly deviceId: string;
  /** The event it belongs to; its row should be on its way already. */
  readonly eventId?: string | undefined;
  /** For people; default: the kind and the time. */
  readonly name?: string | undefined;
  /** Checked against the first bytes; left out: taken from them. */
  readonly mediaType?: EvidenceMediaType | undefined;
  /** Epoch ms by the unit's clock; default now. */
  readonly madeAt?: number | undefined;
  /** UUID it is to have; given again after a crash, nothing is put twice. */
  readonly id?: string | undefined;
} & ({ readonly file: string } | { readonly bytes: Uint8Array });

export type GivenUp = NonNullable<EvidenceRow['givenUp']>;

/** How long it is remembered what was sent or given up. */
const keptMs = 30 * 86_400_000;

/**
 * Files on their way to the cloud (docs/protocol.md 6): in DATA/evidence until the cloud has them whole. A file and its manifest row are safe on disk
 * when `put` resolves. Bounded; what has to go says so in the manifest lane.
 */
export class EvidenceStore {
  readonly folder: string;
  readonly #options: EvidenceStoreOptions;
  readonly #listeners = new Set<() => void>();
  /** Being sent: it goes last. */
  #spared: string | undefined;
  #keepers = 0;
  readonly #toRemove = new Set<string>();
  #producedBytes = 0;
  #started = () => {};
  #puts: Promise<unknown> = new Promise<void>((resolve) => {
    this.#started = resolve;
  });

  constructor(options: EvidenceStoreOptions) {
    this.#options = options;
    this.folder = path.join(options.store.dataDir, 'evidence');
  }

  /** For the runway. Bytes since the start; the manifests' rows are counted by their lane. */
  get produced(): { readonly rows: number; readonly bytes: number } {
    return { rows: 0, bytes: this.#producedBytes };
  }

  get room(): { readonly rows: number; readonly bytes: number } {
    return {
      rows: Number.POSITIVE_INFINITY,
      bytes: Math.max(0, this.#options.limits.maxBytes - this.waiting.bytes),
    };
  }

  get waiting(): { readonly files: number; readonly bytes: number } {
    const row = this.#options.store.hub.commit.db
      .prepare("SELECT count(*) AS files, coalesce(sum(bytes), 0) AS bytes FROM evidence WHERE state = 'waiting'")
      .get() as { files: number; bytes: number };
    return row;
  }

  pathOf(id: string): string {
    if (!uuidPattern.test(id)) throw new HubError('bug', 'This is no id of a file');
    return path.join(this.folder, id);
  }

  get(id: string): EvidenceRecord | undefined {
    return this.#options.store.hub.orm.select().from(table).where(eq(table.evidenceId, id)).get();
  }

  /** Oldest first: in the order they are sent. */
  listWaiting(limit: number): EvidenceRecord[] {
    const query = this.#options.store.hub.orm.select().from(table).where(eq(table.state, 'waiting'));
    return query.orderBy(asc(table.madeAt), asc(table.evidenceId)).limit(limit).all();
  }

  /** The oldest that may go now, but for those named; with `onlyBytes` of those up to that size, or made before `orMadeBefore`, epoch ms. */
  nextWaiting(of: {
    readonly except: readonly string[];
    readonly onlyBytes?: number;
    readonly orMadeBefore?: number | undefined;
  }): EvidenceRecord | undefined {
    const { except, onlyBytes, orMadeBefore = -1 } = of;
    const query = this.#options.store.hub.orm.select().from(table);
    const isSmall =
      onlyBytes === undefined ? undefined : or(lte(table.bytes, onlyBytes), lte(table.madeAt, orMadeBefore));
    // One parameter, however many there are.
    const isNamed = sql`${table.evidenceId} IN (SELECT value FROM json_each(${JSON.stringify(except)}))`;
    return query
      .where(and(eq(table.state, 'waiting'), isSmall, not(isNamed)))
      .orderBy(asc(table.madeAt), asc(table.evidenceId))
      .limit(1)
      .get();
  }

  /** Newest first. */
  latest(limit: number): EvidenceRecord[] {
    const query = this.#options.store.hub.orm.select().from(table);
    return query.orderBy(desc(table.changedAt), desc(table.evidenceId)).limit(limit).all();
  }

  /** Told after each file that was put. */
  onPut(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** This one goes last where room is made; until what comes back is called. */
  spare(id: string): () => void {
    this.#spared = id;
    return () => {
      if (this.#spared === id) this.#spared = undefined;
    };
  }

  /** Files that are sent or given up meanwhile stay in the folder until what comes back is called. */
  keepFiles(): () => Promise<void> {
    this.#keepers += 1;
    let isKept = true;
    return async () => {
      if (isKept) this.#keepers -= 1;
      isKept = false;
      if (this.#keepers > 0) return;
      const ids = [...this.#toRemove];
      this.#toRemove.clear();
      for (const id of ids) await this.#remove(id);
    };
  }

  /** Puts the folder and the books in agreement after a power cut. What is put waits for this. */
  async start(): Promise<void> {
    const { onFault } = this.#options;
    try {
      makeFolder(this.folder, 0o700);
      await this.#settleFolder();
    } catch (error) {
      // The hall is served without evidence rather than not at all; what is put says why it cannot be.
      onFault('evidence_folder', `${this.folder} cannot be used: ${(error as Error).message}`, {});
    } finally {
      this.#started();
    }
  }

  async #settleFolder(): Promise<void> {
    const { store, onFault } = this.#options;
    const rows = new Map(this.listWaiting(1_000_000).map((row) => [row.evidenceId, row]));
    for (const name of readdirSync(this.folder)) {
      if (rows.has(name) || !(uuidPattern.test(name) || name.endsWith('.part'))) continue;
      const file = path.join(this.folder, name);
      // The books are gone, not the file: a person may still want it.
      if (store.wasDamaged('hub.db') && uuidPattern.test(name)) {
        mkdirSync(path.join(this.folder, 'lost'), { recursive: true, mode: 0o700 });
        renameSync(file, path.join(this.folder, 'lost', name));
        onFault('evidence_lost', `a file without its record lies in ${this.folder}/lost`, { id: name });
      } else await rm(file, { force: true });
    }
    for (const row of rows.values()) {
      const found = statSync(this.pathOf(row.evidenceId), { throwIfNoEntry: false });
      if (found?.size !== row.bytes) await this.giveUp(row.evidenceId, 'lost');
    }
  }

  /** Resolves once file and manifest row are on disk. Throws `unsupported`, `invalid_input`, `too_large`, `store_full`. One after the other. */
  put(given: NewEvidence): Promise<EvidenceRecord> {
    const put = this.#puts.then(() => this.#put(given));
    this.#puts = put.catch(() => undefined);
    return put;
  }

  async #put(given: NewEvidence): Promise<EvidenceRecord> {
    const { clock, limits, store } = this.#options;
    for (const id of [given.deviceId, given.eventId, given.id]) {
      if (id !== undefined && !idSchema.safeParse(id).success) throw new HubError('invalid_input', `${id} is no id`);
    }
    const now = clock.now();
    const { madeAt = now } = given;
    if (!epochMsSchema.safeParse(madeAt).success) throw new HubError('invalid_input', `${madeAt} is no time`);
    const known = given.id === undefined ? undefined : this.get(given.id);
    if (known) return known;
    const id = given.id ?? uuidv7(now);
    const draft = path.join(this.folder, `${id}.part`);
    let record: EvidenceRecord;
    try {
      makeFolder(this.folder, 0o700);
      const maxBytes = Math.min(limits.maxFileBytes, maxEvidenceBytes);
      const { bytes, sha256, mediaType } = await copyEvidence(given, draft, maxBytes);
      if (given.mediaType && given.mediaType !== mediaType) {
        throw new HubError('invalid_input', `the file is ${mediaType}, not ${given.mediaType}`);
      }
      await this.#makeRoom(bytes, limits.maxBytes);
      await rename(draft, this.pathOf(id));
      await syncFolder(this.folder);
      const name = (given.name?.trim() || `${mediaType} ${new Date(madeAt).toISOString()}`).slice(0, 200);
      record = {
        ...{ evidenceId: id, deviceId: given.deviceId, eventId: given.eventId ?? null, name, mediaType, bytes, sha256 },
        ...{ madeAt, state: 'waiting', uploadPath: null, problem: null, changedAt: now },
      };
      await store.hub.commit.write((tx) => {
        store.hub.orm.insert(table).values(record).run();
        this.#tell(tx, record);
      });
    } catch (error) {
      for (const left of [draft, this.pathOf(id)]) await rm(left, { force: true }).catch(() => undefined);
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
        throw new HubError('store_full', 'there is no room on the disk for this file', { cause: error });
      }
      throw error;
    }
    this.#producedBytes += record.bytes;
    for (const listener of this.#listeners) listener();
    return record;
  }

  /** The cloud has it whole: only now it goes from here. */
  async sent(id: string): Promise<void> {
    await this.#change(id, { state: 'sent', uploadPath: null, problem: null });
    await this.#remove(id);
  }

  /** Says so in the manifest lane, then lets the file go. */
  async giveUp(id: string, reason: GivenUp): Promise<void> {
    const { store, clock, logger } = this.#options;
    const gone = await store.hub.commit.write((tx) => {
      const record = this.get(id);
      if (record?.state !== 'waiting') return false;
      const change = { state: 'given_up', uploadPath: null, problem: reason, changedAt: clock.now() } as const;
      store.hub.orm.update(table).set(change).where(eq(table.evidenceId, id)).run();
      this.#tell(tx, record, reason);
      return true;
    });
    await this.#remove(id);
    if (gone) logger.warn({ id, reason }, 'evidence was given up');
  }

  async note(id: string, change: Partial<Pick<EvidenceRecord, 'uploadPath' | 'problem'>>): Promise<void> {
    await this.#change(id, change);
  }

  /** Under pressure the oldest go, whole files, the one being sent last, until so many bytes are free. Gives how many were freed. */
  async giveUpOldest(bytes: number, reason: GivenUp): Promise<number> {
    let freed = 0;
    while (freed < bytes) {
      const [oldest, second] = this.listWaiting(2);
      const gone = oldest?.evidenceId === this.#spared ? (second ?? oldest) : oldest;
      if (!gone) break;
      await this.giveUp(gone.evidenceId, reason);
      freed += gone.bytes;
    }
    return freed;
  }

  async tidy(): Promise<void> {
    const before = this.#options.clock.now() - keptMs;
    await this.#options.store.hub.commit.write(
      (tx) => void tx.db.prepare("DELETE FROM evidence WHERE state <> 'waiting' AND changed_at < ?").run(before),
    );
  }

  /** Of those, which wait: for a receipt that says the cloud has them. */
  waitingOf(ids: readonly string[]): EvidenceRecord[] {
    const query = this.#options.store.hub.orm.select().from(table);
    return query.where(and(eq(table.state, 'waiting'), inArray(table.evidenceId, [...ids]))).all();
  }

  async #remove(id: string): Promise<void> {
    if (this.#keepers > 0) this.#toRemove.add(id);
    else await rm(this.pathOf(id), { force: true });
  }

  async #makeRoom(bytes: number, maxBytes: number): Promise<void> {
    if (bytes > maxBytes) throw new HubError('too_large', `no more than ${maxBytes} bytes of evidence are kept here`);
    const over = this.waiting.bytes + bytes - maxBytes;
    if (over > 0) await this.giveUpOldest(over, 'limit');
  }

  async #change(id: string, change: Partial<EvidenceRecord>): Promise<void> {
    const { store, clock } = this.#options;
    await store.hub.commit.write(() => {
      const to = { ...change, changedAt: clock.now() };
      store.hub.orm
        .update(table)
        .set(to)
        .where(and(eq(table.evidenceId, id), eq(table.state, 'waiting')))
        .run();
    });
  }

  #tell(tx: Transaction, record: EvidenceRecord, givenUp?: GivenUp): void {
    const { evidenceId: id, deviceId, eventId, name, mediaType, bytes, sha256, madeAt } = record;
    const row: EvidenceRow = {
      ...{ kind: 'evidence', at: this.#options.clock.now(), id, deviceId, name, mediaType, bytes, sha256, madeAt },
      ...(eventId === null ? {} : { eventId }),
      ...(givenUp ? { givenUp } : {}),
    };
    this.#options.outbox.append(tx, 'manifest', row);
  }
}

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
