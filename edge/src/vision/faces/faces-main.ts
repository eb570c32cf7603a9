import '../../small-heap.js';
import { HubError, toHubError } from '@hallhub/shared';
import { isAbsent, openRole, type PictureBytes } from '../inference/index.js';
import { cameraPicture } from './camera-picture.js';
import { compareFaces, type FaceModels } from './compare-faces.js';
import type { PictureKind } from './face-quality.js';
import {
  type FaceSource,
  type FromFacesChild,
  type ToFacesChild as Order,
  toFacesChildSchema,
} from './faces-contract.js';
import { guardMemory } from './guard-memory.js';
import { decodePicture, readPictureFile } from './read-picture.js';

/** The process that compares faces: one comparison after the other, nothing kept, gone when nobody asks any more. */
guardMemory();

const tell = (message: FromFacesChild): void => {
  if (process.connected) process.send?.(message);
};

let models: { readonly key: string; readonly opened: FaceModels } | undefined;

const openModels = async ({ modelsFolder, catalogueAt }: Order): Promise<FaceModels> => {
  const key = `${modelsFolder} ${catalogueAt}`;
  if (models?.key === key) return models.opened;
  const options = catalogueAt === undefined ? {} : { catalogueAt };
  const finder = await openRole(modelsFolder, 'face', options);
  if (isAbsent(finder)) throw new HubError('unavailable', finder.message, { hint: finder.hint });
  const embedder = await openRole(modelsFolder, 'face-embedding', options);
  if (isAbsent(embedder)) {
    await finder[Symbol.asyncDispose]();
    throw new HubError('unavailable', embedder.message, { hint: embedder.hint });
  }
  models = { key, opened: { finder, embedder } };
  return models.opened;
};

const pictureOf = async (source: FaceSource): Promise<PictureBytes> => {
  if (source.kind === 'camera') return await cameraPicture(source.address, source.ffmpeg);
  if (source.kind === 'bytes') return await decodePicture(source.bytes);
  const bytes = await readPictureFile(source.path);
  try {
    return await decodePicture(bytes);
  } finally {
    bytes.fill(0);
  }
};

const compare = async (order: Order): Promise<void> => {
  const { id } = order;
  let picture: PictureKind | undefined;
  const pictures: Partial<Record<PictureKind, PictureBytes>> = {};
  try {
    const opened = await openModels(order);
    for (picture of ['document', 'person'] as const) pictures[picture] = await pictureOf(order[picture]);
    picture = undefined;
    const { person, document } = pictures as Record<PictureKind, PictureBytes>;
    tell({ type: 'done', id, comparison: await compareFaces(opened, { person, document }) });
  } catch (cause) {
    const { code, message, hint } = toHubError(cause);
    tell({ type: 'failed', id, error: { code, message, hint, picture } });
  } finally {
    for (const one of Object.values(pictures)) one.rgb.fill(0);
    for (const one of [order.document, order.person]) if (one.kind === 'bytes') one.bytes.fill(0);
  }
};

let turn: Promise<void> = Promise.resolve();
/** With the ffmpeg that may run for a camera: the group is this process's own (`FacesProcess`). */
const stop = (): never => {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // Started by hand: in somebody else's group.
  }
  process.exit(0);
};

process.on('disconnect', stop);
process.on('SIGTERM', stop);
process.on('SIGINT', () => undefined);
process.on('message', (raw) => {
  const parsed = toFacesChildSchema.safeParse(raw);
  if (!parsed.success) return stop();
  const order = parsed.data;
  turn = turn.then(() => compare(order));
});
