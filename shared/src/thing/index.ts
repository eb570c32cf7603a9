export * from './check-value.js';
export * from './label-text.js';
export * from './mask-personal.js';
export * from './shown-thing.js';
export * from './thing-model.js';
export * from './value-shape.js';
