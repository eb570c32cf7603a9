import { useMutation } from '@tanstack/react-query';
import { App, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { type ImportResult, importVision } from '../../api/vision.js';
import { useProblemText } from '../../ui/problem-text.js';

interface ImportDialogProps {
  file: unknown;
  preview: ImportResult;
  onDone: () => void;
  onClose: () => void;
}

/** What a file would do, camera by camera, before it does. */
export function ImportDialog({ file, preview, onDone, onClose }: ImportDialogProps) {
  const { t } = useTranslation('video');
  const { message } = App.useApp();
  const run = useMutation({
    mutationFn: () => importVision(file, false),
    onSuccess: ({ cameras }) => {
      void message.success(
        t('file.done', { count: cameras.filter(({ result }) => result === 'created' || result === 'replaced').length }),
      );
      onDone();
      onClose();
    },
  });
  const problem = useProblemText(run.error);
  const changing = [...preview.cameras, ...preview.templates].filter(
    ({ result }) => result === 'created' || result === 'replaced',
  ).length;
  return (
    <Modal
      open
      width={640}
      title={t('file.preview')}
      okText={t('file.ok', { count: changing })}
      okButtonProps={{ disabled: changing === 0, loading: run.isPending }}
      onOk={() => run.mutate()}
      onCancel={onClose}
      destroyOnHidden
    >
      <ul className="import-list">
        {preview.cameras.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a preview does not change
          <li key={index}>
            <span className="grow clip">
              {one.name} <span className="faint">· {one.hallName}</span>
            </span>
            <span className="small soft nowrap">
              {t(`file.result.${one.result}`)}
              {one.result === 'replaced'
                ? ` · ${t('file.rules', { before: one.rulesBefore, after: one.rulesAfter })}`
                : null}
            </span>
          </li>
        ))}
        {preview.templates.map((one) => (
          <li key={one.name}>
            <span className="grow clip">
              {one.name} <span className="faint">· {t('template.one')}</span>
            </span>
            <span className="small soft nowrap">{t(`file.result.${one.result}`)}</span>
          </li>
        ))}
      </ul>
      {run.error ? (
        <p role="alert" className="problem-inline">
          {problem.what} {problem.next}
        </p>
      ) : null}
    </Modal>
  );
}
