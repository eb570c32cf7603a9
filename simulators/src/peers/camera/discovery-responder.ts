import { createSocket } from 'node:dgram';
import { textOf } from './soap.js';

const group = '239.255.255.250';
const port = 3702;

export interface DiscoveryTarget {
  /** `urn:uuid:…`, stable over restarts and address changes. */
  readonly endpointReference: string;
  readonly scopes: readonly string[];
  readonly address: () => string;
}

const match = (target: DiscoveryTarget, relatesTo: string) =>
  '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">' +
  `<s:Header><wsa:MessageID>urn:uuid:${crypto.randomUUID()}</wsa:MessageID><wsa:RelatesTo>${relatesTo}</wsa:RelatesTo><wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</wsa:To><wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action></s:Header>` +
  `<s:Body><d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>${target.endpointReference}</wsa:Address></wsa:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>${target.scopes.join(' ')}</d:Scopes><d:XAddrs>${target.address()}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>`;

/** Answers WS-Discovery probes (2005/04) for one camera on one interface; several responders may share the port. */
export const openDiscoveryResponder = async (
  target: DiscoveryTarget,
  interfaceAddress = '127.0.0.1',
): Promise<AsyncDisposable> => {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  socket.on('message', (message, from) => {
    const text = message.toString('utf8');
    if (!/Probe[\s/>]/.test(text)) return;
    const types = textOf(text, 'Types') ?? '';
    if (types && !/NetworkVideoTransmitter|Device/.test(types)) return;
    socket.send(match(target, textOf(text, 'MessageID') ?? ''), from.port, from.address);
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
  return {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
};
