export * from './book.js';
export * from './compare-books.js';
export * from './map-acts.js';
export * from './map-dispatch.js';
export * from './mapping-schema.js';
export * from './message.js';
export * from './signing.js';
