import dgram from 'node:dgram';
import type { HubError } from '@hallhub/shared';
import { toHubError } from '@hallhub/shared';
import { type DiscoveredCamera, fitsScopes, parseDiscoveryMessage } from './discovery-message.js';
import { discoveryGroup, discoveryPort, ipv4Interfaces, isOnNetwork } from './ws-discovery.js';

export interface AnnouncementOptions {
  readonly interfaces?: readonly string[] | undefined;
  readonly scopes: readonly string[];
  readonly onHello: (camera: DiscoveredCamera) => void;
  /** Anybody can say it of anybody: a reason to look, no more. */
  readonly onBye: (endpoint: string) => void;
  /** They are not heard (any more); searching goes on without. */
  readonly onError: (error: HubError) => void;
}

/** Listens to the Hello and Bye of cameras on the chosen interfaces. Dispose it to stop. */
export const listenToAnnouncements = (options: AnnouncementOptions): Disposable => {
  const wanted = ipv4Interfaces(options.interfaces);
  if (wanted.length === 0) return { [Symbol.dispose]: () => undefined };
  const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true });
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    socket.removeAllListeners();
    socket.on('error', () => undefined).close();
  };
  socket.on('error', (error) => {
    close();
    options.onError(toHubError(error));
  });
  socket.on('message', (datagram, from) => {
    // Linux delivers what any interface of the machine received: only the networks asked for are listened to.
    if (!wanted.some((one) => isOnNetwork(from.address, one))) return;
    const message = parseDiscoveryMessage(datagram, from.address);
    if (message?.kind === 'hello' && fitsScopes(options.scopes, message.camera.scopeList))
      options.onHello(message.camera);
    if (message?.kind === 'bye') options.onBye(message.endpoint);
  });
  // Bound to the group's address, the socket hears nothing but what is sent to the group.
  socket.bind(discoveryPort, discoveryGroup, () => {
    for (const { address } of wanted) {
      try {
        socket.addMembership(discoveryGroup, address);
      } catch (error) {
        options.onError(toHubError(error));
      }
    }
  });
  return { [Symbol.dispose]: close };
};
