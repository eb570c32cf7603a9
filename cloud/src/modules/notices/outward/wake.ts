import { afterCommit, type Database, type Tx } from '../../../db/index.js';

const senders = new WeakMap<Database, () => void>();

/** The sender of this process looks when something was put into the outbox, and not only by its clock. */
export const wakeWith = (database: Database, wake: () => void): void => void senders.set(database, wake);

export const wakeAfterCommit = (tx: Tx, database: Database): void => afterCommit(tx, () => senders.get(database)?.());
