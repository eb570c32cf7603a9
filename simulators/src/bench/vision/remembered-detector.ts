import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Detection, Detector } from '../../../../edge/src/vision/inference/index.js';

const inference = fileURLToPath(new URL('../../../../edge/src/vision/inference', import.meta.url));
/** What stands between a picture and what is found in it: a change there, and everything is asked anew. */
const code = /^(?:decoders\/\w.*|keep-best|letterbox|model-runner|onnx-session)\.ts$/;

/**
 * A detector whose answers are kept in `folder` by the bytes of the picture, the model, its thresholds and the code around it, so that
 * accuracy can be measured again within seconds after a change to the tracker or the rules. Never for timing.
 */
export const rememberAnswers = (detector: Detector, folder: string): Detector => {
  const key = createHash('sha256').update(JSON.stringify([detector.model, detector.thresholds]));
  for (const file of sourcesIn(inference)) key.update(readFileSync(file));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${key.digest('hex').slice(0, 16)}.ndjson`);
  const known = new Map(
    existsSync(file) ? readFileSync(file, 'utf8').split('\n').flatMap(parsed) : ([] as [string, Detection[]][]),
  );
  return {
    ...{ model: detector.model, labels: detector.labels, thresholds: detector.thresholds },
    async detect(picture) {
      const { width, height, rgb } = picture;
      const id = createHash('sha1').update(`${width}x${height} `).update(rgb).digest('base64');
      const before = known.get(id);
      if (before) return before;
      const seen = await detector.detect(picture);
      known.set(id, [...seen]);
      appendFileSync(file, `${JSON.stringify([id, seen])}\n`);
      return seen;
    },
    [Symbol.asyncDispose]: () => detector[Symbol.asyncDispose](),
  };
};

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => code.test(name) && !name.endsWith('.test.ts'))
    .sort()
    .map((name) => join(folder, name));

/** A run that was killed leaves half a line. */
const parsed = (line: string): [string, Detection[]][] => {
  try {
    return [JSON.parse(line) as [string, Detection[]]];
  } catch {
    return [];
  }
};
