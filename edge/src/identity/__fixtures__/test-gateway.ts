import 'reflect-metadata';
import { createPublicKey, createVerify, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import {
  enrolRequestSchema,
  gatewayPaths,
  makeEnrolmentCode,
  renewRequestSchema,
  type Trust,
} from '@hallhub/shared/wire';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const subtle = webcrypto.subtle;
x509.cryptoProvider.set(webcrypto as never);
const makeKeys = () => subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
const pem = (certificate: x509.X509Certificate): string =>
  `${certificate.toString('pem').replaceAll('\r', '').trim()}\n`;
const dayMs = 86_400_000;

export interface TestCa {
  readonly certificate: string;
  readonly sha256: Buffer;
  issue(options: {
    name: string;
    publicKey: webcrypto.CryptoKey | x509.PublicKey;
    use: 'client' | 'server';
    hosts?: readonly string[];
    from?: number;
    to?: number;
  }): Promise<string>;
}

export const makeCa = async (name = 'Test CA'): Promise<TestCa> => {
  const keys = await makeKeys();
  const now = Date.now();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys: keys as never,
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + 3650 * dayMs),
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, 1, true)],
  });
  return {
    certificate: pem(ca),
    sha256: Buffer.from(await subtle.digest('SHA-256', ca.rawData)),
    issue: async ({ name: cn, publicKey, use, hosts = [], from = now - 60_000, to = now + 90 * dayMs }) => {
      const usage = use === 'client' ? '1.3.6.1.5.5.7.3.2' : '1.3.6.1.5.5.7.3.1';
      const names = hosts.map((host) => ({
        type: /^[\d.]+$/.test(host) ? ('ip' as const) : ('dns' as const),
        value: host,
      }));
      const leaf = await x509.X509CertificateGenerator.create({
        subject: `CN=${cn}`,
        issuer: ca.subject,
        publicKey: publicKey as never,
        signingKey: keys.privateKey as never,
        signingAlgorithm: algorithm,
        serialNumber: randomBytes(12).toString('hex'),
        notBefore: new Date(from),
        notAfter: new Date(to),
        extensions: [
          new x509.BasicConstraintsExtension(false),
          new x509.ExtendedKeyUsageExtension([usage], true),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      return pem(leaf);
    },
  };
};

export const testUnitId = '01900000-0000-7000-8000-00000000000a';

/** A gateway with a CA of its own, kept in memory: what the unit says to it is checked as the cloud would. */
export class TestGateway {
  ca!: TestCa;
  trust!: Trust;
  /** Answers that are lost: the request is carried out, the connection ends. */
  loseAnswers = 0;
  replacement = false;
  revoked: boolean | 'replaced' = false;
  snapshot: Buffer | undefined;
  lifeMs = 90 * dayMs;
  offsetMs = 0;
  readonly requests: string[] = [];
  readonly used = new Map<string, Buffer>();
  server!: https.Server;
  code = '';

  static async open(hosts: readonly string[] = ['127.0.0.1'], certificate: { from?: number; to?: number } = {}) {
    const gateway = new TestGateway();
    gateway.ca = await makeCa();
    gateway.trust = { version: 'one', certificates: [gateway.ca.certificate] };
    gateway.server = https.createServer(
      { ...(await gateway.serverCredentials(hosts, certificate)), requestCert: true, rejectUnauthorized: false },
      (request, response) => void gateway.#answer(request, response),
    );
    await new Promise<void>((resolve) => gateway.server.listen(0, '127.0.0.1', resolve));
    gateway.code = gateway.makeCode();
    return gateway;
  }

  async serverCredentials(hosts: readonly string[], dates: { from?: number; to?: number } = {}) {
    const keys = await makeKeys();
    const cert = await this.ca.issue({ name: 'cloud', publicKey: keys.publicKey, use: 'server', hosts, ...dates });
    const der = Buffer.from(await subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
    return {
      key: `-----BEGIN PRIVATE KEY-----\n${der.replace(/(.{64})/g, '$1\n')}\n-----END PRIVATE KEY-----\n`,
      cert,
    };
  }

  get url(): URL {
    return new URL(`https://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  makeCode(): string {
    return makeEnrolmentCode(this.ca.sha256, (bytes) => randomBytes(bytes)).text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    this.requests.push(`${request.method} ${request.url}`);
    const json = (status: number, value: unknown): void => {
      if (this.loseAnswers > 0 && request.method === 'POST') {
        this.loseAnswers -= 1;
        request.socket.destroy();
        return;
      }
      response.writeHead(status, { 'content-type': status < 300 ? 'application/json' : 'application/problem+json' });
      response.end(JSON.stringify(value));
    };
    const serverTime = Date.now() + this.offsetMs;
    const path = request.url?.split('?')[0];
    if (path === gatewayPaths.trust) return json(200, this.trust);
    if (path === gatewayPaths.time) return json(200, { serverTime });
    if (path === gatewayPaths.enrol) {
      const { code, csr } = enrolRequestSchema.parse(JSON.parse(body.toString()));
      if (!this.code.replaceAll('-', '').startsWith(code)) return json(404, { code: 'code_unknown' });
      const publicKey = await checkedKey(csr);
      const der = Buffer.from(publicKey.rawData);
      const before = this.used.get(code);
      if (before && !before.equals(der)) return json(409, { code: 'code_used' });
      this.used.set(code, der);
      return json(200, {
        ...{ v: 1, unitId: testUnitId, name: 'U', hallName: '厅', timeZone: 'Asia/Shanghai', secret: 's'.repeat(72) },
        certificate: await this.certificateFor(publicKey),
        ...{ trust: this.trust, mqtt: 'mqtts://127.0.0.1:1', gateway: this.url.href.replace(/\/$/, ''), serverTime },
        replacement: this.replacement,
      });
    }
    const peer = (request.socket as TLSSocket).getPeerX509Certificate();
    if (
      !peer?.verify(
        createPublicKey(new X509Certificate(this.ca.certificate).publicKey.export({ type: 'spki', format: 'pem' })),
      )
    ) {
      return json(403, { code: 'certificate_required' });
    }
    if (this.revoked)
      return json(403, { code: 'certificate_revoked', ...(this.revoked === 'replaced' ? { reason: 'replaced' } : {}) });
    if (path === gatewayPaths.renew) {
      const publicKey = await checkedKey(renewRequestSchema.parse(JSON.parse(body.toString())).csr);
      return json(200, { v: 1, certificate: await this.certificateFor(publicKey), trust: this.trust, serverTime });
    }
    if (path === gatewayPaths.snapshot && request.method === 'PUT') {
      this.snapshot = body;
      return json(200, {});
    }
    if (path === gatewayPaths.snapshot && this.snapshot) {
      response.writeHead(200, { 'content-type': 'application/gzip' });
      response.end(this.snapshot);
      return;
    }
    json(404, { code: 'unavailable' });
  }

  certificateFor(publicKey: x509.PublicKey): Promise<string> {
    const now = Date.now() + this.offsetMs;
    return this.ca.issue({ name: testUnitId, publicKey, use: 'client', from: now, to: now + this.lifeMs });
  }
}

const checkedKey = async (csr: string): Promise<x509.PublicKey> => {
  const request = new x509.Pkcs10CertificateRequest(csr);
  if (!(await request.verify(webcrypto as never))) throw new Error('the request is not signed by its key');
  return request.publicKey;
};

/** A signature as the cloud checks it: by the certificate alone. */
export const verifySignature = (certificate: string, document: Uint8Array, signature: Uint8Array): boolean =>
  createVerify('sha256').update(document).verify(new X509Certificate(certificate).publicKey, signature);
