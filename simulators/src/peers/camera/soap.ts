import { createHash, timingSafeEqual } from 'node:crypto';

/** Just enough SOAP 1.2 for a device: the operation's name, single values by local name, WS-UsernameToken. */
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const xml = (text: string): string => text.replace(/[&<>"]/g, (c) => escapes[c] ?? c);

const unescapes: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unxml = (text: string): string => text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => unescapes[name] ?? '');

/** Local name of the first element in the SOAP body. */
export const operationOf = (envelope: string): string | undefined =>
  /<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?([A-Za-z]\w*)/.exec(envelope)?.[1];

/** Text of the first element with this local name. */
export const textOf = (envelope: string, name: string): string | undefined => {
  const match = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(envelope);
  return match?.[1] === undefined ? undefined : unxml(match[1].trim());
};

/** An attribute of the first element with this local name. */
export const attributeOf = (envelope: string, name: string, attribute: string): string | undefined =>
  new RegExp(`<(?:[\\w-]+:)?${name}\\s[^>]*?\\b${attribute}="([^"]*)"`).exec(envelope)?.[1];

export interface TokenCheck {
  readonly userName: string;
  readonly password: string;
  readonly nowMs: number;
  /** How far the client's Created may be from the camera's clock. */
  readonly toleranceMs: number;
}

/** WS-UsernameToken, PasswordDigest = Base64(SHA-1(nonce + created + password)) (Web Services Security UsernameToken 1.1). */
export const checkUsernameToken = (envelope: string, check: TokenCheck): boolean => {
  const user = textOf(envelope, 'Username');
  const digest = textOf(envelope, 'Password');
  const nonce = textOf(envelope, 'Nonce');
  const created = textOf(envelope, 'Created');
  if (user !== check.userName || !digest || !nonce || !created) return false;
  const createdMs = Date.parse(created);
  if (!(Math.abs(createdMs - check.nowMs) <= check.toleranceMs)) return false;
  const expected = createHash('sha1')
    .update(Buffer.concat([Buffer.from(nonce, 'base64'), Buffer.from(created), Buffer.from(check.password)]))
    .digest();
  const given = Buffer.from(digest, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
};

const namespaces = [
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope"',
  'xmlns:wsa="http://www.w3.org/2005/08/addressing"',
  'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"',
  'xmlns:tt="http://www.onvif.org/ver10/schema"',
  'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"',
  'xmlns:trt="http://www.onvif.org/ver10/media/wsdl"',
  'xmlns:tev="http://www.onvif.org/ver10/events/wsdl"',
  'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"',
  'xmlns:tns1="http://www.onvif.org/ver10/topics"',
  'xmlns:ter="http://www.onvif.org/ver10/error"',
].join(' ');

export const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${namespaces}><s:Body>${body}</s:Body></s:Envelope>`;

export const fault = (code: 'Sender' | 'Receiver', subcode: string, reason: string): string =>
  envelope(
    `<s:Fault><s:Code><s:Value>s:${code}</s:Value><s:Subcode><s:Value>ter:${subcode}</s:Value></s:Subcode></s:Code>` +
      `<s:Reason><s:Text xml:lang="en">${xml(reason)}</s:Text></s:Reason></s:Fault>`,
  );
