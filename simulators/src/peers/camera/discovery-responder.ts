import { createSocket } from 'node:dgram';
import { textOf, xml } from './soap.js';

const group = '239.255.255.250';
const port = 3702;
const discovery = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';

export interface DiscoveryTarget {
  /** `urn:uuid:…`, stable over restarts and address changes. */
  readonly endpointReference: string;
  readonly scopes: readonly string[];
  readonly address: () => string;
}

export interface DiscoveryResponder extends AsyncDisposable {
  /** Says Hello: it has come, or its address is another now. Without addresses, a client has to ask for them. */
  hello(options?: { readonly withAddress?: boolean }): Promise<void>;
  bye(): Promise<void>;
}

const endpoint = ({ endpointReference }: DiscoveryTarget) =>
  `<wsa:EndpointReference><wsa:Address>${endpointReference}</wsa:Address></wsa:EndpointReference>`;

const description = (target: DiscoveryTarget, withAddress = true) =>
  `${endpoint(target)}<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>${xml(target.scopes.join(' '))}</d:Scopes>` +
  `${withAddress ? `<d:XAddrs>${target.address()}</d:XAddrs>` : ''}<d:MetadataVersion>1</d:MetadataVersion>`;

const message = (action: string, body: string, relatesTo?: string) =>
  '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"' +
  ` xmlns:d="${discovery}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">` +
  `<s:Header><wsa:MessageID>urn:uuid:${crypto.randomUUID()}</wsa:MessageID>${relatesTo === undefined ? '' : `<wsa:RelatesTo>${xml(relatesTo)}</wsa:RelatesTo>`}` +
  `<wsa:To>${relatesTo === undefined ? 'urn:schemas-xmlsoap-org:ws:2005:04:discovery' : 'http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous'}</wsa:To>` +
  `<wsa:Action>${discovery}/${action}</wsa:Action></s:Header><s:Body>${body}</s:Body></s:Envelope>`;

/** WS-Discovery 5.1: every scope asked for is one of the camera's, or the beginning of one. */
const fits = (wanted: string, scopes: readonly string[]) =>
  wanted
    .split(/\s+/)
    .filter(Boolean)
    .every((one) => scopes.some((scope) => scope === one || scope.startsWith(`${one.replace(/\/$/, '')}/`)));

const answerTo = (text: string, target: DiscoveryTarget): string | undefined => {
  const relatesTo = textOf(text, 'MessageID') ?? '';
  if (/<(?:[\w-]+:)?Resolve[\s>]/.test(text)) {
    if (textOf(text, 'Address') !== target.endpointReference) return undefined;
    const match = `<d:ResolveMatches><d:ResolveMatch>${description(target)}</d:ResolveMatch></d:ResolveMatches>`;
    return message('ResolveMatches', match, relatesTo);
  }
  if (!/<(?:[\w-]+:)?Probe[\s/>]/.test(text)) return undefined;
  const types = textOf(text, 'Types') ?? '';
  if (types && !/NetworkVideoTransmitter|Device/.test(types)) return undefined;
  if (!fits(textOf(text, 'Scopes') ?? '', target.scopes)) return undefined;
  const match = `<d:ProbeMatches><d:ProbeMatch>${description(target)}</d:ProbeMatch></d:ProbeMatches>`;
  return message('ProbeMatches', match, relatesTo);
};

/**
 * Answers WS-Discovery (2005/04) for one camera on one interface, and announces it; several responders may share the port.
 * On loopback it answers loopback only: what the machine's other networks ask is not for it.
 */
export const openDiscoveryResponder = async (
  target: DiscoveryTarget,
  interfaceAddress = '127.0.0.1',
): Promise<DiscoveryResponder> => {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  const isLoopback = interfaceAddress.startsWith('127.');
  socket.on('message', (bytes, from) => {
    if (isLoopback && !from.address.startsWith('127.')) return;
    const answer = answerTo(bytes.toString('utf8'), target);
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  socket.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.addMembership(group, interfaceAddress);
  socket.setMulticastInterface(interfaceAddress);
  socket.setMulticastTTL(1);
  const announce = (action: string, body: string) =>
    new Promise<void>((resolve) => socket.send(message(action, body), port, group, () => resolve()));
  return {
    hello: ({ withAddress = true } = {}) => announce('Hello', `<d:Hello>${description(target, withAddress)}</d:Hello>`),
    bye: () => announce('Bye', `<d:Bye>${endpoint(target)}</d:Bye>`),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
};
