export type { Needs } from './algorithm.js';
export { needsOf } from './algorithms/index.js';
export type { EpisodeOutcome, Observation, RuleOutcome, SeenPose } from './observation.js';
export { type EngineSnapshot, RuleEngine, type RuleEngineOptions } from './rule-engine.js';
