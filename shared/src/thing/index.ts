export * from './check-value.js';
export * from './label.js';
export * from './thing-model.js';
export * from './value-shape.js';
