import { HubError } from '@hallhub/shared';
import { DigestSigner } from '../soap/digest.js';
import { headerOf, httpExchange } from '../soap/http-exchange.js';
import type { Camera } from './camera.js';

export interface Snapshot {
  readonly uri: string;
  readonly contentType: string;
  readonly picture: Buffer;
}

/** A picture of 8K at the best quality is smaller. */
const maxPictureBytes = 8_388_608;

/**
 * Fetches a still picture from the camera itself: an address elsewhere, which a camera may tell for any reason, is looked for
 * at its own. Errors: those of the link, `unauthenticated`, `device_refused`, `unavailable`, `too_large`, `protocol_violation`.
 */
export const fetchSnapshot = async (camera: Camera, uri: string, signal: AbortSignal): Promise<Snapshot> => {
  const { credentials, guard, timeoutMs, trust, allowBasic, exchange = httpExchange } = camera.options;
  const told = new URL(uri);
  if (told.protocol !== 'http:' && told.protocol !== 'https:')
    throw new HubError('unsupported', `the picture of ${camera.host} is not offered by HTTP`);
  const url = told.hostname === camera.host ? told : camera.rebase(uri);
  url.username = '';
  url.password = '';
  const ask = (headers: Record<string, string> = {}) =>
    exchange(url, { method: 'GET', headers, timeoutMs, signal, maxBytes: maxPictureBytes, trust });
  // A certificate that nobody vouches for is anybody's.
  const mayShowPassword = allowBasic || (url.protocol === 'https:' && trust?.ca !== undefined);
  const fetchIt = async () => {
    let reply = await ask();
    let hint = 'check user name and password of the camera, and that the account may see pictures';
    if (reply.status === 401 && credentials) {
      const signer = new DigestSigner(credentials);
      signer.learn(reply.rawHeaders);
      const digest = signer.header('GET', `${url.pathname}${url.search}`);
      const plain = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
      const authorization = digest ?? (mayShowPassword ? plain : undefined);
      if (authorization) reply = await ask({ authorization });
      else hint = 'it wants the password in plain text: if it may have it, name it under onvif.hosts in edge.yaml';
    }
    if (reply.status === 401 || reply.status === 403)
      throw new HubError('unauthenticated', `${url.host} refuses its picture`, { hint });
    return reply;
  };
  const reply = credentials ? await guard.attempt(signal, fetchIt) : await fetchIt();
  if (reply.status !== 200) {
    const code = reply.status >= 500 ? 'unavailable' : 'device_refused';
    throw new HubError(code, `${url.host} answered with HTTP status ${reply.status} for its picture`);
  }
  const contentType = pictureType(reply.body);
  if (!contentType) {
    const told = headerOf(reply, 'content-type') ?? 'nothing';
    throw new HubError('protocol_violation', `${url.host} sent no picture but ${told.slice(0, 60)}`);
  }
  return { uri: url.href, contentType, picture: reply.body };
};

/** By the first bytes: what a camera says of its type is not always so. */
const pictureType = (bytes: Buffer): string | undefined => {
  if (bytes.length < 16) return undefined;
  if (bytes.readUInt16BE(0) === 0xffd8) return 'image/jpeg';
  return bytes.toString('latin1', 1, 4) === 'PNG' ? 'image/png' : undefined;
};
