import type { RuleOf, VisionAlgorithm, VisionRule } from '@hallhub/shared/vision';
import type { Algorithm, Needs, RuleRunner, RunnerContext } from '../algorithm.js';
import { absence } from './absence.js';
import { crowding } from './crowding.js';
import { dwell } from './dwell.js';
import { fall } from './fall.js';
import { hoursKept } from './hours-kept.js';
import { intrusion } from './intrusion.js';
import { lineCount } from './line-count.js';
import { lineCross } from './line-cross.js';
import { loitering } from './loitering.js';
import { objectLeft } from './object-left.js';
import { objectRemoved } from './object-removed.js';
import { phoneUse } from './phone-use.js';
import { queueLength } from './queue-length.js';
import { running } from './running.js';
import { sleeping } from './sleeping.js';
import { tamper } from './tamper.js';
import { uniform } from './uniform.js';

/** One line an algorithm; the compiler misses the one that is forgotten. */
const algorithms: { readonly [A in VisionAlgorithm]: Algorithm<A> } = {
  absence,
  crowding,
  queue_length: queueLength,
  intrusion,
  line_count: lineCount,
  line_cross: lineCross,
  loitering,
  dwell,
  fall,
  object_left: objectLeft,
  object_removed: objectRemoved,
  running,
  hours_kept: hoursKept,
  uniform,
  phone_use: phoneUse,
  sleeping,
  tamper,
};

export const makeRunner = <A extends VisionAlgorithm>(
  rule: RuleOf<A>,
  context: RunnerContext,
  state: unknown,
): RuleRunner => (algorithms[rule.algorithm as A] as Algorithm<A>).make(rule, context, state);

/** What has to be looked for so that these rules can say something. */
export const needsOf = (rules: readonly VisionRule[]): Needs => {
  const all = rules.filter(({ enabled }) => enabled).map(({ algorithm }) => algorithms[algorithm].needs);
  return {
    detector: all.some(({ detector }) => detector),
    pose: all.some(({ pose }) => pose),
    picture: all.some(({ picture }) => picture),
  };
};
