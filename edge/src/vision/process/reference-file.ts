import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../store/make-folder.js';
import type { HealthReference } from '../pipeline/picture-health.js';

const numbers = z.array(z.number()).max(20_000);
const referenceSchema = z.strictObject({
  v: z.literal(2),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  pattern: numbers,
  sharpness: numbers,
  texture: numbers,
});

const fileOf = (folder: string, cameraId: string): string => path.join(folder, 'references', `${cameraId}.json`);

/** What a camera is supposed to see, as it was learned before; undefined where there is nothing to be read: it is learned anew. */
export const loadReference = (folder: string, cameraId: string): HealthReference | undefined => {
  try {
    const parsed = referenceSchema.safeParse(JSON.parse(readFileSync(fileOf(folder, cameraId), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
};

/** A disk that refuses costs what was learned, and nothing else. */
export const saveReference = (folder: string, cameraId: string, reference: HealthReference): void => {
  const file = fileOf(folder, cameraId);
  try {
    makeFolder(path.dirname(file));
    writeFileSync(`${file}.draft`, JSON.stringify(reference), { mode: 0o600 });
    renameSync(`${file}.draft`, file);
  } catch {
    // Told by the store's own look at the disk.
  }
};
