import { type Clock, HubError, toHubError } from '@hallhub/shared';
import type { DownCommand, Receipt, StreamCursor } from '@hallhub/shared/wire';
import { desc } from 'drizzle-orm';
import type { UnitCredential } from '../config/index.js';
import type { EvidenceStore } from '../evidence/index.js';
import type { IdentityKeeper } from '../identity/index.js';
import type { ClockSegments, Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';
import { bundle as table } from '../store/schema.js';
import { type ExportedBundle, exportBundle } from './export-bundle.js';
import { compareTrust } from './newer-trust.js';
import { readReceipt } from './read-receipt.js';

export interface BundleDeskOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly evidence: EvidenceStore;
  readonly segments: ClockSegments;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly bootId: string;
  readonly software: string;
  readonly identity: () => IdentityKeeper;
  readonly credential: () => UnitCredential | undefined;
  readonly online: () => boolean;
  readonly onCommand: (message: DownCommand) => Promise<void>;
}

export interface TakenReceipt {
  readonly bundleId: string;
  readonly madeAt: number;
  readonly streams: readonly {
    readonly lane: string;
    readonly acknowledged: number;
    readonly waiting: number;
    readonly result: 'acknowledged' | 'nothing_new' | 'other_epoch' | 'new_epoch';
  }[];
  readonly files: number;
  readonly commands: { readonly taken: number; readonly expired: number };
  readonly trust: 'same' | 'renewed' | 'kept';
}

const rememberedBundles = 200;
const nobodys = '0'.repeat(64);

/** docs/protocol.md 7, the unit's side: what goes out on a stick, and what its receipt changes. One thing at a time. */
export class BundleDesk {
  readonly #options: BundleDeskOptions;
  /** When bundles of this run of the agent were made, by the monotonic clock. */
  readonly #exportedMonoMs = new Map<string, number>();
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: BundleDeskOptions) {
    this.#options = options;
  }

  /** Throws `precondition_failed` for a unit that was never enrolled, `store_full` and `forbidden` for the folder. */
  export(to: {
    readonly folder: string;
    readonly maxBytes: number;
    readonly withFiles: boolean;
  }): Promise<ExportedBundle> {
    return this.#inTurn(async () => {
      const { outbox, evidence, segments, clock, store, bootId, software, logger } = this.#options;
      const { identity, secret } = this.#enrolled();
      const monoMs = clock.monotonicMs();
      const exported = await exportBundle(
        { outbox, evidence, segments, clock, identity, secret, bootId, software },
        to,
      );
      const { id, file, madeAt, bytes } = exported;
      this.#exportedMonoMs.set(id, monoMs);
      for (const oldest of [...this.#exportedMonoMs.keys()].slice(0, -rememberedBundles))
        this.#exportedMonoMs.delete(oldest);
      await store.hub.commit.write((tx) => {
        store.hub.orm
          .insert(table)
          .values({ bundleId: id, file, madeAt, bytes, receiptMadeAt: null, receiptAt: null })
          .run();
        tx.db
          .prepare(
            `DELETE FROM bundle WHERE bundle_id NOT IN (SELECT bundle_id FROM bundle ORDER BY made_at DESC LIMIT ${rememberedBundles})`,
          )
          .run();
      });
      logger.info({ id, file, bytes, rows: exported.rows, files: exported.files }, 'a bundle was made');
      return exported;
    });
  }

  /** The receipt as the file, or the text of a QR code. Taking one twice, or an older one after a newer one, changes nothing. */
  import(text: string): Promise<TakenReceipt> {
    return this.#inTurn(async () => {
      const { logger, evidence } = this.#options;
      const { identity } = this.#enrolled();
      const receipt = readReceipt(text, identity.trust.certificates);
      if (receipt.unitId !== identity.unitId) {
        throw new HubError('invalid_input', `this receipt is another unit’s (${receipt.unitId})`, {
          hint: 'Its file name ends with the unit’s id.',
        });
      }
      const streams = [];
      for (const stream of receipt.streams) streams.push(await this.#acknowledge(stream));
      const sent = evidence.waitingOf(receipt.evidence);
      for (const { evidenceId } of sent) await evidence.sent(evidenceId);
      const trust = this.#takeTrust(receipt, text);
      const commands = await this.#takeCommands(receipt);
      await this.#note(receipt);
      const taken = {
        bundleId: receipt.bundleId,
        madeAt: receipt.madeAt,
        streams,
        files: sent.length,
        commands,
        trust,
      };
      logger.info({ ...taken }, 'a receipt was taken');
      return taken;
    });
  }

  latest(limit: number) {
    return this.#options.store.hub.orm.select().from(table).orderBy(desc(table.madeAt)).limit(limit).all();
  }

  /** The table of docs/protocol.md 1.1; a cursor behind ours is an older receipt's, and no news. */
  async #acknowledge({ lane, epoch, cursor, chain }: StreamCursor): Promise<TakenReceipt['streams'][number]> {
    const { outbox } = this.#options;
    const store = outbox.lane(lane);
    const told = (result: TakenReceipt['streams'][number]['result'], acknowledged = 0) => ({
      ...{ lane, acknowledged, waiting: store.rows, result },
    });
    if (epoch !== store.epoch) return told('other_epoch');
    const own = store.chainAt(cursor);
    if (cursor > store.head.seq || chain === nobodys || (own && own.toString('hex') !== chain)) {
      await outbox.openNewEpoch(lane, 'rollback');
      return told('new_epoch');
    }
    const before = store.base.seq;
    if (cursor <= before) return told('nothing_new');
    await outbox.acknowledge(lane, cursor, Buffer.from(chain, 'hex'));
    return told('acknowledged', cursor - before);
  }

  /**
   * Only where there is no line to ask, and never back to an older list: the stick may have lain in a drawer. As at the gateway (docs/protocol.md 5.3), a list
   * with which its own signer would not be trusted is not taken.
   */
  #takeTrust({ trust }: Receipt, text: string): TakenReceipt['trust'] {
    const { identity, logger, online } = this.#options;
    const keeper = identity();
    const present = keeper.identity?.trust;
    if (!present || trust.version === present.version) return 'same';
    if (online()) return 'kept';
    try {
      const standing = compareTrust(trust, present);
      if (standing !== 'newer') return standing === 'same' ? 'same' : 'kept';
      readReceipt(text, trust.certificates);
    } catch (error) {
      logger.warn({ error: toHubError(error).message }, 'the list of authorities in a receipt is not taken');
      return 'kept';
    }
    keeper.files.saveTrust(trust);
    keeper.reload();
    return 'renewed';
  }

  async #takeCommands(receipt: Receipt): Promise<TakenReceipt['commands']> {
    const { onCommand } = this.#options;
    const elapsedMs = this.#elapsedSince(receipt);
    let [taken, expired] = [0, 0];
    for (const command of receipt.commands) {
      if (command.type === 'cancel') {
        await onCommand(command);
        continue;
      }
      const remainingMs = Math.max(0, Math.floor(command.remainingMs - elapsedMs));
      // With nothing left it is written down as expired, and the cloud is told so.
      await onCommand({ ...command, remainingMs });
      if (remainingMs > 0) taken += 1;
      else expired += 1;
    }
    return { taken, expired };
  }

  /**
   * How much of a command's time is over, rather too much than too little. By a clock that is right it is the receipt's age. By one that may be wrong: the
   * receipt is younger than the bundle it answers, so no more has passed than since the export; a clock that begins anew at each start knows that of this run only.
   */
  #elapsedSince({ bundleId, madeAt }: Receipt): number {
    const { segments, clock } = this.#options;
    const { state, offsetMs } = segments.wire(segments.check());
    if (state === 'trusted') return Math.max(0, clock.now() + (offsetMs ?? 0) - madeAt);
    const exportedMonoMs = this.#exportedMonoMs.get(bundleId);
    return exportedMonoMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - exportedMonoMs;
  }

  async #note({ bundleId, madeAt }: Receipt): Promise<void> {
    const { store, clock } = this.#options;
    await store.hub.commit.write((tx) => {
      tx.db
        .prepare(
          `INSERT INTO bundle (bundle_id, file, made_at, bytes, receipt_made_at, receipt_at) VALUES (@id, '', 0, 0, @madeAt, @now)
           ON CONFLICT (bundle_id) DO UPDATE SET receipt_made_at = max(coalesce(receipt_made_at, 0), @madeAt), receipt_at = @now`,
        )
        .run({ id: bundleId, madeAt, now: clock.now() });
    });
  }

  #enrolled() {
    const { identity, credential } = this.#options;
    const found = identity().identity;
    const secret = credential()?.secret;
    if (!found || !secret) {
      throw new HubError('precondition_failed', 'this unit is not enrolled: nobody could tell whose bundle it is', {
        hint: 'hub enrol CODE, once, where there is a line.',
      });
    }
    return { identity: found, secret };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
