import { useQuery } from '@tanstack/react-query';
import { Grid } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Device } from '../../api/devices.js';
import { profileQuery } from '../../api/profiles.js';
import { useRights } from '../../app/session.js';
import { propertyGroups } from '../../thing/property-groups.js';
import { Section } from '../../ui/Page.js';
import { Empty } from '../../ui/states.js';
import { Commands } from './Commands.js';
import { HistoryCard } from './HistoryCard.js';
import { MainReadings, PropertyGroups } from './PropertyGroups.js';

interface DeviceNowProps {
  device: Device;
  zone: string | undefined;
  property: string | undefined;
  range: string | undefined;
  onProperty: (property: string | undefined) => void;
  onRange: (range: string) => void;
}

/** Main values on top, the others at the left, the chosen one's past and the commands beside them: all from the thing model. */
export function DeviceNow({ device, zone, property, range, onProperty, onRange }: DeviceNowProps) {
  const { t } = useTranslation('devices');
  const may = useRights();
  const wide = Grid.useBreakpoint().lg ?? window.innerWidth >= 992;
  const profile = useQuery(profileQuery(device.profile?.hash)).data;
  const thing = device.thing;
  if (!thing) return <Empty icon="device" title={t('noThing.title')} hint={t('noThing.hint')} />;
  const shown = propertyGroups(thing).flatMap(({ properties }) => properties);
  const chosen = shown.find(({ id }) => id === property) ?? (wide ? shown[0] : undefined);
  const history = chosen ? (
    <HistoryCard device={device} property={chosen} range={range} onRange={onRange} zone={zone} framed={wide} />
  ) : null;
  const list = {
    ...{ device, selected: chosen?.id, mayWrite: may('command.issue') },
    onSelect: (id: string) => onProperty(!wide && id === property ? undefined : id),
    derived: profile?.derived,
    beneath: wide ? undefined : () => history,
  };
  const others = shown.some(({ role }) => role !== 'primary');
  const commands = device.state === 'active' && may('command.issue') ? thing.commands : [];
  return (
    <>
      <MainReadings {...list} />
      <div className={others ? 'device-now' : 'device-now device-now-single'}>
        {others ? (
          <div className="device-now-values">
            <PropertyGroups {...list} />
          </div>
        ) : null}
        <div className="device-now-beside">
          {wide ? history : null}
          {commands.length > 0 ? (
            <Section title={t('section.commands')}>
              <Commands device={device} commands={commands} />
            </Section>
          ) : null}
        </div>
      </div>
      {shown.length === 0 && commands.length === 0 ? (
        <Empty icon="device" title={t('eventsOnly.title')} hint={t('eventsOnly.hint')} />
      ) : null}
    </>
  );
}
