import { Input, Popover, Tree, type TreeDataNode } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Place } from '../api/places.js';
import { useLabel } from '../i18n/use-language.js';
import { Icon } from '../ui/icons.js';
import { useMe, useRights } from './session.js';
import { usePlace, usePlaces } from './use-place.js';

type Labeller = ReturnType<typeof useLabel>;

/** Regions and halls as a tree; with a search only what matches and what leads there. */
export function placeTree(places: Place[], parentId: string | null, search: string, label: Labeller): TreeDataNode[] {
  const known = new Set(places.map((place) => place.id));
  return places
    .filter((place) => place.kind !== 'counter' && !place.archivedAt)
    .filter((place) => (place.parentId && known.has(place.parentId) ? place.parentId : null) === parentId)
    .flatMap((place) => {
      const children = placeTree(places, place.id, search, label);
      const text = `${label(place.name)} ${place.code ?? ''}`.toLowerCase();
      if (search && !text.includes(search) && children.length === 0) return [];
      const alarms = place.counts?.openAlarms ?? 0;
      return [
        {
          key: place.id,
          selectable: place.kind === 'hall',
          title: (
            <span className="place-node">
              <span className="clip">{label(place.name)}</span>
              {alarms > 0 ? <span className="place-alarms">{alarms}</span> : null}
            </span>
          ),
          children,
        },
      ];
    });
}

/** Narrows the whole console to one hall, or widens it to all again. */
export function PlaceSwitcher() {
  const { t } = useTranslation('shell');
  const label = useLabel();
  const me = useMe();
  const may = useRights();
  const places = usePlaces();
  const { hall, choose } = usePlace();
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState('');
  if (!may('place.read')) return null;
  const pick = (hallId: string | undefined) => {
    setOpen(false);
    setSearch('');
    choose(hallId);
  };
  const chosen = label(hall?.name ?? me.tenant.name);
  const tree = placeTree(places, null, search.trim().toLowerCase(), label);
  const content = (
    <div className="place-list">
      <Input
        autoFocus
        allowClear
        value={search}
        prefix={<Icon name="search" />}
        placeholder={t('place.search')}
        aria-label={t('place.search')}
        onChange={(event) => setSearch(event.target.value)}
      />
      <button type="button" className={hall ? 'place-all' : 'place-all is-chosen'} onClick={() => pick(undefined)}>
        {label(me.tenant.name)}
        <span className="faint small">{t('place.all')}</span>
      </button>
      {tree.length > 0 ? (
        <Tree
          key={search}
          treeData={tree}
          blockNode
          defaultExpandAll
          showLine={false}
          height={340}
          selectedKeys={hall ? [hall.id] : []}
          onSelect={(_, info) => pick(String(info.node.key))}
        />
      ) : (
        <p className="faint small place-none">{t('place.none')}</p>
      )}
    </div>
  );
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomLeft"
      arrow={false}
      content={content}
      destroyOnHidden
    >
      <button
        type="button"
        className="topbar-place"
        aria-label={`${chosen} · ${t('place.label')}`}
        aria-haspopup="tree"
        aria-expanded={open}
      >
        <Icon name="place" />
        <span className="clip">{chosen}</span>
        <Icon name="down" size={14} />
      </button>
    </Popover>
  );
}
