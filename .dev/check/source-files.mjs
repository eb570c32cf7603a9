import fs from 'node:fs';
import path from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { runCommand } from '../lib/run-command.mjs';

/** The files that git tracks or would add, as relative paths; deleted ones left out. */
export async function sourceFiles(root) {
  const result = await runCommand(
    'git',
    ['-c', 'core.quotePath=false', 'ls-files', '-co', '--exclude-standard', '-z'],
    { cwd: root },
  );
  if (result.code !== 0) {
    throw new Failure('The list of files comes from git, and git failed here.', {
      tail: result.lines.slice(-5),
      exitCode: 1,
    });
  }
  return result.output.split('\0').filter((file) => file && fs.existsSync(path.join(root, file)));
}
