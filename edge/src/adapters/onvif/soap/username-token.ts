import { createHash, randomBytes } from 'node:crypto';
import type { Credentials } from '../config.js';
import { escapeXml } from './xml-node.js';

const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';

/** A security header by WS-Security UsernameToken Profile 1.0: digest = Base64(SHA-1(nonce + created + password)). */
export const usernameToken = ({ username, password }: Credentials, createdMs: number): string => {
  const nonce = randomBytes(16);
  const created = new Date(createdMs).toISOString();
  const digest = createHash('sha1').update(nonce).update(created).update(password).digest('base64');
  return (
    `<Security s:mustUnderstand="1" xmlns="${wsse}wssecurity-secext-1.0.xsd"><UsernameToken>` +
    `<Username>${escapeXml(username)}</Username>` +
    `<Password Type="${wsse}username-token-profile-1.0#PasswordDigest">${digest}</Password>` +
    `<Nonce EncodingType="${wsse}soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</Nonce>` +
    `<Created xmlns="${wsse}wssecurity-utility-1.0.xsd">${created}</Created></UsernameToken></Security>`
  );
};
