export * from './canonical-json.js';
export * from './proof-figures.js';
export * from './proof-report.js';
