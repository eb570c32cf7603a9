import type { Logger } from 'pino';

/** What the database code needs of a pino logger. */
export type DbLogger = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

export const silentLogger: DbLogger = { debug() {}, info() {}, warn() {}, error() {} };
