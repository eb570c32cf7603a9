export * from './group-commit.js';
export * from './store.js';
export * from './store-error.js';
