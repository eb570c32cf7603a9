const longestSide = 1_920;
const quality = 0.85;
/** Of what a camera hands over; decoding more would take the page’s memory. */
const mostBytes = 60 * 1024 * 1024;

/** The file is no picture that this browser can read (`unreadable`), or far too large to be one photo (`too_large`). */
export class PhotoRefused extends Error {
  constructor(readonly why: 'unreadable' | 'too_large') {
    super(`photo refused: ${why}`);
  }
}

/**
 * The picture alone, small enough for a thin line, with when and where written into it. Drawn anew, it holds nothing of what the camera
 * wrote besides: no serial number, no other place. Throws PhotoRefused.
 */
export const takePhoto = async (file: File, words: string): Promise<Blob> => {
  if (file.size > mostBytes) throw new PhotoRefused('too_large');
  const picture = await createImageBitmap(file).catch(() => {
    throw new PhotoRefused('unreadable');
  });
  const scale = Math.min(1, longestSide / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext('2d');
  pen?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  if (pen) writeOn(pen, canvas, words);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
  if (!blob) throw new PhotoRefused('unreadable');
  return blob;
};

/** Along the lower edge, light on a dark band: it is read on every picture. */
const writeOn = (pen: CanvasRenderingContext2D, { width, height }: HTMLCanvasElement, words: string): void => {
  const size = Math.max(10, Math.min(34, Math.round(Math.min(width / 32, height / 14))));
  const look = getComputedStyle(document.documentElement);
  pen.fillStyle = look.getPropertyValue('--stage-veil');
  pen.fillRect(0, height - size * 1.8, width, size * 1.8);
  pen.fillStyle = look.getPropertyValue('--stage-text');
  pen.font = `${size}px system-ui, sans-serif`;
  pen.textBaseline = 'middle';
  pen.fillText(words, size * 0.6, height - size * 0.9, width - size * 1.2);
};
