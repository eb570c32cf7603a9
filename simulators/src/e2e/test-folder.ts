import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/**
 * A folder that goes after everything that the test registers later has stopped (tap removes its own fixtures first, under
 * processes that still write). As root the database runs as another user, who has to reach it.
 */
export const testFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-e2e-'));
  chmodSync(folder, 0o755);
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
};
