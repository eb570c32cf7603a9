import sharp, { type Sharp } from 'sharp';
import { alignFace } from '../../../../edge/src/vision/faces/align-face.js';
import { judgeFace, measureFace, type PictureKind } from '../../../../edge/src/vision/faces/face-quality.js';
import { type LocatedFace, locateFace, lookCloser } from '../../../../edge/src/vision/faces/locate-face.js';
import type { FaceEmbedder, FaceFinder, PictureBytes } from '../../../../edge/src/vision/inference/index.js';

export interface Models {
  readonly finder: FaceFinder;
  readonly embedder: FaceEmbedder;
}

export interface Looked {
  /** Empty: good enough to compare. */
  readonly problems: readonly string[];
  readonly aligned: PictureBytes;
  readonly numbers: Float32Array;
}

export const pixelsOf = async (image: Sharp): Promise<PictureBytes> => {
  const { data, info } = await image.removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
};

/** A cut-out face with room around it, as a camera gives it: its edges go on. */
export const withRoom = async (file: string): Promise<Buffer> =>
  await sharp(file).extend({ top: 100, bottom: 100, left: 100, right: 100, extendWith: 'copy' }).png().toBuffer();

/** As the product does it, step by step, so that pairs need not be looked at again. Undefined: no face. */
export const lookAt = async (models: Models, picture: PictureBytes, kind: PictureKind): Promise<Looked | undefined> => {
  const { face } = await locateFace(models.finder, picture);
  return face && (await prepare(models, picture, face, kind));
};

/** Every face of a picture that the finder is sure of. */
export const lookAtAll = async (models: Models, picture: PictureBytes, kind: PictureKind): Promise<Looked[]> => {
  const { finder } = models;
  const looked: Looked[] = [];
  for (const one of await finder.find(picture)) {
    const face = one.confidence >= finder.thresholds.sure ? await lookCloser(finder, picture, one) : undefined;
    if (face) looked.push(await prepare(models, picture, face, kind));
  }
  return looked;
};

const prepare = async (
  { embedder }: Models,
  picture: PictureBytes,
  face: LocatedFace,
  kind: PictureKind,
): Promise<Looked> => {
  const aligned = alignFace(picture, face.points, embedder);
  const problems = judgeFace(measureFace(face, aligned), { face, picture, kind }).map(({ reason }) => reason);
  return { problems, aligned, numbers: await embedder.embed(aligned) };
};
