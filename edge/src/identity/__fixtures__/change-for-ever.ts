import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { IdentityFiles, type IdentityStep } from '../identity-files.js';
import { restoreSnapshot } from '../snapshot/restore-snapshot.js';

/** Becomes one unit and then the other, with what each knew, until it is killed. */
const [dataDir = '', stepsFile = ''] = process.argv.slice(2);
const steps = JSON.parse(readFileSync(stepsFile, 'utf8')) as readonly (IdentityStep & { snapshot: unknown })[];
const files = new IdentityFiles(dataDir);
for (let turn = 0; ; turn++) {
  const { snapshot, ...step } = steps[turn % steps.length] as IdentityStep & { snapshot: unknown };
  files.take(step, Date.now());
  const { writeFileSafely } = await import('../../store/write-file-safely.js');
  writeFileSafely(files.snapshotFile, gzipSync(JSON.stringify(snapshot)));
  files.noteReplacement({ wantedSince: 1, fetched: true });
  restoreSnapshot({ files, configFile: `${dataDir}/edge.yaml`, keepConfig: false, now: 1 });
  process.stdout.write('.');
}
