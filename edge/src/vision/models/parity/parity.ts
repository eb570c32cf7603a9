import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { HubError } from '@hallhub/shared';
import { z } from 'zod';
import { Letterbox } from '../../inference/letterbox.js';
import { OnnxSession } from '../../inference/onnx-session.js';
import type { ModelCard } from '../model-card.js';
import { catalogueFolder } from '../read-cards.js';
import { testPicture } from './test-picture.js';

/** What the original model gives for the test picture: some numbers of each output. */
export const parityVectorsSchema = z.strictObject({
  /** Program and version that reckoned it. */
  reference: z.string(),
  outputs: z.record(
    z.string(),
    z.strictObject({
      length: z.int().min(1),
      /** Index of the first sample, and from one to the next. */
      every: z.int().min(1),
      values: z.array(z.number()).min(1).max(500),
    }),
  ),
});
export type ParityVectors = z.infer<typeof parityVectorsSchema>;

export interface Parity {
  readonly reference: string;
  readonly compared: number;
  /** Largest difference, as a share of the largest number of that output. */
  readonly worst: number;
  readonly ok: boolean;
}

/** 32-bit sums in another order differ by about 1e-6 of the largest; a wrong conversion by far more. */
const allowed = 1e-4;

export const readParityVectors = (id: string, catalogueAt = catalogueFolder()): ParityVectors | undefined => {
  const file = path.join(catalogueAt, 'parity', `${id}.json`);
  return existsSync(file) ? parityVectorsSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
};

/** Runs the model on the test picture and compares it with what the original gave. */
export const checkParity = async (bytes: Uint8Array, card: ModelCard, vectors: ParityVectors): Promise<Parity> => {
  const names = Object.keys(vectors.outputs);
  await using session = await OnnxSession.open(bytes, { input: card.input, names });
  const letterbox = new Letterbox(card.input);
  letterbox.put(testPicture(card.input.width, card.input.height));
  const outputs = await session.run(letterbox.data);
  let [compared, worst] = [0, 0];
  for (const [name, { length, every, values }] of Object.entries(vectors.outputs)) {
    const { data } = outputs[name] as { data: Float32Array };
    if (data.length !== length) {
      throw new HubError('configuration', `${name} has ${data.length} numbers, the original ${length}`);
    }
    const scale = Math.max(1e-6, ...values.map(Math.abs));
    for (const [i, value] of values.entries()) {
      const difference = Math.abs((data[(i * every) % length] as number) - value) / scale;
      worst = Math.max(worst, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
      compared++;
    }
  }
  return { reference: vectors.reference, compared, worst, ok: worst <= allowed };
};
