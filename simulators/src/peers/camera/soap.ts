/** Just enough SOAP 1.2 for a device: the operation's name, single values by local name. */
const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const xml = (text: string): string => text.replace(/[&<>"]/g, (c) => escapes[c] ?? c);

const unescapes: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const unxml = (text: string): string =>
  text
    .replace(/&#(x?)([0-9a-fA-F]+);/g, (_, hex, digits) => String.fromCodePoint(Number.parseInt(digits, hex ? 16 : 10)))
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name) => unescapes[name] ?? '');

/** Local name of the first element in the SOAP body. */
export const operationOf = (envelope: string): string | undefined =>
  /<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?([A-Za-z]\w*)/.exec(envelope)?.[1];

/** Text of the first element with this local name. */
export const textOf = (envelope: string, name: string): string | undefined => {
  const match = new RegExp(`<(?:[\\w-]+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(envelope);
  return match?.[1] === undefined ? undefined : unxml(match[1].trim());
};

/** The first element with this local name, whole. */
export const partOf = (envelope: string, name: string): string | undefined =>
  new RegExp(`<(?:[\\w-]+:)?${name}[\\s>][\\s\\S]*?</(?:[\\w-]+:)?${name}>`).exec(envelope)?.[0];

/** An attribute of the first element with this local name. */
export const attributeOf = (envelope: string, name: string, attribute: string): string | undefined =>
  new RegExp(`<(?:[\\w-]+:)?${name}\\s[^>]*?\\b${attribute}="([^"]*)"`).exec(envelope)?.[1];

/** ISO 8601 duration of days to seconds, in ms. */
export const durationMs = (text: string | undefined, otherwiseMs: number): number => {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(text ?? '');
  if (!match) return otherwiseMs;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
};

const namespaces = [
  'xmlns:s="http://www.w3.org/2003/05/soap-envelope"',
  'xmlns:wsa="http://www.w3.org/2005/08/addressing"',
  'xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"',
  'xmlns:tt="http://www.onvif.org/ver10/schema"',
  'xmlns:tds="http://www.onvif.org/ver10/device/wsdl"',
  'xmlns:trt="http://www.onvif.org/ver10/media/wsdl"',
  'xmlns:tr2="http://www.onvif.org/ver20/media/wsdl"',
  'xmlns:tev="http://www.onvif.org/ver10/events/wsdl"',
  'xmlns:tptz="http://www.onvif.org/ver20/ptz/wsdl"',
  'xmlns:timg="http://www.onvif.org/ver20/imaging/wsdl"',
  'xmlns:tmd="http://www.onvif.org/ver10/deviceIO/wsdl"',
  'xmlns:tns1="http://www.onvif.org/ver10/topics"',
  'xmlns:ter="http://www.onvif.org/ver10/error"',
].join(' ');

export const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><s:Envelope ${namespaces}><s:Body>${body}</s:Body></s:Envelope>`;

export const reply = (prefix: string, name: string, inner = ''): string =>
  envelope(`<${prefix}:${name}Response>${inner}</${prefix}:${name}Response>`);

export const fault = (code: 'Sender' | 'Receiver', subcode: string, reason: string): string =>
  envelope(
    `<s:Fault><s:Code><s:Value>s:${code}</s:Value><s:Subcode><s:Value>ter:${subcode}</s:Value></s:Subcode></s:Code>` +
      `<s:Reason><s:Text xml:lang="en">${xml(reason)}</s:Text></s:Reason></s:Fault>`,
  );
