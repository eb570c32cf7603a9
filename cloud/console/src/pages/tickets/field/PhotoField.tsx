import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fileUrl } from '../../../api/tickets.js';
import { useMe } from '../../../app/session.js';
import { formatClock, formatStamp } from '../../../format/time.js';
import { Icon } from '../../../ui/icons.js';
import type { FilesFieldProps } from '../work/FilesField.js';
import { locate } from '../work/locate.js';
import { round } from '../work/PlaceField.js';
import { type KeptPhoto, localId, localPrefix } from './field-outbox.js';
import { idbStore } from './idb-store.js';
import { photoWords } from './photo-words.js';
import { PhotoRefused, takePhoto } from './take-photo.js';

/** Pictures from the camera, each with when and where; they stay on this device until they are sent. */
export function PhotoField({ id, disabled, field, value, ticketId, files, onChange }: FilesFieldProps) {
  const { t } = useTranslation(['tickets', 'fieldWork']);
  const { user } = useMe();
  const input = useRef<HTMLInputElement>(null);
  const latest = useRef(value);
  latest.current = value;
  const add = useMutation({
    mutationFn: async (chosen: File[]) => {
      const found = await locate(6_000);
      const here = found.ok ? { lon: round(found.lon), lat: round(found.lat) } : { lon: null, lat: null };
      for (const file of chosen) {
        const at = new Date();
        const blob = await takePhoto(file, photoWords({ at: formatStamp(at), ...here, name: user.displayName }));
        const photo: KeptPhoto = {
          ...{ id: localId(), ticketId: ticketId ?? '', field: field.key },
          ...{ name: `${formatStamp(at).replace(/\D/g, '')}.jpg`, blob, taken: { at: at.toISOString(), ...here } },
        };
        await idbStore.putPhoto(photo);
        latest.current = [...latest.current, photo.id];
        onChange(latest.current);
      }
    },
  });
  const room = field.most - value.length;
  return (
    <div className="photo-field">
      {value.map((one) =>
        one.startsWith(localPrefix) ? (
          <LocalPhoto key={one} id={one} onDrop={() => onChange(value.filter((other) => other !== one))} />
        ) : (
          <figure key={one} className="photo">
            {ticketId ? (
              <img src={fileUrl(ticketId, one)} alt={files.find((file) => file.id === one)?.name ?? ''} />
            ) : null}
          </figure>
        ),
      )}
      {room > 0 ? (
        <button
          id={id}
          type="button"
          className="photo-add"
          disabled={disabled || add.isPending}
          onClick={() => input.current?.click()}
        >
          <Icon name="camera" size={24} />
          {t(add.isPending ? 'photo.taking' : 'photo.take')}
        </button>
      ) : null}
      <input
        ref={input}
        type="file"
        accept="image/*"
        capture="environment"
        hidden
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          const chosen = [...(event.target.files ?? [])].slice(0, room);
          event.target.value = '';
          if (chosen.length > 0) add.mutate(chosen);
        }}
      />
      {add.error ? (
        <p role="alert" className="field-problem">
          {add.error instanceof PhotoRefused ? t(`fieldWork:photo.${add.error.why}`) : t('photo.failed')}
        </p>
      ) : null}
    </div>
  );
}

function LocalPhoto({ id, onDrop }: { id: string; onDrop: () => void }) {
  const { t } = useTranslation('tickets');
  const [photo, setPhoto] = useState<KeptPhoto>();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    let made: string | undefined;
    let isGone = false;
    void idbStore.photo(id).then((found) => {
      if (isGone || !found) return;
      made = URL.createObjectURL(found.blob);
      setPhoto(found);
      setUrl(made);
    });
    return () => {
      isGone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [id]);
  const time = photo ? formatClock(photo.taken.at, Date.now()).slice(0, -3) : '';
  return (
    <figure className="photo">
      {url ? <img src={url} alt={t('photo.at', { time })} /> : <span className="photo-empty" />}
      <figcaption className="small">
        {time} {photo && photo.taken.lon === null ? t('photo.noPlace') : t('photo.withPlace')}
      </figcaption>
      <button
        type="button"
        className="photo-drop"
        aria-label={t('photo.remove', { time })}
        onClick={() => {
          void idbStore.dropPhoto(id);
          onDrop();
        }}
      >
        <Icon name="close" size={18} />
      </button>
    </figure>
  );
}
