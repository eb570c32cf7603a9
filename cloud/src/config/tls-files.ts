import { readFile } from 'node:fs/promises';
import { HubError } from '@hallhub/shared';
import type { CloudConfig } from './read-config.js';

/** PEM texts of the built-in broker. Errors: `configuration`, naming the setting and the file. */
export const readTlsFiles = async (
  files: CloudConfig['mqttTls'],
): Promise<{ tls?: { readonly cert: string; readonly key: string } }> => {
  if (files === null) return {};
  const cert = await readPem('HALLHUB_MQTT_TLS_CERT', files.certFile);
  const key = await readPem('HALLHUB_MQTT_TLS_KEY', files.keyFile);
  return { tls: { cert, key } };
};

/** PEM texts for the connection to a broker of one's own. Errors: as above. */
export const readMqttClientFiles = async ({
  ca,
  cert,
  key,
}: CloudConfig['mqttClient']): Promise<{ readonly ca?: string; readonly cert?: string; readonly key?: string }> => ({
  ...(ca === null ? {} : { ca: await readPem('HALLHUB_MQTT_CA', ca) }),
  ...(cert === null ? {} : { cert: await readPem('HALLHUB_MQTT_CERT', cert) }),
  ...(key === null ? {} : { key: await readPem('HALLHUB_MQTT_KEY', key) }),
});

const readPem = async (setting: string, file: string): Promise<string> => {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HubError('configuration', `${setting}: ${file} cannot be read: ${(cause as Error).message}`, { cause });
  }
};
