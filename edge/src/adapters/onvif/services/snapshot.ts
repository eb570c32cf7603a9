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

/** Fetches a still picture. Errors: those of the link, `unauthenticated`, `device_refused`, `unavailable`, `too_large`, `protocol_violation`. */
export const fetchSnapshot = async (camera: Camera, uri: string, signal: AbortSignal): Promise<Snapshot> => {
  const { credentials, guard, timeoutMs, trust, allowBasic, exchange = httpExchange } = camera.options;
  const url = new URL(uri);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new HubError('unsupported', `the picture of ${camera.host} is not offered by HTTP`);
  url.username = '';
  url.password = '';
  const isOwn = url.hostname === camera.host;
  const ask = (headers: Record<string, string> = {}) =>
    exchange(url, {
      method: 'GET',
      headers,
      timeoutMs,
      signal,
      maxBytes: maxPictureBytes,
      trust: isOwn ? trust : undefined,
    });
  const fetchIt = async () => {
    let reply = await ask();
    // The password goes to the camera itself only.
    if (reply.status === 401 && credentials && isOwn) {
      const signer = new DigestSigner(credentials);
      signer.learn(reply.rawHeaders);
      const digest = signer.header('GET', `${url.pathname}${url.search}`);
      const plain = `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}`;
      const authorization = digest ?? (allowBasic || url.protocol === 'https:' ? plain : undefined);
      if (authorization) reply = await ask({ authorization });
    }
    if (reply.status === 401 || reply.status === 403)
      throw new HubError('unauthenticated', `${url.host} refuses its picture`, {
        hint: 'check user name and password of the camera, and that the account may see pictures',
      });
    return reply;
  };
  const reply = credentials && isOwn ? await guard.attempt(signal, fetchIt) : await fetchIt();
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
