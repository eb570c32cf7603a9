import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Modal } from 'antd';
import { useDeferredValue, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeviceSummary } from '../api/devices.js';
import type { Listing } from '../api/listing.js';
import { get } from '../api/request.js';
import type { TicketRow } from '../api/tickets.js';
import type { Unit } from '../api/units.js';
import { chooseLanguage } from '../i18n/i18n.js';
import { useLabel, useLanguage } from '../i18n/use-language.js';
import { paths } from '../paths.js';
import { chooseTheme, useThemeMode } from '../theme/theme-mode.js';
import { Icon, type IconName } from '../ui/icons.js';
import { navigation } from './page-table.js';
import { useRights } from './session.js';
import { usePlace, usePlaces } from './use-place.js';
import './command-palette.css';

interface Entry {
  id: string;
  group: string;
  icon: IconName;
  text: string;
  detail?: string;
  run: () => void;
}

const mostPerGroup = 6;

/** Find a page, ticket, hall, unit, device or command by a few letters; everything by keyboard. */
export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('shell');
  const label = useLabel();
  const language = useLanguage();
  const mode = useThemeMode();
  const may = useRights();
  const navigate = useNavigate();
  const places = usePlaces();
  const { choose } = usePlace();
  const [text, setText] = useState('');
  const [cursor, setCursor] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const asked = useDeferredValue(text.trim());
  const search = <T,>(path: string, allowed: boolean, more: Record<string, string> = {}) => ({
    queryKey: ['palette', path, asked],
    enabled: allowed && asked.length > 0,
    staleTime: 10_000,
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      get<Listing<T>>(path, { query: { ...more, q: asked, limit: mostPerGroup }, signal }),
  });
  const devices = useQuery(search<DeviceSummary>('/devices', may('device.read')));
  const units = useQuery(search<Unit>('/units', may('unit.read')));
  const tickets = useQuery(search<TicketRow>('/tickets', may('ticket.read') && asked.length > 1, { view: 'all' }));

  const go = (to: string) => () => void navigate({ to: to as string });
  const has = (candidate: string) => candidate.toLowerCase().includes(asked.toLowerCase());
  const all: Entry[] = [
    ...navigation.flatMap((row): Entry[] => {
      const target = row.to.find((one) => may(one.right));
      const word = t(`nav.${row.key}`);
      return target && has(word)
        ? [{ id: row.key, group: t('search.pages'), icon: row.icon, text: word, run: go(target.path) }]
        : [];
    }),
    ...(tickets.data?.items ?? []).map(
      (ticket): Entry => ({
        id: ticket.id,
        group: t('search.tickets'),
        icon: 'ticket',
        text: ticket.title || ticket.number,
        detail: `${ticket.number} · ${label(ticket.state.label)}`,
        run: go(paths.ticket(ticket.id)),
      }),
    ),
    ...(devices.data?.items ?? []).map(
      (device): Entry => ({
        id: device.id,
        group: t('search.devices'),
        icon: 'device',
        text: label(device.name) || `${device.vendor} ${device.model}`,
        detail: `${label(device.hallName)} · ${device.serial}`,
        run: go(paths.device(device.id)),
      }),
    ),
    ...(units.data?.items ?? []).map(
      (unit): Entry => ({
        id: unit.id,
        group: t('search.units'),
        icon: 'unit',
        text: label(unit.name),
        detail: label(unit.hallName),
        run: go(paths.unit(unit.id)),
      }),
    ),
    ...places
      .filter((place) => place.kind === 'hall' && !place.archivedAt && has(`${label(place.name)} ${place.code ?? ''}`))
      .slice(0, mostPerGroup)
      .map(
        (place): Entry => ({
          id: place.id,
          group: t('search.halls'),
          icon: 'hall',
          text: label(place.name),
          detail: t('search.narrow'),
          run: () => choose(place.id),
        }),
      ),
    ...(
      [
        [
          'theme',
          mode === 'dark' ? 'sun' : 'moon',
          t(mode === 'dark' ? 'theme.toLight' : 'theme.toDark'),
          () => chooseTheme(mode === 'dark' ? 'light' : 'dark'),
        ],
        ['language', 'language', t('language.switch'), () => void chooseLanguage(language === 'zh' ? 'en' : 'zh')],
        ['me', 'me', t('me.page'), go(paths.me())],
      ] as const
    )
      .filter(([, , word]) => has(word))
      .map(([id, icon, word, run]): Entry => ({ id, group: t('search.actions'), icon, text: word, run })),
  ];
  const at = Math.min(cursor, all.length - 1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new search starts at its first answer
  useEffect(() => setCursor(0), [asked]);
  const choice = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const next = Math.max(0, Math.min(all.length - 1, at + step));
      setCursor(next);
      list.current?.querySelector(`[data-entry="${next}"]`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choice(all[at]);
    }
  };
  return (
    <Modal
      open
      onCancel={onClose}
      footer={null}
      closable={false}
      width={600}
      className="palette"
      styles={{ body: { padding: 0 } }}
    >
      <div className="palette-input">
        <Icon name="search" size={20} />
        <input
          // biome-ignore lint/a11y/noAutofocus: the palette is opened to type in it
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={all[at] ? `palette-${at}` : undefined}
          aria-label={t('search.open')}
          placeholder={t('search.placeholder')}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      <div
        className="palette-list"
        id="palette-list"
        role="listbox"
        ref={list}
        aria-label={t('search.open')}
        tabIndex={-1}
      >
        {all.map((entry, index) => (
          <div key={`${entry.group}/${entry.id}`}>
            {entry.group !== all[index - 1]?.group ? <div className="palette-group">{entry.group}</div> : null}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the input moves and chooses by keyboard */}
            <div
              role="option"
              id={`palette-${index}`}
              data-entry={index}
              tabIndex={-1}
              aria-selected={index === at}
              className="palette-entry"
              onClick={() => choice(entry)}
              onMouseMove={() => setCursor(index)}
            >
              <Icon name={entry.icon} />
              <span className="clip">{entry.text}</span>
              {entry.detail ? <span className="clip faint small palette-detail">{entry.detail}</span> : null}
            </div>
          </div>
        ))}
        {all.length === 0 ? <p className="palette-none faint">{t('search.none')}</p> : null}
      </div>
    </Modal>
  );
}
