import { useTranslation } from 'react-i18next';
import type { Device } from '../../api/devices.js';
import { AppLink } from '../../app/AppLink.js';
import { formatStamp } from '../../format/time.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Section } from '../../ui/Page.js';
import { Facts } from '../parts/Facts.js';
import { DeviceStateMark } from '../parts/marks.js';
import { Reason } from '../parts/Reason.js';
import { useCodeWord } from '../parts/words.js';
import { ProfileFactList } from './ProfileFactList.js';

const known = ['vendor', 'model', 'serial', 'firmware', 'hardware'] as const;

/** Objects such as an address, flattened to names and values. */
function entriesOf(value: unknown): [string, string][] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return [['', String(value)]];
  return Object.entries(value as Record<string, unknown>).flatMap(([name, one]) =>
    one === null || one === undefined ? [] : [[name, typeof one === 'object' ? JSON.stringify(one) : String(one)]],
  );
}

/** Who the device is, how it is reached, and the profile that describes it. */
export function DeviceIdentity({ device }: { device: Device }) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const word = useCodeWord();
  const identity = Object.fromEntries(entriesOf(device.identity));
  return (
    <div className="identity">
      <Section title={t('section.identity')}>
        <div className="card-pad">
          <Facts
            facts={[
              ...known.map((name) =>
                identity[name] ? { label: t(`fact.${name}`), value: <span>{identity[name]}</span> } : null,
              ),
              { label: t('fact.state'), value: <DeviceStateMark state={device.state} /> },
              device.reason ? { label: t('fact.reason'), value: <Reason reason={device.reason} /> } : null,
              { label: t('fact.created'), value: formatStamp(device.createdAt) },
              { label: t('fact.id'), value: <code>{device.id}</code> },
            ]}
          />
        </div>
      </Section>
      <div>
        <Section title={t('section.address')}>
          <div className="card-pad">
            <Facts
              facts={[
                {
                  label: t('fact.unit'),
                  value: <AppLink to={paths.unit(device.unitId)}>{label(device.unitName)}</AppLink>,
                },
                { label: t('fact.protocol'), value: word('protocol', device.protocol) },
                ...entriesOf(device.address).map(([name, value]) => ({
                  label: name || t('fact.address'),
                  value: <code>{value}</code>,
                })),
              ]}
            />
          </div>
        </Section>
        <Section title={t('section.profile')}>
          <div className="card-pad">
            {device.profile ? (
              <ProfileFactList hash={device.profile.hash} />
            ) : (
              <p className="soft">{t('noThing.hint')}</p>
            )}
          </div>
        </Section>
      </div>
    </div>
  );
}
