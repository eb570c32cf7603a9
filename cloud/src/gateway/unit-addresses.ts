import type { CloudConfig } from '../config/read-config.js';
import type { UnitAddresses } from '../modules/enrolment/index.js';

const brokerPort = 8_883;

/** What units are told to dial: what the operator says, else the first of their host names with the port that was opened. */
export const unitAddresses = (
  config: Pick<CloudConfig, 'unitHosts' | 'mqttUrl' | 'unitMqttUrl' | 'unitGatewayUrl' | 'mqttsPort' | 'unitPort'>,
  opened: { readonly gateway: string | null; readonly mqtts: string | null },
): UnitAddresses => {
  const [name = '127.0.0.1'] = config.unitHosts;
  const host = name.includes(':') ? `[${name}]` : name;
  const portOf = (url: string | null, otherwise: number | null): number => Number(url ? new URL(url).port : otherwise);
  const ownBroker = config.mqttUrl === null ? null : new URL(config.mqttUrl);
  return {
    gateway: config.unitGatewayUrl ?? `https://${host}:${portOf(opened.gateway, config.unitPort)}`,
    mqtts:
      config.unitMqttUrl ??
      (ownBroker
        ? `mqtts://${ownBroker.hostname}:${ownBroker.protocol === 'mqtts:' && ownBroker.port ? ownBroker.port : brokerPort}`
        : `mqtts://${host}:${portOf(opened.mqtts, config.mqttsPort)}`),
  };
};
