import { HubError } from '@hallhub/shared';
import type { ModelCard } from '../models/model-card.js';
import { type BoxOutput, classesOf, decodeBoxes, decodeMovenetMultipose, outputsNeeded } from './decoders/index.js';
import type {
  Detection,
  Detector,
  Face,
  FaceEmbedder,
  FaceFinder,
  FaceLandmarks,
  FacePlace,
  PictureBytes,
  PicturePoint,
  Pose,
  PoseEstimator,
} from './detector.js';
import { type Candidate, keepBest } from './keep-best.js';
import { Letterbox, type Placement, pointToPicture, toPicture } from './letterbox.js';
import { cosineLikeness, distanceLikeness } from './likeness.js';
import { OnnxSession, type SessionOptions } from './onnx-session.js';
import { type Tile, tilesOf, toWhole } from './tiles.js';

/** Anything that a role's model is behind. */
export type ModelRunner = Detector | PoseEstimator | FaceFinder | FaceEmbedder;

interface Seen {
  readonly found: readonly Candidate[];
  readonly placement: Placement;
}

/** What all three have in common: one session, one input memory, one picture at a time. */
abstract class Runner {
  readonly model: { readonly id: string; readonly sha256: string };
  readonly thresholds: { readonly sure: number; readonly least: number };
  readonly card: ModelCard;
  readonly #session: OnnxSession;
  readonly #letterbox: Letterbox;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(card: ModelCard, session: OnnxSession) {
    this.card = card;
    this.model = { id: card.id, sha256: card.onnx.sha256 };
    this.thresholds = { sure: card.thresholds.sure, least: card.thresholds.least };
    this.#session = session;
    this.#letterbox = new Letterbox(card.input);
  }

  /** One after the other: the input's memory is shared. */
  protected look<T>(
    picture: PictureBytes,
    decode: (outputs: Awaited<ReturnType<OnnxSession['run']>>, placement: Placement) => T,
  ): Promise<T> {
    const { width, height, rgb } = picture;
    const result = this.#busy.then(async () => {
      if (!(width > 0 && height > 0) || rgb.length !== width * height * 3) {
        throw new HubError('invalid_input', `a picture of ${width} x ${height} has ${rgb.length} bytes`);
      }
      const placement = this.#letterbox.put(picture);
      return decode(await this.#session.run(this.#letterbox.data), placement);
    });
    this.#busy = result.catch(() => undefined);
    return result;
  }

  protected boxes(picture: PictureBytes, output: BoxOutput): Promise<Seen> {
    const { input, thresholds } = this.card;
    return this.look(picture, (outputs, placement) => ({
      found: keepBest(decodeBoxes(outputs, output, input, thresholds.least), thresholds),
      placement,
    }));
  }

  /** Overwrites what was shown last. */
  protected wipe(): void {
    this.#letterbox.data.fill(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#busy;
    await this.#session[Symbol.asyncDispose]();
  }
}

const cornersOf = ({ left, top, right, bottom }: Candidate) => [left, top, right, bottom] as const;

class BoxDetector extends Runner implements Detector {
  readonly labels = [...new Set(this.card.labels.flatMap((label) => label?.id ?? []))];

  async detect(picture: PictureBytes): Promise<readonly Detection[]> {
    const { found, placement } = await this.boxes(picture, this.card.output as BoxOutput);
    return found.flatMap((one) => {
      const label = this.card.labels[one.classIndex];
      if (label === undefined) throw labelMismatch(this.card, one.classIndex + 1);
      const box = toPicture(cornersOf(one), placement);
      return label && box[2] > 0 && box[3] > 0 ? [{ label: label.id, confidence: one.score, box }] : [];
    });
  }
}

/** At 6 ms each: a picture that leaves the hall is worth them, and few do. */
const tilesAtMost = 24;

/** Looks at the whole picture and, where it is large, at parts of it: a face that is left out is not blurred. */
class BoxFaceFinder extends Runner implements FaceFinder {
  async find(picture: PictureBytes): Promise<readonly Face[]> {
    const { input, thresholds } = this.card;
    const faces = [...(await this.#facesIn(picture))];
    for (const tile of tilesOf(picture, Math.max(input.width, input.height), tilesAtMost)) {
      const found = await this.#facesIn(tile);
      // A copy: pictures that whoever asks overwrites are not to stay as parts.
      tile.rgb.fill(0);
      for (const { box, confidence, landmarks } of found) {
        // So many looks see something everywhere: of a part only what is sure counts.
        if (confidence < thresholds.sure) continue;
        const placed = landmarks && mapPoints(landmarks, (point) => pointToWhole(point, tile, picture));
        faces.push({ box: toWhole(box, tile, picture), confidence, ...(placed ? { landmarks: placed } : {}) });
      }
    }
    const byCandidate = new Map(faces.map((face) => [candidateOf(face), face]));
    return keepBest([...byCandidate.keys()], thresholds).flatMap((one) => byCandidate.get(one) ?? []);
  }

  async #facesIn(picture: PictureBytes): Promise<readonly Face[]> {
    const { found, placement } = await this.boxes(picture, this.card.output as BoxOutput);
    return found
      .map((one) => ({
        ...{ box: toPicture(cornersOf(one), placement), confidence: one.score },
        ...(one.points ? { landmarks: landmarksOf(one.points, placement) } : {}),
      }))
      .filter(({ box }) => box[2] > 0 && box[3] > 0);
  }
}

const landmarkNames = ['rightEye', 'leftEye', 'nose', 'mouth', 'rightEar', 'leftEar'] as const;

const landmarksOf = (points: readonly number[], placement: Placement): FaceLandmarks =>
  Object.fromEntries(
    landmarkNames.map((name, i): [string, PicturePoint] => {
      const { x, y } = pointToPicture(points[i * 2]!, points[i * 2 + 1]!, placement);
      return [name, [x, y]];
    }),
  ) as unknown as FaceLandmarks;

const mapPoints = (landmarks: FaceLandmarks, map: (point: PicturePoint) => PicturePoint): FaceLandmarks =>
  Object.fromEntries(landmarkNames.map((name) => [name, map(landmarks[name])])) as unknown as FaceLandmarks;

const pointToWhole = ([x, y]: PicturePoint, tile: Tile, whole: PictureBytes): PicturePoint => [
  (tile.left + x * tile.width) / whole.width,
  (tile.top + y * tile.height) / whole.height,
];

const candidateOf = ({ box: [left, top, width, height], confidence }: Face): Candidate => ({
  ...{ classIndex: 0, score: confidence, left, top, right: left + width, bottom: top + height },
});

class MultiPose extends Runner implements PoseEstimator {
  estimate(picture: PictureBytes): Promise<readonly Pose[]> {
    const { output, input, thresholds } = this.card;
    if (output.decoder !== 'movenet-multipose') throw new HubError('bug', `no pose decoder ${output.decoder}`);
    return this.look(picture, (outputs, placement) =>
      decodeMovenetMultipose(outputs, output, { input, placement, least: thresholds.least }).slice(0, thresholds.most),
    );
  }
}

class AlignedFaceEmbedder extends Runner implements FaceEmbedder {
  get #output() {
    const { output } = this.card;
    if (output.decoder !== 'embedding') throw new HubError('bug', `no embedding decoder ${output.decoder}`);
    return output;
  }

  get side(): number {
    return Math.max(this.card.input.width, this.card.input.height);
  }

  get place(): FacePlace {
    return this.#output.points;
  }

  async embed(aligned: PictureBytes): Promise<Float32Array> {
    const { output, numbers } = this.#output;
    try {
      return await this.look(aligned, (outputs) => {
        const data = outputs[output]?.data;
        if (data?.length !== numbers)
          throw new HubError('configuration', `${output} has ${data?.length ?? 0} numbers, its card says ${numbers}`);
        const kept = Float32Array.from(data);
        data.fill(0);
        return kept;
      });
    } finally {
      this.wipe();
    }
  }

  likeness(a: Float32Array, b: Float32Array): number {
    const { measure } = this.#output;
    return measure.kind === 'cosine' ? cosineLikeness(a, b) : distanceLikeness(a, b, measure.apart);
  }
}

const labelMismatch = ({ id, labels }: ModelCard, classes: number): HubError =>
  new HubError('configuration', `${id} tells ${classes} classes apart, its label map names ${labels.length}`, {
    hint: 'The labels are of another model: put as many on its card as it has classes (null: not told).',
    context: { model: id, labels: true },
  });

/** Opens a model by its card. Throws `configuration` where file and card do not fit, `unsupported` where it is no model. */
export const openModel = async (
  bytes: Uint8Array,
  card: ModelCard,
  options: SessionOptions = {},
): Promise<ModelRunner> => {
  const session = await OnnxSession.open(bytes, { ...options, input: card.input, names: outputsNeeded(card.output) });
  const classes = classesOf(card.output, session.outputShapes);
  if (card.role === 'detector' && classes !== undefined && classes !== card.labels.length) {
    await session[Symbol.asyncDispose]();
    throw labelMismatch(card, classes);
  }
  if (card.role === 'pose') return new MultiPose(card, session);
  if (card.role === 'face-embedding') return new AlignedFaceEmbedder(card, session);
  return card.role === 'face' ? new BoxFaceFinder(card, session) : new BoxDetector(card, session);
};
