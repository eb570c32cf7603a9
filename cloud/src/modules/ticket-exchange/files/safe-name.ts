const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;
const most = 200;

/** A name that people can read and no file system or header stumbles over, whatever the platform calls its file. */
export const safeFileName = (name: string): string => {
  const plain = name
    .normalize('NFC')
    // Where it lies on their side is nobody's business here.
    .replace(/^.*[/\\]/s, '')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[:*?"<>|\p{Cc}\p{Cs}]/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, '')
    .replace(device, '_$&');
  if (plain === '') return 'file';
  if (Buffer.byteLength(plain) <= most) return plain;
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(plain)?.[0] ?? '';
  let stem = [...plain.slice(0, plain.length - extension.length)];
  while (Buffer.byteLength(stem.join('')) > most - extension.length) stem = stem.slice(0, -1);
  return `${stem.join('')}${extension}`;
};
