import { type ExchangeMapping, exchangeMappingSchema } from '@hallhub/shared/exchange';
import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

type Read = { readonly mapping: ExchangeMapping } | { readonly problem: string };

const readText = (text: string): Read => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const read = exchangeMappingSchema.safeParse(json);
  if (read.success) return { mapping: read.data };
  const [issue] = read.error.issues;
  return { problem: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` };
};

/** The whole as JSON, with the few things that have no control of their own. What does not fit stays in the box. */
export function MappingText({
  value,
  onChange,
}: {
  value: ExchangeMapping;
  onChange: (value: ExchangeMapping) => void;
}) {
  const { t } = useTranslation('exchange');
  const [text, setText] = useState(() => JSON.stringify(value, null, 2));
  const read = readText(text);
  return (
    <div className="stack">
      <p className="soft">{t('map.wholeHint')}</p>
      <Input.TextArea
        className="mapping-json"
        value={text}
        aria-label={t('map.whole')}
        autoSize={{ minRows: 16, maxRows: 40 }}
        spellCheck={false}
        status={'problem' in read ? 'error' : ''}
        onChange={({ target }) => {
          setText(target.value);
          const next = readText(target.value);
          if ('mapping' in next) onChange(next.mapping);
        }}
      />
      {'problem' in read ? (
        <p role="alert" className="problem-inline small">
          {t('map.badText')} <code>{read.problem}</code>
        </p>
      ) : null}
    </div>
  );
}
