import { buildFrame, checksumFieldSize, type FrameRules } from '@hallhub/shared/profile';

/** What the framing itself puts into a frame, as offsets of the whole frame count it. */
export interface FrameShape {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
  /** The length field; `size` 0 where there is none. */
  readonly length: { readonly at: number; readonly size: number };
  /** Bytes at the back that are not the sender's: checksum and end. */
  readonly tail: number;
}

const bytesOf = (hex: string | undefined): Uint8Array => Buffer.from((hex ?? '').replace(/\s+/g, ''), 'hex');

export const shapeOf = ({ framing, checksum }: FrameRules): FrameShape => {
  const start = bytesOf(framing.type === 'idle' ? undefined : framing.start);
  const end = bytesOf('end' in framing ? framing.end : undefined);
  const length =
    framing.type === 'length'
      ? { at: framing.length.at, size: framing.length.digits ?? framing.length.bytes }
      : { at: 0, size: 0 };
  return { start, end, length, tail: (checksum ? checksumFieldSize(checksum) : 0) + end.length };
};

/** What a sender says, of a whole frame: without start, length field, checksum and end. */
export const bodyOf = (shape: FrameShape, frame: Uint8Array): Uint8Array => {
  const inner = frame.subarray(shape.start.length, frame.length - shape.tail);
  if (shape.length.size === 0) return inner;
  const at = shape.length.at - shape.start.length;
  return Buffer.concat([inner.subarray(0, at), inner.subarray(at + shape.length.size)]);
};

/** The bytes on the wire for a body: the framing's own parts are made anew. */
export const wireOf = (rules: FrameRules, body: Uint8Array): Uint8Array =>
  body.length === 0
    ? buildFrame(rules, [], {})
    : buildFrame(rules, [{ hex: Buffer.from(body).toString('hex'), ...partDefaults }], {});

const partDefaults = {
  type: 'u8',
  order: 'big',
  encoding: 'ascii',
  pad: '20',
  align: 'left',
  hexDigits: false,
} as const;
