import { X509Certificate } from 'node:crypto';
import { HubError, toHubError } from '@hallhub/shared';
import type { Trust } from '@hallhub/shared/wire';
import { checkServer } from './check-server.js';
import type { GatewayAnswer } from './gateway-client.js';
import type { UnitIdentity } from './unit-identity.js';

/** The certificates of the list, read. Throws `configuration` where one of them is no CA’s. */
export const readCas = ({ certificates }: Trust): X509Certificate[] =>
  certificates.map((pem) => {
    const ca = tryRead(pem);
    if (!ca?.ca) throw new HubError('configuration', 'trust.json holds something that is no certificate of a CA');
    return ca;
  });

/** Before a list is taken: with it the cloud that gave it must be trusted still, or the unit would shut itself out. Throws `protocol_violation`. */
export const checkNewTrust = (trust: Trust, { chain }: GatewayAnswer, gateway: URL): void => {
  try {
    readCas(trust);
    const host = gateway.hostname.replace(/^\[|\]$/g, '');
    checkServer(chain, { trust: trust.certificates, host, at: undefined });
  } catch (cause) {
    throw new HubError('protocol_violation', `the cloud’s list of CAs is not taken: ${toHubError(cause).message}`, {
      cause,
    });
  }
};

/** Before a renewed certificate is taken: the same unit’s, and of a CA of the list. Throws `protocol_violation`. */
export const checkRenewed = (renewed: UnitIdentity, before: UnitIdentity | undefined): void => {
  if (before && renewed.unitId !== before.unitId) {
    throw new HubError('protocol_violation', `the renewed certificate is another unit’s (${renewed.unitId})`);
  }
  const chain = renewed.certificates.map((pem) => new X509Certificate(pem));
  const cas = readCas(renewed.trust);
  if (chain.some((one) => cas.some((ca) => one.checkIssued(ca) && one.verify(ca.publicKey)))) return;
  throw new HubError('protocol_violation', 'the renewed certificate is of none of the cloud’s CAs');
};

const tryRead = (pem: string): X509Certificate | undefined => {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
};
