export * from './binary-array.js';
export * from './columns.js';
export * from './conflicts.js';
export { lockCount } from './lock-count.js';
export { type DbLogger, silentLogger } from './logger.js';
export { type MigrateOptions, type Migration, migrate, readMigrations } from './migrate.js';
export {
  type ConnectionInfo,
  type Database,
  type EmbeddedAccess,
  type OpenDatabaseOptions,
  openDatabase,
} from './open-database.js';
export { storableJson, storableText } from './text.js';
export { together } from './together.js';
export {
  afterCommit,
  askSystem,
  behindSavepoint,
  narrowToTenant,
  type TenantScope,
  type TransactionOptions,
  type Tx,
  untilCommit,
  withSystem,
  withTenant,
} from './transactions.js';
