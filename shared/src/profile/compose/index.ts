export * from './compose-profile.js';
export * from './corpus-memory.js';
export * from './firmware-sets.js';
export { countModels, instanceOf } from './lint-composition.js';
export * from './resolve-firmware.js';
export * from './template-schema.js';
export { maxProfileBytes } from './yaml-source.js';
