import { createHmac } from 'node:crypto';

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The key that pictures are marked with, of the unit's secret: it opens nothing else. */
export const overlayKeyOf = (secret: string): string =>
  createHmac('sha256', secret).update('hallhub vision overlay 1').digest('hex');

/** Ten characters that nobody can make who has not the key: docs/protocol.md 8.2. As `7F3K9-QXD21`. */
export const antiForgeryCode = (
  key: string,
  {
    episodeId,
    cameraId,
    startedAt,
  }: { readonly episodeId: string; readonly cameraId: string; readonly startedAt: number },
): string => {
  const digest = createHmac('sha256', Buffer.from(key, 'hex')).update(`${episodeId} ${cameraId} ${startedAt}`).digest();
  const text = [...digest.subarray(0, 10)].map((byte) => crockford[byte % 32]).join('');
  return `${text.slice(0, 5)}-${text.slice(5)}`;
};
