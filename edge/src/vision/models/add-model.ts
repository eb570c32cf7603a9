import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { HubError } from '@hallhub/shared';
import { stringify } from 'yaml';
import { openModel } from '../inference/model-runner.js';
import { type ModelCard, ownCardSchema } from './model-card.js';
import type { ModelShelf } from './model-shelf.js';
import { testPicture } from './parity/test-picture.js';
import { readYaml } from './read-cards.js';

const maxModelBytes = 1_073_741_824;

/**
 * Takes up a model that the operator brings: its card is checked, the file opened and run once on a test picture with the
 * card's decoder and label map; only then both are put in their places. Throws `invalid_input`, `configuration`,
 * `unsupported` saying what does not fit.
 */
export const addModel = async (shelf: ModelShelf, cardFile: string, onnxFile: string): Promise<ModelCard> => {
  const read = readYaml(cardFile, ownCardSchema);
  if ('lines' in read)
    throw new HubError('invalid_input', read.lines.join('\n'), { hint: 'docs/engineer.md has a card' });
  const bytes = readModel(onnxFile);
  const file = { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
  if (shelf.catalogueCard(read.value.id)) {
    throw new HubError('conflict', `${read.value.id} is a model of the catalogue`, {
      hint: 'Give the card another id',
    });
  }
  const card: ModelCard = { ...read.value, onnx: file, rank: -1 };
  await tryOut(bytes, card);
  shelf.place(card, bytes);
  shelf.placeCard(card.id, stringify({ ...read.value, file }));
  return card;
};

/** One run on the test picture; gives how many things it saw, or numbers it gave. */
export const tryOut = async (bytes: Uint8Array, card: ModelCard): Promise<number> => {
  await using runner = await openModel(bytes, card);
  const picture = testPicture(card.input.width, card.input.height);
  if ('embed' in runner) return (await runner.embed(picture)).length;
  if ('detect' in runner) return (await runner.detect(picture)).length;
  return 'find' in runner ? (await runner.find(picture)).length : (await runner.estimate(picture)).length;
};

const readModel = (file: string): Uint8Array => {
  try {
    const { size } = statSync(file);
    if (size > maxModelBytes) throw new HubError('too_large', `${file} has ${size} bytes`);
    return readFileSync(file);
  } catch (cause) {
    if (cause instanceof HubError) throw cause;
    throw new HubError('not_found', `${file} cannot be read`, { cause });
  }
};
