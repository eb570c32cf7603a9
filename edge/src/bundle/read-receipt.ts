import { verify, X509Certificate } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { HubError } from '@hallhub/shared';
import {
  bundleSignatureSchema,
  maxReceiptBytes,
  type Receipt,
  receiptSchema,
  receiptTextPrefix,
} from '@hallhub/shared/wire';

/** The use that the cloud's key for documents has, and no other key of its authority. */
const documentSigning = '1.3.6.1.5.5.7.3.36';

/**
 * A receipt, as the file or as the text that a QR code holds; checked against the authorities this unit trusts. Throws `invalid_input` for what is none,
 * `forbidden` for one that this unit's cloud did not sign.
 */
export const readReceipt = (text: string, trusted: readonly string[]): Receipt => {
  const [line = '', signatureLine = '', ...rest] = unfold(text.trim()).split('\n');
  const receipt = receiptSchema.safeParse(parse(line));
  const signature = bundleSignatureSchema.safeParse(parse(signatureLine));
  if (!receipt.success || !signature.success || rest.length > 0) {
    throw new HubError('invalid_input', 'this is no receipt', {
      hint: 'A receipt comes from the console (Bundles), after a bundle was imported there.',
    });
  }
  const [signer, ...more] = signature.data.certificates.map(certificate);
  const fits =
    signer &&
    verify('sha256', Buffer.from(line, 'utf8'), signer.publicKey, Buffer.from(signature.data.signature, 'base64'));
  const known = trusted.map(certificate).filter((one) => one !== undefined);
  if (!fits || !signer.keyUsage?.includes(documentSigning) || !isTrusted(signer, more, known)) {
    throw new HubError('forbidden', 'this receipt was not signed by this unit’s cloud', {
      hint: 'It is damaged, changed, or another cloud’s: download it again.',
    });
  }
  return receipt.data;
};

/** By an authority that is trusted here, or by one that such an authority certified (a change of authority this unit was not told). */
const isTrusted = (
  signer: X509Certificate,
  more: readonly (X509Certificate | undefined)[],
  trusted: readonly X509Certificate[],
): boolean => {
  const issued = (ca: X509Certificate, one: X509Certificate) =>
    ca.ca && one.checkIssued(ca) && one.verify(ca.publicKey);
  if (trusted.some((ca) => issued(ca, signer))) return true;
  return more.some((between) => between && issued(between, signer) && trusted.some((ca) => issued(ca, between)));
};

/** Short enough for a QR code, mostly. */
export const receiptText = (lines: string): string =>
  `${receiptTextPrefix}${deflateRawSync(Buffer.from(lines.trim()), { level: 9 }).toString('base64url')}`;

const unfold = (text: string): string => {
  if (text.length > maxReceiptBytes) throw new HubError('too_large', 'this is too long for a receipt');
  if (!text.startsWith(receiptTextPrefix)) return text;
  try {
    const packed = Buffer.from(text.slice(receiptTextPrefix.length).replace(/\s+/g, ''), 'base64url');
    return inflateRawSync(packed, { maxOutputLength: maxReceiptBytes }).toString('utf8');
  } catch (cause) {
    throw new HubError('invalid_input', 'this text is not whole', { cause, hint: 'Scan or copy it again, all of it.' });
  }
};

const certificate = (pem: string): X509Certificate | undefined => {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
