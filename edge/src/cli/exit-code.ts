import { type ErrorCode, toHubError } from '@hallhub/shared';
import { CommanderError } from 'commander';

/** Exit codes that scripts may rely on. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, noAgent: 3, notFound: 4, timeout: 5 } as const;

const byCode: Partial<Record<ErrorCode, number>> = {
  invalid_input: exitCodes.usage,
  configuration: exitCodes.usage,
  link_refused: exitCodes.noAgent,
  link_lost: exitCodes.noAgent,
  not_found: exitCodes.notFound,
  timeout: exitCodes.timeout,
};

export const exitCodeOf = (error: unknown): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  return byCode[toHubError(error).code] ?? exitCodes.failed;
};
