import dgram from 'node:dgram';
import { HubError } from '@hallhub/shared';
import { rtspHeader } from './rtsp-conversation.js';
import { describe } from './rtsp-probe.js';
import { type RtspOptions, type RtspSession, withRtspSession } from './rtsp-session.js';
import type { SdpTrack } from './sdp.js';

export interface PlayedStream {
  readonly codec: string | undefined;
  /** Kinds and codecs of all tracks: `video H264, audio PCMA`. */
  readonly tracks: string;
  readonly packets: number;
  /** From the first request to the packet that was waited for. */
  readonly elapsedMs: number;
}

const wantedPackets = 5;

/**
 * Starts the first video track, waits until a few packets of it have come, and ends it: proof that pictures flow over that
 * transport. Errors as of `probeRtsp`; `timeout` where the stream starts and nothing comes.
 */
export const playBriefly = (
  options: RtspOptions & { readonly transport: 'tcp' | 'udp'; readonly nowMs: () => number },
): Promise<PlayedStream> =>
  withRtspSession(options, async (session) => {
    const startMs = options.nowMs();
    const description = await describe(session);
    const track = description.tracks.find(({ kind }) => kind === 'video') ?? description.tracks[0];
    if (!track) throw new HubError('protocol_violation', 'the stream has no media');
    const play = options.transport === 'udp' ? overUdp : overTcp;
    const packets = await play(session, trackAddress(description.base, track), description.base);
    return {
      codec: track.codec,
      tracks: description.tracks.map(({ kind, codec }) => `${kind} ${codec ?? '?'}`).join(', '),
      packets,
      elapsedMs: Math.round(options.nowMs() - startMs),
    };
  });

/** RFC 2326, C.1.1: absolute, or appended to the base. */
const trackAddress = (base: string, { control }: SdpTrack): string => {
  if (!control || control === '*') return base;
  if (/^rtsp:\/\//i.test(control)) return control;
  return `${base.replace(/\/$/, '')}/${control.replace(/^\//, '')}`;
};

const overTcp = (session: RtspSession, track: string, base: string): Promise<number> =>
  playing(session, { track, base, transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' }, async () => {
    while ((session.talk.packets.get(0) ?? 0) < wantedPackets) await session.talk.moved();
    return session.talk.packets.get(0) ?? 0;
  });

const overUdp = async (session: RtspSession, track: string, base: string): Promise<number> => {
  const [media, control] = await udpPair(session.url.hostname.includes(':') ? 'udp6' : 'udp4');
  let packets = 0;
  let wake: (() => void) | undefined;
  media.on('message', () => {
    packets++;
    wake?.();
  });
  const give = () => wake?.();
  session.signal.addEventListener('abort', give, { once: true });
  try {
    const transport = `RTP/AVP;unicast;client_port=${media.address().port}-${control.address().port}`;
    return await playing(session, { track, base, transport }, async () => {
      while (packets < wantedPackets) {
        session.signal.throwIfAborted();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return packets;
    });
  } finally {
    session.signal.removeEventListener('abort', give);
    media.close();
    control.close();
  }
};

const playing = async <T>(
  session: RtspSession,
  { track, base, transport }: { track: string; base: string; transport: string },
  wait: () => Promise<T>,
): Promise<T> => {
  const setup = await session.ask('SETUP', track, { transport });
  const id = rtspHeader(setup, 'session')?.split(';')[0]?.trim();
  if (!id) throw new HubError('protocol_violation', 'the stream server gave no session');
  await session.ask('PLAY', base, { session: id, range: 'npt=0-' });
  try {
    return await wait();
  } finally {
    // A courtesy to a server that would go on sending; the connection ends anyway.
    if (!session.signal.aborted) await session.ask('TEARDOWN', base, { session: id }).catch(() => undefined);
  }
};

/** Two neighbouring ports, the first of them even, as RTP wants (RFC 3550, 11). */
const udpPair = async (family: 'udp4' | 'udp6'): Promise<[dgram.Socket, dgram.Socket]> => {
  for (let attempt = 0; attempt < 20; attempt++) {
    const first = await boundTo(0, family);
    const { port } = first?.address() ?? { port: 0 };
    const second = first && (await boundTo(port % 2 === 0 ? port + 1 : port - 1, family));
    if (first && second) return port % 2 === 0 ? [first, second] : [second, first];
    first?.close();
  }
  throw new HubError('unavailable', 'no two neighbouring UDP ports are free');
};

const boundTo = (port: number, type: 'udp4' | 'udp6'): Promise<dgram.Socket | undefined> =>
  new Promise((resolve) => {
    const socket = dgram.createSocket({ type });
    socket.once('error', () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind(port, () => {
      socket.removeAllListeners('error').on('error', () => undefined);
      resolve(socket);
    });
  });
