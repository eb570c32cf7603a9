import { HubError } from '@hallhub/shared/errors';
import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addTicketFile, fileUrl, type TicketField, type TicketFile } from '../../../api/tickets.js';
import { formatBytes } from '../../../format/number.js';
import { useLanguage } from '../../../i18n/use-language.js';
import { Icon } from '../../../ui/icons.js';
import { isPicture } from '../view/picture-kinds.js';
import { useFileProblem } from './use-file-problem.js';

type OfType<T extends TicketField['type']> = Extract<TicketField, { type: T }>;

export interface FilesFieldProps {
  id: string;
  disabled: boolean;
  field: OfType<'files'>;
  value: string[];
  ticketId: string | undefined;
  files: readonly TicketFile[];
  onChange: (ids: string[]) => void;
}

/** Attachments of one field: pressed or dropped, sent at once, seen at once. */
export function FilesField({ id, disabled, field, value, ticketId, files, onChange }: FilesFieldProps) {
  const { t } = useTranslation('tickets');
  const language = useLanguage();
  const input = useRef<HTMLInputElement>(null);
  const [mine, setMine] = useState<ReadonlyMap<string, { name: string; size: number; type: string }>>(new Map());
  const { mostFileBytes, fileProblem, noRoom } = useFileProblem();
  const [failed, setFailed] = useState<readonly string[]>([]);
  const latest = useRef(value);
  latest.current = value;
  const add = useMutation({
    mutationFn: async (chosen: File[]) => {
      for (const file of chosen) {
        try {
          if (file.size > mostFileBytes) throw new HubError('too_large', 'not sent');
          const { id: fileId, name } = await addTicketFile(ticketId, { blob: file, name: file.name, field: field.key });
          setMine((was) => new Map(was).set(fileId, { name, size: file.size, type: file.type }));
          latest.current = [...latest.current, fileId];
          onChange(latest.current);
        } catch (error) {
          // One that is refused keeps the others from nothing.
          setFailed((was) => [...was, fileProblem(file.name, error)]);
        }
      }
    },
  });
  const room = field.most - value.length;
  const take = (list: FileList | null) => {
    const all = [...(list ?? [])];
    const chosen = all.slice(0, Math.max(0, room));
    setFailed(all.length > chosen.length ? [noRoom(room, all.length - chosen.length)] : []);
    if (chosen.length > 0) add.mutate(chosen);
  };
  return (
    <div className="files-field">
      {value.length > 0 ? (
        <ul className="files-list">
          {value.map((fileId) => {
            const known = files.find((file) => file.id === fileId);
            const own = mine.get(fileId);
            const name = known?.name ?? own?.name ?? fileId.slice(-8);
            const type = known?.mediaType ?? own?.type ?? '';
            return (
              <li key={fileId} className="files-item">
                {known && ticketId && isPicture(type) ? (
                  <img src={fileUrl(ticketId, fileId)} alt={name} className="files-thumb" loading="lazy" />
                ) : (
                  <Icon name="export" size={16} />
                )}
                <span className="clip grow" title={name}>
                  {name}
                </span>
                <span className="faint small">{formatBytes(known?.sizeBytes ?? own?.size ?? 0, language)}</span>
                <button
                  type="button"
                  className="files-drop"
                  disabled={disabled}
                  aria-label={t('files.remove', { name })}
                  onClick={() => onChange(value.filter((one) => one !== fileId))}
                >
                  <Icon name="close" size={14} />
                </button>
              </li>
            );
          })}
        </ul>
      ) : null}
      {room > 0 ? (
        <button
          id={id}
          type="button"
          className="files-drop-zone"
          disabled={disabled || add.isPending}
          aria-busy={add.isPending}
          onClick={() => input.current?.click()}
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            take(event.dataTransfer.files);
          }}
        >
          <Icon name="plus" size={16} />
          {add.isPending ? t('files.sending') : t('files.add', { count: room })}
        </button>
      ) : null}
      <input
        ref={input}
        type="file"
        hidden
        multiple={field.most > 1}
        tabIndex={-1}
        aria-hidden="true"
        onChange={(event) => {
          take(event.target.files);
          event.target.value = '';
        }}
      />
      {failed.length > 0 ? (
        <ul role="alert" className="field-problem files-failed">
          {failed.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
