import { sha256 } from '@noble/hashes/sha2.js';

/** Crockford's base 32: no I, L, O, U, so that a code read aloud or off a screen comes out right. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const secretLength = 15;
const fingerprintLength = 16;
const codeLength = secretLength + fingerprintLength + 1;

/** 10 bytes: this much of the SHA-256 of the CA certificate's DER stands in a code. */
export const caFingerprintBytes = (fingerprintLength * 5) / 8;

export interface EnrolmentCode {
  /** 15 characters (75 bits), known to the cloud only as a hash, good for one unit. */
  readonly secret: string;
  /** First 10 bytes of the SHA-256 of the DER of the CA certificate the cloud's answer must chain to. */
  readonly caFingerprint: Uint8Array;
}

/** docs/protocol.md 5.1: `XXXX-XXXX-…`, eight groups of four. `random` gives as many random bytes as it is asked for. */
export const makeEnrolmentCode = (
  caCertificateSha256: Uint8Array,
  random: (bytes: number) => Uint8Array,
): { readonly text: string; readonly secret: string } => {
  const secret = [...random(secretLength)].map((byte) => alphabet[byte & 31]).join('');
  const body = secret + encode(caCertificateSha256.subarray(0, caFingerprintBytes));
  return { text: (body + checkCharacter(body)).replace(/(.{4})(?=.)/g, '$1-'), secret };
};

/** What a person typed or scanned; undefined where it cannot be a code (length, a foreign character, the check character). */
export const parseEnrolmentCode = (typed: string): EnrolmentCode | undefined => {
  const text = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (text.length !== codeLength || [...text].some((character) => !alphabet.includes(character))) return undefined;
  const body = text.slice(0, -1);
  if (checkCharacter(body) !== text.at(-1)) return undefined;
  return { secret: body.slice(0, secretLength), caFingerprint: decode(body.slice(secretLength)) };
};

/** `hallhub://enrol?c=…&u=…`: what the QR code in the console holds. `gateway` is an `https:` URL. */
export const enrolmentLink = (code: string, gateway: string): string =>
  `hallhub://enrol?${new URLSearchParams({ c: code, u: gateway })}`;

export const parseEnrolmentLink = (text: string): { readonly code: string; readonly gateway: string } | undefined => {
  const [, query] = /^hallhub:\/\/enrol\?(.+)$/.exec(text.trim()) ?? [];
  const fields = new URLSearchParams(query);
  const [code, gateway] = [fields.get('c'), fields.get('u')];
  return code && gateway?.startsWith('https://') ? { code, gateway } : undefined;
};

const checkCharacter = (body: string): string => alphabet[(sha256(new TextEncoder().encode(body))[0] ?? 0) & 31] ?? '';

const encode = (bytes: Uint8Array): string => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('');
};

const decode = (text: string): Uint8Array => {
  const bits = [...text].map((character) => alphabet.indexOf(character).toString(2).padStart(5, '0')).join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (eight) => Number.parseInt(eight, 2));
};
