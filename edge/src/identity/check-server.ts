import { X509Certificate } from 'node:crypto';
import net from 'node:net';
import { HubError } from '@hallhub/shared';

/** Why a server was not accepted. */
export type ServerFault = 'untrusted' | 'host' | 'use' | 'dates';

export interface ServerCheck {
  /** CAs that may have issued it, PEM. */
  readonly trust: readonly string[];
  readonly host: string;
  /** Epoch ms as surely as it is known; undefined: dates are not looked at (docs/protocol.md 5.3). */
  readonly at: number | undefined;
}

const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const longestChain = 5;

/**
 * The check that TLS makes, with a time of our own: a unit whose clock is wrong must neither be locked out nor drop the check.
 * `chain`: as the server sent it, leaf first. Throws `link_refused` with `context.fault`.
 */
export const checkServer = (chain: readonly X509Certificate[], { trust, host, at }: ServerCheck): void => {
  const [leaf] = chain;
  if (!leaf) throw refusal('untrusted', `${host} showed no certificate`);
  const path = pathToTrust(
    chain,
    trust.map((pem) => new X509Certificate(pem)),
  );
  if (!path) {
    throw refusal('untrusted', `the certificate of ${host} is from a CA this unit does not trust (${issuerOf(leaf)})`);
  }
  const named = net.isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host, { subject: 'never' });
  if (named === undefined) {
    throw refusal('host', `the certificate there is not made out for ${host} (${leaf.subjectAltName ?? 'no name'})`);
  }
  // The CA also makes units' certificates, with which nobody may pose as the cloud.
  if (!leaf.keyUsage?.includes(serverAuthentication)) throw refusal('use', `the certificate of ${host} is no server’s`);
  if (at === undefined) return;
  const late = path.find((one) => at < Date.parse(one.validFrom) || at > Date.parse(one.validTo));
  if (late) {
    const text = `a certificate of ${host} holds from ${late.validFrom} to ${late.validTo}, and it is ${new Date(at).toISOString()}`;
    throw refusal('dates', text);
  }
};

/** From the leaf to one of the trusted CAs, that one included. */
const pathToTrust = (
  chain: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): X509Certificate[] | undefined => {
  const path: X509Certificate[] = [];
  let at = chain[0];
  while (at && path.length < longestChain) {
    const one: X509Certificate = at;
    path.push(one);
    const anchor = trusted.find((ca) => ca.ca && issued(ca, one));
    if (anchor) return [...path, anchor];
    at = chain.find((next) => next.ca && !path.includes(next) && issued(next, one));
  }
  return undefined;
};

const issued = (ca: X509Certificate, one: X509Certificate): boolean => one.checkIssued(ca) && one.verify(ca.publicKey);

const issuerOf = ({ issuer }: X509Certificate): string => issuer.replaceAll('\n', ', ');

const refusal = (fault: ServerFault, message: string): HubError =>
  new HubError('link_refused', message, { context: { fault } });

/** Set where `checkServer` refused. */
export const serverFaultOf = (error: unknown): ServerFault | undefined =>
  error instanceof HubError ? (error.context.fault as ServerFault | undefined) : undefined;
