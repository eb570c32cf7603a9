import { HubError } from '@hallhub/shared';
import { type StreamAddress, streamAddressSchema } from './pipeline/stream-address.js';

export interface RtspLogin {
  readonly uri: string;
  readonly userName?: string | undefined;
  readonly password?: string | undefined;
  readonly transport: 'tcp' | 'udp';
}

/**
 * An address as a person or a camera writes it, with the account beside it: many write both in one. A camera may name anything, a file
 * of this machine among it. Throws `protocol_violation` where it is no RTSP address.
 */
export const rtspAddress = ({ uri, userName, password, transport }: RtspLogin): StreamAddress => {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const written = url?.username
    ? { userName: plain(url.username), ...(url.password ? { password: plain(url.password) } : {}) }
    : {};
  if (url) Object.assign(url, { username: '', password: '' });
  const parsed = streamAddressSchema.safeParse({
    ...{ kind: 'rtsp', url: url?.href ?? uri, transport },
    ...written,
    ...(userName === undefined ? {} : { userName }),
    ...(password === undefined ? {} : { password }),
  });
  if (parsed.success && url?.host) return parsed.data;
  throw new HubError('protocol_violation', 'what it names as its stream is no RTSP address');
};

const plain = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
