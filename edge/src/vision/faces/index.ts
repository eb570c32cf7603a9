export { FaceBook } from './face-book.js';
export type { FaceAnswer, FaceComparing, FacePicture, FaceQuestion, FaceStanding } from './face-desk.js';
export { FaceDesk } from './face-desk.js';
export { FacesProcess } from './faces-process.js';
