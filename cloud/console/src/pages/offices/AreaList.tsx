import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Office, type OfficeArea, officesQuery, setAreas } from '../../api/offices.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { FormProblem } from '../parts/FormProblem.js';

/** Regions and halls that the office looks after, for all purposes or one. Grids come by the API. */
export function AreaList({ office, mayWrite }: { office: Office; mayWrite: boolean }) {
  const { t } = useTranslation('offices');
  const label = useLabel();
  const client = useQueryClient();
  const places = usePlaces().filter(({ kind }) => kind !== 'counter');
  const [purpose, setPurpose] = useState('');
  const write = useMutation({
    mutationFn: (areas: OfficeArea[]) => setAreas(office, areas),
    onSettled: () => void client.invalidateQueries({ queryKey: officesQuery.queryKey }),
  });
  const areas = office.areas.map(({ id: _, ...area }): OfficeArea => area);
  const nameOf = (area: OfficeArea) => {
    if (area.polygon) return area.name ?? t('grid', { count: area.polygon.length });
    const place = places.find(({ id }) => id === (area.hallId ?? area.regionId));
    return label(place?.name) || (area.hallId ?? area.regionId ?? '');
  };
  const isPurpose = purpose === '' || /^[a-z][a-z0-9_]{0,47}$/.test(purpose);
  const add = (id: string) => {
    const place = places.find((one) => one.id === id);
    if (!place) return;
    const at = place.kind === 'hall' ? { hallId: id, regionId: null } : { hallId: null, regionId: id };
    write.mutate([...areas, { purpose: purpose || null, name: null, polygon: null, ...at }]);
  };
  return (
    <section aria-label={t('areas')}>
      <h3 className="soft">{t('areas')}</h3>
      {areas.length === 0 ? <p className="faint small">{t('noAreas')}</p> : null}
      <ul className="office-lines">
        {office.areas.map((area, i) => (
          <li key={area.id} className="row">
            <span className="grow">{nameOf(area)}</span>
            <span className="faint small">{area.purpose ?? t('everyPurpose')}</span>
            {mayWrite ? (
              <Button
                size="small"
                type="text"
                aria-label={t('remove', { name: nameOf(area) })}
                icon={<Icon name="close" size={14} />}
                onClick={() => write.mutate(areas.filter((_, j) => j !== i))}
              />
            ) : null}
          </li>
        ))}
      </ul>
      {mayWrite ? (
        <div className="row office-add">
          <Input
            value={purpose}
            status={isPurpose ? '' : 'error'}
            placeholder={t('purpose')}
            aria-label={t('purpose')}
            className="mono"
            onChange={({ target }) => setPurpose(target.value)}
          />
          <Select
            className="grow"
            showSearch={{ optionFilterProp: 'label' }}
            value={null}
            disabled={!isPurpose}
            placeholder={t('addArea')}
            aria-label={t('addArea')}
            options={places.map((place) => ({ value: place.id, label: label(place.name) }))}
            onChange={(id: string | null) => id && add(id)}
          />
        </div>
      ) : null}
      <FormProblem error={write.error} />
    </section>
  );
}
