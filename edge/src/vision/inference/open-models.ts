import { type HubError, toHubError } from '@hallhub/shared';
import type { ModelRole } from '../models/model-card.js';
import { ModelShelf } from '../models/model-shelf.js';
import type { Detector, FaceEmbedder, FaceFinder, PoseEstimator } from './detector.js';
import { openModel } from './model-runner.js';
import type { SessionOptions } from './onnx-session.js';

export interface RunnerOfRole {
  detector: Detector;
  pose: PoseEstimator;
  face: FaceFinder;
  'face-embedding': FaceEmbedder;
}

/** Roles that look at a camera's pictures. */
export type LookingRole = Exclude<ModelRole, 'face-embedding'>;

/** Why nothing serves a role: a state to show, never an error of the caller. */
export interface AbsentModel {
  readonly absent: 'none' | 'damaged' | 'labels' | 'unfit' | 'card';
  /** What is the matter, for people. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
  readonly modelId?: string;
}

export interface OpenOptions extends SessionOptions {
  /** Another catalogue than edge/models. */
  readonly catalogueAt?: string;
}

/** Opens the model that serves `role` from `folder` (DATA/models). Says why where none does; never throws. */
export const openRole = async <R extends ModelRole>(
  folder: string,
  role: R,
  { catalogueAt, ...options }: OpenOptions = {},
): Promise<RunnerOfRole[R] | AbsentModel> => {
  let modelId: string | undefined;
  try {
    const shelf = new ModelShelf(folder, catalogueAt);
    const card = shelf.serving(role);
    modelId = card?.id ?? shelf.chosen(role);
    if (!card) return absentCard(shelf, role, modelId);
    return (await openModel(shelf.read(card), card, options)) as RunnerOfRole[R];
  } catch (error) {
    return absentOf(toHubError(error), modelId);
  }
};

export const isAbsent = (outcome: object): outcome is AbsentModel => 'absent' in outcome;

const absentCard = ({ problems }: ModelShelf, role: ModelRole, modelId: string | undefined): AbsentModel => {
  const broken = problems[0];
  return {
    absent: broken ? 'card' : 'none',
    message: broken?.lines[0] ?? (modelId ? `${modelId} was chosen and is not known here` : `no model for ${role}`),
    hint: 'See what there is: hub models list',
    ...(modelId === undefined ? {} : { modelId }),
  };
};

const absentOf = ({ code, message, hint, context }: HubError, modelId: string | undefined): AbsentModel => ({
  absent:
    code === 'not_found' ? 'none' : code === 'store_corrupt' ? 'damaged' : context.labels === true ? 'labels' : 'unfit',
  message,
  hint: hint ?? 'Try it: hub models test. Choose another: hub models use ID',
  ...(modelId === undefined ? {} : { modelId }),
});
