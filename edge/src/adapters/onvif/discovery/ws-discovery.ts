import dgram from 'node:dgram';
import os from 'node:os';
import type { Clock } from '@hallhub/shared';
import { abortScope } from '../../abort-scope.js';
import {
  type DiscoveredCamera,
  fitsScopes,
  newMessageId,
  parseDiscoveryMessage,
  probeMessage,
  resolveMessage,
} from './discovery-message.js';

export interface DiscoverOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Default: every interface that is up, loopback excepted. */
  readonly interfaces?: readonly string[] | undefined;
  /** Only cameras that have all of these scopes. */
  readonly scopes?: readonly string[] | undefined;
  readonly listenMs?: number;
}

export const discoveryGroup = '239.255.255.250';
export const discoveryPort = 3702;
const maxCameras = 1_000;

/** Sends WS-Discovery probes on each interface and gives every camera that answers once. An interface that fails is left out. */
export const discoverCameras = async (options: DiscoverOptions): Promise<DiscoveredCamera[]> => {
  const found = new Map<string, DiscoveredCamera>();
  const { scopes = [] } = options;
  // Two kinds of probe: some cameras answer to one type only.
  const messages = ['dn:NetworkVideoTransmitter', 'tds:Device'].map((type) => {
    const id = newMessageId();
    return { id, text: probeMessage(id, type, scopes) };
  });
  await askEverywhere(messages, options, (camera) => {
    if (found.size < maxCameras && !found.has(camera.endpoint) && fitsScopes(scopes, camera.scopeList))
      found.set(camera.endpoint, camera);
    return false;
  });
  return [...found.values()];
};

/** Where the camera of this endpoint reference is now; undefined where it does not answer. */
export const resolveCamera = async (
  endpoint: string,
  options: DiscoverOptions,
): Promise<DiscoveredCamera | undefined> => {
  let found: DiscoveredCamera | undefined;
  const id = newMessageId();
  await askEverywhere([{ id, text: resolveMessage(id, endpoint) }], options, (camera) => {
    if (camera.endpoint === endpoint) found ??= camera;
    return found !== undefined;
  });
  return found;
};

interface Question {
  readonly id: string;
  readonly text: string;
}

/** `onCamera` answers true when it has heard enough. */
const askEverywhere = async (
  questions: readonly Question[],
  options: DiscoverOptions,
  onCamera: (camera: DiscoveredCamera) => boolean,
): Promise<void> => {
  using scope = abortScope(options.signal);
  const { signal } = scope;
  const hear = (camera: DiscoveredCamera) => {
    if (onCamera(camera)) scope.abort();
  };
  const interfaces = ipv4Interfaces(options.interfaces);
  await Promise.all(interfaces.map(({ address }) => askOn(address, questions, { ...options, signal }, hear)));
  options.signal.throwIfAborted();
};

interface Ipv4Interface {
  readonly address: string;
  readonly netmask: string;
}

export const ipv4Interfaces = (names: readonly string[] | undefined): Ipv4Interface[] =>
  Object.entries(os.networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter((one) => one.family === 'IPv4' && (names ? names.includes(name) : !one.internal))
      .slice(0, 1)
      .map(({ address, netmask }) => ({ address, netmask })),
  );

export const isOnNetwork = (address: string, { address: own, netmask }: Ipv4Interface): boolean => {
  const number = (text: string) => text.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
  return (number(address) & number(netmask)) >>> 0 === (number(own) & number(netmask)) >>> 0;
};

const askOn = (
  address: string,
  questions: readonly Question[],
  { clock, signal, listenMs = 2_000 }: DiscoverOptions,
  onCamera: (camera: DiscoveredCamera) => void,
): Promise<void> =>
  new Promise((resolve) => {
    const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
    const end = () => {
      timer.cancel();
      again.cancel();
      signal.removeEventListener('abort', end);
      socket.removeAllListeners();
      socket.on('error', () => undefined).close();
      resolve();
    };
    const send = () => {
      for (const { text } of questions) socket.send(text, discoveryPort, discoveryGroup, (error) => error && end());
    };
    const timer = clock.setTimeout(end, listenMs);
    // UDP gets lost: asked twice.
    const again = clock.setTimeout(send, Math.min(500, listenMs / 3));
    signal.addEventListener('abort', end, { once: true });
    socket.on('error', end);
    socket.on('message', (datagram, from) => {
      const message = parseDiscoveryMessage(datagram, from.address);
      if (message?.kind !== 'matches' || !questions.some(({ id }) => id === message.relatesTo)) return;
      for (const camera of message.cameras) onCamera(camera);
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
