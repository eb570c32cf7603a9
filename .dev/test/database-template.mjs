import fs from 'node:fs';
import path from 'node:path';
import { runCommand } from '../lib/run-command.mjs';

/**
 * Makes the migrated database that test files of the cloud and halls of end-to-end tests begin with. Returns its folder,
 * and undefined where it cannot be made: then each makes its own, and those that cannot say why.
 */
export async function makeDatabaseTemplate({ code, files, env }) {
  const program = path.join(code, 'cloud/src/db/make-testing-template.js');
  if (!files.some((file) => /^cloud\/src\/|\/e2e\//.test(file)) || !fs.existsSync(program)) return undefined;
  const { output } = await runCommand(process.execPath, [program, String(process.pid)], { env, timeoutMs: 300_000 });
  return /^HALLHUB_TEST_DATABASE=(.+)$/m.exec(output)?.[1];
}

export function removeDatabaseTemplate(folder) {
  if (folder) fs.rmSync(folder, { recursive: true, force: true });
}
