import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isMeant, type PropertyGroup, propertyGroups } from '../../thing/property-groups.js';
import { Section } from '../../ui/Page.js';
import { Empty } from '../../ui/states.js';
import { FilterText } from '../parts/FilterText.js';
import { FoldSection } from './FoldSection.js';
import { PrimaryTiles } from './PrimaryTiles.js';
import { ValueList, type ValueListProps } from './ValueList.js';

type GroupsProps = Omit<ValueListProps, 'properties'>;

/** From so many on, a field to find a reading by its name. */
const leastToFind = 12;

/** All readings and settings of a device but the main ones, group by group, to be found by name. */
export function PropertyGroups(props: GroupsProps) {
  const { t } = useTranslation('devices');
  const [typed, setTyped] = useState<string>();
  const groups = propertyGroups(props.device.thing ?? { properties: [] }).filter(({ key }) => key !== 'primary');
  const count = groups.reduce((sum, { properties }) => sum + properties.length, 0);
  const meant = groups
    .map((group) => ({ ...group, properties: group.properties.filter((one) => isMeant(one, typed ?? '')) }))
    .filter(({ properties }) => properties.length > 0);
  return (
    <>
      {count >= leastToFind ? (
        <div className="find-property">
          <FilterText value={typed} placeholder={t('filter.property')} onChange={setTyped} />
        </div>
      ) : null}
      {meant.map((group) => (
        <Group key={group.key} group={group} finding={Boolean(typed)} {...props} />
      ))}
      {count > 0 && meant.length === 0 ? <Empty title={t('noneMeant.title')} hint={t('noneMeant.hint')} /> : null}
    </>
  );
}

/** The main readings, as tiles. */
export function MainReadings(props: GroupsProps) {
  const main = propertyGroups(props.device.thing ?? { properties: [] }).find(({ key }) => key === 'primary');
  return main ? <PrimaryTiles {...props} properties={main.properties} /> : null;
}

function Group({ group, finding, ...props }: GroupsProps & { group: PropertyGroup; finding: boolean }) {
  const { t } = useTranslation('devices');
  const title = t(`group.${group.key}`);
  if (group.key === 'alerts') return <Alerts group={group} finding={finding} {...props} />;
  const list = <ValueList {...props} properties={group.properties} />;
  if (group.key !== 'diagnostics') return <Section title={title}>{list}</Section>;
  return (
    <FoldSection
      title={title}
      count={group.properties.length}
      open={finding || group.properties.some(({ id }) => id === props.selected)}
    >
      {list}
    </FoldSection>
  );
}

/** Flags that are up come first; while all is well they are one line. */
function Alerts({ group, finding, ...props }: GroupsProps & { group: PropertyGroup; finding: boolean }) {
  const { t } = useTranslation('devices');
  const raised = new Set(props.device.values.filter(({ value }) => value === true).map(({ property }) => property));
  const up = group.properties.filter(({ id }) => raised.has(id));
  const down = group.properties.filter(({ id }) => !raised.has(id));
  const known = group.properties.some(({ id }) => props.device.values.some(({ property }) => property === id));
  return (
    <FoldSection
      title={t('group.alerts')}
      count={group.properties.length}
      note={up.length > 0 ? t('alerts.some', { count: up.length }) : known ? t('alerts.none') : undefined}
      open={finding || up.length > 0 || group.properties.some(({ id }) => id === props.selected)}
    >
      <ValueList {...props} properties={[...up, ...down]} />
    </FoldSection>
  );
}
