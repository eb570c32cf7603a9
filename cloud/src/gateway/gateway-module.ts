/** Who sent a request, by the certificate of its connection as it stands now. */
export interface GatewayUnit {
  readonly unitId: string;
  readonly address: string;
  /** SHA-256 of the certificate's DER, hex. */
  readonly certificateSha256: string;
}

/** What other domains serve to units, below one path. Errors thrown become `application/problem+json`. */
interface ServedPath {
  /** One of `gatewayPaths`; requests to it and to everything below it are this module's. */
  readonly path: `/unit/v1/${string}`;
  /** Of one request's body; what is over ends with 413. The body is a stream: nothing is buffered before the module reads it. */
  readonly maxBodyBytes: number;
  /** Requests that last as long as somebody looks: so many of one unit, and not counted among its others. */
  readonly maxRunning?: number;
}

/** Evidence by tus, figures of a day. Every request comes with the unit that sent it; others never get here. */
export interface GatewayModule extends ServedPath {
  readonly readsChunks?: never;
  handle(request: Request, unit: GatewayUnit): Response | Promise<Response>;
}

/** Pictures for as long as somebody looks: a body read as it comes from the socket costs less than one that is a web stream. */
export interface GatewayStreamModule extends ServedPath {
  readonly readsChunks: true;
  /** Reads `chunks`, which end with an error past the bound, and leaves the request's own body alone. */
  handle(request: Request, unit: GatewayUnit, chunks: AsyncIterable<Uint8Array>): Response | Promise<Response>;
}

export type AnyGatewayModule = GatewayModule | GatewayStreamModule;
