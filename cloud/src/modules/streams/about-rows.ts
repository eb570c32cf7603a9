import { toHubError } from '@hallhub/shared';
import { postgresError } from '../../db/index.js';

/**
 * True for errors that are about what a row says (data exceptions, integrity, limits, a fault of ours on that row) and not about
 * the database: those rows go aside. Anything else ends the transaction.
 */
export const isAboutRows = (error: unknown): boolean => {
  const found = postgresError(error);
  if (found) return ['22', '23', '54', 'P0'].includes(found.code.slice(0, 2));
  // Lost connections carry a code of their own; what is left is a bug of ours that one row set off.
  return !(error instanceof Error && 'code' in error) && toHubError(error).code === 'bug';
};
