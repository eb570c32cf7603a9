export type { BlobKey, BlobStore } from './blob-store.js';
export { assertRoom, freeBytesOf } from './disk-room.js';
export { folderBlobStore } from './folder-blob-store.js';
export { hashFile, headOf } from './hash-file.js';
