import { HubError } from '@hallhub/shared';
import { type RtspOptions, type RtspSession, withRtspSession } from './rtsp-session.js';
import { parseSdp, type SdpTrack, type SessionDescription } from './sdp.js';

/** What DESCRIBE said of a stream. */
export interface RtspDescription {
  /** `m=` lines such as `video 0 RTP/AVP 96`. */
  readonly media: readonly string[];
  readonly tracks: readonly SdpTrack[];
}

/**
 * OPTIONS and DESCRIBE over TCP, without starting the stream (RFC 2326). Errors: those of the link, `unauthenticated`,
 * `unavailable` (5xx), `device_refused` (4xx), `protocol_violation`.
 */
export const probeRtsp = (options: RtspOptions): Promise<RtspDescription> =>
  withRtspSession(options, async (session) => {
    const { tracks } = await describe(session);
    return { media: tracks.map(({ media }) => media), tracks };
  });

export const describe = async (session: RtspSession): Promise<SessionDescription & { readonly base: string }> => {
  const uri = session.url.href;
  await session.ask('OPTIONS', uri);
  const reply = await session.ask('DESCRIBE', uri, { accept: 'application/sdp' });
  const description = parseSdp(reply.body);
  if (description.tracks.length === 0)
    throw new HubError('protocol_violation', 'the stream has no media', { context: { host: session.url.host } });
  const told = reply.headers.find(([name]) => name === 'content-base' || name === 'content-location')?.[1];
  const isOwn = told !== undefined && URL.canParse(told) && new URL(told).hostname === session.url.hostname;
  return { ...description, base: isOwn ? told : uri };
};
