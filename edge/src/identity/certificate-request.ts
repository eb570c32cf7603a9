import { createPrivateKey, generateKeyPairSync, webcrypto } from 'node:crypto';

/** ECDSA P-256; PKCS #8, PEM. */
export const makeUnitKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

/** PKCS #10 for this key, PEM. The cloud ignores its subject and says itself who the unit is. */
export const certificateRequest = async (keyPem: string): Promise<string> => {
  // Needed some times a year; it would cost every unit 20 MB from its start.
  await import('reflect-metadata');
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const key = createPrivateKey(keyPem);
  const privateKey = await webcrypto.subtle.importKey(
    'pkcs8',
    key.export({ type: 'pkcs8', format: 'der' }),
    algorithm,
    false,
    ['sign'],
  );
  const jwk = key.export({ format: 'jwk' });
  const publicJwk = { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y };
  const publicKey = await webcrypto.subtle.importKey('jwk', publicJwk, algorithm, true, ['verify']);
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name: 'CN=hallhub-unit',
      keys: { privateKey, publicKey } as never,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    },
    webcrypto as never,
  );
  return `${request.toString('pem').replaceAll('\r', '').trim()}\n`;
};
