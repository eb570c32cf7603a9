import { unitTopics } from '@hallhub/shared/wire';
import { readTlsFiles } from '../config/tls-files.js';
import { RefusalJournal, secureAdmission } from '../listeners/index.js';
import { revocationLists } from '../modules/pki/index.js';
import { FloodAlarm, keepBrokerFiles, openCloudLink, watchUnitPorts } from '../mqtt/index.js';
import type { Core } from './open-core.js';
import type { OpenedParts } from './opened-parts.js';

export type UnitLink = Awaited<ReturnType<typeof openUnitLink>>;

/** Units over MQTT: a broker of our own or the operator's, and what watches over those who knock. */
export const openUnitLink = async (core: Core, opened: OpenedParts) => {
  const { config, log, clock, db, live, pki, metrics } = core;
  const refusals = opened.keep(new RefusalJournal({ database: db, tenantId: core.tenantId, clock, log }));
  const floods = opened.keep(new FloodAlarm(core.deps));
  const unitPorts = watchUnitPorts(metrics, {
    onRefused: (refusal) => refusals.note(refusal),
    onFlood: (unitId, turn) => {
      log.warn({ unitId, turn }, 'a unit sends more than it may');
      floods.note(unitId, turn);
    },
  });
  const admission = secureAdmission(config.unitHandshakesPerSecond);
  const { mqttsPort, unitNetworks: networks } = config;
  const revoked = revocationLists(db, clock, pki);
  // Before the connection: a broker that has none of these files yet cannot start.
  if (config.brokerFilesDir !== null) {
    opened.keep(await keepBrokerFiles({ folder: config.brokerFilesDir, pki, revocationLists: revoked, clock, log }));
  }
  const link = opened.keep(
    await openCloudLink({
      ...{ database: db, clock, live, log, metrics, telemetry: core.telemetry, spans: core.spans },
      mqtt:
        config.mqttUrl === null
          ? {
              ...{ host: config.mqttHost, port: config.mqttPort, networks, ...(await readTlsFiles(config.mqttTls)) },
              ...(mqttsPort === null ? {} : { secure: { host: config.host, port: mqttsPort, pki, admission } }),
            }
          : { url: config.mqttUrl, tls: core.mqttClientTls },
      watch: unitPorts,
      trustVersion: () => pki.trust().version,
    }),
  );
  /** What the unit knows of its cameras is old. */
  const nudge = (unitId: string) => link.tell(unitTopics.downVision(unitId), { v: 1, at: clock.now() });
  return { link, nudge, unitPorts, admission, revoked };
};
