import type { Property } from '@hallhub/shared/thing';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { PropertyEdit } from './PropertyEdit.js';
import { PropertyValue } from './PropertyValue.js';
import { DerivedMark, isFresh, QualityMark, type ValueListProps } from './ValueList.js';
import { isWritable } from './writable.js';

type PrimaryTilesProps = Pick<
  ValueListProps,
  'device' | 'properties' | 'selected' | 'onSelect' | 'mayWrite' | 'derived' | 'beneath'
>;

/** The values that matter most, large and on top; one that can be set is set here. */
export function PrimaryTiles({ device, properties, selected, onSelect, mayWrite, ...more }: PrimaryTilesProps) {
  const { t } = useTranslation('devices');
  const label = useLabel();
  const [editing, setEditing] = useState<string>();
  const latest = new Map(device.values.map((value) => [value.property, value]));
  const edited = properties.find(({ id }) => id === editing);
  const chosen = properties.find(({ id }) => id === selected);
  const editName = (property: Property) => t('writeOne', { name: label(property.label) });
  return (
    <section className="tiles-section" aria-label={t('group.primary')}>
      <ul className="tiles">
        {properties.map((property) => {
          const value = latest.get(property.id);
          const feel = more.derived?.[property.id];
          return (
            <li key={property.id} className={selected === property.id ? 'tile is-selected' : 'tile'}>
              <button
                type="button"
                className="tile-main"
                aria-pressed={selected === property.id}
                title={property.description ? label(property.description) : undefined}
                onClick={() => onSelect?.(property.id)}
              >
                <span className="tile-label">
                  {label(property.label)}
                  {feel ? <DerivedMark feel={feel} /> : null}
                </span>
                <span className="tile-value">
                  <QualityMark value={value} />
                  <PropertyValue key={value?.at} shape={property} value={value?.value} changed={isFresh(value)} />
                </span>
                <span className="faint small">{value ? <RelativeTime time={value.at} /> : ' '}</span>
              </button>
              {mayWrite && isWritable(device, property) ? (
                <button
                  type="button"
                  className="tile-write"
                  aria-expanded={editing === property.id}
                  aria-label={editName(property)}
                  title={editName(property)}
                  onClick={() => setEditing(editing === property.id ? undefined : property.id)}
                >
                  <Icon name="edit" size={16} />
                </button>
              ) : null}
            </li>
          );
        })}
      </ul>
      {edited ? (
        <div className="tile-edit">
          <p className="tile-edit-name">{editName(edited)}</p>
          <PropertyEdit
            key={edited.id}
            device={device}
            property={edited}
            value={latest.get(edited.id)?.value}
            onClose={() => setEditing(undefined)}
          />
        </div>
      ) : null}
      {chosen && more.beneath ? <div className="card tile-history">{more.beneath(chosen)}</div> : null}
    </section>
  );
}
