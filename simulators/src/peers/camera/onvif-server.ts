import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CameraState } from './camera-state.js';
import { type CameraIdentity, openOperations, operations } from './onvif-operations.js';
import { snapshotJpeg } from './snapshot.js';
import { checkUsernameToken, fault, operationOf } from './soap.js';

/** How a camera can refuse: by status, by silence, with nonsense, or by not knowing the password. */
export type CameraFault = 'none' | 'unauthorized' | 'unavailable' | 'hang' | 'garbage' | 'reset';

export interface OnvifServerOptions {
  readonly identity: CameraIdentity;
  readonly state: CameraState;
  readonly credential: { readonly userName: string; readonly password: string };
  readonly streamUrl: () => string | undefined;
  readonly port?: number;
  readonly clockToleranceMs?: number;
}

export interface OnvifServer extends AsyncDisposable {
  readonly port: number;
  readonly address: string;
  fault: CameraFault;
  readonly requests: number;
}

const maxRequestBytes = 1_000_000;

const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > maxRequestBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** The camera's web side: ONVIF by SOAP with WS-UsernameToken, and the snapshot. A reboot takes one second. */
export const openOnvifServer = async (options: OnvifServerOptions): Promise<OnvifServer> => {
  const { identity, state, credential } = options;
  let rebootingUntil = 0;
  let requests = 0;
  const live: { fault: CameraFault } = { fault: 'none' };

  const send = (response: ServerResponse, status: number, body: string | Buffer, type: string) => {
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };

  const misbehave = (request: IncomingMessage, response: ServerResponse): boolean => {
    switch (live.fault) {
      case 'none':
        return false;
      case 'hang':
        return true;
      case 'reset':
        request.socket.resetAndDestroy();
        return true;
      case 'garbage':
        send(response, 200, '<?xml version="1.0"?><not-soap><</', 'application/soap+xml');
        return true;
      case 'unavailable':
        send(response, 503, 'busy', 'text/plain');
        return true;
      case 'unauthorized':
        send(
          response,
          401,
          fault('Sender', 'NotAuthorized', 'The action requested requires authorization'),
          'application/soap+xml',
        );
        return true;
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests++;
    if (Date.now() < rebootingUntil) {
      request.socket.resetAndDestroy();
      return;
    }
    if (misbehave(request, response)) return;
    const path = new URL(request.url ?? '/', 'http://camera').pathname;
    if (request.method === 'GET' && path === '/snapshot.jpg') {
      send(response, 200, await snapshotJpeg(state), 'image/jpeg');
      return;
    }
    const body = request.method === 'POST' ? await readBody(request) : undefined;
    const name = body === undefined ? undefined : operationOf(body);
    const operation = name === undefined ? undefined : operations[name];
    if (body === undefined || name === undefined || !operation) {
      send(response, 400, fault('Sender', 'ActionNotSupported', `No operation ${name ?? '?'}`), 'application/soap+xml');
      return;
    }
    const check = { ...credential, nowMs: state.now(), toleranceMs: options.clockToleranceMs ?? 5000 };
    if (!openOperations.has(name) && !checkUsernameToken(body, check)) {
      send(
        response,
        400,
        fault('Sender', 'NotAuthorized', 'Sender not authorized'),
        'application/soap+xml; charset=utf-8',
      );
      return;
    }
    const answer = await operation(body, {
      state,
      identity,
      baseUrl: `http://${request.headers.host ?? `127.0.0.1:${port()}`}`,
      streamUrl: options.streamUrl(),
      path,
      reboot: () => {
        state.reboot();
        rebootingUntil = Date.now() + 1000;
      },
    });
    send(response, answer.includes('<s:Fault>') ? 400 : 200, answer, 'application/soap+xml; charset=utf-8');
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!response.headersSent)
        send(response, 500, fault('Receiver', 'Action', String(error)), 'application/soap+xml');
    });
  });
  const port = () => (server.address() as AddressInfo).port;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    port: port(),
    address: `http://127.0.0.1:${port()}/onvif/device_service`,
    get fault() {
      return live.fault;
    },
    set fault(next: CameraFault) {
      live.fault = next;
    },
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
