/** Who sent a request, by the certificate of its connection as it stands now. */
export interface GatewayUnit {
  readonly unitId: string;
  readonly address: string;
  /** SHA-256 of the certificate's DER, hex. */
  readonly certificateSha256: string;
}

/**
 * What other domains serve to units, below one path: evidence by tus, figures of a day. Every request comes with the unit that
 * sent it; others never get here. Errors thrown become `application/problem+json`.
 */
export interface GatewayModule {
  /** One of `gatewayPaths`; requests to it and to everything below it are this module's. */
  readonly path: `/unit/v1/${string}`;
  /** Of one request's body; what is over ends with 413. The body is a stream: nothing is buffered before the module reads it. */
  readonly maxBodyBytes: number;
  /** Requests that last as long as somebody looks: so many of one unit, and not counted among its others. */
  readonly maxRunning?: number;
  handle(request: Request, unit: GatewayUnit): Response | Promise<Response>;
}
