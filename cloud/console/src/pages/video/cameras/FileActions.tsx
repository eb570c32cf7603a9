import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Dropdown } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../../api/api-error.js';
import { type ImportResult, importVision } from '../../../api/vision.js';
import { Icon } from '../../../ui/icons.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { ImportDialog } from '../ImportDialog.js';
import { TemplatesDialog } from './TemplatesDialog.js';

/** Everything that is set up, to a file and back; and the templates. */
export function FileActions({ hallId, mayWrite }: { hallId: string | undefined; mayWrite: boolean }) {
  const { t } = useTranslation(['video', 'cameras']);
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<unknown>();
  const [templates, setTemplates] = useState(false);
  const preview = useMutation({
    mutationFn: async (chosen: File): Promise<{ file: unknown; result: ImportResult }> => {
      const parsed: unknown = JSON.parse(await chosen.text());
      return { file: parsed, result: await importVision(parsed, true) };
    },
    onSuccess: ({ file: read }) => setFile(read),
  });
  const problem = useProblemText(preview.error);
  const notJson = preview.error instanceof SyntaxError;
  const wrong = isApiError(preview.error) ? preview.error.fields : [];
  const [first] = wrong;
  const whatIsWrong = first
    ? `${t('cameras:import.invalid', { count: wrong.length })} ${t('cameras:import.where', { path: first.path, message: first.message })}`
    : `${problem.what} ${problem.next}`;
  return (
    <>
      {preview.error ? (
        <span role="alert" className="problem-inline">
          {notJson ? t('file.notJson') : whatIsWrong}
        </span>
      ) : null}
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        className="sr-only"
        tabIndex={-1}
        aria-label={t('file.choose')}
        onChange={({ target }) => {
          const [chosen] = target.files ?? [];
          if (chosen) preview.mutate(chosen);
          target.value = '';
        }}
      />
      <Dropdown
        trigger={['click']}
        menu={{
          items: [
            {
              key: 'export',
              label: (
                <a href={`/api/v1/vision/file${hallId ? `?hallId=${hallId}` : ''}`} download="hallhub-vision.json">
                  {t('file.export')}
                </a>
              ),
            },
            ...(mayWrite
              ? [{ key: 'templates', label: t('cameras:template.manage'), onClick: () => setTemplates(true) }]
              : []),
            ...(mayWrite ? [{ key: 'import', label: t('file.import'), onClick: () => input.current?.click() }] : []),
          ],
        }}
      >
        <Button icon={<Icon name="more" />} loading={preview.isPending}>
          {t('file.label')}
        </Button>
      </Dropdown>
      {templates ? <TemplatesDialog onClose={() => setTemplates(false)} /> : null}
      {file !== undefined && preview.data ? (
        <ImportDialog
          file={file}
          preview={preview.data.result}
          onClose={() => setFile(undefined)}
          onDone={() => void client.invalidateQueries({ queryKey: ['vision'] })}
        />
      ) : null}
    </>
  );
}
