import dgram from 'node:dgram';
import os from 'node:os';
import { type Clock, uuidv7 } from '@hallhub/shared';
import onvifUtils from 'onvif/lib/utils.js';
import { XmlNode } from './xml-node.js';

export interface DiscoveredCamera {
  /** `urn:uuid:…`, stable for the device. */
  readonly endpoint: string;
  /** Addresses of the device service, best first. */
  readonly serviceUrls: readonly string[];
  /** From the scopes, where they tell: `name`, `hardware`, `location`. */
  readonly scopes: Readonly<Record<string, string>>;
}

export interface DiscoverOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Default: every interface that is up, loopback excepted. */
  readonly interfaces?: readonly string[] | undefined;
  readonly listenMs?: number;
}

const group = '239.255.255.250';
const port = 3702;
const maxCameras = 1_000;

/** Sends WS-Discovery probes on each interface and gives every camera that answers once. An interface that fails is left out. */
export const discoverCameras = async (options: DiscoverOptions): Promise<DiscoveredCamera[]> => {
  const found = new Map<string, DiscoveredCamera>();
  await Promise.all(
    ipv4Addresses(options.interfaces).map((address) =>
      probeInterface(address, options, (camera) => {
        if (found.size < maxCameras && !found.has(camera.endpoint)) found.set(camera.endpoint, camera);
      }),
    ),
  );
  options.signal.throwIfAborted();
  return [...found.values()];
};

const ipv4Addresses = (names: readonly string[] | undefined): string[] =>
  Object.entries(os.networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter((one) => one.family === 'IPv4' && (names ? names.includes(name) : !one.internal))
      .slice(0, 1)
      .map((one) => one.address),
  );

const probeInterface = (
  address: string,
  { clock, signal, listenMs = 2_000 }: DiscoverOptions,
  onCamera: (camera: DiscoveredCamera) => void,
): Promise<void> =>
  new Promise((resolve) => {
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
    const messageIds = new Set<string>();
    const end = () => {
      timer.cancel();
      again.cancel();
      signal.removeEventListener('abort', end);
      socket.removeAllListeners();
      socket.on('error', () => undefined).close();
      resolve();
    };
    const send = () => {
      // Two kinds of probe: some cameras answer to one type only.
      for (const type of ['dn:NetworkVideoTransmitter', 'tds:Device']) {
        const messageId = `urn:uuid:${uuidv7()}`;
        messageIds.add(messageId);
        socket.send(probe(messageId, type), port, group, (error) => error && end());
      }
    };
    const timer = clock.setTimeout(end, listenMs);
    // UDP gets lost: asked twice.
    const again = clock.setTimeout(send, Math.min(500, listenMs / 3));
    signal.addEventListener('abort', end, { once: true });
    socket.on('error', end);
    socket.on('message', (message, from) => {
      for (const camera of parseMatches(message.toString('utf8'), messageIds, from.address)) onCamera(camera);
    });
    socket.bind(0, address, () => {
      try {
        socket.setMulticastInterface(address);
        socket.setMulticastTTL(1);
      } catch {
        end();
        return;
      }
      send();
    });
    if (signal.aborted) end();
  });

const probe = (messageId: string, type: string): string =>
  '<?xml version="1.0" encoding="UTF-8"?>' +
  '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">' +
  `<s:Header><a:MessageID>${messageId}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>` +
  '<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>' +
  `<s:Body><d:Probe><d:Types>${type}</d:Types></d:Probe></s:Body></s:Envelope>`;

/** The cameras in one answer. Anything else that arrives on the socket gives none. */
export const parseMatches = (xml: string, messageIds: ReadonlySet<string>, from: string): DiscoveredCamera[] => {
  let envelope: XmlNode | undefined;
  onvifUtils.parseSOAPString(
    xml,
    (error, body) => {
      envelope = error ? undefined : new XmlNode(Array.isArray(body) ? body[0] : body);
    },
    200,
  );
  const relatesTo = /RelatesTo[^>]*>\s*([^<\s]+)/.exec(xml)?.[1];
  if (!envelope || !relatesTo || !messageIds.has(relatesTo)) return [];
  return envelope.all('probeMatches').flatMap((matches) =>
    matches.all('probeMatch').flatMap((match) => {
      const urls = (match.textAt('XAddrs') ?? '')
        .split(/\s+/)
        .filter((one) => URL.canParse(one) && /^https?:/.test(one));
      const endpoint = match.textAt('endpointReference', 'address') ?? urls[0];
      if (urls.length === 0 || !endpoint) return [];
      // A camera may tell several addresses: the one it answered from is surely reachable.
      urls.sort((a, b) => Number(new URL(b).hostname === from) - Number(new URL(a).hostname === from));
      return [{ endpoint, serviceUrls: urls, scopes: scopesOf(match.textAt('scopes') ?? '') }];
    }),
  );
};

const scopesOf = (text: string): Record<string, string> => {
  const scopes: Record<string, string> = {};
  for (const [, key, value] of text.matchAll(/onvif:\/\/www\.onvif\.org\/(name|hardware|location)\/(\S+)/gi)) {
    if (!key || !value) continue;
    try {
      scopes[key.toLowerCase()] = decodeURIComponent(value);
    } catch {
      scopes[key.toLowerCase()] = value;
    }
  }
  return scopes;
};
