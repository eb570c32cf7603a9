import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Modal, Progress, Select } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { sendImport, templateUrl } from '../../api/ticket-imports.js';
import { makeableKindsQuery } from '../../api/tickets.js';
import { formatBytes } from '../../format/number.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { useProblemText } from '../../ui/problem-text.js';
import { HallSelect } from '../parts/HallSelect.js';

const mostBytes = 50 * 1024 * 1024;

/** What kind, where, which file: it is sent at once, and what its rows say is seen on the next page. */
export function NewImport({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['ticketImports', 'common']);
  const label = useLabel();
  const language = useLanguage();
  const navigate = useNavigate();
  const kinds = useQuery(makeableKindsQuery);
  const [kind, setKind] = useState<string>();
  const [hallId, setHallId] = useState<string>();
  const [file, setFile] = useState<File>();
  const [sent, setSent] = useState(0);
  const [isOver, setIsOver] = useState(false);
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);
  const chosen = kind ?? kinds.data?.items[0]?.code;
  const send = useMutation({
    mutationFn: (one: File) =>
      sendImport(one, { kind: chosen ?? '', hallId }, { onProgress: setSent, signal: stop.current.signal }),
    onSuccess: ({ id }) => void navigate({ to: paths.ticketImport(id) as string }),
  });
  const reason = isApiError(send.error) ? send.error.context.reason : undefined;
  const problem = useProblemText(send.error);
  const isTooLarge = file !== undefined && file.size > mostBytes;
  const line = isApiError(send.error) ? Number(send.error.context.line ?? 0) : 0;
  const known =
    typeof reason === 'string' ? t(`refused.${reason as 'xls'}`, { line, defaultValue: problem.next }) : problem.next;
  const why = isTooLarge ? t('refused.size') : send.error ? known : undefined;
  return (
    <Modal
      open
      width={560}
      title={t('new')}
      onCancel={onClose}
      okText={t('send')}
      cancelText={t('common:cancel')}
      okButtonProps={{ disabled: !file || !chosen || isTooLarge }}
      confirmLoading={send.isPending}
      onOk={() => file && send.mutate(file)}
    >
      <div className="import-new">
        <div className="import-field">
          <span>{t('kind')}</span>
          <Select
            aria-label={t('kind')}
            value={chosen}
            loading={kinds.isPending}
            options={(kinds.data?.items ?? []).map(({ code, label: name }) => ({ value: code, label: label(name) }))}
            onChange={setKind}
          />
        </div>
        {chosen ? (
          <a className="import-template" href={templateUrl(chosen)} download>
            <Icon name="export" size={16} /> {t('template')}
            <span className="faint small"> {t('templateHint')}</span>
          </a>
        ) : null}
        <div className="import-field">
          <span>{t('hall')}</span>
          <HallSelect
            {...(hallId ? { value: hallId } : {})}
            onChange={(value) => setHallId(value || undefined)}
            clearable
          />
          <span className="faint small">{t('hallHint')}</span>
        </div>
        <label
          className={isOver ? 'import-drop is-over' : 'import-drop'}
          onDragOver={(event) => {
            event.preventDefault();
            setIsOver(true);
          }}
          onDragLeave={() => setIsOver(false)}
          onDrop={(event) => {
            event.preventDefault();
            setIsOver(false);
            setFile(event.dataTransfer.files[0]);
            send.reset();
          }}
        >
          <input
            className="sr-only"
            type="file"
            accept=".csv,.txt,.xlsx"
            onChange={(event) => {
              setFile(event.target.files?.[0]);
              send.reset();
            }}
          />
          <Icon name="pending" size={22} />
          <span>
            <span className="import-drop-what">{file ? file.name : t('drop')}</span>
            <span className="faint small">{file ? formatBytes(file.size, language) : t('dropHint')}</span>
          </span>
        </label>
        {send.isPending && file ? (
          <Progress percent={Math.min(99, Math.round((sent / Math.max(1, file.size)) * 100))} size="small" />
        ) : null}
        {why ? (
          <p className="import-problem" role="alert">
            {why}
          </p>
        ) : null}
      </div>
    </Modal>
  );
}
