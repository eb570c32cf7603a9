export * from './open-span-sink.js';
export * from './span-sink.js';
export * from './trace-ids.js';
export * from './tracing-settings.js';
