import { fileURLToPath } from 'node:url';
import { systemClock } from '@hallhub/shared';
import { type Detector, isAbsent, openRole } from '../../../../edge/src/vision/inference/index.js';
import { type ModelRole, ModelShelf } from '../../../../edge/src/vision/models/index.js';
import { pullModels } from '../../../../edge/src/vision/models/pull/pull-model.js';

/** Kept over runs, outside of what is committed. */
export const modelsFolder = fileURLToPath(new URL('../../../../node_modules/.cache/hallhub-models', import.meta.url));

/**
 * The catalogue's models for these roles lie in `modelsFolder` when it resolves, fetched once (144 MB); HALLHUB_MODELS_FROM names their
 * packed package where there is no network.
 */
export const fetchBenchModels = async (
  progress: (text: string) => void,
  roles: readonly ModelRole[] = ['detector'],
): Promise<void> => {
  const shelf = new ModelShelf(modelsFolder);
  const missing = roles.flatMap((role) => {
    const card = shelf.serving(role);
    if (!card) throw new Error(`the catalogue has no model for ${role}`);
    return shelf.stateOf(card) === 'missing' ? [card.id] : [];
  });
  if (missing.length === 0) return;
  progress(`fetching ${missing.join(', ')}`);
  const from = process.env.HALLHUB_MODELS_FROM;
  await pullModels(shelf, missing, {
    ...{ clock: systemClock, signal: AbortSignal.timeout(10 * 60_000), env: process.env },
    ...(from ? { from } : {}),
  });
};

export const openBenchDetector = async (
  progress: (text: string) => void,
  options: { readonly threads?: number } = {},
): Promise<Detector> => {
  await fetchBenchModels(progress);
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
