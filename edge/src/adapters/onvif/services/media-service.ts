import { isHubError } from '@hallhub/shared';
import type { XmlNode } from '../soap/xml-node.js';
import type { Camera } from './camera.js';
import { profileTag, schema } from './onvif-xml.js';

export interface VideoEncoding {
  readonly encoding: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly frameRate: number | undefined;
  readonly bitrateKbps: number | undefined;
}

export interface MediaProfile extends VideoEncoding {
  readonly token: string;
  readonly name: string;
  readonly hasPtz: boolean;
  /** Imaging settings belong to it. */
  readonly videoSource: string | undefined;
  readonly audioEncoding: string | undefined;
}

export type MediaVersion = 'media2' | 'media1';
export type StreamTransport = 'tcp' | 'udp';

export interface MediaCatalogue {
  readonly version: MediaVersion;
  readonly profiles: readonly MediaProfile[];
}

const maxProfiles = 64;

/** Media profiles by Media2 where the camera offers it (it alone tells of H.265), else by Media1. */
export const mediaCatalogue = async (camera: Camera, signal: AbortSignal): Promise<MediaCatalogue> => {
  if (await camera.serviceAddress('media2', signal)) {
    try {
      const reply = await camera.call('media2', 'GetProfiles', '<Type>All</Type>', { signal });
      return { version: 'media2', profiles: reply.all('Profiles').slice(0, maxProfiles).flatMap(media2Profile) };
    } catch (error) {
      // Some announce a service that they do not have.
      if (!isHubError(error, 'unsupported')) throw error;
    }
  }
  const reply = await camera.call('media', 'GetProfiles', '', { signal });
  return { version: 'media1', profiles: reply.all('Profiles').slice(0, maxProfiles).flatMap(media1Profile) };
};

const media1Profile = (node: XmlNode): MediaProfile[] =>
  profile(node, node, {
    encoder: 'VideoEncoderConfiguration',
    source: 'VideoSourceConfiguration',
    audio: 'AudioEncoderConfiguration',
    ptz: 'PTZConfiguration',
  });

const media2Profile = (node: XmlNode): MediaProfile[] =>
  profile(node, node.at('Configurations'), {
    encoder: 'VideoEncoder',
    source: 'VideoSource',
    audio: 'AudioEncoder',
    ptz: 'PTZ',
  });

const profile = (
  node: XmlNode,
  parts: XmlNode | undefined,
  names: { encoder: string; source: string; audio: string; ptz: string },
): MediaProfile[] => {
  const token = node.attribute('token');
  if (!token) return [];
  const encoder = parts?.at(names.encoder);
  return [
    {
      token,
      name: (node.textAt('Name') ?? token).slice(0, 100),
      encoding: encoder?.textAt('Encoding')?.slice(0, 32),
      width: encoder?.numberAt('Resolution', 'Width'),
      height: encoder?.numberAt('Resolution', 'Height'),
      frameRate: encoder?.numberAt('RateControl', 'FrameRateLimit'),
      bitrateKbps: encoder?.numberAt('RateControl', 'BitrateLimit'),
      hasPtz: parts?.at(names.ptz) !== undefined,
      videoSource: parts?.textAt(names.source, 'SourceToken'),
      audioEncoding: parts?.textAt(names.audio, 'Encoding')?.slice(0, 32),
    },
  ];
};

/** The stream's address, without a password. */
export const streamUri = async (
  camera: Camera,
  version: MediaVersion,
  token: string,
  { transport = 'tcp', signal }: { transport?: StreamTransport | undefined; signal: AbortSignal },
): Promise<string> => {
  if (version === 'media2') {
    const protocol = transport === 'tcp' ? 'RTSP' : 'RtspUnicast';
    const reply = await camera.call('media2', 'GetStreamUri', `<Protocol>${protocol}</Protocol>${profileTag(token)}`, {
      signal,
    });
    return camera.reachable(reply.need('Uri').text());
  }
  const protocol = transport === 'tcp' ? 'RTSP' : 'UDP';
  const reply = await camera.call(
    'media',
    'GetStreamUri',
    `<StreamSetup><Stream xmlns="${schema}">RTP-Unicast</Stream><Transport xmlns="${schema}"><Protocol>${protocol}</Protocol></Transport></StreamSetup>` +
      profileTag(token),
    { signal },
  );
  return camera.reachable(reply.need('MediaUri', 'Uri').text());
};

export const snapshotUri = async (
  camera: Camera,
  version: MediaVersion,
  token: string,
  signal: AbortSignal,
): Promise<string> => {
  const service = version === 'media2' ? 'media2' : 'media';
  const reply = await camera.call(service, 'GetSnapshotUri', profileTag(token), { signal });
  return camera.reachable((version === 'media2' ? reply.need('Uri') : reply.need('MediaUri', 'Uri')).text());
};
