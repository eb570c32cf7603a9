import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { EvidenceStanding } from '@hallhub/shared/wire';
import { FileStore } from '@tus/file-store';
import { Server as TusServer } from '@tus/server';
import type { GatewayAnswer, GatewayRequest } from '../../identity/index.js';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly id: string | undefined;
  readonly bytes: number;
}

/** A cloud's gateway as far as evidence needs one: a real tus server over HTTP, and `state/{id}`. */
export class TusCloud {
  readonly seen: SeenRequest[] = [];
  /** What it has whole, by its id. */
  readonly kept = new Map<string, Buffer>();
  /** Whose manifest has not come yet. */
  readonly withoutManifest = new Set<string>();
  /** Answers a request with this status instead. */
  refuse: (request: SeenRequest) => number | undefined = () => undefined;
  /** Told before each request is served. */
  onRequest: (request: SeenRequest) => void = () => {};
  readonly #server: Server;
  readonly #ids = new Map<string, string>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(folder: string): Promise<TusCloud> {
    mkdirSync(folder, { recursive: true });
    const tus = new TusServer({
      ...{ path: '/unit/v1/evidence', relativeLocation: true, allowedOrigins: [] },
      datastore: new FileStore({ directory: folder }),
      onUploadCreate: async (_request, upload) => {
        cloud.#ids.set(upload.id, upload.metadata?.id ?? '');
        return {};
      },
      onUploadFinish: async (_request, upload) => {
        const bytes = readFileSync(path.join(folder, upload.id));
        rmSync(path.join(folder, upload.id));
        if (sha256Of(bytes) !== upload.metadata?.sha256) {
          throw Object.assign(new Error('differs'), { status_code: 460, body: 'differs\n' });
        }
        cloud.kept.set(upload.metadata?.id ?? '', bytes);
        return {};
      },
    });
    const server = createServer((request, response) => cloud.#serve(tus, request, response));
    const cloud = new TusCloud(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return cloud;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  /** As the unit's identity does it, without TLS. */
  readonly request = async ({ method, path, headers, body, signal }: GatewayRequest): Promise<GatewayAnswer> => {
    const answer = await fetch(new URL(path, this.url), {
      ...{ method, headers: { connection: 'close', ...headers } },
      ...(body ? { body: new Uint8Array(body as Uint8Array) } : {}),
      ...(signal ? { signal } : {}),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: bytes, chain: [] };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(tus: TusServer, request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request;
    const last = url.split('/').at(-1) ?? '';
    const said = /(?:^|,)id ([A-Za-z0-9+/=]+)/.exec(String(headers['upload-metadata'] ?? ''))?.[1];
    const isState = url.startsWith('/unit/v1/evidence/state/');
    const id = isState ? last : said ? Buffer.from(said, 'base64').toString() : this.#ids.get(last);
    const seen = { method, path: url, id, bytes: Number(headers['content-length'] ?? 0) };
    this.seen.push(seen);
    this.onRequest(seen);
    const status = this.refuse(seen);
    if (status !== undefined) {
      request.resume();
      response.writeHead(status, { connection: 'close' }).end();
    } else if (isState) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.#standing(last)));
    } else void tus.handle(request, response);
  }

  #standing(id: string): EvidenceStanding {
    const bytes = this.kept.get(id);
    const state = !bytes ? 'pending' : this.withoutManifest.has(id) ? 'uploading' : 'complete';
    return { id, state, sha256: bytes ? sha256Of(bytes) : null, serverTime: Date.now() };
  }
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
