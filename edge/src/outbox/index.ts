export * from './batch-builder.js';
export * from './chain.js';
export * from './clock-segments.js';
export * from './lane.js';
export * from './outbox.js';
export * from './space-keeper.js';
