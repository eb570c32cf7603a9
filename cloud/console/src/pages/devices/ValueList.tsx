import type { Property, PropertyRole } from '@hallhub/shared/thing';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device, LatestValue } from '../../api/types.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { PropertyEdit } from './PropertyEdit.js';
import { PropertyValue } from './PropertyValue.js';
import { isWritable } from './writable.js';

interface ValueListProps {
  device: Device;
  roles: readonly PropertyRole[];
  selected?: string | undefined;
  /** Makes each row choose the history shown beside it. */
  onSelect?: (property: string) => void;
  /** The person may write what the model lets them write. */
  mayWrite?: boolean;
}

/** Live values, role by role, within a role in the order of the thing model. */
export function ValueList({ device, roles, selected, onSelect, mayWrite }: ValueListProps) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const [editing, setEditing] = useState<string>();
  const properties = roles.flatMap((role) => device.thing?.properties.filter((one) => one.role === role) ?? []);
  if (properties.length === 0) return <p className="line-note">{t('noValues')}</p>;
  const writing = mayWrite === true && properties.some((property) => isWritable(device, property));
  const latest = new Map(device.values.map((value) => [value.property, value]));
  return (
    <ul className="values">
      {properties.map((property) => {
        const value = latest.get(property.id);
        const row = <ValueRow property={property} value={value} />;
        return (
          <li key={property.id} className={writing ? 'value-item' : undefined}>
            {onSelect ? (
              <button
                type="button"
                className={selected === property.id ? 'value-row is-selected' : 'value-row'}
                aria-pressed={selected === property.id}
                title={property.description ? label(property.description) : undefined}
                onClick={() => onSelect(property.id)}
              >
                {row}
              </button>
            ) : (
              <div className="value-row">{row}</div>
            )}
            {writing && isWritable(device, property) ? (
              <button
                type="button"
                className="value-write"
                aria-expanded={editing === property.id}
                aria-label={t('writeOne', { name: label(property.label) })}
                title={t('writeOne', { name: label(property.label) })}
                onClick={() => setEditing(editing === property.id ? undefined : property.id)}
              >
                <Icon name="edit" size={16} />
              </button>
            ) : null}
            {editing === property.id ? (
              <PropertyEdit
                device={device}
                property={property}
                value={value?.value}
                onClose={() => setEditing(undefined)}
              />
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

function ValueRow({ property, value }: { property: Property; value: LatestValue | undefined }) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  return (
    <>
      <span className="value-label clip">{label(property.label)}</span>
      <span className="value-now clip">
        {value?.quality && value.quality !== 'good' ? (
          <StatusMark
            tone="warn"
            shape="triangle"
            word={t(`quality.${value.quality}`)}
            bare
            title={t(`quality.${value.quality}`)}
          />
        ) : null}
        <PropertyValue key={value?.at} shape={property} value={value?.value} changed={isFresh(value)} />
      </span>
      <span className="value-at faint small">{value ? <RelativeTime time={value.at} /> : null}</span>
    </>
  );
}

/** Only a reading that came while the page stood is marked as changed. */
const openedAt = Date.now();
function isFresh(value: LatestValue | undefined): boolean {
  return value !== undefined && Date.parse(value.at) > Math.max(openedAt, Date.now() - 3_000);
}
