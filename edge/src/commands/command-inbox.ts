import type { Clock } from '@hallhub/shared';
import { type CommandRow, type CommandState, isFinalCommandState, type WireError } from '@hallhub/shared/wire';
import { and, asc, desc, eq, inArray } from 'drizzle-orm';
import type { Outbox } from '../outbox/index.js';
import type { Store, Transaction } from '../store/index.js';
import { type CommandRecord, command as commandTable } from '../store/schema.js';

/** Finished commands are kept this long, so that one that comes again is known. */
const keptMs = 30 * 86_400_000;
/** The last so many are kept however old they look: the clock may be wrong. */
const keptAlways = 2_000;
const maxErrorMessage = 2_000;

export interface NewCommand {
  readonly commandId: string;
  readonly origin: 'cloud' | 'local';
  readonly deviceId: string | null;
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly remainingMs: number;
}

export interface Step {
  readonly state: CommandState;
  readonly output?: Record<string, unknown>;
  readonly error?: WireError;
}

/** Commands on disk: every step is a row there before anything follows from it, and a row in the events lane with it. */
export class CommandInbox {
  readonly #store: Store;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #listeners = new Set<(command: CommandRecord) => void>();
  #arrival: number;

  constructor(parts: { store: Store; outbox: Outbox; clock: Clock }) {
    this.#store = parts.store;
    this.#outbox = parts.outbox;
    this.#clock = parts.clock;
    this.#arrival =
      (parts.store.hub.commit.db.prepare('SELECT max(arrival) FROM command').pluck().get() as number | null) ?? 0;
  }

  onStep(listener: (command: CommandRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  get(commandId: string): CommandRecord | undefined {
    return this.#store.hub.orm.select().from(commandTable).where(eq(commandTable.commandId, commandId)).get();
  }

  /** Not finished, in order of arrival. */
  open(): CommandRecord[] {
    return this.#store.hub.orm
      .select()
      .from(commandTable)
      .where(inArray(commandTable.state, ['received', 'running']))
      .orderBy(asc(commandTable.arrival))
      .all();
  }

  latest(deviceId: string, limit: number): CommandRecord[] {
    const query = this.#store.hub.orm
      .select()
      .from(commandTable)
      .where(and(eq(commandTable.deviceId, deviceId)));
    return query.orderBy(desc(commandTable.arrival)).limit(limit).all();
  }

  /** Writes it as received. One that is known already is told again in its present state, and `undefined` comes back. */
  receive(command: NewCommand): Promise<CommandRecord | undefined> {
    return this.#store.hub.commit.write((tx) => {
      const known = this.get(command.commandId);
      if (known) {
        this.#tell(tx, known);
        return undefined;
      }
      const now = this.#clock.now();
      const record: CommandRecord = {
        ...command,
        arrival: ++this.#arrival,
        state: 'received',
        output: null,
        errorCode: null,
        errorMessage: null,
        receivedAt: now,
        updatedAt: now,
      };
      this.#store.hub.orm.insert(commandTable).values(record).run();
      this.#tell(tx, record);
      tx.onCommit(() => this.#emit(record));
      return record;
    });
  }

  /**
   * Taken back before it came (the two crossed on the way): written down as cancelled, so that it is known when it comes and
   * never runs.
   */
  refuse(commandId: string): Promise<void> {
    return this.#store.hub.commit.write((tx) => {
      if (this.get(commandId)) return;
      const now = this.#clock.now();
      const record: CommandRecord = {
        ...{ commandId, origin: 'cloud', deviceId: null, name: 'cancelled', input: {}, remainingMs: 0 },
        ...{ arrival: ++this.#arrival, state: 'cancelled', output: null, errorCode: null, errorMessage: null },
        ...{ receivedAt: now, updatedAt: now },
      };
      this.#store.hub.orm.insert(commandTable).values(record).run();
      this.#tell(tx, record);
    });
  }

  /** Resolves once the step is on disk; undefined where the command is finished already or the step leads back. */
  step(commandId: string, step: Step): Promise<CommandRecord | undefined> {
    return this.#store.hub.commit.write((tx) => {
      const before = this.get(commandId);
      if (!before || isFinalCommandState(before.state) || before.state === step.state) return undefined;
      const after: CommandRecord = {
        ...before,
        state: step.state,
        output: step.output ?? null,
        errorCode: step.error?.code ?? null,
        errorMessage: step.error?.message.slice(0, maxErrorMessage) ?? null,
        updatedAt: this.#clock.now(),
      };
      this.#store.hub.orm.update(commandTable).set(after).where(eq(commandTable.commandId, commandId)).run();
      this.#tell(tx, after);
      tx.onCommit(() => this.#emit(after));
      return after;
    });
  }

  async tidy(): Promise<void> {
    const before = this.#clock.now() - keptMs;
    await this.#store.hub.commit.write(
      (tx) =>
        void tx.db
          .prepare("DELETE FROM command WHERE updated_at < ? AND arrival <= ? AND state NOT IN ('received', 'running')")
          .run(before, this.#arrival - keptAlways),
    );
  }

  /** The cloud's ledger knows its own commands only; those of the local line stay here. */
  #tell(tx: Transaction, record: CommandRecord): void {
    if (record.origin === 'cloud') this.#outbox.append(tx, 'events', commandRow(record, this.#clock.now()));
  }

  #emit(record: CommandRecord): void {
    for (const listener of this.#listeners) listener(record);
  }
}

const commandRow = (record: CommandRecord, at: number): CommandRow => ({
  kind: 'command',
  at,
  commandId: record.commandId,
  state: record.state,
  ...(record.output ? { output: record.output as CommandRow['output'] } : {}),
  ...(record.errorCode ? { error: { code: record.errorCode, message: record.errorMessage ?? '' } } : {}),
});
