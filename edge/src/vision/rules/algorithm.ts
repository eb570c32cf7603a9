import type { RuleOf, VisionAlgorithm } from '@hallhub/shared/vision';
import type { RuleOutcome } from './observation.js';
import type { Scene } from './scene.js';

/** What a rule wants to be looked for in the pictures. */
export interface Needs {
  readonly detector: boolean;
  readonly pose: boolean;
  readonly picture: boolean;
}

/** Time that passed without a picture to conclude from. */
export interface Pause {
  readonly atMs: number;
  readonly stepMs: number;
  readonly isGap?: boolean;
}

/** One rule at work. `state` is all it remembers, plain JSON: what was kept is handed in again when it is made. */
export interface RuleRunner {
  readonly state: unknown;
  look(scene: Scene): readonly RuleOutcome[];
  /** Nobody sees, or it is not known whether the rule applies. */
  blind(pause: Pause): readonly RuleOutcome[];
  /** The rule does not apply now, by its times or facts. */
  rest(pause: Pause): readonly RuleOutcome[];
}

export interface RunnerContext {
  readonly viewId: string;
  readonly newId: (atMs: number) => string;
}

export interface Algorithm<A extends VisionAlgorithm> {
  readonly needs: Needs;
  /** `state`: of the same algorithm, from `RuleRunner.state`; the rule's settings may have changed since. */
  make(rule: RuleOf<A>, context: RunnerContext, state: unknown): RuleRunner;
}

export const byDetector: Needs = { detector: true, pose: false, picture: false };
export const byPose: Needs = { detector: true, pose: true, picture: false };

export const defineAlgorithm = <A extends VisionAlgorithm>(_algorithm: A, definition: Algorithm<A>): Algorithm<A> =>
  definition;
