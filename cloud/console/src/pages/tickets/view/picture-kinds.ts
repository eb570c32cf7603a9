/** Pictures that every browser draws and that hold no program. */
export const isPicture = (mediaType: string): boolean => /^image\/(?:jpeg|png|webp|gif|avif)$/.test(mediaType);
