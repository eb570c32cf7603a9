import { fault, reply, textOf, xml } from '../soap.js';
import { type Operations, offers, type ServiceName, services } from './operation.js';

const dateTime = (ms: number): string => {
  const d = new Date(ms);
  return (
    `<tt:Time><tt:Hour>${d.getUTCHours()}</tt:Hour><tt:Minute>${d.getUTCMinutes()}</tt:Minute><tt:Second>${d.getUTCSeconds()}</tt:Second></tt:Time>` +
    `<tt:Date><tt:Year>${d.getUTCFullYear()}</tt:Year><tt:Month>${d.getUTCMonth() + 1}</tt:Month><tt:Day>${d.getUTCDate()}</tt:Day></tt:Date>`
  );
};

/** By GetCapabilities, in the order of tt:Capabilities; what came later is in its extension. */
const capabilities = (base: string, category: string, offered: (service: ServiceName) => boolean): string => {
  const has = (service: ServiceName) => offered(service) && (category === 'All' || category.toLowerCase() === service);
  const address = (service: ServiceName) => `<tt:XAddr>${base}${services[service][1]}</tt:XAddr>`;
  const part = (service: ServiceName, tag: string, more = '') =>
    has(service) ? `<tt:${tag}>${address(service)}${more}</tt:${tag}>` : '';
  return (
    `<tds:Capabilities>${part('device', 'Device')}` +
    part(
      'events',
      'Events',
      '<tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport><tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport>',
    ) +
    part('imaging', 'Imaging') +
    part(
      'media',
      'Media',
      '<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP><tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities>',
    ) +
    part('ptz', 'PTZ') +
    (has('deviceIo')
      ? `<tt:Extension><tt:DeviceIO>${address('deviceIo')}<tt:VideoSources>1</tt:VideoSources><tt:VideoOutputs>0</tt:VideoOutputs><tt:AudioSources>1</tt:AudioSources><tt:AudioOutputs>0</tt:AudioOutputs><tt:RelayOutputs>2</tt:RelayOutputs></tt:DeviceIO></tt:Extension>`
      : '') +
    '</tds:Capabilities>'
  );
};

/** ONVIF Core: the device service, and the inputs of the DeviceIO service. */
export const deviceOperations: Operations = {
  GetSystemDateAndTime: (_request, { state }) =>
    reply(
      'tds',
      'GetSystemDateAndTime',
      `<tds:SystemDateAndTime><tt:DateTimeType>${state.clockSource}</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>${xml(state.timeZone)}</tt:TZ></tt:TimeZone><tt:UTCDateTime>${dateTime(state.now())}</tt:UTCDateTime></tds:SystemDateAndTime>`,
    ),
  SetSystemDateAndTime: (request, { state }) => {
    const source = textOf(request, 'DateTimeType');
    if (source === 'NTP' || source === 'Manual') state.clockSource = source;
    state.timeZone = textOf(request, 'TZ') ?? state.timeZone;
    const part = (name: string) => Number(textOf(request, name));
    const ms = Date.UTC(part('Year'), part('Month') - 1, part('Day'), part('Hour'), part('Minute'), part('Second'));
    if (Number.isFinite(ms)) {
      const byMs = ms - state.now();
      state.clockSkewMs += byMs;
      state.events.shift(byMs);
    }
    return reply('tds', 'SetSystemDateAndTime');
  },
  GetDeviceInformation: (_request, { identity }) =>
    reply(
      'tds',
      'GetDeviceInformation',
      `<tds:Manufacturer>${xml(identity.manufacturer)}</tds:Manufacturer><tds:Model>${xml(identity.model)}</tds:Model><tds:FirmwareVersion>${xml(identity.firmware)}</tds:FirmwareVersion><tds:SerialNumber>${xml(identity.serial)}</tds:SerialNumber><tds:HardwareId>${xml(identity.hardware)}</tds:HardwareId>`,
    ),
  GetCapabilities: (request, { baseUrl, features }) =>
    reply(
      'tds',
      'GetCapabilities',
      capabilities(baseUrl, textOf(request, 'Category') ?? 'All', (service) => offers(features, service)),
    ),
  GetServices: (_request, { baseUrl, features }) =>
    reply(
      'tds',
      'GetServices',
      (Object.keys(services) as ServiceName[])
        .filter((service) => offers(features, service))
        .map(
          (service) =>
            `<tds:Service><tds:Namespace>${services[service][0]}</tds:Namespace><tds:XAddr>${baseUrl}${services[service][1]}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>`,
        )
        .join(''),
    ),
  GetScopes: (_request, { identity, features }) =>
    reply(
      'tds',
      'GetScopes',
      [
        `name/${encodeURIComponent(identity.model)}`,
        `hardware/${encodeURIComponent(identity.hardware)}`,
        'type/video_encoder',
        ...(features.ptz ? ['type/ptz'] : []),
      ]
        .map(
          (scope) =>
            `<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>onvif://www.onvif.org/${scope}</tt:ScopeItem></tds:Scopes>`,
        )
        .join(''),
    ),
  GetEndpointReference: (_request, { endpointReference }) =>
    endpointReference
      ? reply('tds', 'GetEndpointReference', `<tds:GUID>${xml(endpointReference.replace(/^urn:uuid:/, ''))}</tds:GUID>`)
      : fault('Receiver', 'ActionNotSupported', 'Optional Action Not Implemented'),
  GetHostname: (_request, { state }) =>
    reply(
      'tds',
      'GetHostname',
      `<tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>${xml(state.hostname)}</tt:Name></tds:HostnameInformation>`,
    ),
  SetHostname: (request, { state }) => {
    const name = textOf(request, 'Name') ?? '';
    if (!/^[A-Za-z0-9-]{1,63}$/.test(name)) return fault('Sender', 'InvalidHostname', 'The host name is not valid');
    state.hostname = name;
    return reply('tds', 'SetHostname', '<tds:RebootNeeded>false</tds:RebootNeeded>');
  },
  GetNetworkInterfaces: (_request, { identity }) => {
    const mac = Buffer.from(identity.serial.padEnd(6, '0')).subarray(-5).toString('hex').match(/../g)?.join(':');
    return reply(
      'tds',
      'GetNetworkInterfaces',
      `<tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>02:${mac}</tt:HwAddress></tt:Info></tds:NetworkInterfaces>`,
    );
  },
  SystemReboot: (_request, { reboot }) => {
    reboot();
    return reply('tds', 'SystemReboot', '<tds:Message>Rebooting in 1 second</tds:Message>');
  },
  GetRelayOutputs: (_request, { features }) =>
    reply(
      'tds',
      'GetRelayOutputs',
      features.relays
        .map(
          (token) =>
            `<tds:RelayOutputs token="${xml(token)}"><tt:Properties><tt:Mode>Bistable</tt:Mode><tt:DelayTime>PT0S</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties></tds:RelayOutputs>`,
        )
        .join(''),
    ),
  SetRelayOutputState: (request, { state, features }) => {
    const token = textOf(request, 'RelayOutputToken') ?? '';
    if (!features.relays.includes(token)) return fault('Sender', 'RelayToken', 'Unknown relay token reference');
    state.setRelay(token, textOf(request, 'LogicalState') === 'active');
    return reply('tds', 'SetRelayOutputState');
  },
  GetDigitalInputs: (_request, { features }) =>
    reply(
      'tmd',
      'GetDigitalInputs',
      features.inputs.map((token) => `<tmd:DigitalInputs token="${xml(token)}"/>`).join(''),
    ),
};

/** Operations that answer strangers too (ONVIF Core, access class PRE_AUTH). */
export const openOperations: ReadonlySet<string> = new Set([
  'GetSystemDateAndTime',
  'GetCapabilities',
  'GetServices',
  'GetHostname',
  'GetEndpointReference',
]);
