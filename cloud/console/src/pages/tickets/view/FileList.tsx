import { Image } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fileUrl, type TicketFile, type TicketPage } from '../../../api/tickets.js';
import { formatBytes } from '../../../format/number.js';
import { formatExact } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { Icon } from '../../../ui/icons.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { useDoerName } from '../use-doer-name.js';
import { isPicture } from './picture-kinds.js';

/** So many are seen at once. */
const shownAtFirst = 12;

/** Attachments, the newest first: pictures to look at, everything to save. */
export function FileList({ page }: { page: Pick<TicketPage, 'id' | 'files' | 'document'> }) {
  const { t } = useTranslation(['tickets', 'ticketDesk']);
  const label = useLabel();
  const language = useLanguage();
  const doer = useDoerName();
  const fieldOf = (file: TicketFile) => label(page.document.fields.find(({ key }) => key === file.field)?.label ?? '');
  const [isWhole, setIsWhole] = useState(page.files.length <= shownAtFirst + 3);
  const all = [...page.files].sort((a, b) => b.madeAt.localeCompare(a.madeAt));
  const files = isWhole ? all : all.slice(0, shownAtFirst);
  const pictures = files.filter(({ mediaType }) => isPicture(mediaType));
  const when = (file: TicketFile) =>
    file.taken
      ? t(file.taken.lon === null ? 'files.taken' : 'files.takenHere', { time: formatExact(file.taken.at) })
      : formatExact(file.madeAt);
  return (
    <div className="stack">
      {pictures.length > 0 ? (
        <Image.PreviewGroup>
          <ul className="picture-list">
            {pictures.map((file) => (
              <li key={file.id} className="picture">
                <Image
                  src={fileUrl(page.id, file.id)}
                  alt={file.name}
                  width={112}
                  height={84}
                  loading="lazy"
                  preview={{ mask: t('files.look') }}
                />
                <span className="small faint clip" title={`${file.name} · ${doer(file.madeBy)} · ${when(file)}`}>
                  {fieldOf(file) || file.name}
                </span>
              </li>
            ))}
          </ul>
        </Image.PreviewGroup>
      ) : null}
      <ul className="file-list">
        {files.map((file) => (
          <li key={file.id} className="row">
            <Icon name="export" size={16} />
            <a className="clip grow" href={fileUrl(page.id, file.id)} download={file.name} title={file.name}>
              {file.name}
            </a>
            <span className="small faint nowrap">{formatBytes(file.sizeBytes, language)}</span>
            <span className="small faint nowrap" title={when(file)}>
              {doer(file.madeBy)} · <RelativeTime time={file.madeAt} />
            </span>
          </li>
        ))}
      </ul>
      {files.length < all.length ? (
        <button type="button" className="text-button" onClick={() => setIsWhole(true)}>
          {t('ticketDesk:allFiles', { count: all.length })}
        </button>
      ) : null}
    </div>
  );
}
