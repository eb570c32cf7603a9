export interface SdpTrack {
  /** Such as `video 0 RTP/AVP 96`. */
  readonly media: string;
  readonly kind: string;
  /** Such as `H264`; undefined where the description does not tell. */
  readonly codec: string | undefined;
  /** Address for SETUP, as told: absolute, or relative to the stream's. */
  readonly control: string | undefined;
}

export interface SessionDescription {
  readonly tracks: readonly SdpTrack[];
  readonly control: string | undefined;
}

const fixedPayloads: Readonly<Record<string, string>> = { '0': 'PCMU', '8': 'PCMA', '26': 'JPEG', '33': 'MP2T' };

/** RFC 4566, as far as a viewer needs it; lines that are none are passed over. */
export const parseSdp = (text: string): SessionDescription => {
  const tracks: { media: string; kind: string; codec: string | undefined; control: string | undefined }[] = [];
  let control: string | undefined;
  for (const line of text.split(/\r?\n/).slice(0, 500)) {
    const track = tracks.at(-1);
    if (line.startsWith('m=')) {
      const [kind = '', , , payload = ''] = line.slice(2).split(/\s+/);
      tracks.push({ media: line.slice(2, 102), kind, codec: fixedPayloads[payload], control: undefined });
    } else if (line.startsWith('a=control:')) {
      if (track) track.control = line.slice(10).trim();
      else control = line.slice(10).trim();
    } else if (line.startsWith('a=rtpmap:') && track) {
      track.codec ??= /^a=rtpmap:\d+\s+([\w.-]{1,32})/.exec(line)?.[1]?.toUpperCase();
    }
  }
  return { tracks, control };
};
