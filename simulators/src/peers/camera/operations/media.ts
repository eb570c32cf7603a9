import type { CameraFeatures } from '../camera-features.js';
import { fault, reply, textOf, xml } from '../soap.js';
import type { OperationContext, Operations } from './operation.js';

/** Two profiles: main, and sub of half its size. */
const streams = ({ video }: CameraFeatures) => [
  { token: 'main', ...video },
  {
    token: 'sub',
    width: video.width >> 1,
    height: video.height >> 1,
    frameRate: video.frameRate,
    bitrateKbps: video.bitrateKbps >> 1,
  },
];
type Stream = ReturnType<typeof streams>[number];

const sourceParts = ({ video }: CameraFeatures) =>
  `<tt:Name>vsc</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>vs</tt:SourceToken><tt:Bounds x="0" y="0" width="${video.width}" height="${video.height}"/>`;
const ptzParts =
  '<tt:Name>ptz</tt:Name><tt:UseCount>2</tt:UseCount><tt:NodeToken>node</tt:NodeToken><tt:DefaultPTZTimeout>PT10S</tt:DefaultPTZTimeout>';
const size = ({ width, height }: Stream) =>
  `<tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution>`;

const profile1 = (tag: string, stream: Stream, features: CameraFeatures) =>
  `<trt:${tag} token="${stream.token}" fixed="true"><tt:Name>${stream.token}</tt:Name>` +
  `<tt:VideoSourceConfiguration token="vsc">${sourceParts(features)}</tt:VideoSourceConfiguration>` +
  (features.audio
    ? '<tt:AudioSourceConfiguration token="asc"><tt:Name>asc</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>as</tt:SourceToken></tt:AudioSourceConfiguration>'
    : '') +
  `<tt:VideoEncoderConfiguration token="vec-${stream.token}"><tt:Name>vec</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>${size(stream)}<tt:Quality>4</tt:Quality>` +
  `<tt:RateControl><tt:FrameRateLimit>${stream.frameRate}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>${stream.bitrateKbps}</tt:BitrateLimit></tt:RateControl>` +
  '<tt:H264><tt:GovLength>24</tt:GovLength><tt:H264Profile>Baseline</tt:H264Profile></tt:H264><tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration>' +
  (features.audio
    ? '<tt:AudioEncoderConfiguration token="aec"><tt:Name>aec</tt:Name><tt:UseCount>2</tt:UseCount><tt:Encoding>G711</tt:Encoding><tt:Bitrate>64</tt:Bitrate><tt:SampleRate>8</tt:SampleRate><tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:AudioEncoderConfiguration>'
    : '') +
  (features.ptz ? `<tt:PTZConfiguration token="ptz">${ptzParts}</tt:PTZConfiguration>` : '') +
  `</trt:${tag}>`;

const profile2 = (stream: Stream, features: CameraFeatures) =>
  `<tr2:Profiles token="${stream.token}" fixed="true"><tr2:Name>${stream.token}</tr2:Name><tr2:Configurations>` +
  `<tr2:VideoSource token="vsc">${sourceParts(features)}</tr2:VideoSource>` +
  `<tr2:VideoEncoder token="vec-${stream.token}" GovLength="24" Profile="Baseline"><tt:Name>vec</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>${size(stream)}` +
  `<tt:RateControl><tt:FrameRateLimit>${stream.frameRate}</tt:FrameRateLimit><tt:BitrateLimit>${stream.bitrateKbps}</tt:BitrateLimit></tt:RateControl><tt:Quality>4</tt:Quality></tr2:VideoEncoder>` +
  (features.audio
    ? '<tr2:AudioEncoder token="aec"><tt:Name>aec</tt:Name><tt:UseCount>2</tt:UseCount><tt:Encoding>PCMA</tt:Encoding><tt:Bitrate>64</tt:Bitrate><tt:SampleRate>8</tt:SampleRate></tr2:AudioEncoder>'
    : '') +
  (features.ptz ? `<tr2:PTZ token="ptz">${ptzParts}</tr2:PTZ>` : '') +
  '</tr2:Configurations></tr2:Profiles>';

const noProfile = () => fault('Sender', 'NoProfile', 'The requested profile token does not exist');
const noStream = () => fault('Receiver', 'NoStream', 'The stream programs are missing on this machine');
const isProfile = (request: string, { features }: OperationContext) =>
  streams(features).some(({ token }) => token === textOf(request, 'ProfileToken'));
const streamUri = (request: string, { streamUrl, subStreamUrl }: OperationContext) =>
  textOf(request, 'ProfileToken') === 'sub' ? subStreamUrl : streamUrl;
const uri1 = (address: string) =>
  `<trt:MediaUri><tt:Uri>${xml(address)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>`;

export const mediaOperations: Operations = {
  GetProfiles: (_request, { features }) =>
    reply(
      'trt',
      'GetProfiles',
      streams(features)
        .map((stream) => profile1('Profiles', stream, features))
        .join(''),
    ),
  GetProfile: (request, { features }) => {
    const stream = streams(features).find(({ token }) => token === textOf(request, 'ProfileToken'));
    return stream ? reply('trt', 'GetProfile', profile1('Profile', stream, features)) : noProfile();
  },
  GetVideoSources: (_request, { features: { video } }) =>
    reply(
      'trt',
      'GetVideoSources',
      `<trt:VideoSources token="vs"><tt:Framerate>${video.frameRate}</tt:Framerate><tt:Resolution><tt:Width>${video.width}</tt:Width><tt:Height>${video.height}</tt:Height></tt:Resolution></trt:VideoSources>`,
    ),
  GetStreamUri: (request, context) => {
    if (!isProfile(request, context)) return noProfile();
    const address = streamUri(request, context);
    return address ? reply('trt', 'GetStreamUri', uri1(address)) : noStream();
  },
  GetSnapshotUri: (request, context) =>
    isProfile(request, context) ? reply('trt', 'GetSnapshotUri', uri1(`${context.baseUrl}/snapshot.jpg`)) : noProfile(),
};

export const media2Operations: Operations = {
  GetProfiles: (request, { features }) => {
    const wanted = textOf(request, 'Token');
    const list = streams(features).filter(({ token }) => wanted === undefined || token === wanted);
    return list.length > 0
      ? reply('tr2', 'GetProfiles', list.map((stream) => profile2(stream, features)).join(''))
      : noProfile();
  },
  GetStreamUri: (request, context) => {
    if (!isProfile(request, context)) return noProfile();
    const address = streamUri(request, context);
    return address ? reply('tr2', 'GetStreamUri', `<tr2:Uri>${xml(address)}</tr2:Uri>`) : noStream();
  },
  GetSnapshotUri: (request, context) =>
    isProfile(request, context)
      ? reply('tr2', 'GetSnapshotUri', `<tr2:Uri>${context.baseUrl}/snapshot.jpg</tr2:Uri>`)
      : noProfile(),
};
