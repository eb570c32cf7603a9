import sharp from 'sharp';
import type { CameraState } from './camera-state.js';

/** A picture of what the camera would see: it follows pan, tilt and zoom, and shows the time. JPEG, 640 x 360. */
export const snapshotJpeg = async (state: CameraState): Promise<Buffer> => {
  const { pan, tilt, zoom } = state.position;
  const scale = 1 + zoom * 2;
  const time = new Date(state.now()).toISOString().replace('T', ' ').slice(0, 19);
  const counters = [-260, -100, 60, 220]
    .map(
      (x, i) =>
        `<g transform="translate(${x},0)"><rect x="0" y="40" width="120" height="60" rx="4" fill="#5b7083"/><rect x="10" y="0" width="100" height="34" fill="#d7e3ea"/><text x="60" y="25" font-size="20" text-anchor="middle" font-family="sans-serif" fill="#24465a">${i + 1}</text></g>`,
    )
    .join('');
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"><rect width="640" height="360" fill="#c9d2d8"/><rect y="230" width="640" height="130" fill="#9fabb3"/><g transform="translate(${320 - pan * 200},${170 + tilt * 80}) scale(${scale})">${counters}</g><text x="12" y="24" font-size="16" font-family="monospace" fill="#fff">${time}</text></svg>`;
  return sharp(Buffer.from(picture)).jpeg({ quality: 75 }).toBuffer();
};
