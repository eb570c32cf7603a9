const hex = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
let lastMs = 0;
let counter = 0;

/**
 * UUIDv7 (RFC 9562 §5.7): 48 bits of epoch ms, a 12-bit counter that keeps ids of one process in order, 62 random bits.
 * When the wall clock steps back the last time seen is kept, so ids stay monotonic within the process.
 */
export const uuidv7 = (nowMs: number = Date.now()): string => {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, Math.floor(lastMs / 2 ** 32));
  view.setUint32(2, lastMs >>> 0);
  view.setUint16(6, 0x7000 | counter);
  view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
  const s = Array.from(bytes, (b) => hex[b]);
  return `${s.slice(0, 4).join('')}-${s.slice(4, 6).join('')}-${s.slice(6, 8).join('')}-${s.slice(8, 10).join('')}-${s.slice(10).join('')}`;
};

export const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
