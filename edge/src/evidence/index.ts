export * from './evidence-store.js';
export * from './evidence-uploader.js';
export * from './hash-of-file.js';
export * from './spared-line.js';
