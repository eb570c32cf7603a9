import { type ErrorCode, HubError } from '@hallhub/shared';

interface CodedError {
  readonly code?: unknown;
  readonly message?: unknown;
}

const byPrefix: readonly (readonly [string, ErrorCode, string])[] = [
  ['SQLITE_FULL', 'store_full', 'Free some space on the disk of the data folder.'],
  ['ENOSPC', 'store_full', 'Free some space on the disk of the data folder.'],
  ['EDQUOT', 'store_full', 'Raise the disk quota of this user.'],
  ['SQLITE_CORRUPT', 'store_corrupt', 'Restart the agent: it moves the damaged file aside and goes on with a new one.'],
  ['SQLITE_NOTADB', 'store_corrupt', 'Restart the agent: it moves the damaged file aside and goes on with a new one.'],
  ['SQLITE_READONLY', 'store_unwritable', 'Give this user the right to write to the data folder.'],
  ['SQLITE_CANTOPEN', 'store_unwritable', 'Give this user the right to write to the data folder.'],
  ['SQLITE_PERM', 'store_unwritable', 'Give this user the right to write to the data folder.'],
  ['SQLITE_IOERR', 'store_unwritable', 'Check the disk: the kernel log says what it refused.'],
  ['EACCES', 'store_unwritable', 'Give this user the right to write to the data folder.'],
  ['EPERM', 'store_unwritable', 'Give this user the right to write to the data folder, or choose another one.'],
  ['ENOENT', 'store_unwritable', 'No folder can be made there: choose another data folder.'],
  ['ENOTDIR', 'store_unwritable', 'A file stands where a folder is needed: choose another data folder.'],
  ['EEXIST', 'store_unwritable', 'A file stands where a folder is needed: choose another data folder.'],
  ['EROFS', 'store_unwritable', 'The file system is read-only: mount it for writing.'],
  ['EIO', 'store_unwritable', 'Check the disk: the kernel log says what it refused.'],
  ['SQLITE_BUSY', 'store_busy', 'Another process holds the database: is a second agent running on this data folder?'],
  ['SQLITE_LOCKED', 'store_busy', 'Another process holds the database: is a second agent running on this data folder?'],
];

/** What SQLite or the file system threw, as a HubError with one of the `store_*` codes; anything else as `bug`. */
export const toStoreError = (error: unknown, file: string): HubError => {
  if (error instanceof HubError) return error;
  const { code, message } = (error ?? {}) as CodedError;
  const text = typeof message === 'string' ? message : String(error);
  const known = typeof code === 'string' ? byPrefix.find(([prefix]) => code.startsWith(prefix)) : undefined;
  if (!known) return new HubError('bug', text, { cause: error, context: { file } });
  return new HubError(known[1], `${file}: ${text}`, { cause: error, context: { file, sqlite: code }, hint: known[2] });
};
