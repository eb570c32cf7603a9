import { formatStamp } from '../../format/time.js';

/** The picture that is shown, as a file named by the hall's time. */
export function saveSnapshot(video: HTMLVideoElement, name: string, at: number, zone: string): void {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  if (canvas.width === 0) return;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  canvas.toBlob(
    (blob) => {
      if (!blob) return;
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = `${name} ${formatStamp(at, zone).replaceAll(':', '-')}.jpg`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    },
    'image/jpeg',
    0.92,
  );
}
