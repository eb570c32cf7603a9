import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { allFeatures, type CameraFeatures } from './camera-features.js';
import type { CameraState } from './camera-state.js';
import { type CameraIdentity, openOperations, operationAt } from './onvif-operations.js';
import { type Account, SignIn, type SignInMode } from './sign-in.js';
import { snapshotJpeg } from './snapshot.js';
import { fault, operationOf } from './soap.js';

/** How a camera can fail: by status, by silence, slowly, with nonsense, or by not knowing the password. */
export type CameraFault =
  | 'none'
  | 'unauthorized'
  | 'unavailable'
  | 'error'
  | 'hang'
  | 'slow'
  | 'garbage'
  | 'truncated'
  | 'reset';

export interface OnvifServerOptions {
  readonly identity: CameraIdentity;
  readonly state: CameraState;
  readonly credential: Account;
  readonly streamUrl: () => string | undefined;
  /** Left out: both streams are one. */
  readonly subStreamUrl?: () => string | undefined;
  /** What it sees now; left out or undefined: a drawn picture. */
  readonly snapshot?: () => Promise<Buffer | undefined> | undefined;
  readonly features?: CameraFeatures;
  readonly endpointReference?: string;
  readonly port?: number;
  /** 127.0.0.1 by default; anything else than loopback in a network of the test's own only. */
  readonly host?: string;
  readonly clockToleranceMs?: number;
  readonly signIn?: SignInMode;
  /** PEM; with it the camera speaks HTTPS only. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** How long it is away after a reboot. */
  readonly rebootMs?: number;
}

export interface OnvifServer extends AsyncDisposable {
  readonly port: number;
  readonly address: string;
  readonly signIn: SignIn;
  fault: CameraFault;
  /** How long the fault `slow` takes. */
  slowMs: number;
  readonly requests: number;
  /** Names of the operations that were asked for, the last 500 of them. */
  readonly asked: readonly string[];
  /** Goes to another port, or another address of this machine. */
  move(to: { readonly port?: number; readonly host?: string }): Promise<void>;
}

const maxRequestBytes = 1_000_000;
const soapType = 'application/soap+xml; charset=utf-8';

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

const send = (
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  { type = soapType, challenges = [] }: { type?: string; challenges?: readonly string[] } = {},
) => {
  // Written as cameras write them: some clients compare the names letter by letter.
  const headers = { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) };
  response.writeHead(status, challenges.length > 0 ? { ...headers, 'WWW-Authenticate': [...challenges] } : headers);
  response.end(body);
};

/** The camera's web side: ONVIF by SOAP with WS-UsernameToken and HTTP digest, and the snapshot. */
export const openOnvifServer = async (options: OnvifServerOptions): Promise<OnvifServer> => {
  const { identity, state, credential, features = allFeatures, tls } = options;
  const signIn = new SignIn({
    account: credential,
    now: () => state.now(),
    toleranceMs: options.clockToleranceMs ?? 5000,
  });
  signIn.mode = options.signIn ?? 'both';
  const asked: string[] = [];
  const live = { fault: 'none' as CameraFault, slowMs: 3_000, requests: 0, host: options.host ?? '127.0.0.1' };
  let rebootingUntil = 0;

  /** True where that was the answer. */
  const misbehave = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    switch (live.fault) {
      case 'none':
      case 'truncated':
        return false;
      case 'slow':
        await new Promise((resolve) => setTimeout(resolve, live.slowMs));
        return false;
      case 'hang':
        return true;
      case 'reset':
        request.socket.resetAndDestroy();
        return true;
      case 'garbage':
        send(response, 200, '<?xml version="1.0"?><not-soap><</');
        return true;
      case 'unavailable':
        send(response, 503, 'busy', { type: 'text/plain' });
        return true;
      case 'error':
        send(response, 500, fault('Receiver', 'Action', 'Internal error'));
        return true;
      case 'unauthorized':
        send(response, 401, fault('Sender', 'NotAuthorized', 'The action requested requires authorization'));
        return true;
    }
  };

  /** True where the client may go on. */
  const admit = (request: IncomingMessage, response: ServerResponse, body: string): boolean => {
    const verdict = signIn.check(request, body);
    if (verdict === 'welcome') return true;
    // A client that has signed nothing is asked to; one that signed wrongly with a token gets the standard's fault.
    const challenges = verdict === 'unsigned' || request.headers.authorization ? signIn.challenges() : [];
    const refusal = fault('Sender', 'NotAuthorized', 'Sender not authorized');
    send(response, challenges.length > 0 ? 401 : 400, refusal, { challenges });
    return false;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    live.requests++;
    if (Date.now() < rebootingUntil) {
      request.socket.resetAndDestroy();
      return;
    }
    if (await misbehave(request, response)) return;
    const { pathname: path } = new URL(request.url ?? '/', 'http://camera');
    if (request.method === 'GET' && path === '/snapshot.jpg') {
      if (signIn.mode === 'token' || admit(request, response, ''))
        send(response, 200, (await options.snapshot?.()) ?? (await snapshotJpeg(state)), { type: 'image/jpeg' });
      return;
    }
    const body = request.method === 'POST' ? await readBody(request) : undefined;
    const name = body === undefined ? undefined : operationOf(body);
    if (name !== undefined) asked.push(name);
    if (asked.length > 500) asked.shift();
    // Who may not come in is not told what there is.
    if ((name === undefined || !openOperations.has(name)) && !admit(request, response, body ?? '')) return;
    const operation = name === undefined ? undefined : operationAt(path, name, { features });
    if (body === undefined || name === undefined || !operation) {
      send(response, 400, fault('Receiver', 'ActionNotSupported', `No operation ${name ?? '?'}`));
      return;
    }
    const answer = await operation(body, {
      state,
      identity,
      features,
      endpointReference: options.endpointReference,
      baseUrl: `${tls ? 'https' : 'http'}://${request.headers.host ?? `${live.host}:${port()}`}`,
      streamUrl: options.streamUrl(),
      subStreamUrl: options.subStreamUrl?.() ?? options.streamUrl(),
      path,
      reboot: () => {
        state.reboot();
        rebootingUntil = Date.now() + (options.rebootMs ?? 1000);
      },
    });
    const isFault = answer.includes('<s:Fault>');
    send(response, isFault ? 400 : 200, live.fault === 'truncated' ? answer.slice(0, answer.length / 2) : answer);
  };

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    serve(request, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, 500, fault('Receiver', 'Action', String(error)));
    });
  };
  const open = () => (tls ? createTlsServer({ key: tls.key, cert: tls.cert }, answer) : createServer(answer));
  let server = open();
  const port = () => (server.address() as AddressInfo).port;
  const listen = (wantedPort: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(wantedPort, live.host, resolve);
    });
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  await listen(options.port ?? 0);
  return {
    signIn,
    asked,
    get port() {
      return port();
    },
    get address() {
      return `${tls ? 'https' : 'http'}://${live.host}:${port()}/onvif/device_service`;
    },
    get fault() {
      return live.fault;
    },
    set fault(next: CameraFault) {
      live.fault = next;
    },
    get slowMs() {
      return live.slowMs;
    },
    set slowMs(next: number) {
      live.slowMs = next;
    },
    get requests() {
      return live.requests;
    },
    async move(to) {
      await close();
      live.host = to.host ?? live.host;
      server = open();
      await listen(to.port ?? 0);
    },
    [Symbol.asyncDispose]: () => {
      state.events.dropSubscriptions();
      return close();
    },
  };
};
