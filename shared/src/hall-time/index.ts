export * from './hall-time.js';
