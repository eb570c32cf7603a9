import { HubError } from '@hallhub/shared';
import type { FaceEmbedder, FaceFinder, PictureBytes } from '../inference/index.js';
import { alignFace } from './align-face.js';
import { judgeFace, measureFace, type PictureKind, type QualityProblem } from './face-quality.js';
import type { FaceComparison, PictureReport } from './faces-contract.js';
import { locateFace } from './locate-face.js';
import { isSamePhotograph } from './same-photograph.js';

export interface FaceModels {
  readonly finder: FaceFinder;
  readonly embedder: FaceEmbedder;
}

interface Prepared {
  readonly report: PictureReport;
  readonly aligned: PictureBytes | undefined;
}

/** Blank: what a model was shown last is overwritten with it. */
const nothing: PictureBytes = { width: 16, height: 16, rgb: new Uint8Array(16 * 16 * 3) };

/**
 * Whether two pictures show one person. Everything that could tell who it is, pictures included, is overwritten before this settles.
 * Throws `unavailable` where the model gives no numbers.
 */
export const compareFaces = async (
  { finder, embedder }: FaceModels,
  pictures: Readonly<Record<PictureKind, PictureBytes>>,
): Promise<FaceComparison> => {
  const held: { fill(value: number): unknown }[] = [pictures.person.rgb, pictures.document.rgb];
  const prepare = async (kind: PictureKind): Promise<Prepared> => {
    const picture = pictures[kind];
    const { width, height } = picture;
    const { count, near, face } = await locateFace(finder, picture);
    const base = { width, height, faces: count };
    const refused = (reason: QualityProblem['reason']): Prepared => ({
      report: { ...base, problems: [{ reason }], quality: null },
      aligned: undefined,
    });
    if (near > 1) return refused('several_faces');
    if (!face) return refused('no_face');
    const aligned = alignFace(picture, face.points, embedder);
    held.push(aligned.rgb);
    const quality = measureFace(face, aligned);
    const problems = judgeFace(quality, { face, picture, kind });
    return { report: { ...base, problems, quality }, aligned: problems.length === 0 ? aligned : undefined };
  };
  try {
    const person = await prepare('person');
    const document = await prepare('document');
    const { sure, least } = embedder.thresholds;
    const base = {
      thresholds: { same: sure, different: least },
      pictures: { person: person.report, document: document.report },
      liveness: 'not_checked' as const,
      models: [
        { role: 'face' as const, ...finder.model },
        { role: 'face-embedding' as const, ...embedder.model },
      ],
    };
    if (!person.aligned || !document.aligned) return { ...base, verdict: 'not_compared', likeness: null, notes: [] };
    const ofPerson = await embedder.embed(person.aligned);
    held.push(ofPerson);
    const ofDocument = await embedder.embed(document.aligned);
    held.push(ofDocument);
    // A model that breaks must not pass for two persons.
    if (![...ofPerson, ...ofDocument].every(Number.isFinite)) {
      throw new HubError('unavailable', `${embedder.model.id} gave what is no number`, { hint: 'hub models test' });
    }
    const likeness = embedder.likeness(ofPerson, ofDocument);
    const notes = isSamePhotograph(person.aligned, document.aligned, likeness) ? (['same_photograph'] as const) : [];
    const found = likeness >= sure ? 'same' : likeness >= least ? 'unsure' : 'different';
    return { ...base, verdict: notes.length > 0 ? 'unsure' : found, likeness, notes: [...notes] };
  } finally {
    for (const one of held) one.fill(0);
    await finder.find(nothing);
  }
};
