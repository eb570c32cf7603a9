import type { CameraState } from './camera-state.js';
import { attributeOf, envelope, fault, textOf, xml } from './soap.js';

export interface CameraIdentity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly hardware: string;
}

export interface OperationContext {
  readonly state: CameraState;
  readonly identity: CameraIdentity;
  /** `http://host:port`, as the client reached it. */
  readonly baseUrl: string;
  readonly streamUrl: string | undefined;
  readonly path: string;
  readonly reboot: () => void;
}

type Operation = (request: string, context: OperationContext) => string | Promise<string>;

const services = {
  device: '/onvif/device_service',
  media: '/onvif/media_service',
  ptz: '/onvif/ptz_service',
  events: '/onvif/event_service',
} as const;

const isoTime = (ms: number) => new Date(ms).toISOString();

const dateTime = (ms: number): string => {
  const d = new Date(ms);
  return (
    `<tt:Time><tt:Hour>${d.getUTCHours()}</tt:Hour><tt:Minute>${d.getUTCMinutes()}</tt:Minute><tt:Second>${d.getUTCSeconds()}</tt:Second></tt:Time>` +
    `<tt:Date><tt:Year>${d.getUTCFullYear()}</tt:Year><tt:Month>${d.getUTCMonth() + 1}</tt:Month><tt:Day>${d.getUTCDate()}</tt:Day></tt:Date>`
  );
};

const profileXml = (tag: string) =>
  `<trt:${tag} token="main" fixed="true"><tt:Name>main</tt:Name>` +
  '<tt:VideoSourceConfiguration token="vsc"><tt:Name>vsc</tt:Name><tt:UseCount>1</tt:UseCount><tt:SourceToken>vs</tt:SourceToken><tt:Bounds x="0" y="0" width="640" height="360"/></tt:VideoSourceConfiguration>' +
  '<tt:VideoEncoderConfiguration token="vec"><tt:Name>vec</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>640</tt:Width><tt:Height>360</tt:Height></tt:Resolution><tt:Quality>4</tt:Quality>' +
  '<tt:RateControl><tt:FrameRateLimit>12</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>400</tt:BitrateLimit></tt:RateControl>' +
  '<tt:H264><tt:GovLength>24</tt:GovLength><tt:H264Profile>Baseline</tt:H264Profile></tt:H264><tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration>' +
  '<tt:PTZConfiguration token="ptz"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>node</tt:NodeToken><tt:DefaultPTZTimeout>PT10S</tt:DefaultPTZTimeout></tt:PTZConfiguration>' +
  `</trt:${tag}>`;

const vector = (request: string, tag: string): { pan?: number; tilt?: number; zoom?: number } => {
  const part = new RegExp(`<(?:[\\w-]+:)?${tag}[ >][\\s\\S]*?</(?:[\\w-]+:)?${tag}>`).exec(request)?.[0] ?? '';
  const number = (element: string, attribute: string) => {
    const text = attributeOf(part, element, attribute);
    return text === undefined ? undefined : Number(text);
  };
  const pan = number('PanTilt', 'x');
  const tilt = number('PanTilt', 'y');
  const zoom = number('Zoom', 'x');
  return {
    ...(pan === undefined ? {} : { pan }),
    ...(tilt === undefined ? {} : { tilt }),
    ...(zoom === undefined ? {} : { zoom }),
  };
};

const reply = (prefix: string, name: string, inner = '') =>
  envelope(`<${prefix}:${name}Response>${inner}</${prefix}:${name}Response>`);

/** ISO 8601 duration of seconds and minutes, in ms. */
const durationMs = (text: string | undefined): number => {
  const match = /^PT(?:(\d+)M)?(?:([\d.]+)S)?$/.exec(text ?? '');
  return match ? Number(match[1] ?? 0) * 60_000 + Number(match[2] ?? 0) * 1000 : 1000;
};

const capabilityXml = (base: string) =>
  `<tds:Capabilities><tt:Device><tt:XAddr>${base}${services.device}</tt:XAddr></tt:Device>` +
  `<tt:Events><tt:XAddr>${base}${services.events}</tt:XAddr><tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport><tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport></tt:Events>` +
  `<tt:Media><tt:XAddr>${base}${services.media}</tt:XAddr><tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities></tt:Media>` +
  `<tt:PTZ><tt:XAddr>${base}${services.ptz}</tt:XAddr></tt:PTZ></tds:Capabilities>`;

const serviceXml = (base: string) =>
  [
    ['http://www.onvif.org/ver10/device/wsdl', services.device],
    ['http://www.onvif.org/ver10/media/wsdl', services.media],
    ['http://www.onvif.org/ver20/ptz/wsdl', services.ptz],
    ['http://www.onvif.org/ver10/events/wsdl', services.events],
  ]
    .map(
      ([namespace, path]) =>
        `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>${base}${path}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>`,
    )
    .join('');

/** ONVIF Core, Media, PTZ and Event services, as far as a viewer and a hub use them. Operations by their local name. */
export const operations: Readonly<Record<string, Operation>> = {
  GetSystemDateAndTime: (_request, { state }) =>
    reply(
      'tds',
      'GetSystemDateAndTime',
      `<tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone><tt:UTCDateTime>${dateTime(state.now())}</tt:UTCDateTime></tds:SystemDateAndTime>`,
    ),
  SetSystemDateAndTime: (request, { state }) => {
    const part = (name: string) => Number(textOf(request, name));
    const ms = Date.UTC(part('Year'), part('Month') - 1, part('Day'), part('Hour'), part('Minute'), part('Second'));
    if (Number.isFinite(ms)) state.clockSkewMs += ms - state.now();
    return reply('tds', 'SetSystemDateAndTime');
  },
  GetDeviceInformation: (_request, { identity }) =>
    reply(
      'tds',
      'GetDeviceInformation',
      `<tds:Manufacturer>${xml(identity.manufacturer)}</tds:Manufacturer><tds:Model>${xml(identity.model)}</tds:Model><tds:FirmwareVersion>${xml(identity.firmware)}</tds:FirmwareVersion><tds:SerialNumber>${xml(identity.serial)}</tds:SerialNumber><tds:HardwareId>${xml(identity.hardware)}</tds:HardwareId>`,
    ),
  GetCapabilities: (_request, { baseUrl }) => reply('tds', 'GetCapabilities', capabilityXml(baseUrl)),
  GetServices: (_request, { baseUrl }) => reply('tds', 'GetServices', serviceXml(baseUrl)),
  GetScopes: (_request, { identity }) =>
    reply(
      'tds',
      'GetScopes',
      [
        `name/${encodeURIComponent(identity.model)}`,
        `hardware/${encodeURIComponent(identity.hardware)}`,
        'type/video_encoder',
        'type/ptz',
      ]
        .map(
          (scope) =>
            `<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>onvif://www.onvif.org/${scope}</tt:ScopeItem></tds:Scopes>`,
        )
        .join(''),
    ),
  GetHostname: () =>
    reply(
      'tds',
      'GetHostname',
      '<tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>camera</tt:Name></tds:HostnameInformation>',
    ),
  SystemReboot: (_request, { reboot }) => {
    reboot();
    return reply('tds', 'SystemReboot', '<tds:Message>Rebooting in 1 second</tds:Message>');
  },
  GetProfiles: () => reply('trt', 'GetProfiles', profileXml('Profiles')),
  GetProfile: () => reply('trt', 'GetProfile', profileXml('Profile')),
  GetVideoSources: () =>
    reply(
      'trt',
      'GetVideoSources',
      '<trt:VideoSources token="vs"><tt:Framerate>12</tt:Framerate><tt:Resolution><tt:Width>640</tt:Width><tt:Height>360</tt:Height></tt:Resolution></trt:VideoSources>',
    ),
  GetStreamUri: (_request, { streamUrl }) =>
    streamUrl
      ? reply(
          'trt',
          'GetStreamUri',
          `<trt:MediaUri><tt:Uri>${xml(streamUrl)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>`,
        )
      : fault('Receiver', 'NoStream', 'The stream programs are missing on this machine'),
  GetSnapshotUri: (_request, { baseUrl }) =>
    reply(
      'trt',
      'GetSnapshotUri',
      `<trt:MediaUri><tt:Uri>${baseUrl}/snapshot.jpg</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>`,
    ),
  GetNodes: () =>
    reply(
      'tptz',
      'GetNodes',
      '<tptz:PTZNode token="node" FixedHomePosition="false"><tt:Name>node</tt:Name><tt:MaximumNumberOfPresets>16</tt:MaximumNumberOfPresets><tt:HomeSupported>false</tt:HomeSupported></tptz:PTZNode>',
    ),
  GetConfigurations: () =>
    reply(
      'tptz',
      'GetConfigurations',
      '<tptz:PTZConfiguration token="ptz"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>node</tt:NodeToken></tptz:PTZConfiguration>',
    ),
  GetStatus: (_request, { state }) => {
    const { pan, tilt, zoom } = state.position;
    const status = state.moving ? 'MOVING' : 'IDLE';
    return reply(
      'tptz',
      'GetStatus',
      `<tptz:PTZStatus><tt:Position><tt:PanTilt x="${pan.toFixed(4)}" y="${tilt.toFixed(4)}"/><tt:Zoom x="${zoom.toFixed(4)}"/></tt:Position><tt:MoveStatus><tt:PanTilt>${status}</tt:PanTilt><tt:Zoom>${status}</tt:Zoom></tt:MoveStatus><tt:UtcTime>${isoTime(state.now())}</tt:UtcTime></tptz:PTZStatus>`,
    );
  },
  ContinuousMove: (request, { state }) => {
    state.move(vector(request, 'Velocity'));
    return reply('tptz', 'ContinuousMove');
  },
  AbsoluteMove: (request, { state }) => {
    state.goTo(vector(request, 'Position'));
    return reply('tptz', 'AbsoluteMove');
  },
  RelativeMove: (request, { state }) => {
    const by = vector(request, 'Translation');
    const from = state.position;
    state.goTo({ pan: from.pan + (by.pan ?? 0), tilt: from.tilt + (by.tilt ?? 0), zoom: from.zoom + (by.zoom ?? 0) });
    return reply('tptz', 'RelativeMove');
  },
  Stop: (_request, { state }) => {
    state.stop();
    return reply('tptz', 'Stop');
  },
  GetPresets: (_request, { state }) =>
    reply(
      'tptz',
      'GetPresets',
      [...state.presets]
        .map(([token, { name }]) => `<tptz:Preset token="${xml(token)}"><tt:Name>${xml(name)}</tt:Name></tptz:Preset>`)
        .join(''),
    ),
  SetPreset: (request, { state }) => {
    const token = state.setPreset(textOf(request, 'PresetName') ?? 'preset', textOf(request, 'PresetToken'));
    return reply('tptz', 'SetPreset', `<tptz:PresetToken>${xml(token)}</tptz:PresetToken>`);
  },
  GotoPreset: (request, { state }) => {
    const preset = state.presets.get(textOf(request, 'PresetToken') ?? '');
    if (!preset) return fault('Sender', 'NoToken', 'The requested preset does not exist');
    state.goTo(preset.position);
    return reply('tptz', 'GotoPreset');
  },
  RemovePreset: (request, { state }) =>
    state.presets.delete(textOf(request, 'PresetToken') ?? '')
      ? reply('tptz', 'RemovePreset')
      : fault('Sender', 'NoToken', 'The requested preset does not exist'),
  GetEventProperties: () =>
    reply(
      'tev',
      'GetEventProperties',
      '<tev:TopicNamespaceLocation>http://www.onvif.org/onvif/ver10/topics/topicns.xml</tev:TopicNamespaceLocation><wsnt:FixedTopicSet>true</wsnt:FixedTopicSet>',
    ),
  CreatePullPointSubscription: (_request, { state, baseUrl }) => {
    const id = state.subscribe();
    return reply(
      'tev',
      'CreatePullPointSubscription',
      `<tev:SubscriptionReference><wsa:Address>${baseUrl}/onvif/pullpoint/${id}</wsa:Address></tev:SubscriptionReference><wsnt:CurrentTime>${isoTime(state.now())}</wsnt:CurrentTime><wsnt:TerminationTime>${isoTime(state.now() + 600_000)}</wsnt:TerminationTime>`,
    );
  },
  PullMessages: async (request, { state, path }) => {
    const id = path.split('/').pop() ?? '';
    const timeoutMs = Math.min(10_000, durationMs(textOf(request, 'Timeout')));
    const events = await state.pull(id, timeoutMs, Number(textOf(request, 'MessageLimit') ?? 10));
    if (!events) return fault('Sender', 'ResourceUnknown', 'The subscription does not exist');
    const messages = events.map(
      (e) =>
        `<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">${xml(e.topic)}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="${isoTime(e.at)}" PropertyOperation="Changed"><tt:Source><tt:SimpleItem Name="VideoSourceToken" Value="${xml(e.source)}"/></tt:Source><tt:Data><tt:SimpleItem Name="${xml(e.name)}" Value="${xml(e.value)}"/></tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`,
    );
    return reply(
      'tev',
      'PullMessages',
      `<tev:CurrentTime>${isoTime(state.now())}</tev:CurrentTime><tev:TerminationTime>${isoTime(state.now() + 600_000)}</tev:TerminationTime>${messages.join('')}`,
    );
  },
  Renew: (_request, { state }) =>
    envelope(
      `<wsnt:RenewResponse><wsnt:TerminationTime>${isoTime(state.now() + 600_000)}</wsnt:TerminationTime><wsnt:CurrentTime>${isoTime(state.now())}</wsnt:CurrentTime></wsnt:RenewResponse>`,
    ),
  Unsubscribe: (_request, { state, path }) => {
    state.unsubscribe(path.split('/').pop() ?? '');
    return envelope('<wsnt:UnsubscribeResponse/>');
  },
};

/** Operations that answer strangers too (ONVIF Core, access class PRE_AUTH). */
export const openOperations: ReadonlySet<string> = new Set([
  'GetSystemDateAndTime',
  'GetCapabilities',
  'GetServices',
  'GetHostname',
]);
