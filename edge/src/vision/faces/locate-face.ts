import type { Face, FaceFinder, FaceLandmarks, PictureBytes, PicturePoint } from '../inference/index.js';
import { warp } from './align-face.js';

/** One face of a picture; all in pixels of it. */
export interface LocatedFace {
  readonly confidence: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly points: FaceLandmarks;
}

export interface Located {
  /** Faces of which the finder is sure. */
  readonly count: number;
  /** Of those, how many are nearly as large as the largest: who stands behind does not count. */
  readonly near: number;
  /** The largest; undefined: nobody is there, or the model tells no points. */
  readonly face: LocatedFace | undefined;
}

/** A second face with more of the first one's area stands beside, not behind. */
const besideShare = 0.3;
/** The finder's points are most exact where a face takes so much of what it sees. */
const faceShare = 0.44;
const closeSide = 256;

/** Finds the faces of a picture, and looks a second time at the largest alone. */
export const locateFace = async (finder: FaceFinder, picture: PictureBytes): Promise<Located> => {
  const sure = (await finder.find(picture)).filter(({ confidence }) => confidence >= finder.thresholds.sure);
  const [largest, ...others] = [...sure].sort((a, b) => areaOf(b) - areaOf(a));
  const near = others.filter((one) => areaOf(one) > areaOf(largest as Face) * besideShare).length;
  const face = largest && (await lookCloser(finder, picture, largest));
  return { count: sure.length, near: largest ? near + 1 : 0, face };
};

const areaOf = ({ box: [, , width, height] }: Face): number => width * height;

/** The points of one face that was found, out of a picture in which it is as large as the finder likes it. Undefined: it is none, or no points are told. */
export const lookCloser = async (
  finder: FaceFinder,
  picture: PictureBytes,
  face: Face,
): Promise<LocatedFace | undefined> => {
  const [x, y, w, h] = face.box;
  const [width, height] = [w * picture.width, h * picture.height];
  const scale = Math.max(width, height) / faceShare / closeSide;
  const [left, top] = [x * picture.width + width / 2, y * picture.height + height / 2].map(
    (middle) => middle - (closeSide / 2) * scale,
  ) as [number, number];
  const close = warp(picture, { a: scale, b: 0, left, top }, closeSide);
  try {
    const again = (await finder.find(close)).filter((one) => isInTheMiddle(one));
    const best = again.sort((a, b) => areaOf(b) - areaOf(a))[0];
    const points = best?.landmarks;
    if (!best || !points) return undefined;
    const place = ([u, v]: PicturePoint): PicturePoint => [u * closeSide * scale + left, v * closeSide * scale + top];
    const [u, v, across, down] = best.box;
    const [boxLeft, boxTop] = place([u, v]);
    return {
      ...{ confidence: Math.max(best.confidence, face.confidence), left: boxLeft, top: boxTop },
      ...{ width: across * closeSide * scale, height: down * closeSide * scale },
      points: {
        ...{ rightEye: place(points.rightEye), leftEye: place(points.leftEye), nose: place(points.nose) },
        ...{ mouth: place(points.mouth), rightEar: place(points.rightEar), leftEar: place(points.leftEar) },
      },
    };
  } finally {
    close.rgb.fill(0);
  }
};

const isInTheMiddle = ({ box: [x, y, width, height] }: Face): boolean =>
  x < 0.5 && x + width > 0.5 && y < 0.5 && y + height > 0.5;
