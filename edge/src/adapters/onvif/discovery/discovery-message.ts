import { isHubError, uuidv7 } from '@hallhub/shared';
import { decodeXmlText, parseXml } from '../soap/parse-xml.js';
import { bodyOf } from '../soap/soap-reply.js';
import { escapeXml, type XmlNode } from '../soap/xml-node.js';

export interface DiscoveredCamera {
  /** `urn:uuid:…`, stable for the device. */
  readonly endpoint: string;
  /** Addresses of the device service, best first; none where a Hello leaves them out. */
  readonly serviceUrls: readonly string[];
  /** From the scopes, where they tell: `name`, `hardware`, `location`. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly scopeList: readonly string[];
}

export type DiscoveryMessage =
  | { readonly kind: 'matches'; readonly relatesTo: string; readonly cameras: readonly DiscoveredCamera[] }
  | { readonly kind: 'hello'; readonly camera: DiscoveredCamera }
  | { readonly kind: 'bye'; readonly endpoint: string };

/** No discovery message is larger: it has to fit a UDP packet. */
const maxBytes = 65_536;

const discovery = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';

const envelope = (action: 'Probe' | 'Resolve', messageId: string, body: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?>' +
  `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="${discovery}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">` +
  `<s:Header><a:MessageID>${messageId}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>` +
  `<a:Action>${discovery}/${action}</a:Action></s:Header><s:Body>${body}</s:Body></s:Envelope>`;

export const newMessageId = (): string => `urn:uuid:${uuidv7()}`;

export const probeMessage = (messageId: string, type: string, scopes: readonly string[]): string =>
  envelope(
    'Probe',
    messageId,
    `<d:Probe><d:Types>${type}</d:Types>${scopes.length > 0 ? `<d:Scopes>${escapeXml(scopes.join(' '))}</d:Scopes>` : ''}</d:Probe>`,
  );

export const resolveMessage = (messageId: string, endpoint: string): string =>
  envelope(
    'Resolve',
    messageId,
    `<d:Resolve><a:EndpointReference><a:Address>${escapeXml(endpoint)}</a:Address></a:EndpointReference></d:Resolve>`,
  );

/** What a datagram says; undefined for everything that is no message of a camera. `from` is who sent it. */
export const parseDiscoveryMessage = (datagram: Uint8Array, from: string): DiscoveryMessage | undefined => {
  if (datagram.length > maxBytes) return undefined;
  let root: XmlNode;
  try {
    root = parseXml(decodeXmlText(datagram));
  } catch (error) {
    if (isHubError(error)) return undefined;
    throw error;
  }
  const body = bodyOf(root);
  const hello = body?.at('Hello');
  if (hello) {
    const camera = cameraOf(hello, from);
    return camera && { kind: 'hello', camera };
  }
  const endpoint = body?.textAt('Bye', 'EndpointReference', 'Address');
  if (endpoint) return { kind: 'bye', endpoint: endpoint.slice(0, 200) };
  const relatesTo = root.textAt('Header', 'RelatesTo');
  if (!relatesTo) return undefined;
  const matches = [
    ...(body?.at('ProbeMatches')?.all('ProbeMatch') ?? []),
    ...(body?.at('ResolveMatches')?.all('ResolveMatch') ?? []),
  ];
  const cameras = matches.flatMap((match) => cameraOf(match, from) ?? []).filter((one) => one.serviceUrls.length > 0);
  return { kind: 'matches', relatesTo, cameras };
};

const cameraOf = (match: XmlNode, from: string): DiscoveredCamera | undefined => {
  const urls = (match.textAt('XAddrs') ?? '')
    .split(/\s+/)
    .filter((one) => one.length <= 300 && URL.canParse(one) && /^https?:/.test(one))
    .slice(0, 16)
    // A fragment is ours: endpoint and certificate are kept in it. So are accounts: a camera has none to give.
    .map((one) => Object.assign(new URL(one), { hash: '', username: '', password: '' }))
    .filter(({ hostname }) => from.startsWith('127.') || hostname === from || !isOfThisMachine(hostname))
    .map(({ href }) => href);
  const endpoint = match.textAt('EndpointReference', 'Address') ?? urls[0];
  if (!endpoint || endpoint.length > 200) return undefined;
  // A camera may tell several addresses: the one it answered from is surely reachable.
  urls.sort((a, b) => Number(new URL(b).hostname === from) - Number(new URL(a).hostname === from));
  const scopeList = (match.textAt('Scopes') ?? '').split(/\s+/).filter(Boolean).slice(0, 64);
  return { endpoint, serviceUrls: urls, scopes: namedScopes(scopeList), scopeList };
};

/** This machine as it sees itself, and addresses that mean another machine to each: nobody elsewhere is to be found there. */
const isOfThisMachine = (hostname: string): boolean =>
  /^(?:127|0)\.|^169\.254\.|(?:^|\.)localhost\.?$/.test(hostname) || /^\[(?:::|fe[89ab])/.test(hostname);

const namedScopes = (list: readonly string[]): Record<string, string> => {
  const scopes: Record<string, string> = {};
  for (const scope of list) {
    const [, key, value] = /^onvif:\/\/www\.onvif\.org\/(name|hardware|location)\/(\S+)$/i.exec(scope) ?? [];
    if (!key || !value) continue;
    try {
      scopes[key.toLowerCase()] ??= decodeURIComponent(value);
    } catch {
      scopes[key.toLowerCase()] ??= value;
    }
  }
  return scopes;
};

/** Every wanted scope is one of the camera's, or a whole-segment beginning of one (WS-Discovery 5.1, rule rfc3986). */
export const fitsScopes = (wanted: readonly string[], offered: readonly string[]): boolean => {
  const plain = (scope: string) => scope.replace(/\/+$/, '').toLowerCase();
  return wanted.map(plain).every((one) => offered.map(plain).some((has) => has === one || has.startsWith(`${one}/`)));
};
