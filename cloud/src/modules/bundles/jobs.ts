import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@hallhub/shared';
import type { JobDefinition } from '../../jobs/index.js';

export interface BundleJobDeps {
  readonly draftsDir: string;
  readonly clock: Clock;
}

/** No import takes so long. */
const leftAfterMs = 86_400_000;

/** Removes what processes that were killed left of bundles, gigabytes perhaps. */
export const sweepDrafts = async ({ draftsDir, clock }: BundleJobDeps): Promise<{ removed: number }> => {
  const names = await readdir(draftsDir).catch((error: NodeJS.ErrnoException) => {
    // No bundle came yet.
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  let removed = 0;
  for (const name of names.filter((one) => one.endsWith('.part'))) {
    const found = await stat(join(draftsDir, name)).catch(() => undefined);
    if (!found || found.mtimeMs >= clock.now() - leftAfterMs) continue;
    await rm(join(draftsDir, name), { force: true });
    removed += 1;
  }
  return { removed };
};

export const bundleJobs = (deps: BundleJobDeps): JobDefinition[] => [
  { name: 'bundles.sweep', cron: '23 3 * * *', expireInSeconds: 600, run: () => sweepDrafts(deps) },
];
