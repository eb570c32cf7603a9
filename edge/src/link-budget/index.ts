export * from './link-budget.js';
export * from './low-data-switch.js';
