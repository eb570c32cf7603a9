export { antiForgeryCode, overlayKeyOf } from './anti-forgery-code.js';
export { type ClipPolicy, clipPolicies } from './clip-policy.js';
export { EarlierPictures } from './earlier-pictures.js';
export type { EarlierPicture, EvidenceJob, Faces, MadeClip, MadeFile, MadePictures } from './evidence-job.js';
export { EvidenceMaker, type EvidenceMakerOptions } from './evidence-maker.js';
export { hashesOfFile, sm3 } from './hashes.js';
export { hasChineseFont } from './overlay-text.js';
export type { RawPicture } from './raw-picture.js';
