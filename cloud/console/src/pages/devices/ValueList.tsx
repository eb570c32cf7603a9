import type { Property } from '@hallhub/shared/thing';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Device, LatestValue } from '../../api/devices.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { PropertyEdit } from './PropertyEdit.js';
import { PropertyValue } from './PropertyValue.js';
import { isWritable } from './writable.js';

export interface ValueListProps {
  device: Device;
  properties: readonly Property[];
  selected?: string | undefined;
  /** Makes each row choose the history shown beside it. */
  onSelect?: ((property: string) => void) | undefined;
  /** The person may write what the model lets them write. */
  mayWrite?: boolean;
  /** Property id to the expression it is computed by. */
  derived?: Readonly<Record<string, string>> | undefined;
  /** What opens beneath the chosen row, where there is no room beside the list. */
  beneath?: ((property: Property) => ReactNode) | undefined;
}

/** Live values, each in a row that may be written in place. */
export function ValueList({ device, properties, ...list }: ValueListProps) {
  const { t } = useTranslation('devices');
  const [editing, setEditing] = useState<string>();
  if (properties.length === 0) return <p className="line-note">{t('noValues')}</p>;
  const writing = list.mayWrite === true && properties.some((property) => isWritable(device, property));
  const latest = new Map(device.values.map((value) => [value.property, value]));
  return (
    <ul className="values">
      {properties.map((property) => (
        <ValueItem
          key={property.id}
          device={device}
          property={property}
          value={latest.get(property.id)}
          writing={writing}
          editing={editing === property.id}
          onEdit={(open) => setEditing(open ? property.id : undefined)}
          {...list}
        />
      ))}
    </ul>
  );
}

interface ValueItemProps extends Omit<ValueListProps, 'properties'> {
  property: Property;
  value: LatestValue | undefined;
  /** Rows of this list keep a column for the pencil. */
  writing: boolean;
  editing: boolean;
  onEdit: (open: boolean) => void;
}

function ValueItem({ device, property, value, writing, editing, onEdit, ...list }: ValueItemProps) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const chosen = list.selected === property.id;
  const row = <ValueRow property={property} value={value} feel={list.derived?.[property.id]} />;
  return (
    <li className={writing ? 'value-item' : undefined}>
      {list.onSelect ? (
        <button
          type="button"
          className={chosen ? 'value-row is-selected' : 'value-row'}
          aria-pressed={chosen}
          title={property.description ? label(property.description) : undefined}
          onClick={() => list.onSelect?.(property.id)}
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
          aria-expanded={editing}
          aria-label={t('writeOne', { name: label(property.label) })}
          title={t('writeOne', { name: label(property.label) })}
          onClick={() => onEdit(!editing)}
        >
          <Icon name="edit" size={16} />
        </button>
      ) : null}
      {editing ? (
        <PropertyEdit device={device} property={property} value={value?.value} onClose={() => onEdit(false)} />
      ) : null}
      {chosen && list.beneath ? <div className="value-beneath">{list.beneath(property)}</div> : null}
    </li>
  );
}

interface ValueRowProps {
  property: Property;
  value: LatestValue | undefined;
  feel: string | undefined;
}

function ValueRow({ property, value, feel }: ValueRowProps) {
  const label = useLabel();
  return (
    <>
      <span className="value-label">
        {label(property.label)}
        {feel ? <DerivedMark feel={feel} /> : null}
      </span>
      <span className="value-now">
        <QualityMark value={value} />
        <PropertyValue key={value?.at} shape={property} value={value?.value} changed={isFresh(value)} />
      </span>
      <span className="value-at faint small">{value ? <RelativeTime time={value.at} /> : null}</span>
    </>
  );
}

/** The unit works it out; the device itself does not say it. */
export function DerivedMark({ feel }: { feel: string }) {
  const { t } = useTranslation('devices');
  return (
    <span className="derived-mark" title={t('derived.by', { feel })}>
      {t('derived.word')}
    </span>
  );
}

export function QualityMark({ value }: { value: LatestValue | undefined }) {
  const { t } = useTranslation('devices');
  if (!value?.quality || value.quality === 'good') return null;
  const word = t(`quality.${value.quality}`);
  return <StatusMark tone="warn" shape="triangle" word={word} bare title={word} />;
}

/** Only a reading that came while the page stood is marked as changed. */
const openedAt = Date.now();
export function isFresh(value: LatestValue | undefined): boolean {
  return value !== undefined && Date.parse(value.at) > Math.max(openedAt, Date.now() - 3_000);
}
