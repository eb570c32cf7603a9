import { fileURLToPath } from 'node:url';
import { systemClock } from '@hallhub/shared';
import { type Detector, isAbsent, openRole } from '../../../../edge/src/vision/inference/index.js';
import { ModelShelf } from '../../../../edge/src/vision/models/index.js';
import { pullModels } from '../../../../edge/src/vision/models/pull/pull-model.js';

/** Kept over runs, outside of what is committed. */
export const modelsFolder = fileURLToPath(new URL('../../../../node_modules/.cache/hallhub-models', import.meta.url));

/** The catalogue's detector, fetched once (144 MB); HALLHUB_MODELS_FROM names its packed package where there is no network. */
export const openBenchDetector = async (
  progress: (text: string) => void,
  options: { readonly threads?: number } = {},
): Promise<Detector> => {
  const shelf = new ModelShelf(modelsFolder);
  const card = shelf.serving('detector');
  if (!card) throw new Error('the catalogue has no detector');
  if (shelf.stateOf(card) === 'missing') {
    progress(`fetching the model ${card.id}`);
    const from = process.env.HALLHUB_MODELS_FROM;
    await pullModels(shelf, [card.id], {
      ...{ clock: systemClock, signal: AbortSignal.timeout(10 * 60_000), env: process.env },
      ...(from ? { from } : {}),
    });
  }
  const opened = await openRole(modelsFolder, 'detector', options);
  if (isAbsent(opened)) throw new Error(`${opened.message}. ${opened.hint}`);
  return opened;
};

/** The model that serves; it is there once `openBenchDetector` has opened it. */
export const benchModel = () => {
  const shelf = new ModelShelf(modelsFolder);
  const card = shelf.serving('detector');
  if (!card) throw new Error('the catalogue has no detector');
  return { card, bytes: shelf.read(card) };
};
