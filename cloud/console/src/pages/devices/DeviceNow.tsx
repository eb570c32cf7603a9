import { useTranslation } from 'react-i18next';
import type { Device } from '../../api/types.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { Section } from '../../ui/Page.js';
import { Empty } from '../../ui/states.js';
import { RangeChoice } from '../parts/RangeChoice.js';
import { CommandForm } from './CommandForm.js';
import { HistoryChart } from './HistoryChart.js';
import { ValueList } from './ValueList.js';

interface DeviceNowProps {
  device: Device;
  zone: string | undefined;
  property: string | undefined;
  range: string | undefined;
  onProperty: (property: string) => void;
  onRange: (range: string) => void;
}

/** Values at the left, the chosen one's past beside them, commands below: all from the thing model. */
export function DeviceNow({ device, zone, property, range, onProperty, onRange }: DeviceNowProps) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const may = useRights();
  const thing = device.thing;
  if (!thing) return <Empty icon="device" title={t('noThing.title')} hint={t('noThing.hint')} />;
  const chosen =
    thing.properties.find((one) => one.id === property) ??
    thing.properties.find((one) => one.role === 'primary') ??
    thing.properties[0];
  const has = (role: string) => thing.properties.some((one) => one.role === role);
  const list = {
    ...{ device, selected: chosen?.id, onSelect: onProperty },
    mayWrite: may('command.issue'),
  };
  const commands = device.state === 'active' && may('command.issue') ? thing.commands : [];
  return (
    <div className="device-now">
      <div>
        <Section title={t('section.values')}>
          <ValueList {...list} roles={['primary', 'normal']} />
        </Section>
        {has('setting') ? (
          <Section title={t('section.settings')}>
            <ValueList {...list} roles={['setting']} />
          </Section>
        ) : null}
        {has('diagnostic') ? (
          <Section title={t('section.diagnostics')}>
            <ValueList {...list} roles={['diagnostic']} />
          </Section>
        ) : null}
      </div>
      <div>
        {chosen ? (
          <Section
            title={t('history.of', { name: label(chosen.label) })}
            aside={<RangeChoice value={range} onChange={onRange} />}
          >
            <div className="history-card">
              <HistoryChart
                deviceId={device.id}
                present={device.presence === 'online' && !device.stale}
                property={chosen}
                range={range}
                zone={zone}
              />
            </div>
          </Section>
        ) : null}
        {commands.length > 0 ? (
          <Section title={t('section.commands')}>
            <div className="commands">
              {commands.map((command) => (
                <CommandForm key={command.id} device={device} command={command} />
              ))}
            </div>
          </Section>
        ) : null}
      </div>
    </div>
  );
}
