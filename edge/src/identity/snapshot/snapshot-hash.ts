import { createHash } from 'node:crypto';

/** In hub.db's meta: `{hash, at}` of the last snapshot that the cloud took. */
export const toldKey = 'snapshot_told';

/** Of what it holds, not of when it was made. */
export const snapshotHash = ({ files, tables }: { readonly files: unknown; readonly tables: unknown }): string =>
  createHash('sha256')
    .update(JSON.stringify([sorted(files), sorted(tables)]))
    .digest('hex');

/** The order of keys is nobody's content. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => [key, sorted(one)]);
};
