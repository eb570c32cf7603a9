import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

/**
 * A reader of 125 kHz cards: it only speaks. `02 | ten hex digits | two hex digits, the XOR of the five bytes that the ten say |
 * 0D 0A 03` as ID-12LA modules do, once a card; RDM6300 modules leave CR and LF out.
 */
export interface CardReader {
  /** A card of ten hex digits is held to the reader; it is sent so many times. */
  swipe(card: string, times?: number): void;
}

export const serveCardReader = (
  line: ByteLine,
  options: SerialPeerOptions & { style?: 'id-12' | 'rdm6300' } = {},
): CardReader => {
  const { send } = serveSerial(line, (held) => ({ used: held.length }), options);
  return {
    swipe(card, times = 1) {
      for (let count = 0; count < times; count++) send(cardFrame(card, options.style));
    },
  };
};

export const cardFrame = (card: string, style: 'id-12' | 'rdm6300' = 'id-12'): Buffer => {
  const bytes = Buffer.from(card, 'hex');
  if (bytes.length !== 5) throw new RangeError('a card is ten hex digits');
  const check = bytes.reduce((xor, byte) => xor ^ byte, 0);
  const digits = Buffer.concat([bytes, Buffer.from([check])])
    .toString('hex')
    .toUpperCase();
  return Buffer.from(`\u0002${digits}${style === 'id-12' ? '\r\n' : ''}\u0003`, 'latin1');
};
